//! Runs a stored finding again, on both versions.

use languages::python::wire::decode::Record;
use model::{CallKind, Finding, FindingKind, Observation, Outcome};

use crate::compare::{self, Difference, Folders, Mask, Step};
use crate::confirm::{Confirmed, of_imports, public, slower};
use crate::context::Context;
use crate::duo::{Duo, OpenError, Version, names};
use crate::findings::{Shown, shown};
use crate::importable::import_trouble;
use crate::session::Request;

/// Deadline of a call, in ticks of 10 ms: as long as in the last replay of a check.
const TICKS: u32 = 200;
/// Places at which base may differ from itself before no more are looked for.
const MOST_NOISE: usize = 50;

/// What came of running a finding again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reproduced {
    /// What base does now.
    pub base: Observation,
    /// What head does now.
    pub head: Observation,
    /// What differs, in the words of a check; `None` where nothing does this time.
    pub difference: Option<Shown>,
}

/// Places in which two versions differ on one call that are looked through for the one that a finding tells.
const MOST_PLACES: usize = 16;

/// Why a finding cannot be run again.
#[derive(Debug, thiserror::Error)]
pub enum ReproduceError {
    /// No harness could be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A version cannot be imported or called: nothing can be said of it.
    #[error("{version} cannot be run: {reason}")]
    NotCallable {
        /// `base` or `head`.
        version: &'static str,
        /// Why.
        reason: String,
    },
}

/// Runs the example of `finding` in a fresh interpreter for each version, and in base once more: what base does not do twice is
/// no difference.
///
/// # Errors
/// When no harness can be had, or a version cannot be imported or called.
pub fn reproduce(context: &Context<'_>, finding: &Finding) -> Result<Reproduced, ReproduceError> {
    let target = &finding.example.target;
    let folders = crate::folders(context, &crate::Maps::new());
    let mut duo = Duo::open(context)?;
    let is_new = matches!(finding.example.base.outcome, Outcome::NotMade(_));
    if finding.kind == FindingKind::Suspicious || finding.kind == FindingKind::NewExposure && is_new {
        return of_new(&mut duo, finding, &folders);
    }
    let modules = [Version::Base, Version::Head].map(|version| names(target, version).0);
    duo.import(&modules[..1], &modules[1..])?;
    let imports = duo.base.imports.get(&modules[0]).zip(duo.head.imports.get(&modules[1]));
    if target.call == CallKind::Module
        && let Some(again) = imports.and_then(|(base, head)| of_imports(base, head, duo.base.project()))
    {
        return Ok(told(again, &folders));
    }
    for (version, module) in [(Version::Base, &modules[0]), (Version::Head, &modules[1])] {
        let half = duo.half(version);
        if let Some(reason) = import_trouble(half.imports.get(module), module, version, half.project()) {
            return Err(not_callable(version, reason));
        }
    }
    let base = run(&mut duo, Version::Base, finding)?;
    let head = run(&mut duo, Version::Head, finding)?;
    let base_again = run(&mut duo, Version::Base, finding)?;
    if finding.kind == FindingKind::NewExposure {
        return Ok(exposed(finding, base.observation, head.observation, &folders));
    }
    let mut mask = noise(&base.observation, &base_again.observation);
    let mut difference = || {
        let before = mask.clone();
        let found = match finding.kind {
            FindingKind::Slower => slow(&base, &head)?,
            _ => compare::compare(&base.observation, &head.observation, &mask, &folders)?,
        };
        mask.add(&found.path);
        Some((found, before))
    };
    let Some(first) = difference() else {
        return Ok(Reproduced {
            base: base.observation,
            head: head.observation,
            difference: None,
        });
    };
    let again = |(difference, mask): (Difference, Mask)| {
        let again = Confirmed {
            mask,
            before: finding.example.before.clone(),
            ..Confirmed::new(difference, finding.example.input.clone(), base.clone(), head.clone())
        };
        told(again, &folders)
    };
    let is_finding = |again: &Reproduced| {
        let shown = again.difference.as_ref();
        let texts = shown.map(|shown| (&shown.base, &shown.head, &shown.aspect));
        texts
            == Some((
                &finding.example.base_text,
                &finding.example.head_text,
                &finding.example.aspect,
            ))
    };
    // What makes the input may differ, too, and come first: what the finding tells is looked for behind it.
    let first = again(first);
    if is_finding(&first) || finding.kind == FindingKind::Slower {
        return Ok(first);
    }
    let others: Vec<(Difference, Mask)> = std::iter::from_fn(difference).take(MOST_PLACES).collect();
    Ok(others.into_iter().map(again).find(is_finding).unwrap_or(first))
}

/// Runs the example of a new function again: what it contradicts is what it says itself, and base has none of it.
fn of_new(duo: &mut Duo<'_>, finding: &Finding, folders: &Folders) -> Result<Reproduced, ReproduceError> {
    let example = &finding.example;
    let module = &example.target.module;
    duo.import(&[], std::slice::from_ref(module))?;
    let half = duo.half(Version::Head);
    if let Some(reason) = import_trouble(half.imports.get(module), module, Version::Head, half.project()) {
        return Err(not_callable(Version::Head, reason));
    }
    let head = run(duo, Version::Head, finding)?.observation;
    let shown = crate::suspicious::is_same(&example.head, &head, folders).then(|| Shown {
        base: example.base_text.clone(),
        head: example.head_text.clone(),
        aspect: example.aspect.clone(),
    });
    Ok(Reproduced {
        base: example.base.clone(),
        head,
        difference: shown,
    })
}

/// Whether marked text does again what it did: what is seen is the same, and so is what was said of it.
fn exposed(finding: &Finding, base: Observation, head: Observation, folders: &Folders) -> Reproduced {
    let example = &finding.example;
    let is_same = |stored: &Observation, now: &Observation| {
        stored.arrivals == now.arrivals && crate::suspicious::is_same(stored, now, folders)
    };
    let holds = is_same(&example.base, &base) && is_same(&example.head, &head);
    Reproduced {
        base,
        head,
        difference: holds.then(|| Shown {
            base: example.base_text.clone(),
            head: example.head_text.clone(),
            aspect: example.aspect.clone(),
        }),
    }
}

fn told(again: Confirmed, folders: &Folders) -> Reproduced {
    Reproduced {
        difference: Some(shown(&again, folders)),
        base: again.base.observation,
        head: again.head.observation,
    }
}

/// Runs the calls of a finding in one version; gives what the last one did.
fn run(duo: &mut Duo<'_>, version: Version, finding: &Finding) -> Result<Record, ReproduceError> {
    let target = &finding.example.target;
    let (module, name) = names(target, version);
    let request = Request {
        module,
        name,
        call: target.call,
        cover: Vec::new(),
        guide: false,
        trace: (finding.kind == FindingKind::Slower).then_some("count"),
        ticks: TICKS,
        mutants: None,
        cold_ticks: None,
    };
    let mut calls = finding.example.before.clone();
    calls.push(finding.example.input.clone());
    let ran = duo.half(version).run_fresh(&calls, &request);
    let record = match ran {
        Ok(Ok(mut ran)) => ran.records.pop(),
        Ok(Err(reason)) => return Err(not_callable(version, reason)),
        Err(lost) => return Err(not_callable(version, format!("its process was lost: {lost}"))),
    };
    let Some(record) = record else {
        return Err(not_callable(version, "its process gave no answer".to_owned()));
    };
    match &record.observation.outcome {
        Outcome::NotMade(reason) => Err(not_callable(version, format!("the input could not be made: {reason}"))),
        Outcome::Garbled(reason) => Err(not_callable(version, reason.clone())),
        _ if target.call == CallKind::Module => Ok(public(record)),
        _ => Ok(record),
    }
}

fn not_callable(version: Version, reason: String) -> ReproduceError {
    let version = match version {
        Version::Base => "base",
        Version::Head => "head",
    };
    ReproduceError::NotCallable { version, reason }
}

/// Where two runs of one version differ.
fn noise(first: &Observation, second: &Observation) -> Mask {
    let mut mask = Mask::default();
    for _ in 0..MOST_NOISE {
        let Some(difference) = compare::compare(first, second, &mask, &Folders::default()) else {
            break;
        };
        mask.add(&difference.path);
    }
    mask
}

fn slow(base: &Record, head: &Record) -> Option<Difference> {
    let (base, head) = (base.count?, head.count?);
    slower(base, head).then(|| Difference {
        kind: FindingKind::Slower,
        path: vec![Step::Result],
        what: format!("{base} to {head} lines"),
        private: false,
    })
}
