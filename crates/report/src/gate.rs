//! A verdict: for people, for programs, and for a pull request.

use std::fmt::Write;

use model::gate_input::{GateInput, Stage};
use model::{RuleResult, RuleState, Ruling, Verdict};

use crate::terminal::{TerminalOptions, cut, safe};
use crate::{json, redact};

/// Characters of a digest or an id that are shown.
const DIGEST: usize = 12;
/// Characters of one text in Markdown.
const MARKDOWN: usize = 1_000;
/// Marks of the comment that is kept up to date on a pull request: whoever posts it looks for the line.
pub const MARK: &str = "<!-- counterproof:gate -->";

/// As indented JSON, ended by a newline.
pub fn json(verdict: &Verdict) -> String {
    redact::text(&json::written(verdict)).into_owned()
}

/// The JSON Schema of a verdict, as published in `schemas/verdict.schema.json`.
pub fn schema() -> String {
    json::written(&schemars::schema_for!(Verdict))
}

/// The whole input of a verdict, as indented JSON.
pub fn input_json(input: &GateInput) -> String {
    json::written(input)
}

/// The JSON Schema of the input, as published in `schemas/gate-input.schema.json`.
pub fn input_schema() -> String {
    json::written(&schemars::schema_for!(GateInput))
}

fn mark(state: RuleState) -> &'static str {
    match state {
        RuleState::NotApplicable => "·",
        RuleState::Satisfied => "✓",
        RuleState::Told | RuleState::Overridden => "~",
        RuleState::Missing => "!",
        RuleState::Unavailable => "?",
        RuleState::Violated => "✗",
    }
}

fn tone(state: RuleState) -> &'static str {
    match state {
        RuleState::NotApplicable => "\u{1b}[2m",
        RuleState::Satisfied => "\u{1b}[32m",
        RuleState::Told | RuleState::Overridden | RuleState::Missing | RuleState::Unavailable => "\u{1b}[33m",
        RuleState::Violated => "\u{1b}[31m",
    }
}

fn short(digest: &str) -> String {
    let (kind, rest) = digest.split_once(':').map_or(("", digest), |(kind, rest)| (kind, rest));
    let rest: String = rest.chars().take(DIGEST).collect();
    if kind.is_empty() {
        rest
    } else {
        format!("{kind}:{rest}")
    }
}

/// The first line: the answer, and what it is about.
fn headline(verdict: &Verdict) -> String {
    let subject = &verdict.subject;
    let mut parts = vec![match verdict.stage {
        Stage::Merge => {
            let tree = subject
                .tree
                .as_deref()
                .map_or_else(|| "no tree".to_owned(), |tree| format!("tree {}", short(tree)));
            format!("merge of {tree}")
        }
        Stage::Deploy => format!(
            "deployment of {} to {}: {}",
            safe(subject.service.as_deref().unwrap_or("?")),
            safe(subject.environment.as_deref().unwrap_or("?")),
            short(subject.artifact.as_deref().unwrap_or("?"))
        ),
    }];
    parts.extend(verdict.tier.map(|tier| format!("tier {tier}")));
    parts.extend(verdict.risk.as_ref().map(|risk| format!("risk {:.2}", risk.score)));
    parts.join(" · ")
}

/// For a person: what stands against it first. `verbose` shows the rules that are not about this, too, and each term of the risk.
pub fn terminal(verdict: &Verdict, options: &TerminalOptions) -> String {
    let mut text = String::new();
    let paint = |text: &str, tone: &str| match options.color {
        true => format!("{tone}{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let ruling = match verdict.ruling {
        Ruling::Pass => paint("pass", "\u{1b}[1;32m"),
        Ruling::Hold => paint("hold", "\u{1b}[1;33m"),
        Ruling::Block => paint("block", "\u{1b}[1;31m"),
    };
    let _ = writeln!(text, "{ruling}: {}\n", headline(verdict));
    let shown = |result: &&RuleResult| options.verbose || result.state != RuleState::NotApplicable;
    for result in verdict.rules.iter().filter(shown) {
        let of = result
            .framework
            .as_ref()
            .map_or(String::new(), |framework| format!(" [{}]", safe(framework)));
        let _ = writeln!(
            text,
            "  {} {}{of}: {}",
            paint(mark(result.state), tone(result.state)),
            safe(&result.rule),
            safe(&result.text)
        );
        for give in &result.give {
            let _ = writeln!(text, "      → {}", safe(give));
        }
        if options.verbose && !result.evidence.is_empty() {
            let on: Vec<String> = result.evidence.iter().map(|one| safe(&short(one))).collect();
            let _ = writeln!(text, "      rests on {}", on.join(", "));
        }
    }
    if let Some(risk) = verdict.risk.as_ref().filter(|_| options.verbose) {
        let fitted = risk.calibrated_on.map_or_else(
            || "weights of the default policy".to_owned(),
            |changes| format!("weights fitted to {changes} past changes"),
        );
        let _ = writeln!(text, "\n  risk {:.3}, {fitted}", risk.score);
        for term in &risk.terms {
            let _ = writeln!(text, "      {:+.2}  {}: {}", term.adds, term.name, safe(&term.value));
        }
    }
    if !verdict.notes.is_empty() {
        text.push('\n');
        verdict.notes.iter().for_each(|note| {
            let _ = writeln!(text, "  {}", safe(note));
        });
    }
    let _ = writeln!(
        text,
        "\n  policy {} ({}) · input {}",
        safe(&verdict.policy.source),
        short(&verdict.policy.digest),
        short(&verdict.input)
    );
    redact::text(&text).into_owned()
}

/// For a pull request: begins with [`MARK`], so that there is one comment, kept up to date.
pub fn markdown(verdict: &Verdict) -> String {
    let mut text = format!(
        "{MARK}\n### Counterproof: {} — {}\n\n",
        verdict.ruling.word(),
        code(&headline(verdict))
    );
    let open: Vec<&RuleResult> = verdict
        .rules
        .iter()
        .filter(|result| result.state.ruling() != Ruling::Pass)
        .collect();
    if !open.is_empty() {
        text.push_str("| | rule | why | who can give it |\n| --- | --- | --- | --- |\n");
    }
    for result in open {
        let give: Vec<String> = result.give.iter().map(|give| code(give)).collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            mark(result.state),
            code(&result.rule),
            code(&result.text),
            give.join("<br>")
        );
    }
    let others = verdict
        .rules
        .iter()
        .filter(|result| !matches!(result.state, RuleState::NotApplicable) && result.state.ruling() == Ruling::Pass);
    text.push_str("\n<details><summary>Rules that are satisfied</summary>\n\n");
    for result in others {
        let _ = writeln!(
            text,
            "- {} {}: {}",
            mark(result.state),
            code(&result.rule),
            code(&result.text)
        );
    }
    text.push_str("\n</details>\n");
    for note in &verdict.notes {
        let _ = writeln!(text, "\n{}", code(note));
    }
    let _ = writeln!(
        text,
        "\npolicy {} · input {}",
        code(&format!("{} {}", verdict.policy.source, short(&verdict.policy.digest))),
        code(&short(&verdict.input))
    );
    redact::text(&text).into_owned()
}

/// A code span, in which nothing becomes markup, a link or a mention; fit for a cell of a table.
fn code(text: &str) -> String {
    let text = cut(&safe(text), MARKDOWN).replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}

/// As workflow commands, which GitHub shows as annotations: an error for a block, a warning for a hold.
pub fn github(verdict: &Verdict) -> String {
    let data = |text: &str| safe(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut text = String::new();
    for result in verdict
        .rules
        .iter()
        .filter(|result| result.state.ruling() != Ruling::Pass)
    {
        let level = if result.state == RuleState::Violated {
            "error"
        } else {
            "warning"
        };
        let give = if result.give.is_empty() {
            String::new()
        } else {
            format!(" → {}", result.give.join("; "))
        };
        let _ = writeln!(
            text,
            "::{level} title={}::{}{}",
            property(&result.rule),
            data(&result.text),
            data(&give)
        );
    }
    let _ = writeln!(
        text,
        "::notice title=gate::{}: {}",
        verdict.ruling.word(),
        data(&headline(verdict))
    );
    redact::text(&text).into_owned()
}
