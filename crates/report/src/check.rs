//! From a change and its evidence to the published report and the exit code.

use crate::{redact, words};
use model::report::{
    Acceptance, CallReport, CheckReport, ConcernReport, ExampleReport, FindingReport, FunctionReport, SCHEMA, Share,
    Status, TestReport, Verified,
};
use model::{
    CallKind, Change, Concern, Evidence, Example, ExampleCall, Finding, FunctionChange, FunctionEvidence, FunctionKind,
    Observed, Outcome, Reason, Strength, TestEvidence, TestStatus, Unverified, Verification, Way,
};

/// Nothing to act on.
const EXIT_CLEAN: u8 = 0;
/// Something behaves differently.
const EXIT_FINDINGS: u8 = 1;
/// Nothing could be verified, or not all of it where all was asked for.
const EXIT_NOT_VERIFIED: u8 = 3;

/// The published form of a check's result.
///
/// `setup` gives the statements that have to run before a finding's example; only the caller knows the language they are
/// written in. Text that looks like a secret is redacted in all that is returned.
pub fn check_report(
    change: &Change,
    evidence: &Evidence,
    exit: u8,
    seconds: f64,
    cached: bool,
    tool_version: &str,
    setup: &dyn Fn(&Finding) -> Vec<String>,
) -> CheckReport {
    let functions = change
        .functions
        .iter()
        .enumerate()
        .map(|(index, function)| match evidence_of(evidence, index) {
            Some(evidence) => function_report(function, evidence, setup),
            None => without_evidence(function),
        });
    let mut report = CheckReport {
        schema: SCHEMA.to_owned(),
        tool_version: tool_version.to_owned(),
        base: change.base.clone(),
        head: change.head.clone(),
        exit,
        seconds,
        cached,
        interpreter: evidence.interpreter.clone(),
        functions: functions.collect(),
        tests: evidence.tests.iter().map(|test| test_report(test, change)).collect(),
        unverified: change
            .unverified
            .iter()
            .filter(|file| !was_run(file, evidence))
            .cloned()
            .collect(),
        layout_only: change.layout_only.clone(),
        concerns: change.concerns.iter().map(concern_report).collect(),
        missing_layers: evidence.missing_layers.clone(),
        not_frozen: evidence.not_frozen.clone(),
        notes: evidence.notes.clone(),
        verified: Verified::default(),
        intent: None,
    };
    report.verified = crate::verified::of(&report.functions);
    redact::report(&mut report);
    report
}

/// Marks the findings that were accepted; `of` knows by the id.
pub fn mark_accepted(report: &mut CheckReport, of: &dyn Fn(&str) -> Option<Acceptance>) {
    let redacted = |acceptance: Acceptance| Acceptance {
        reason: redact::text(&acceptance.reason).into_owned(),
        ..acceptance
    };
    for finding in report.functions.iter_mut().flat_map(|function| &mut function.findings) {
        finding.acceptance = of(&finding.id).map(redacted);
    }
    for concern in &mut report.concerns {
        concern.acceptance = of(&concern.id).map(redacted);
    }
}

/// The exit code of a check: 1 with any finding that `accepted` does not know by its id; 3 where code changed and nothing of it could be verified, or, with
/// `require_verified`, where anything that counts was not; 0 otherwise.
///
/// Where functions and classes changed themselves that base has, too, the verdict rests on them: that a new helper runs, that an
/// import leaves the same data behind, or that a caller does the same, says nothing about them.
pub fn exit_code(evidence: &Evidence, change: &Change, accepted: &dyn Fn(&str) -> bool, require_verified: bool) -> u8 {
    let statuses: Vec<Status> = (0..change.functions.len())
        .map(|index| evidence_of(evidence, index).map_or(Status::NotVerified, |evidence| known(evidence).status))
        .collect();
    let mut findings = evidence.functions.iter().flat_map(|function| &function.findings);
    let concerned = change.concerns.iter().any(|concern| !accepted(&concern.id));
    if concerned
        || findings.any(|finding| !accepted(&finding.id))
        || evidence.tests.iter().any(|test| test.status.is_finding())
    {
        return EXIT_FINDINGS;
    }
    let files = |least: Weight| change.unverified.iter().any(|file| weight(file) >= least);
    let open_functions = statuses.contains(&Status::NotVerified);
    if require_verified && (open_functions || files(Weight::Matter)) {
        return EXIT_NOT_VERIFIED;
    }
    let known = |status: &Status| !matches!(status, Status::NotVerified | Status::Removed);
    let edited = change.functions.iter().zip(&statuses).filter(|(function, status)| {
        let own = |reason: &Reason| !matches!(reason, Reason::Dependency(_));
        function.kind != FunctionKind::Module
            && !matches!(status, Status::Removed)
            && !function.is_added()
            && function.reasons.iter().any(own)
    });
    let edited: Vec<&Status> = edited.map(|(_, status)| status).collect();
    let verified = if edited.is_empty() {
        statuses.iter().any(known)
    } else {
        edited.into_iter().any(known)
    };
    if !verified && (open_functions || files(Weight::Code)) {
        EXIT_NOT_VERIFIED
    } else {
        EXIT_CLEAN
    }
}

/// How much an unverified file weighs in the exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Documentation, tests, type stubs, settings of tools: the program behaves as before whatever they say.
    None,
    /// Data, templates, pins, what the configuration leaves out: the program may behave differently, but there was no
    /// code that could have been run.
    Matter,
    /// Code that was not understood or not run.
    Code,
}

/// Beginnings of reasons that the change stage gives, with their weight.
const WEIGHTS: [(&str, Weight); 10] = [
    ("documentation", Weight::None),
    ("test", Weight::None),
    ("type stub", Weight::None),
    ("configuration of tools", Weight::None),
    ("data", Weight::Matter),
    ("template", Weight::Matter),
    ("dependency pin", Weight::Matter),
    ("binary", Weight::Matter),
    ("not python source", Weight::Matter),
    ("left out", Weight::Matter),
];

/// A reason that is not known counts as code, which is the careful side.
fn weight(file: &Unverified) -> Weight {
    let reason = file.reason.to_lowercase();
    let known = WEIGHTS.iter().find(|(beginning, _)| reason.starts_with(beginning));
    known.map_or(Weight::Code, |(_, weight)| *weight)
}

/// The evidence about the function at `index` of the change. Asked for by index, since a budget may leave some out.
fn evidence_of(evidence: &Evidence, index: usize) -> Option<&FunctionEvidence> {
    evidence.functions.iter().find(|function| function.function == index)
}

/// A status with what belongs to it.
struct Known {
    status: Status,
    strength: Option<Strength>,
    reason: Option<String>,
}

impl Known {
    fn plain(status: Status) -> Self {
        Self {
            status,
            strength: None,
            reason: None,
        }
    }

    fn not_verified(reason: &str) -> Self {
        Self {
            status: Status::NotVerified,
            strength: None,
            reason: Some(reason.to_owned()),
        }
    }
}

/// What may be said about a function. Evidence that rests on nothing is not verified, whatever it calls itself: "not
/// verified" is never shown as a pass.
fn known(evidence: &FunctionEvidence) -> Known {
    if let Some(gravest) = evidence.findings.iter().min_by_key(|finding| gravity(finding)) {
        return Known::plain(words::status_of(gravest.kind));
    }
    match &evidence.verification {
        Verification::Different => {
            Known::not_verified("a difference was seen, but no example of it could be shown again")
        }
        Verification::Same(strength) if *strength != Strength::Proved && evidence.inputs == 0 => {
            Known::not_verified("it was not run on any input")
        }
        Verification::Same(strength) => Known {
            strength: Some(*strength),
            ..Known::plain(Status::Same)
        },
        Verification::New if evidence.inputs == 0 && evidence.examples.is_empty() => {
            Known::not_verified("it is new and was not run on any input")
        }
        Verification::New => Known::plain(Status::New),
        Verification::Removed => Known::plain(Status::Removed),
        Verification::NotVerified(reason) if reason.trim().is_empty() => Known::not_verified("no reason was recorded"),
        Verification::NotVerified(reason) => Known::not_verified(reason),
    }
}

/// The order of findings.
fn gravity(finding: &Finding) -> (bool, model::FindingKind) {
    (finding.minor, finding.kind)
}

fn function_report(
    function: &FunctionChange,
    evidence: &FunctionEvidence,
    setup: &dyn Fn(&Finding) -> Vec<String>,
) -> FunctionReport {
    let known = known(evidence);
    let mut findings: Vec<&Finding> = evidence.findings.iter().collect();
    findings.sort_by_key(|finding| gravity(finding));
    FunctionReport {
        path: function.path.clone(),
        qualified_name: function.qualified_name.clone(),
        line: function.line,
        status: known.status,
        strength: known.strength,
        reason: known.reason,
        changed_because: words::reasons(function),
        called_through: evidence.way.as_ref().and_then(|way| called_through(function, way)),
        inputs: evidence.inputs,
        useful_inputs: evidence.useful_inputs,
        branches_reached: evidence.branches.map(share),
        changed_lines_reached: evidence.changed_lines.map(share),
        faults_noticed: evidence.faults.map(share),
        findings: findings
            .into_iter()
            .map(|finding| finding_report(finding, setup(finding)))
            .collect(),
        examples: evidence.examples.iter().map(call_report).collect(),
        new_parameters: evidence.new_parameters.clone(),
        notes: evidence.notes.clone(),
    }
}

fn without_evidence(function: &FunctionChange) -> FunctionReport {
    let nothing = FunctionEvidence {
        function: 0,
        verification: Verification::NotVerified("no evidence was gathered for it".to_owned()),
        findings: Vec::new(),
        way: None,
        inputs: 0,
        useful_inputs: 0,
        branches: None,
        changed_lines: None,
        faults: None,
        examples: Vec::new(),
        new_parameters: Vec::new(),
        notes: Vec::new(),
    };
    function_report(function, &nothing, &|_| Vec::new())
}

/// What was called, where it is not the function itself.
fn called_through(function: &FunctionChange, way: &Way) -> Option<String> {
    let (target, own) = (&way.target.qualified_name, &function.qualified_name);
    // A constructor and a setter have no other call.
    let by_its_class = own
        .strip_prefix(target.as_str())
        .is_some_and(|rest| [".__init__", ".__new__", ".__post_init__", ".setter"].contains(&rest));
    let itself = way.target.path == function.path && (target == own || by_its_class);
    (!itself).then(|| words::target(&way.target))
}

fn concern_report(concern: &Concern) -> ConcernReport {
    ConcernReport {
        id: concern.id.clone(),
        kind: concern.kind,
        cwe: concern.cwe,
        path: concern.path.clone(),
        line: concern.line,
        function: concern.function.clone(),
        text: concern.text.clone(),
        acceptance: None,
    }
}

fn finding_report(finding: &Finding, setup: Vec<String>) -> FindingReport {
    FindingReport {
        id: finding.id.clone(),
        kind: finding.kind,
        minor: finding.minor,
        names: differing_names(&finding.example),
        cwe: finding.exposure.as_ref().map(|exposure| exposure.cwe),
        example: ExampleReport {
            call: finding.example.call.clone(),
            setup,
            base: finding.example.base_text.clone(),
            head: finding.example.head_text.clone(),
            aspect: finding.example.aspect.clone(),
        },
        cause: finding.cause.clone(),
        cause_place: finding.cause_place.clone(),
        acceptance: None,
        declared: None,
        shown_with: None,
    }
}

/// For a module that imports in both versions: its names that stand for other values in head, or are gone.
fn differing_names(example: &Example) -> Vec<String> {
    let globals = (&example.base.outcome, &example.head.outcome);
    let (Outcome::Returned(Observed::Dict(base)), Outcome::Returned(Observed::Dict(head))) = globals else {
        return Vec::new();
    };
    if example.target.call != CallKind::Module {
        return Vec::new();
    }
    let differing = base.iter().filter(|pair| !head.contains(pair));
    differing
        .filter_map(|(name, _)| name.as_str().map(str::to_owned))
        .collect()
}

/// Whether a file of tests was run after all.
fn was_run(file: &Unverified, evidence: &Evidence) -> bool {
    let tests = evidence.tests.iter().filter(|test| test.path == file.path);
    file.reason.starts_with("test") && tests.clone().any(|test| test.status != TestStatus::NotRun)
}

fn test_report(test: &TestEvidence, change: &Change) -> TestReport {
    let name = |at: &usize| {
        let function = change.functions.get(*at)?;
        Some(format!("{}::{}", function.path, function.qualified_name))
    };
    TestReport {
        path: test.path.clone(),
        name: test.name.clone(),
        status: test.status,
        text: test.text.clone(),
        place: test.place.clone(),
        mentions: test.mentions.iter().filter_map(name).collect(),
        before: test.before.clone(),
        after: test.after.clone(),
    }
}

fn call_report(example: &ExampleCall) -> CallReport {
    CallReport {
        setup: example.setup.clone(),
        call: example.call.clone(),
        outcome: example.outcome.clone(),
        beside: example.beside.clone(),
    }
}

fn share((reached, all): (u32, u32)) -> Share {
    Share { reached, all }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{change, evidence, finding, function, seen, unverified};
    use model::FindingKind;

    fn exit(seen: Vec<FunctionEvidence>, files: &[&str], strict: bool) -> u8 {
        let functions = seen.iter().map(|_| function("a.py", "f", 1)).collect();
        let mut change = change(functions);
        change.unverified = files.iter().map(|reason| unverified("x", reason)).collect();
        exit_code(&evidence(seen), &change, &|_| false, strict)
    }

    fn open() -> Verification {
        Verification::NotVerified("needs a socket".to_owned())
    }

    #[test]
    fn a_finding_outranks_everything() {
        let mut different = seen(0, Verification::Different);
        different.findings.push(finding("f1", FindingKind::Slower));
        assert_eq!(exit(vec![different, seen(1, open())], &[], true), 1);
    }

    #[test]
    fn a_broken_test_and_one_changed_to_fit_are_findings_and_a_flaky_one_is_not() {
        let code = |status: TestStatus| {
            let mut evidence = evidence(vec![seen(0, Verification::Same(Strength::Weak))]);
            evidence.tests = vec![TestEvidence {
                path: "test_a.py".to_owned(),
                name: "test_it".to_owned(),
                status,
                text: "assert 1 == 2".to_owned(),
                place: None,
                mentions: vec![0],
                before: None,
                after: None,
            }];
            exit_code(&evidence, &change(vec![function("a.py", "f", 1)]), &|_| false, true)
        };
        assert_eq!((code(TestStatus::Broken), code(TestStatus::ChangedToFit)), (1, 1));
        for quiet in [
            TestStatus::Flaky,
            TestStatus::FailedBeforeToo,
            TestStatus::NotRun,
            TestStatus::Passed,
        ] {
            assert_eq!(code(quiet), 0, "{quiet:?}");
        }
    }

    #[test]
    fn an_accepted_finding_counts_no_more_and_hides_no_other() {
        let mut different = seen(0, Verification::Different);
        different.findings = vec![finding("f1", FindingKind::Changed), finding("f2", FindingKind::Changed)];
        let (change, evidence) = (change(vec![function("a.py", "f", 1)]), evidence(vec![different]));
        let code = |accepted: &[&str]| exit_code(&evidence, &change, &|id| accepted.contains(&id), true);
        assert_eq!((code(&["f1"]), code(&["f1", "f2"])), (1, 0));
    }

    #[test]
    fn nothing_changed_is_clean() {
        assert_eq!(exit(vec![], &[], true), 0);
    }

    #[test]
    fn nothing_verified_is_three_and_a_part_is_enough() {
        assert_eq!(exit(vec![seen(0, open())], &[], false), 3);
        let same = seen(1, Verification::Same(Strength::Weak));
        assert_eq!(exit(vec![seen(0, open()), same.clone()], &[], false), 0);
        assert_eq!(exit(vec![seen(0, open()), same], &[], true), 3);
    }

    #[test]
    fn a_new_helper_or_an_import_does_not_verify_what_was_edited() {
        let new = FunctionChange {
            base_line: None,
            reasons: vec![model::Reason::Added],
            ..function("a.py", "helper", 9)
        };
        let module = FunctionChange {
            kind: FunctionKind::Module,
            ..function("a.py", "<module>", 1)
        };
        let same = Verification::Same(Strength::Weak);
        let known = vec![seen(1, Verification::New), seen(2, same.clone())];
        let code = |first: Verification| {
            let mut all = vec![seen(0, first)];
            all.extend(known.clone());
            let change = change(vec![function("a.py", "f", 1), new.clone(), module.clone()]);
            exit_code(&evidence(all), &change, &|_| false, false)
        };
        assert_eq!((code(open()), code(same.clone())), (3, 0));
        let alone = change(vec![new.clone(), module.clone()]);
        let evidence = evidence(vec![seen(0, Verification::New), seen(1, same.clone())]);
        assert_eq!(exit_code(&evidence, &alone, &|_| false, false), 0);
    }

    #[test]
    fn a_removal_verifies_nothing_and_hides_nothing() {
        assert_eq!(exit(vec![seen(0, Verification::Removed)], &[], true), 0);
        assert_eq!(
            exit(vec![seen(0, Verification::Removed), seen(1, open())], &[], false),
            3
        );
    }

    #[test]
    fn files_count_by_what_they_are() {
        for (reason, usual, strict) in [
            ("documentation", 0, 0),
            ("test code", 0, 0),
            ("data file", 0, 3),
            ("template", 0, 3),
            ("dependency pins", 0, 3),
            ("configuration of tools", 0, 0),
            ("left out by counterproof.toml", 0, 3),
            ("another language: JavaScript", 3, 3),
            ("syntax error in head, line 3: expected an expression", 3, 3),
        ] {
            assert_eq!(exit(vec![], &[reason], false), usual, "{reason}");
            assert_eq!(exit(vec![], &[reason], true), strict, "{reason}, all required");
        }
    }

    #[test]
    fn a_claim_that_rests_on_nothing_is_not_verified() {
        for claim in [
            Verification::Same(Strength::Weak),
            Verification::New,
            Verification::Different,
        ] {
            let empty = FunctionEvidence {
                inputs: 0,
                ..seen(0, claim)
            };
            let report = check_report(
                &change(vec![function("a.py", "f", 1)]),
                &evidence(vec![empty]),
                3,
                0.1,
                false,
                "0",
                &|_| vec![],
            );
            assert_eq!(report.functions[0].status, Status::NotVerified);
            assert!(report.functions[0].reason.is_some());
        }
    }

    #[test]
    fn a_function_without_evidence_is_not_verified() {
        let change = change(vec![function("a.py", "f", 1)]);
        assert_eq!(exit_code(&evidence(vec![]), &change, &|_| false, false), 3);
        let report = check_report(&change, &evidence(vec![]), 3, 0.1, false, "0", &|_| vec![]);
        assert_eq!(report.functions[0].status, Status::NotVerified);
    }

    #[test]
    fn status_is_the_gravest_finding_and_findings_are_sorted() {
        let mut different = seen(0, Verification::Different);
        let crash = finding("f2", FindingKind::NewCrash);
        let minor = Finding {
            minor: true,
            ..finding("f0", FindingKind::NewCrash)
        };
        different.findings = vec![minor.clone(), finding("f1", FindingKind::Slower), crash];
        let report = check_report(
            &change(vec![function("a.py", "f", 1)]),
            &evidence(vec![different]),
            1,
            0.1,
            false,
            "0",
            &|one| vec![format!("# {}", one.id)],
        );
        let function = &report.functions[0];
        assert_eq!(function.status, Status::NewCrash);
        assert_eq!(function.findings[0].id, "f2");
        assert_eq!(function.findings[0].example.setup, ["# f2"]);
        assert_eq!(function.findings[2].id, "f0");
        let mut different = seen(0, Verification::Different);
        different.findings = vec![minor, finding("f1", FindingKind::Slower)];
        assert_eq!(known(&different).status, Status::Slower);
    }

    #[test]
    fn secrets_do_not_reach_the_report() {
        let mut different = seen(0, Verification::Different);
        let mut one = finding("f1", FindingKind::Changed);
        one.example.call = "connect(password='correct horse')".to_owned();
        different.findings = vec![one];
        let report = check_report(
            &change(vec![function("a.py", "f", 1)]),
            &evidence(vec![different]),
            1,
            0.1,
            false,
            "0",
            &|_| vec![],
        );
        assert!(!crate::json::text(&report).contains("horse"));
    }
}
