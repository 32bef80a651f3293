//! What may be said of a function after its search.

use model::{FunctionChange, FunctionEvidence, Input, Outcome, Strength, Verification, Way};

use crate::compare::Mask;
use crate::confirm::Confirmed;
use crate::function::{Blocked, Checked, SEARCH_TICKS, blocked, merge};
use crate::live::{Live, Stop, Tally};

/// What may be said after a search: a difference, a weak "same", or why nothing.
pub(crate) fn judge(
    live: &Live<'_, '_>,
    function: &FunctionChange,
    way: &Way,
    confirmed: Vec<Confirmed>,
    stop: Option<Stop>,
) -> Result<(FunctionEvidence, Vec<Confirmed>), Blocked> {
    let mut evidence = Checked::without_run(0, Verification::Different).evidence;
    let tally = &live.tally;
    evidence.inputs = tally.inputs;
    evidence.useful_inputs = tally.returned;
    let branches = live.head_reach.branches();
    evidence.branches = (branches.1 > 0).then_some(branches);
    let changed = live.head_reach.lines_of(&function.changed_lines);
    evidence.changed_lines = (changed.1 > 0).then_some(changed);
    notes(&mut evidence, live, stop.as_ref());
    if !confirmed.is_empty() {
        return Ok((evidence, merge(confirmed)));
    }
    match doubt(live, function, way, stop.as_ref()) {
        Some(reason) => Err(blocked(reason)),
        None => {
            evidence.verification = Verification::Same(Strength::Weak);
            Ok((evidence, confirmed))
        }
    }
}

/// Why "same" may not be said; `None` when it may.
fn doubt(live: &Live<'_, '_>, function: &FunctionChange, way: &Way, stop: Option<&Stop>) -> Option<String> {
    let tally = &live.tally;
    if let Some(Stop::Lost(why)) = stop {
        return Some(format!("its process was lost: {why}"));
    }
    if tally.inputs == 0 {
        return Some(if stop == Some(&Stop::Time) {
            "the time budget ran out before it was reached".to_owned()
        } else {
            "no input for it could be made".to_owned()
        });
    }
    if tally.returned == 0 {
        return Some(nothing_accepted(tally));
    }
    if tally.garbled > tally.inputs / 2 {
        return Some("its process disturbed the harness, by writing into its pipes or ending over and over".to_owned());
    }
    if tally.unbound * 2 > tally.inputs {
        return Some("it takes other parameters now, so that the same call cannot be made on both versions".to_owned());
    }
    if tally.visible == 0 {
        return Some("its results cannot be looked into: functions, or objects that hide what they hold".to_owned());
    }
    if live.mask.hides_result() {
        return Some("its result differs between two runs of the same version".to_owned());
    }
    let unreached = !live.head_reach.any() && !live.base_reach.any();
    if !way.through.is_empty() && unreached {
        return Some(format!(
            "{} inputs of {} did not reach it",
            tally.inputs, way.target.qualified_name
        ));
    }
    let (reached, all) = live.head_reach.lines_of(&function.changed_lines);
    if all > 0 && reached == 0 {
        return Some(format!(
            "none of its changed lines was reached by {} inputs",
            tally.inputs
        ));
    }
    if reached * 2 < all {
        return Some(format!(
            "only {reached} of its {all} changed lines were reached by {} inputs",
            tally.inputs
        ));
    }
    if live.elsewhere_unreached() {
        return Some(format!(
            "none of the changed lines of what it uses was reached by {} inputs",
            tally.inputs
        ));
    }
    if !live.classes.is_empty() && live.classes.values().any(|class| !class.difference.private) {
        return Some("it differed in the search, but not when it was replayed".to_owned());
    }
    None
}

fn nothing_accepted(tally: &Tally) -> String {
    let most = |counts: &std::collections::BTreeMap<String, u64>| {
        counts
            .iter()
            .max_by_key(|(_, count)| **count)
            .map(|(text, _)| text.clone())
    };
    if let Some(effect) = most(&tally.refused) {
        return format!("it needs what the sandbox refuses: {effect}");
    }
    if tally.slow > tally.inputs / 2 {
        return format!("it did not end within {} ms on any input tried", SEARCH_TICKS * 10);
    }
    if let Some(maker) = most(&tally.made_otherwise) {
        return format!("what it is called with comes out differently already: see {maker}");
    }
    if tally.raised > 0 {
        return format!("it raised on all {} inputs tried", tally.inputs);
    }
    match most(&tally.complaints) {
        Some(complaint) => format!("no input of {} was accepted, mostly {complaint}", tally.inputs),
        None => format!("no input of {} was accepted", tally.inputs),
    }
}

fn notes(evidence: &mut FunctionEvidence, live: &Live<'_, '_>, stop: Option<&Stop>) {
    if !live.mask.is_empty() {
        evidence
            .notes
            .push("parts of its result differ between two runs of the same version and were set aside".to_owned());
    }
    if let Some((effect, count)) = live.tally.refused.iter().max_by_key(|(_, count)| **count) {
        evidence.notes.push(format!(
            "{count} runs ended at an effect that the sandbox refuses: {effect}"
        ));
    }
    if live.tally.threads {
        evidence.notes.push("it left threads behind".to_owned());
    }
    match stop {
        Some(Stop::Time) => evidence
            .notes
            .push("its share of the time budget ended the search".to_owned()),
        Some(Stop::Lost(why)) => evidence.notes.push(format!("the search ended early: {why}")),
        Some(Stop::Asked) => evidence.notes.push("the search was interrupted".to_owned()),
        None => {}
    }
}

pub(crate) fn new_function(live: &Live<'_, '_>, way: &Way, stop: Option<Stop>) -> Result<Checked, Blocked> {
    let mut evidence = Checked::without_run(0, Verification::New).evidence;
    evidence.inputs = live.tally.inputs;
    evidence.useful_inputs = live.tally.returned;
    let branches = live.head_reach.branches();
    evidence.branches = (branches.1 > 0).then_some(branches);
    notes(&mut evidence, live, stop.as_ref());
    if live.tally.returned == 0 {
        return Err(blocked(format!("new; {}", nothing_accepted(&live.tally))));
    }
    let mut samples: Vec<&(Input, model::Observation)> = live.samples.iter().collect();
    samples.sort_by_key(|(input, observation)| (!matches!(observation.outcome, Outcome::Returned(_)), input.size()));
    evidence.examples = samples
        .into_iter()
        .take(3)
        .map(|(input, observation)| {
            (
                languages::python::print::call(&way.target, input).call,
                languages::python::print::outcome(observation, 80),
            )
        })
        .collect();
    Ok(Checked {
        evidence,
        confirmed: Vec::new(),
        mask: Mask::default(),
        requests: None,
        cut_off: false,
    })
}
