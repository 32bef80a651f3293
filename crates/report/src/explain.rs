//! The whole story of one finding, in plain text: what is called, what both versions did, why they part, how sure that is.

use crate::{observed, redact, terminal, words};
use model::report::{Acceptance, AcceptanceState, CheckReport, FindingReport, Share};
use model::{Exposure, Finding, FindingKind, FunctionChange, FunctionEvidence, Names, Observation, Revision};
use std::fmt::Write;

/// Tells everything that is known about `finding` of `function`, in sections. Secrets are redacted.
pub fn explain(
    report: &CheckReport,
    finding: &Finding,
    function: &FunctionChange,
    evidence: &FunctionEvidence,
) -> String {
    let mut story = Story::default();
    story.line(&format!(
        "{}  {}:{}  {}  {}",
        words::kind(finding.kind),
        function.path,
        function.line,
        words::name(&function.qualified_name),
        finding.id
    ));
    story.line(&versions(report));
    what_is_called(&mut story, report, finding, evidence);
    what_happens(&mut story, finding);
    why(&mut story, finding, function);
    if let Some(exposure) = &finding.exposure {
        weakness(&mut story, finding, exposure);
    }
    how_sure(&mut story, finding, evidence);
    story.section("Why it ranks where it does");
    story.text(words::meaning(finding.kind));
    if finding.kind != FindingKind::Suspicious {
        story.text(&base_side(finding));
    }
    accepted(&mut story, report, finding);
    story.section("To run it again");
    story.text(&format!("counterproof reproduce {}", finding.id));
    story.text(&format!(
        "counterproof reproduce {} --format python    prints a stand-alone script",
        finding.id
    ));
    redact::text(&story.text).into_owned()
}

/// Text in sections: a title, and what belongs to it further in.
#[derive(Default)]
struct Story {
    text: String,
}

impl Story {
    fn line(&mut self, text: &str) {
        self.text.push_str(&terminal::safe(text));
        self.text.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.text.push('\n');
        self.line(title);
    }

    /// Lines below a title.
    fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(&format!("  {line}")));
    }

    /// What both versions did, below each other.
    fn both(&mut self, (before, after): (&str, &str), base: &str, head: &str) {
        for (word, side) in [(before, base), (after, head)] {
            for (index, line) in side.lines().enumerate() {
                let word = if index == 0 { word } else { "" };
                self.line(&format!("  {word:<width$}  {line}", width = before.len()));
            }
        }
    }
}

fn versions(report: &CheckReport) -> String {
    let mut text = format!("base: {} · head: {}", revision(&report.base), revision(&report.head));
    if let Some(interpreter) = &report.interpreter {
        let _ = write!(text, " · {interpreter}");
    }
    text
}

fn revision(revision: &Revision) -> String {
    match revision.commit.as_deref().and_then(|commit| commit.get(..10)) {
        Some(commit) if !revision.name.starts_with(commit) => format!("{} ({commit})", revision.name),
        _ => revision.name.clone(),
    }
}

fn what_is_called(story: &mut Story, report: &CheckReport, finding: &Finding, evidence: &FunctionEvidence) {
    story.section("What is called");
    published(report, finding)
        .iter()
        .flat_map(|one| &one.example.setup)
        .for_each(|line| story.text(line));
    story.text(&finding.example.call);
    match finding.example.before.len() as u64 {
        0 => {}
        1 => story.text("The call before it is needed: the difference depends on state that it leaves behind."),
        earlier => story.text(&format!(
            "The {} before it are needed: the difference depends on state that they leave behind.",
            words::count(earlier, "call")
        )),
    }
    if let Some(way) = evidence.way.as_ref().filter(|way| !way.through.is_empty()) {
        let steps = std::iter::once(words::target(&way.target)).chain(way.through.iter().cloned());
        story.text(&format!(
            "The way to the changed function: {}",
            steps.collect::<Vec<_>>().join(" → ")
        ));
        story.text(&format!("Taken because {}", way.reason));
    }
}

/// Whether somebody wants it so, and with which other finding it is shown.
fn accepted(story: &mut Story, report: &CheckReport, finding: &Finding) {
    let Some(published) = published(report, finding) else {
        return;
    };
    if let Some(first) = &published.shown_with {
        story.text(&format!(
            "it is shown with {first}, which parts at the same place for the same cause"
        ));
    }
    if let Some(declared) = &published.declared {
        story.section("What the change declares of it");
        story.text(declared);
        story.text("what is declared ranks below what is not, and counts all the same");
    }
    if let Some(Acceptance { state, reason, who }) = &published.acceptance {
        story.section("Who wants it so");
        story.text(&format!("{who}: {reason}"));
        story.text(match state {
            AcceptanceState::Accepted => "base has this acceptance: the finding counts no more",
            AcceptanceState::Pending => {
                "the change under check adds this acceptance itself: it is pending, and the finding counts"
            }
        });
    }
}

/// The finding as it is published.
fn published<'r>(report: &'r CheckReport, finding: &Finding) -> Option<&'r FindingReport> {
    let mut all = report.functions.iter().flat_map(|function| &function.findings);
    all.find(|one| one.id == finding.id)
}

fn what_happens(story: &mut Story, finding: &Finding) {
    let (base, head) = (&finding.example.base, &finding.example.head);
    story.section("What it does");
    let input = &finding.example.input;
    let (base_names, head_names) = (base.names(input), head.names(input));
    let words = words::sides(finding.kind);
    if finding.kind == FindingKind::Suspicious {
        story.both(words, &finding.example.base_text, &finding.example.head_text);
        return;
    }
    story.both(
        words,
        &observed::outcome(base, &base_names),
        &observed::outcome(head, &head_names),
    );
    for (title, part) in PARTS {
        let (was, now) = (part(base, &base_names), part(head, &head_names));
        if was != now {
            story.section(title);
            story.both(words, &was, &now);
        }
    }
}

/// A part of an observation, as text.
type Part = fn(&Observation, &Names) -> String;

/// What an observation holds besides its outcome: a title, and the part as text.
const PARTS: [(&str, Part); 4] = [
    ("Receiver and arguments afterwards", |one, names| {
        one.after
            .as_ref()
            .map_or_else(|| "as before".to_owned(), |after| observed::text(after, names))
    }),
    ("Standard output", |one, _| printed(&one.output)),
    ("Standard error", |one, _| printed(&one.errors)),
    ("Effects", |one, _| observed::effects(&one.effects)),
];

fn printed(text: &str) -> String {
    if text.is_empty() {
        "nothing".to_owned()
    } else {
        text.to_owned()
    }
}

fn why(story: &mut Story, finding: &Finding, function: &FunctionChange) {
    story.section(match finding.kind {
        FindingKind::Suspicious => "Why it is suspicious",
        _ => "Why the versions part",
    });
    if finding.cause.is_empty() {
        story.text("the cause was not found");
    } else {
        story.text(&finding.cause);
    }
    if let Some(place) = &finding.cause_place {
        story.text(&format!("at {}:{}", place.path, place.line));
    }
    story.text(&format!(
        "{} counts as changed: {}",
        words::name(&function.qualified_name),
        words::reasons(function).join("; ")
    ));
    if !function.changed_lines.is_empty() {
        let lines: Vec<String> = function.changed_lines.iter().map(u32::to_string).collect();
        story.text(&format!("changed lines in head: {}", lines.join(", ")));
    }
}

/// Which weakness it is, with the harmless text that both versions take.
fn weakness(story: &mut Story, finding: &Finding, exposure: &Exposure) {
    story.section("What is exposed");
    story.text(&words::cwe(exposure.cwe));
    story.text(&format!("https://cwe.mitre.org/data/definitions/{}.html", exposure.cwe));
    for arrival in &finding.example.head.arrivals {
        story.text(&format!("{}: {}", arrival.at, arrival.parts.join("  ")));
    }
}

fn how_sure(story: &mut Story, finding: &Finding, evidence: &FunctionEvidence) {
    story.section("How sure it is");
    if !finding.replays.is_empty() {
        story.text(&format!("replayed {}", finding.replays.trim_start_matches("replayed ")));
    }
    if finding.kind == FindingKind::Suspicious {
        // The other inputs were not held against what it says.
    } else if evidence.inputs == 1 {
        story.text("the only input that was tried showed it");
    } else {
        story.text(&format!(
            "{} of {} showed it; base returned normally on {} of them all",
            words::thousands(finding.shown_by),
            words::count(evidence.inputs, "input"),
            words::thousands(evidence.useful_inputs)
        ));
    }
    let share = |story: &mut Story, reached: Option<(u32, u32)>, noun: &str, rest: &str| {
        if let Some((reached, all)) = reached {
            let part = words::part(Share { reached, all }, noun);
            story.text(&format!("{part} {rest}"));
        }
    };
    share(story, evidence.branches, "branch", "of the function reached");
    share(story, evidence.changed_lines, "changed line", "reached");
    share(story, evidence.faults, "injected fault", "noticed");
    evidence
        .notes
        .iter()
        .for_each(|note| story.text(&format!("note: {note}")));
}

fn base_side(finding: &Finding) -> String {
    if finding.base_returned {
        "the input is one that base is made for: it returned normally".to_owned()
    } else {
        "base did not return normally on this input, so inputs where it does rank before it".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accept, caller_and_called, change, evidence, finding, function, report, returned, seen, way};
    use model::{Effect, Observed, Value, Verification};

    fn told(finding: Finding) -> String {
        let changed = function("cart/delivery.py", "delivery_days", 41);
        let mut seen = seen(0, Verification::Different);
        seen.way = Some(way("cart/shop.py", "Cart.total", &["delivery_days"]));
        seen.findings = vec![finding.clone()];
        let report = report(&change(vec![changed.clone()]), &evidence(vec![seen.clone()]));
        explain(&report, &finding, &changed, &seen)
    }

    #[test]
    fn the_whole_story() {
        insta::assert_snapshot!(told(finding("3f9ac1", FindingKind::NewCrash)));
    }

    #[test]
    fn who_wants_it_so_and_what_it_is_shown_with_is_told() {
        let mut report = caller_and_called();
        let mut of = |id: &str, state| {
            accept(&mut report, id, state);
            let (changed, mut seen) = (function("b.py", "g", 9), seen(0, Verification::Different));
            seen.findings = vec![finding("caller", FindingKind::Changed)];
            explain(&report, &seen.findings[0], &changed, &seen)
        };
        let shown_with = of("none", AcceptanceState::Pending);
        assert!(shown_with.contains("it is shown with called,"), "{shown_with}");
        let pending = of("caller", AcceptanceState::Pending);
        assert!(
            pending.contains("Who wants it so\n  A <a@b>: agreed\n  the change under check adds"),
            "{pending}"
        );
        let accepted = of("caller", AcceptanceState::Accepted);
        assert!(accepted.contains("base has this acceptance"), "{accepted}");
    }

    #[test]
    fn what_is_equal_is_left_out_and_what_differs_is_told() {
        let mut one = finding("3f9ac1", FindingKind::ChangedEffect);
        assert!(!told(one.clone()).contains("Effects"));
        one.example.head.effects.push(Effect {
            kind: "delete".into(),
            detail: "/data".into(),
            refused: true,
        });
        one.example.head.output = "gone\nfor good".into();
        let story = told(one);
        assert!(
            story.contains("Effects\n  was  none\n  now  delete /data (refused by the sandbox)\n"),
            "{story}"
        );
        assert!(
            story.contains("Standard output\n  was  nothing\n  now  gone\n       for good\n"),
            "{story}"
        );
    }

    #[test]
    fn a_result_that_is_the_object_itself_is_called_so() {
        let mut one = finding("3f9ac1", FindingKind::Changed);
        one.example.input.receiver = Some(Value::None);
        one.example.head = returned(Observed::Again(0));
        one.example.head.after = Some(Observed::List(vec![Observed::Object {
            class: "m.Box".to_owned(),
            id: 0,
            items: None,
            state: vec![],
        }]));
        assert!(told(one).contains("  now  returns the object\n"));
    }

    #[test]
    fn secrets_and_control_characters_stay_out() {
        let mut one = finding("3f9ac1", FindingKind::Changed);
        one.example.call = "connect(password='correct horse')".into();
        one.example.head.errors = "\u{1b}[2J".into();
        let story = told(one);
        assert!(!story.contains("horse") && !story.contains('\u{1b}'), "{story}");
    }
}
