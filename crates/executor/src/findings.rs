//! From confirmed differences to findings that can be read, stored and named.

use languages::python::print;
use model::{Example, Finding, FindingKind, FunctionChange, Input, Names, Observation, Observed, Outcome, Target};

use crate::cause::{self, Maps};
use crate::compare::{Difference, Folders, Step};
use crate::confirm::Confirmed;
use crate::metadata;
use crate::minor;
use crate::parted;

/// Longest text of an outcome in a report.
const LIMIT: usize = 200;

/// A difference in words: what each side did, at the place where they part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What base did, in a line.
    pub base: String,
    /// What head did, in a line.
    pub head: String,
    /// What differs, when it is not the result: `argument 1 afterwards`, `standard output`, `effects`.
    pub aspect: Option<String>,
}

/// A replayed difference in words. What differs without meaning is taken out first, since only the part that differs is shown of
/// what is long.
pub(crate) fn shown(confirmed: &Confirmed, folders: &Folders) -> Shown {
    let mut neutral = confirmed.clone();
    for (observation, head) in [
        (&mut neutral.base.observation, false),
        (&mut neutral.head.observation, true),
    ] {
        for text in observation.texts_mut() {
            *text = folders.neutral(text, head);
        }
    }
    let (base, head) = texts(&neutral);
    Shown {
        base,
        head,
        aspect: aspect(&confirmed.difference, confirmed),
    }
}

/// Makes a finding of a difference that held in all replays.
pub fn finding(
    confirmed: &Confirmed,
    function: &FunctionChange,
    target: &Target,
    maps: &Maps,
    folders: &Folders,
    replays: &str,
) -> Finding {
    let printed = print::call(target, &confirmed.input);
    let shown = shown(confirmed, folders);
    let cause = confirmed.cause.clone().or_else(|| by_change(function));
    let example = Example {
        target: target.clone(),
        input: confirmed.input.clone(),
        before: confirmed.before.clone(),
        base: confirmed.base.observation.clone(),
        head: confirmed.head.observation.clone(),
        call: printed.call,
        base_text: shown.base,
        head_text: shown.head,
        aspect: shown.aspect,
    };
    let (text, place) = cause.map_or_else(
        || {
            (
                "the two versions part outside the lines that could be traced".to_owned(),
                None,
            )
        },
        |cause| (cause.text, cause.place),
    );
    Finding {
        id: id(confirmed, function, target, maps, folders),
        kind: confirmed.difference.kind,
        cause: text,
        cause_place: place,
        shown_by: confirmed.inputs,
        base_returned: matches!(confirmed.base.observation.outcome, Outcome::Returned(_)),
        minor: minor::is_minor(confirmed) || is_about_itself(confirmed, function, target),
        replays: replays.to_owned(),
        exposure: None,
        example,
    }
}

/// Whether only what a module says of itself differs: that is no behaviour that anybody asks for.
fn is_about_itself(confirmed: &Confirmed, function: &FunctionChange, target: &Target) -> bool {
    let is_result = matches!(confirmed.difference.kind, FindingKind::Changed);
    // What a module's constants do is also looked at by calling a function that uses them.
    let whole = function.kind != model::FunctionKind::Module || target.call == model::CallKind::Module;
    is_result && whole && metadata::alone(function, &confirmed.base.observation, &confirmed.head.observation)
}

/// Where no line could be traced: the changed lines themselves.
fn by_change(function: &FunctionChange) -> Option<cause::Cause> {
    let used = function.reasons.iter().find_map(|reason| {
        if let model::Reason::Dependency(used) = reason {
            Some(used)
        } else {
            None
        }
    });
    if let (true, Some(used)) = (function.changed_lines.is_empty(), used) {
        return Some(cause::Cause {
            text: format!("it uses {used}, which changed"),
            place: None,
        });
    }
    let line = *function.changed_lines.first()?;
    let place = model::Place {
        path: function.path.clone(),
        line,
    };
    let more = if function.changed_lines.len() > 1 {
        " and others"
    } else {
        ""
    };
    Some(cause::Cause {
        text: format!("line {line}{more} changed"),
        place: Some(place),
    })
}

/// Gives each finding of a check an id of its own: one that is taken already is counted on from.
pub(crate) fn unique(functions: &mut [model::FunctionEvidence]) {
    let mut taken = std::collections::HashSet::new();
    for finding in functions.iter_mut().flat_map(|function| &mut function.findings) {
        let first = finding.id.clone();
        let mut copy = 1_u32;
        while !taken.insert(finding.id.clone()) {
            copy += 1;
            finding.id = short(blake3::Hasher::new().update(format!("{first} {copy}").as_bytes()));
        }
    }
}

/// Takes the paths of our own folders out of all that a report shows of a function: they differ from run to run.
pub(crate) fn placeless(function: &mut model::FunctionEvidence, folders: &Folders) {
    let mut texts: Vec<&mut String> = function.notes.iter_mut().collect();
    if let model::Verification::NotVerified(reason) = &mut function.verification {
        texts.push(reason);
    }
    for example in &mut function.examples {
        texts.push(&mut example.outcome);
        texts.extend(&mut example.beside);
    }
    for finding in &mut function.findings {
        texts.extend([&mut finding.example.base_text, &mut finding.example.head_text]);
    }
    for text in texts {
        *text = folders.placeless(text);
    }
}

fn short(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex()[..8].to_owned()
}

/// Short, and the same whenever the same versions of the function show the same difference on the same input.
/// What differs counts, too: a function that only uses what changed is the same text whatever that does now.
fn id(confirmed: &Confirmed, function: &FunctionChange, target: &Target, maps: &Maps, folders: &Folders) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(function.id().as_bytes());
    hasher.update(format!("{:?}{:?}", confirmed.difference.kind, target).as_bytes());
    if let Some(map) = maps.get(&function.path) {
        let lines = function.line..=function.end_line;
        lines.for_each(|line| {
            hasher.update(map.head_line(line).as_bytes());
        });
        if let (Some(first), Some(last)) = (function.base_line, function.base_end_line) {
            (first..=last).for_each(|line| {
                hasher.update(map.base_line(line).as_bytes());
            });
        }
    }
    let Difference { path, what, kind, .. } = &confirmed.difference;
    // How many lines a slow version runs is no matter of which difference it is.
    if *kind != FindingKind::Slower {
        for (observation, head) in [
            (&confirmed.base.observation, false),
            (&confirmed.head.observation, true),
        ] {
            let parted = folders.neutral(&parted::text(observation, path), head);
            hasher.update(format!("{} {parted}", parted.len()).as_bytes());
        }
    }
    hasher.update(format!("{what}{path:?}{:?}{:?}", confirmed.input, confirmed.before).as_bytes());
    short(&hasher)
}

/// What both versions did, told apart even where both read the same.
fn texts(confirmed: &Confirmed) -> (String, String) {
    let (base, mut head) = parting(confirmed);
    if base == head {
        head.push_str(&format!(" ({})", confirmed.difference.what));
    }
    (base, head)
}

fn parting(confirmed: &Confirmed) -> (String, String) {
    let (base, head, input) = (
        &confirmed.base.observation,
        &confirmed.head.observation,
        &confirmed.input,
    );
    if confirmed.difference.kind == FindingKind::Slower {
        return (lines(confirmed.base.count), lines(confirmed.head.count));
    }
    match confirmed.difference.path.first() {
        Some(Step::After(at)) => after(confirmed, *at),
        Some(Step::Output) => printed(&base.output, &head.output),
        Some(Step::Errors) => printed(&base.errors, &head.errors),
        Some(Step::Effects) => (effects(base, input), effects(head, input)),
        _ => match (&base.outcome, &head.outcome) {
            (Outcome::Returned(a), Outcome::Returned(b)) => parts(confirmed, a, b),
            _ => print::outcomes(base, head, input, LIMIT),
        },
    }
}

/// Two values that differ. Where parts of them are set aside, since the input is made with these already, the attribute in which
/// the function itself makes them differ: what comes first would be another's.
fn parts(confirmed: &Confirmed, mut a: &Observed, mut b: &Observed) -> (String, String) {
    let (base, head, input) = (
        &confirmed.base.observation,
        &confirmed.head.observation,
        &confirmed.input,
    );
    let mut way = String::new();
    let steps = match confirmed.mask.is_empty() {
        true => &[],
        false => confirmed.difference.path.get(1..).unwrap_or_default(),
    };
    for step in steps {
        let Step::Attribute(name) = step else { break };
        let (Some(one), Some(other)) = (attribute(a, name), attribute(b, name)) else {
            break;
        };
        way.push_str(&format!(".{name}"));
        (a, b) = (one, other);
    }
    let (one, other) = print::differing((a, &base.names(input)), (b, &head.names(input)), LIMIT);
    if way.is_empty() {
        return (one, other);
    }
    let whole = |text: String| match text.strip_prefix('…') {
        Some(rest) => format!("…{way}{rest}"),
        None => format!("…{way}: {text}"),
    };
    (whole(one), whole(other))
}

fn attribute<'o>(object: &'o Observed, name: &str) -> Option<&'o Observed> {
    let Observed::Object { state, .. } = object else {
        return None;
    };
    state.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn lines(count: Option<u64>) -> String {
    count.map_or_else(
        || "an unknown number of lines".to_owned(),
        |count| format!("{count} executed line{}", if count == 1 { "" } else { "s" }),
    )
}

fn after(confirmed: &Confirmed, at: usize) -> (String, String) {
    let (base, head) = (&confirmed.base.observation, &confirmed.head.observation);
    let part = |observation: &Observation| match &observation.after {
        Some(Observed::List(items)) => items.get(at).cloned(),
        _ => None,
    };
    match (part(base), part(head)) {
        (Some(a), Some(b)) => parts(confirmed, &a, &b),
        (a, b) => {
            let text = |part: Option<Observed>| {
                part.map_or_else(|| "unchanged".to_owned(), |part| print::observed(&part, LIMIT))
            };
            (text(a), text(b))
        }
    }
}

/// What both printed.
fn printed(base: &str, head: &str) -> (String, String) {
    let (base, head) = (Observed::Str(base.to_owned()), Observed::Str(head.to_owned()));
    print::differing((&base, &Names::new()), (&head, &Names::new()), LIMIT)
}

fn effects(observation: &Observation, input: &Input) -> String {
    if observation.effects.is_empty() {
        return format!("no effect, {}", print::outcome(observation, input, LIMIT));
    }
    let one = |effect: &model::Effect| {
        format!(
            "{} {}{}",
            effect.kind,
            effect.detail,
            if effect.refused { " (refused)" } else { "" }
        )
    };
    observation.effects.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What differs, when it is not the result.
fn aspect(difference: &Difference, confirmed: &Confirmed) -> Option<String> {
    let private = if difference.private { " (private state)" } else { "" };
    let aspect = match difference.path.first()? {
        Step::After(at) => format!("{} afterwards", confirmed.input.part(*at)),
        Step::Output => "standard output".to_owned(),
        Step::Errors => "standard error".to_owned(),
        Step::Effects => "effects".to_owned(),
        _ if difference.private => "private state".to_owned(),
        _ if difference.path.last() == Some(&Step::Keys) => "keys".to_owned(),
        _ => return None,
    };
    Some(if difference.private && aspect != "private state" {
        format!("{aspect}{private}")
    } else {
        aspect
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::Checked;
    use languages::python::wire::decode::Record;
    use model::{CallKind, Value, Verification};

    fn function() -> FunctionChange {
        FunctionChange {
            path: "a.py".to_owned(),
            base_path: None,
            qualified_name: "f".to_owned(),
            base_name: None,
            line: 1,
            end_line: 2,
            base_line: Some(1),
            base_end_line: Some(2),
            kind: model::FunctionKind::Function,
            reasons: vec![model::Reason::Code],
            proved_same: false,
            standalone: None,
            changed_lines: vec![2],
        }
    }

    fn target() -> Target {
        Target {
            path: "a.py".to_owned(),
            module: "a".to_owned(),
            qualified_name: "f".to_owned(),
            base_module: None,
            base_name: None,
            call: CallKind::Function,
        }
    }

    fn made(input: i64, path: Vec<Step>) -> Finding {
        made_of(input, path, 2)
    }

    fn made_of(input: i64, path: Vec<Step>, now: i64) -> Finding {
        let returned = |value| Record::of(Outcome::Returned(Observed::Int(value)));
        let difference = Difference {
            kind: FindingKind::Changed,
            path,
            what: "int to int".to_owned(),
            private: false,
        };
        let input = Input {
            args: vec![Value::Int(input)],
            ..Input::default()
        };
        let confirmed = Confirmed::new(difference, input, returned(1), returned(now));
        finding(
            &confirmed,
            &function(),
            &target(),
            &Maps::new(),
            &Folders::default(),
            "",
        )
    }

    #[test]
    fn ids_follow_from_input_and_difference() {
        let first = made(1, vec![Step::Result]).id;
        assert_eq!(first, made(1, vec![Step::Result]).id, "stable");
        assert_ne!(first, made(2, vec![Step::Result]).id, "another input");
        assert_ne!(first, made(1, vec![Step::Result, Step::Item(0)]).id, "another place");
        let other = made_of(1, vec![Step::Result], 3).id;
        assert_ne!(first, other, "another result, as of a later change of what it uses");
    }

    #[test]
    fn no_two_findings_of_a_check_share_an_id() {
        let mut functions = vec![Checked::without_run(0, Verification::Different).evidence; 2];
        for function in &mut functions {
            function.findings = vec![made(1, vec![Step::Result]), made(1, vec![Step::Result])];
        }
        let again = &mut functions.clone();
        unique(&mut functions);
        unique(again);
        assert_eq!(&functions, again, "stable");
        let ids: std::collections::HashSet<_> = functions
            .iter()
            .flat_map(|function| &function.findings)
            .map(|finding| &finding.id)
            .collect();
        assert_eq!(ids.len(), 4);
    }
}
