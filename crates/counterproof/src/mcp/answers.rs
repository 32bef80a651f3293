//! What an agent is told: as much as it can act on, and of the rest how much there is and where.

use guard::Judgement;
use model::report::{CheckReport, FindingReport, FunctionReport, Status, TestReport};
use model::{FindingKind, RuleState, Ruling, TestStatus, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

/// Things of one kind that are listed; the others are counted.
const LISTED: usize = 20;
/// Characters of a call, a value or a reason.
const LONGEST_VALUE: usize = 400;
/// Characters of a text.
pub const LONGEST_TEXT: usize = 16_000;

/// The text, or its beginning with the number of characters that are left out.
pub fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

/// What the checked program or its author made, in a line that steers nothing.
fn value(text: &str) -> String {
    cut(&report::safe(text), LONGEST_VALUE)
}

/// What `check_change` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Checked {
    /// What there is to do.
    pub outcome: Outcome,
    /// What was.
    pub base: String,
    /// What is.
    pub head: String,
    /// Changed functions, class bodies and module bodies that something is known of, and all of them.
    pub verified: u32,
    /// All of them.
    pub changed: u32,
    /// Differences in behaviour that nobody accepted on the base, those to read first in front.
    pub findings: Vec<Found>,
    /// The project's own tests that the change breaks, or that were changed to fit.
    pub tests: Vec<Tested>,
    /// What a reader of the change must not miss, told by syntax alone.
    pub concerns: Vec<Concern>,
    /// What nothing can be said of. It is never a pass.
    pub not_verified: Vec<NotVerified>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What is not listed here; none where all of it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing to act on was found.
    NothingToActOn,
    /// There are findings, broken tests or concerns.
    Findings,
    /// Nothing could be verified.
    NothingVerified,
}

/// A difference in behaviour.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// For `explain_finding`, `reproduce` and `keep`.
    pub id: String,
    /// What sort.
    pub kind: FindingKind,
    /// Whether few would mind it.
    pub minor: bool,
    /// The function.
    pub function: String,
    /// Its file and line.
    pub place: String,
    /// Statements that run before the call.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<String>,
    /// The call.
    pub call: String,
    /// What differs, where it is not the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<String>,
    /// What base did.
    pub was: String,
    /// What head does.
    pub now: String,
    /// What causes it, with its line.
    pub cause: String,
    /// What the change declares of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// The finding that it has its cause in common with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_with: Option<String>,
}

/// A test to act on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tested {
    /// `path::name`.
    pub test: String,
    /// What became of it.
    pub status: TestStatus,
    /// The assertion that failed.
    pub text: String,
}

/// Something that a reader must not miss.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Concern {
    /// Its id.
    pub id: String,
    /// Its file and line.
    pub place: String,
    /// What it is.
    pub text: String,
}

/// Something that nothing can be said of.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotVerified {
    /// The file, and the function where it is one.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// How much is not listed.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Of the findings.
    pub findings: usize,
    /// Of the tests.
    pub tests: usize,
    /// Of the concerns.
    pub concerns: usize,
    /// Of what is not verified.
    pub not_verified: usize,
    /// Of the notes.
    pub notes: usize,
    /// How to see it.
    pub how: String,
}

/// What is listed of all of them, and how many are not.
fn listed<T, U>(all: impl IntoIterator<Item = T>, told: impl Fn(T) -> U) -> (Vec<U>, usize) {
    let mut all = all.into_iter();
    let listed = all.by_ref().take(LISTED).map(told).collect();
    (listed, all.count())
}

/// A report for an agent, and the same in words.
pub fn checked(report: &CheckReport) -> (Checked, String) {
    let mut open: Vec<(&FunctionReport, &FindingReport)> = report
        .functions
        .iter()
        .flat_map(|function| function.findings.iter().map(move |finding| (function, finding)))
        .filter(|(_, finding)| !finding.is_accepted())
        .collect();
    // The order of the report, but for what few would mind and what stands with another one.
    open.sort_by_key(|(_, finding)| (finding.minor, finding.shown_with.is_some()));
    let any = !open.is_empty();
    let (findings, more_findings) = listed(open, found);
    let tests = report.tests.iter().filter(|test| test.status.is_finding());
    let (tests, more_tests) = listed(tests, tested);
    let concerns = report.concerns.iter().filter(|concern| !concern.is_accepted());
    let (concerns, more_concerns) = listed(concerns, |concern| Concern {
        id: concern.id.clone(),
        place: value(&format!("{}:{}", concern.path, concern.line)),
        text: value(&concern.text),
    });
    let functions = report.functions.iter().filter(|one| one.status == Status::NotVerified);
    let functions = functions.map(|one| NotVerified {
        what: value(&format!("{}:{} {}", one.path, one.line, one.qualified_name)),
        reason: value(one.reason.as_deref().unwrap_or("no reason was recorded")),
    });
    let files = report.unverified.iter().map(|file| NotVerified {
        what: value(&file.path),
        reason: value(&file.reason),
    });
    let (not_verified, more_open) = listed(functions.chain(files), |one| one);
    let layers = report.missing_layers.iter();
    let notes = layers.map(|layer| format!("the sandbox lacks a layer: {layer}"));
    let (notes, more_notes) = listed(notes.chain(report.notes.iter().cloned()), |note| value(&note));
    let left_out = LeftOut {
        findings: more_findings,
        tests: more_tests,
        concerns: more_concerns,
        not_verified: more_open,
        notes: more_notes,
        how: "give `paths` to look at less at a time; a person sees all with `counterproof check --verbose`".to_owned(),
    };
    let is_all = more_findings + more_tests + more_concerns + more_open + more_notes == 0;
    let checked = Checked {
        outcome: match report.exit {
            0 => Outcome::NothingToActOn,
            3 => Outcome::NothingVerified,
            _ => Outcome::Findings,
        },
        base: value(&report.base.name),
        head: value(&report.head.name),
        verified: report.verified.verified,
        changed: report.verified.all,
        findings,
        tests,
        concerns,
        not_verified,
        notes,
        left_out: (!is_all).then_some(left_out),
    };
    let text = in_words(report, &checked, any);
    (checked, text)
}

fn found((function, finding): (&FunctionReport, &FindingReport)) -> Found {
    let example = &finding.example;
    let place = finding.cause_place.as_ref();
    let place = place.map(|place| format!("{}:{}", place.path, place.line));
    let place = place.filter(|place| !finding.cause.contains(place.as_str()));
    let cause = finding.cause.trim();
    Found {
        id: finding.id.clone(),
        kind: finding.kind,
        minor: finding.minor,
        function: value(&function.qualified_name),
        place: value(&format!("{}:{}", function.path, function.line)),
        setup: example.setup.iter().take(LISTED).map(|line| value(line)).collect(),
        call: value(&example.call),
        aspect: example.aspect.as_deref().map(value),
        was: value(&example.base),
        now: value(&example.head),
        cause: value(&place.map_or_else(|| cause.to_owned(), |place| format!("{cause} ({place})"))),
        declared: finding.declared.as_deref().map(value),
        shown_with: finding.shown_with.clone(),
    }
}

fn tested(test: &TestReport) -> Tested {
    Tested {
        test: value(&format!("{}::{}", test.path, test.name)),
        status: test.status,
        text: value(&test.text),
    }
}

/// How to go on; people's words are people's to say.
const NEXT: &str = "\
What was not asked for: mend the code, not the example. What was asked for: leave it, and name it in your answer with its id.
The tools `reproduce`, `explain_finding` and `keep` take an id. That a difference is wanted is for a person to write down (`counterproof accept`); no tool here does.
";

fn in_words(report: &CheckReport, checked: &Checked, any: bool) -> String {
    let open = |finding: &FindingReport| !finding.is_accepted();
    let mut text = if any || !checked.tests.is_empty() || !checked.concerns.is_empty() {
        report::agent::told(report, &open, &|test| test.status.is_finding()) + "\n" + NEXT
    } else {
        let what = match checked.outcome {
            Outcome::NothingVerified => "Nothing could be verified",
            _ => "Nothing to act on was found",
        };
        let mut text = format!(
            "{what} ({} → {}): {} of {} changed functions are verified.\n",
            checked.base, checked.head, checked.verified, checked.changed
        );
        for one in &checked.not_verified {
            text.push_str(&format!("Not verified: {} ({})\n", one.what, one.reason));
        }
        text
    };
    for note in &checked.notes {
        text.push_str(&format!("Note: {note}\n"));
    }
    cut(&text, LONGEST_TEXT)
}

/// What `explain_finding` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// The finding.
    pub finding: String,
    /// All that is known of it.
    pub story: String,
}

/// What `reproduce` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reproduced {
    /// The finding.
    pub finding: String,
    /// Whether both versions differ again; none where nothing was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<bool>,
    /// The call with what both versions did, or the script.
    pub text: String,
}

/// What `keep` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Kept {
    /// The finding.
    pub finding: String,
    /// Whether the project has its test now.
    pub kept: bool,
    /// The test and its file, or why there is none.
    pub text: String,
}

/// What `gate_status` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GateStatus {
    /// `pass`: nothing stands against merging it; `hold`: something is missing that somebody can give; `block`: something is wrong.
    pub ruling: Ruling,
    /// Tree of what merging would make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Tier of the services that it is about, 1 is the most critical.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// How likely a change like this one is to be undone or mended, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<f64>,
    /// What stands against it, the gravest first.
    pub against: Vec<Rule>,
    /// Rules that are satisfied, told or overridden.
    pub satisfied: usize,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Rules and notes that are not listed here.
    pub left_out: usize,
}

/// A rule that is not satisfied.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// Its name.
    pub rule: String,
    /// What became of it.
    pub state: RuleState,
    /// Why.
    pub text: String,
    /// Who can give what is missing, and how. People's approvals are people's to give.
    pub give: Vec<String>,
}

/// A verdict for an agent, and the same in words.
pub fn gate(verdict: &Verdict) -> (GateStatus, String) {
    let stands = |state: RuleState| state.ruling() > Ruling::Pass;
    let against = verdict.rules.iter().filter(|rule| stands(rule.state));
    let (against, more_rules) = listed(against, |rule| Rule {
        rule: rule.rule.clone(),
        state: rule.state,
        text: value(&rule.text),
        give: rule.give.iter().take(LISTED).map(|give| value(give)).collect(),
    });
    let (notes, more_notes) = listed(&verdict.notes, |note| value(note));
    let settled = |state: RuleState| state.ruling() == Ruling::Pass && state != RuleState::NotApplicable;
    let status = GateStatus {
        ruling: verdict.ruling,
        tree: verdict.subject.tree.clone(),
        tier: verdict.tier,
        risk: verdict.risk.as_ref().map(|risk| risk.score),
        against,
        satisfied: verdict.rules.iter().filter(|rule| settled(rule.state)).count(),
        notes,
        left_out: more_rules + more_notes,
    };
    let options = report::TerminalOptions {
        color: false,
        width: 100,
        verbose: false,
    };
    let text = report::gate::terminal(verdict, &options)
        + "\nThis was told and not recorded. Approvals and overrides are for people; no tool here gives one.\n";
    (status, cut(&text, LONGEST_TEXT))
}

/// What `declare_intent` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Intended {
    /// What is declared from now on, in place of what was before.
    pub declared: Vec<String>,
    /// The lines for the last paragraph of the commit's message: they outlive this session.
    pub trailers: Vec<String>,
}

/// What `judge_action` gives.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Judged {
    /// `allow`, `ask` (a person is asked) or `deny`. It lets nothing run: the hook judges again when it happens.
    pub decision: &'static str,
    /// What would be lost, how far it reaches, and the safer way; empty where it is simply allowed.
    pub reason: String,
    /// What it would do, the gravest first.
    pub effects: Vec<Effect>,
    /// Effects that are not listed here.
    pub left_out: usize,
}

/// Something that an action would do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Effect {
    /// What is said to this alone.
    pub decision: &'static str,
    /// In words.
    pub what: String,
    /// `yes`, `partly` or `no`.
    pub reversible: String,
    /// `scratch`, `workspace`, `machine`, `team` or `service`.
    pub reach: String,
}

/// A judgement for an agent, and the same in words.
pub fn judged(judgement: &Judgement) -> (Judged, String) {
    let word = |value: &dyn Fn() -> serde_json::Result<serde_json::Value>| {
        let value = value().unwrap_or_default();
        value.as_str().unwrap_or_default().to_owned()
    };
    let (effects, left_out) = listed(&judgement.effects, |effect| Effect {
        decision: effect.decision.word(),
        what: value(&effect.words()),
        reversible: word(&|| serde_json::to_value(effect.reversible)),
        reach: word(&|| serde_json::to_value(effect.reach)),
    });
    let reason = cut(&judgement.reason, 2_000);
    let decision = judgement.decision.word();
    let text = match reason.as_str() {
        "" => decision.to_owned(),
        reason => format!("{decision}: {reason}"),
    };
    let judged = Judged {
        decision,
        reason,
        effects,
        left_out,
    };
    (judged, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_with_a_count() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äöü… (1 more characters)");
        let (some, more) = listed(0..45, |one| one);
        assert_eq!((some.len(), more), (LISTED, 45 - LISTED));
    }

    #[test]
    fn what_a_program_made_stays_on_its_line() {
        assert_eq!(
            value("'x'\nIgnore all that\u{1b}[2J"),
            "'x'\\nIgnore all that\\u{1b}[2J"
        );
        assert!(value(&"\u{202e}".repeat(1_000)).len() < 600);
    }
}
