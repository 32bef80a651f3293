//! What may be said of a function after its search.

use std::collections::BTreeSet;

use model::{FunctionChange, FunctionEvidence, Reason, Strength, Verification, Way};

use crate::confirm::Confirmed;
use crate::examples::{self, Fitness};
use crate::function::{Blocked, Checked, SEARCH_TICKS, blocked};
use crate::live::{Live, Stop, Tally};
use crate::minor::merge;

/// What may be said after a search: a difference, a weak "same", or why nothing. `reached_before` are the changed lines that
/// other looks at the function reached, without a difference.
pub(crate) fn judge(
    live: &Live<'_, '_>,
    way: &Way,
    confirmed: Vec<Confirmed>,
    stop: Option<Stop>,
    lines: &Lines,
    reached_before: &BTreeSet<u32>,
) -> Result<(FunctionEvidence, Vec<Confirmed>), Blocked> {
    let mut evidence = counted(live);
    let tally = &live.tally;
    let changed = live.head_reach.with_code(&lines.numbers);
    let mut reached = live.head_reach.reached_of(&lines.numbers);
    if confirmed.is_empty() {
        // What ran only where base stumbles was compared with nothing.
        reached.retain(|line| !live.accepted.doubtful().contains(line));
        reached.extend(changed.iter().filter(|line| reached_before.contains(line)));
    }
    evidence.changed_lines = (lines.own && !changed.is_empty()).then_some((reached.len() as u32, changed.len() as u32));
    notes(&mut evidence, live, stop.as_ref());
    if !confirmed.is_empty() {
        return Ok((evidence, merge(confirmed)));
    }
    if let Some(reason) = doubt(live, way, stop.as_ref()) {
        return Err(blocked(reason));
    }
    if let Some(what) = differed(live) {
        return Err(Blocked {
            differed: true,
            ..blocked(format!(
                "it differed in the search ({what}), but not when it was replayed"
            ))
        });
    }
    if tally.asked_otherwise > 0 {
        // The few rows that are there seldom tell two questions apart.
        return Err(Blocked {
            differed: true,
            ..blocked(format!(
                "it asks its database something else, on {} of {}, and the rows that stand in for its data do not show the difference",
                tally.asked_otherwise,
                inputs(tally.inputs)
            ))
        });
    }
    let missing: Vec<u32> = changed.into_iter().filter(|line| !reached.contains(line)).collect();
    match unreached(live, lines.own, reached.len(), &missing) {
        Some(reason) => Err(Blocked {
            reached,
            missing: missing.into_iter().collect(),
            ..blocked(format!("{reason}{}", went_stale(stop.as_ref())))
        }),
        None => {
            evidence.verification = Verification::Same(Strength::Weak);
            Ok((evidence, confirmed))
        }
    }
}

/// What was run, for a function that differs.
pub(crate) fn counted(live: &Live<'_, '_>) -> FunctionEvidence {
    let mut evidence = Checked::without_run(0, Verification::Different).evidence;
    evidence.inputs = live.tally.inputs;
    evidence.useful_inputs = live.tally.returned;
    let branches = live.head_reach.branches();
    evidence.branches = (branches.1 > 0).then_some(branches);
    evidence
}

/// Lines of a function of which each must have run before "same" may be said.
pub(crate) struct Lines {
    /// Their numbers.
    pub numbers: Vec<u32>,
    /// Whether they changed themselves, or only mention what did.
    pub own: bool,
}

impl Lines {
    /// The changed lines of a function; where only what it uses changed, the lines that mention that by its name.
    pub fn of(function: &FunctionChange, project: &languages::python::Project) -> Self {
        let own = Self {
            numbers: function.changed_lines.clone(),
            own: true,
        };
        // The body of a class has run when its module was imported.
        if function.is_body() {
            return Self {
                numbers: Vec::new(),
                ..own
            };
        }
        if !own.numbers.is_empty() {
            return own;
        }
        let names: Option<Vec<&str>> = function
            .reasons
            .iter()
            .map(|reason| match reason {
                Reason::Dependency(on) => on.rsplit(['.', ':']).next(),
                _ => None,
            })
            .collect();
        let (Some(names), Ok(parsed)) = (names, project.parsed(&function.path)) else {
            return own;
        };
        let mentions = |line: &str| languages::python::syntax::words_of(line).any(|word| names.contains(&word));
        let inside = (1..).zip(parsed.text.lines());
        let body = function.body();
        let inside = inside.filter(|(number, line)| body.contains(number) && mentions(line));
        Self {
            numbers: inside.map(|(number, _)| number).collect(),
            own: false,
        }
    }
}

/// Why nothing is said of a function that gives what nobody can see into.
pub(crate) const OPAQUE: &str = "its results cannot be looked into: functions, or objects that hide what they hold";

/// Why "same" may not be said; `None` when it may.
fn doubt(live: &Live<'_, '_>, way: &Way, stop: Option<&Stop>) -> Option<String> {
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
    if tally.visible == 0 || tally.functions * 2 > tally.returned {
        return Some(OPAQUE.to_owned());
    }
    if live.mask.hides_result() {
        return Some("its result differs between two runs of the same version".to_owned());
    }
    let unreached = !live.head_reach.any() && !live.base_reach.any();
    (!way.through.is_empty() && unreached).then(|| {
        format!(
            "{} of {} did not reach it",
            inputs(tally.inputs),
            way.target.qualified_name
        )
    })
}

/// In what the versions differed in the search, where that is behaviour, if only it could be shown again.
fn differed(live: &Live<'_, '_>) -> Option<String> {
    let mut all = live
        .classes
        .values()
        .filter(|class| !class.difference.private && !class.noise && class.ended < class.inputs);
    all.next().map(|class| class.difference.what.clone())
}

/// Why "same" may not be said although nothing differed: not all of what changed has run.
fn unreached(live: &Live<'_, '_>, own: bool, reached: usize, missing: &[u32]) -> Option<String> {
    let stumbled = missing.iter().any(|line| live.accepted.doubtful().contains(line));
    let tried = match inputs(live.tally.inputs) {
        tried if stumbled => format!("those of {tried} that base accepts"),
        tried => tried,
    };
    let all = reached + missing.len();
    match (missing, reached) {
        ([], _) => {}
        (_, _) if !own => {
            let (lines, use_and_were) = match missing {
                [_] => (first_lines(missing), "uses what changed, was"),
                _ => (first_lines(missing), "use what changed, were"),
            };
            return Some(format!("{lines}, which {use_and_were} not reached by {tried}"));
        }
        ([line], 0) => return Some(format!("its changed line {line} was not reached by {tried}")),
        (_, 0) => return Some(format!("none of its changed lines was reached by {tried}")),
        (_, _) => {
            return Some(format!(
                "only {reached} of its {all} changed lines were reached by {tried}, not {}",
                first_lines(missing)
            ));
        }
    }
    if live.elsewhere_unreached() {
        return Some(format!(
            "none of the changed lines of what it uses was reached by {tried}"
        ));
    }
    let (complaint, count) = live.tally.ahead.iter().max_by_key(|(_, count)| **count)?;
    Some(format!(
        "where base stumbles, head raises by itself, on {count} of {tried}: {complaint}"
    ))
}

/// `line 7`, `lines 7 and 9`, `lines 7, 9, 12 and 3 more`.
pub(crate) fn first_lines(lines: &[u32]) -> String {
    let shown: Vec<String> = lines.iter().take(3).map(u32::to_string).collect();
    match (lines.len(), shown.as_slice()) {
        (1, [one]) => format!("line {one}"),
        (2, [one, other]) => format!("lines {one} and {other}"),
        (3, [one, two, three]) => format!("lines {one}, {two} and {three}"),
        (many, _) => format!("lines {} and {} more", shown.join(", "), many - shown.len()),
    }
}

/// How the reason ends where a search was given up with time left.
pub(crate) const NOTHING_NEW: &str = " brought nothing new";

/// Said where a search was given up with time left.
fn went_stale(stop: Option<&Stop>) -> String {
    match stop {
        Some(Stop::Stale(inputs)) => format!("; the last {inputs}{NOTHING_NEW}"),
        _ => String::new(),
    }
}

/// How the harness begins to say that it is the receiver that could not be made.
const NO_RECEIVER: &str = "receiver: ";

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
        return match tally.inputs {
            1 => "it raised on the only input that was tried".to_owned(),
            many => format!("it raised on all {many} inputs tried"),
        };
    }
    let complaint = most(&tally.complaints);
    if let Some(reason) = complaint.as_deref().and_then(|text| text.strip_prefix(NO_RECEIVER)) {
        return match tally.inputs {
            1 => format!("no object to call it on could be built: {reason}"),
            many => format!("no object to call it on could be built in {many} tries, mostly for {reason}"),
        };
    }
    match (tally.inputs, complaint) {
        (1, Some(complaint)) => format!("the only input that was tried was not accepted: {complaint}"),
        (many, Some(complaint)) => format!("no input of {many} was accepted, mostly {complaint}"),
        (1, None) => "the only input that was tried was not accepted".to_owned(),
        (many, None) => format!("no input of {many} was accepted"),
    }
}

/// `1 input`, `12 inputs`.
fn inputs(number: u64) -> String {
    format!("{number} input{}", if number == 1 { "" } else { "s" })
}

fn notes(evidence: &mut FunctionEvidence, live: &Live<'_, '_>, stop: Option<&Stop>) {
    if !live.mask.is_empty() {
        evidence
            .notes
            .push("parts of its result differ between two runs of the same version and were set aside".to_owned());
    }
    if let Some((effect, count)) = live.tally.refused.iter().max_by_key(|(_, count)| **count) {
        evidence.notes.push(format!(
            "{count} run{} ended at an effect that the sandbox refuses: {effect}",
            if *count == 1 { "" } else { "s" }
        ));
    }
    if let Some(hidden) = live.tally.hidden() {
        evidence.notes.push(format!(
            "{hidden} of {} results cannot be looked into",
            live.tally.returned
        ));
    }
    let makers = live.tally.made_privately.iter();
    if let Some((maker, _)) = makers.max_by_key(|(_, count)| **count) {
        evidence.notes.push(format!(
            "{maker} makes other private state, which was left out where it was the only difference"
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
        Some(Stop::Stale(_)) | None => {}
    }
}

/// What may be said of a function that base does not have: that it was reached, and what it did.
pub(crate) fn new_function(
    live: &mut Live<'_, '_>,
    function: &FunctionChange,
    way: &Way,
    stop: Option<Stop>,
    fitness: &Fitness<'_>,
) -> Result<Checked, Blocked> {
    let mut evidence = Checked::without_run(0, Verification::New).evidence;
    evidence.inputs = live.tally.inputs;
    evidence.useful_inputs = live.tally.returned;
    let branches = live.head_reach.branches();
    evidence.branches = (branches.1 > 0).then_some(branches);
    notes(&mut evidence, live, stop.as_ref());
    if live.tally.returned == 0 {
        return Err(blocked(format!("new; {}", nothing_accepted(&live.tally))));
    }
    if !way.through.is_empty() && !live.head_reach.any() {
        return Err(blocked(format!(
            "new; {} of {} did not reach it",
            inputs(live.tally.inputs),
            way.target.qualified_name
        )));
    }
    let examples = examples::of_new(live, function, way, fitness);
    evidence.examples = examples.map_err(|lost| blocked(format!("its process was lost: {lost}")))?;
    Ok(Checked {
        evidence,
        confirmed: Vec::new(),
        ..Checked::without_run(0, Verification::New)
    })
}
