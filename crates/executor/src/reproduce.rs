//! Runs a stored finding again, on both versions.

use model::{Finding, Observation};

use crate::compare::{Mask, compare};
use crate::context::Context;
use crate::duo::{Duo, OpenError, Version, names};
use crate::session::Request;

/// What came of running a finding again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduced {
    /// What base does now.
    pub base: Option<Observation>,
    /// What head does now.
    pub head: Option<Observation>,
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
    let mut run = |version| {
        let (module, name) = names(target, version);
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
        let ran = duo.half(version).run_fresh(&calls, &request).ok()?.ok()?;
        ran.records.into_iter().next_back().map(|record| record.observation)
    };
    let (base, head) = (run(Version::Base), run(Version::Head));
    let compared = |base: &Observation, head: &Observation| {
        compare(
            base,
            head,
            &Mask::default(),
            &crate::folders(context, &crate::Maps::new()),
        )
        .is_some()
    };
    let differs = base
        .as_ref()
        .zip(head.as_ref())
        .is_some_and(|(base, head)| compared(base, head));
    Ok(Reproduced { base, head, differs })
}
