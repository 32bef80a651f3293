//! Rules over what was seen when the change was checked.

use model::FindingKind;
use model::gate_input::{EvidenceFacts, FileKind, FindingFacts};

use super::review::approved_by_owners;
use super::{Answer, Asked};
use crate::words::{count, some};

/// How many findings are named in a sentence.
const NAMED: usize = 3;
/// Share of changed functions that may be not verified where a rule does not say.
const SHARE: f64 = 0.5;

const RUN: &str = "let CI run `counterproof gate merge`, which makes and signs it";

/// The evidence that counts, or the answer that there is none.
fn counting<'a>(asked: &Asked<'a>) -> Result<&'a EvidenceFacts, Answer> {
    asked.evidence().ok_or_else(|| {
        let others = &asked.input.evidence;
        let text = match others.first() {
            None => "there is no evidence about this tree".to_owned(),
            Some(other) => format!(
                "the evidence of {} does not count: {}",
                other.made_by,
                other.why_not.as_deref().unwrap_or("the policy does not say so")
            ),
        };
        Answer::unavailable(text)
            .resting_on(others.iter().map(|other| other.digest.clone()))
            .give(RUN)
    })
}

macro_rules! counting {
    ($asked:expr) => {
        match counting($asked) {
            Ok(evidence) => evidence,
            Err(answer) => return answer,
        }
    };
}

pub(super) fn mergeable(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return Answer::unavailable("it is not known what the change is");
    };
    if !change.conflicts.is_empty() || change.tree.is_none() {
        return Answer::not(format!(
            "it cannot be merged into {}: both changed {}",
            change.target,
            some(&change.conflicts, NAMED)
        ))
        .give("merge the target into the change and resolve the conflicts");
    }
    if let Some(why) = &change.broken_policy {
        return Answer::not(format!("the policy that it brings could judge nothing: {why}"))
            .give("mend counterproof.toml in the change");
    }
    Answer::satisfied(format!("it can be merged into {}", change.target)).resting_on(change.tree.clone())
}

pub(super) fn there(asked: &Asked<'_>) -> Answer {
    let evidence = counting!(asked);
    let mut text = format!("made by {}", evidence.made_by);
    if !evidence.missing_layers.is_empty() {
        text = format!("{text}, without {} of the sandbox", evidence.missing_layers.join(", "));
    }
    if let Some(carried) = &evidence.carried {
        text = format!("{text}: {carried}");
    }
    Answer::satisfied(text).resting_on([evidence.digest.clone()])
}

/// Findings of some kinds that are not accepted.
fn open<'a>(
    asked: &Asked<'_>,
    evidence: &'a EvidenceFacts,
    is_meant: impl Fn(&FindingFacts) -> bool,
) -> (Vec<&'a FindingFacts>, Vec<String>) {
    let (mut open, mut accepted) = (Vec::new(), Vec::new());
    for finding in evidence.findings.iter().filter(|finding| is_meant(finding)) {
        let path = finding.function.split("::").next().unwrap_or_default();
        if finding.accepted {
            accepted.push(format!("{} (accepted on the target branch)", finding.id));
        } else if let Some(owner) = finding.pending.then(|| approved_by_owners(asked, path)).flatten() {
            accepted.push(format!("{} (accepted in the change, approved by {owner})", finding.id));
        } else {
            open.push(finding);
        }
    }
    (open, accepted)
}

fn no_findings(asked: &Asked<'_>, what: &str, many: &str, is_meant: impl Fn(&FindingFacts) -> bool) -> Answer {
    let evidence = counting!(asked);
    let (open, accepted) = open(asked, evidence, is_meant);
    if open.is_empty() {
        let text = match accepted.len() {
            0 => format!("no {what} was found"),
            number => format!("no {what} but {number} accepted"),
        };
        return Answer::satisfied(text).resting_on(std::iter::once(evidence.digest.clone()).chain(accepted));
    }
    let named: Vec<String> = open
        .iter()
        .map(|finding| format!("{} {}", finding.function, finding.text))
        .collect();
    let pending = open.iter().filter(|finding| finding.pending).count();
    let mut answer = Answer::not(format!("{}: {}", count(open.len(), what, many), some(&named, NAMED)))
        .resting_on(open.iter().map(|finding| finding.id.clone()))
        .give("mend it, or `counterproof accept ID --reason …` on the target branch");
    if pending > 0 {
        answer = answer.give(format!(
            "{pending} accepted in the change itself: an owner of the code approves that with `counterproof approve`"
        ));
    }
    answer
}

pub(super) fn regressions(asked: &Asked<'_>) -> Answer {
    let minor = asked.rule.minor;
    no_findings(
        asked,
        "difference in behaviour",
        "differences in behaviour",
        |finding| finding.kind != FindingKind::NewExposure && (minor || !finding.minor),
    )
}

pub(super) fn exposures(asked: &Asked<'_>) -> Answer {
    no_findings(asked, "new exposure", "new exposures", |finding| {
        finding.kind == FindingKind::NewExposure
    })
}

pub(super) fn concerns(asked: &Asked<'_>) -> Answer {
    let evidence = counting!(asked);
    if evidence.concerns.is_empty() {
        return Answer::satisfied("nothing of that sort").resting_on([evidence.digest.clone()]);
    }
    let named: Vec<String> = evidence
        .concerns
        .iter()
        .map(|concern| {
            format!(
                "{}:{} {} (CWE-{})",
                concern.path, concern.line, concern.text, concern.cwe
            )
        })
        .collect();
    Answer::not(some(&named, NAMED))
        .resting_on(evidence.concerns.iter().map(|concern| concern.id.clone()))
        .give("mend it, or `counterproof accept ID --reason …` on the target branch")
}

pub(super) fn verified_share(asked: &Asked<'_>) -> Answer {
    let evidence = counting!(asked);
    let files = u32::try_from(evidence.unverified_files.len()).unwrap_or(u32::MAX);
    let (not, all) = (
        evidence.functions.not_verified + files,
        evidence.functions.all() + files,
    );
    if all == 0 {
        return Answer::satisfied("nothing that changed can be run").resting_on([evidence.digest.clone()]);
    }
    let most = asked.rule.share.unwrap_or(SHARE);
    let share = f64::from(not) / f64::from(all);
    let mut why = evidence.unverified_reasons.clone();
    why.extend(evidence.unverified_files.iter().cloned());
    let text = format!(
        "{not} of {all} changed functions and files are not verified ({:.0} %)",
        share * 100.0
    );
    if share <= most {
        return Answer::satisfied(text).resting_on([evidence.digest.clone()]);
    }
    Answer::not(format!(
        "{text}, more than {:.0} %: {}",
        most * 100.0,
        some(&why, NAMED)
    ))
    .resting_on([evidence.digest.clone()])
    .give("`counterproof doctor` tells what stands between the project and a check of it")
}

fn no_tests(asked: &Asked<'_>, tests: impl Fn(&EvidenceFacts) -> &[String], what: &str, many: &str) -> Answer {
    let evidence = counting!(asked);
    let tests = tests(evidence);
    if tests.is_empty() {
        let ran = match evidence.passed_tests {
            0 => "there was no test to run".to_owned(),
            number => count(number as usize, "test passed", "tests passed"),
        };
        if evidence.passed_tests == 0 && evidence.tests_not_run > 0 {
            // That nothing failed where nothing ran says nothing.
            return Answer::unavailable(format!(
                "none of {} that may reach the change was run",
                count(evidence.tests_not_run as usize, "test", "tests")
            ))
            .resting_on([evidence.digest.clone()])
            .give("install what the tests need where the gate runs; `counterproof check --verbose` says why they did not run");
        }
        let text = match evidence.tests_not_run {
            0 => ran,
            number => format!("{ran}, {number} were not run"),
        };
        return Answer::satisfied(text).resting_on([evidence.digest.clone()]);
    }
    Answer::not(format!("{}: {}", count(tests.len(), what, many), some(tests, NAMED)))
        .resting_on([evidence.digest.clone()])
        .give("mend the code, or say on the target branch why the test was wrong")
}

pub(super) fn broken_tests(asked: &Asked<'_>) -> Answer {
    no_tests(
        asked,
        |evidence| &evidence.broken_tests,
        "test fails that passed",
        "tests fail that passed",
    )
}

pub(super) fn fitted_tests(asked: &Asked<'_>) -> Answer {
    let (one, many) = (
        "test was changed, and fails as it was",
        "tests were changed, and fail as they were",
    );
    no_tests(asked, |evidence| &evidence.fitted_tests, one, many)
}

pub(super) fn weakened_tests(asked: &Asked<'_>) -> Answer {
    let evidence = counting!(asked);
    match &evidence.weakened_tests {
        None => Answer::unavailable("nobody looked whether tests assert less than they did")
            .resting_on([evidence.digest.clone()]),
        Some(tests) if tests.is_empty() => {
            Answer::satisfied("no test asserts less than it did").resting_on([evidence.digest.clone()])
        }
        Some(tests) => Answer::not(format!(
            "{}: {}",
            count(tests.len(), "weaker test", "weaker tests"),
            some(tests, NAMED)
        ))
        .resting_on([evidence.digest.clone()]),
    }
}

pub(super) fn surviving_mutants(asked: &Asked<'_>) -> Answer {
    let evidence = counting!(asked);
    let Some(mutants) = &evidence.surviving_mutants else {
        return Answer::unavailable("nobody ran mutants of the changed lines").resting_on([evidence.digest.clone()]);
    };
    let most = asked.rule.most.unwrap_or(0) as usize;
    let text = format!(
        "{} of {} mutants on changed lines survive",
        mutants.survivors.len(),
        mutants.all
    );
    if mutants.survivors.len() <= most {
        return Answer::satisfied(text).resting_on([evidence.digest.clone()]);
    }
    Answer::not(format!("{text}, more than {most}: {}", some(&mutants.survivors, NAMED)))
        .resting_on([evidence.digest.clone()])
}

pub(super) fn test_growth(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return Answer::unavailable("it is not known what the change is");
    };
    let added = |kind: FileKind| -> i64 {
        let files = change.files.iter().filter(|file| file.kind == kind);
        files.map(|file| i64::from(file.added) - i64::from(file.removed)).sum()
    };
    let (code, tests) = (added(FileKind::Code), added(FileKind::Test));
    let ratio = asked.rule.ratio.unwrap_or(0.2);
    let text = format!("{code:+} lines of code, {tests:+} of tests");
    if code < i64::from(asked.rule.from_lines.unwrap_or(0)).max(1) {
        return Answer::satisfied(text);
    }
    // What the tests show without being written down counts, too: that is what the evidence is.
    #[expect(clippy::cast_precision_loss, reason = "lines of a change are few")]
    let wanted = code as f64 * ratio;
    #[expect(clippy::cast_precision_loss, reason = "lines of a change are few")]
    if tests as f64 >= wanted {
        return Answer::satisfied(text);
    }
    Answer::not(format!("{text}: at least {wanted:.0} are wanted"))
        .give("`counterproof keep ID` writes examples as tests")
}
