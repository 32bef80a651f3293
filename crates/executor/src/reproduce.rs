//! Runs a stored finding again, on both versions.

use model::{Finding, Observation, Target};

use crate::compare::{Mask, compare};
use crate::confirm::of_imports;
use crate::context::Context;
use crate::duo::{Duo, OpenError, Version, names};
use crate::function::import_trouble;
use crate::session::Request;

/// What came of running a finding again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduced {
    /// What base does now, or why it cannot be called.
    pub base: Result<Observation, String>,
    /// What head does now, or why it cannot be called.
    pub head: Result<Observation, String>,
    /// Whether they differ.
    pub differs: bool,
}

/// Runs the example of `finding` once in a fresh interpreter for each version.
///
/// # Errors
/// When no harness can be had.
pub fn reproduce(context: &Context<'_>, finding: &Finding) -> Result<Reproduced, OpenError> {
    let target = &finding.example.target;
    let mut duo = Duo::open(context)?;
    duo.import(&[names(target, Version::Base).0], &[names(target, Version::Head).0])?;
    if let Some(imports) = imports(&duo, target) {
        return Ok(imports);
    }
    let mut run = |version| -> Result<Observation, String> {
        let (module, name) = names(target, version);
        let half = duo.half(version);
        if let Some(reason) = import_trouble(half.imports.get(&module), &module, version) {
            return Err(reason);
        }
        let request = Request {
            module,
            name,
            call: target.call,
            cover: Vec::new(),
            guide: false,
            trace: None,
            ticks: 200,
        };
        let mut calls = finding.example.before.clone();
        calls.push(finding.example.input.clone());
        let ran = half.run_fresh(&calls, &request).map_err(|lost| lost.to_string())??;
        let last = ran.records.into_iter().next_back();
        last.map(|record| record.observation)
            .ok_or_else(|| "no answer came".to_owned())
    };
    let (base, head) = (run(Version::Base), run(Version::Head));
    let compared = |base: &Observation, head: &Observation| {
        let folders = crate::folders(context, &crate::Maps::new());
        compare(base, head, &Mask::default(), &folders).is_some()
    };
    let differs = matches!((&base, &head), (Ok(base), Ok(head)) if compared(base, head));
    Ok(Reproduced { base, head, differs })
}

/// What came of the imports alone, where head's is the difference.
fn imports(duo: &Duo<'_>, target: &Target) -> Option<Reproduced> {
    let base = duo.base.imports.get(&names(target, Version::Base).0)?;
    let head = duo.head.imports.get(&names(target, Version::Head).0)?;
    let confirmed = of_imports(base, head, duo.base.project())?;
    Some(Reproduced {
        base: Ok(confirmed.base.observation),
        head: Ok(confirmed.head.observation),
        differs: true,
    })
}
