//! Small nouns to test the outputs with.

use model::report::{Acceptance, AcceptanceState, CheckReport};
use model::{
    CallKind, Change, Evidence, Example, ExampleCall, Finding, FindingKind, FunctionChange, FunctionEvidence,
    FunctionKind, Input, Observation, Observed, Outcome, Place, Raised, Reason, Revision, Strength, Target,
    TestEvidence, TestStatus, Unverified, Verification, Way,
};

pub(crate) fn revision(name: &str) -> Revision {
    Revision {
        name: name.to_owned(),
        tree: "0".repeat(40),
        commit: None,
    }
}

pub(crate) fn change(functions: Vec<FunctionChange>) -> Change {
    Change {
        base: revision("main"),
        head: revision("working tree"),
        files: vec![],
        functions,
        unverified: vec![],
        layout_only: vec![],
        concerns: vec![],
    }
}

pub(crate) fn function(path: &str, name: &str, line: u32) -> FunctionChange {
    FunctionChange {
        path: path.to_owned(),
        base_path: None,
        qualified_name: name.to_owned(),
        base_name: None,
        line,
        end_line: line + 4,
        base_line: Some(line),
        base_end_line: Some(line + 4),
        kind: FunctionKind::Function,
        reasons: vec![Reason::Code],
        proved_same: false,
        standalone: None,
        changed_lines: vec![line + 1],
    }
}

pub(crate) fn unverified(path: &str, reason: &str) -> Unverified {
    Unverified {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

/// `number` functions that differ, each for a cause of its own.
pub(crate) fn many_findings(number: usize) -> CheckReport {
    let of = |index: usize| {
        let mut one = seen(index, Verification::Different);
        one.findings = vec![finding(&format!("id{index}"), FindingKind::Changed)];
        one.findings[0].cause_place = None;
        one
    };
    let functions = (0..number).map(|at| function("a.py", &format!("f{at}"), 3)).collect();
    report(&change(functions), &evidence((0..number).map(of).collect()))
}

/// `f` differs, and `g`, which calls it, at the same place for the same cause.
pub(crate) fn caller_and_called() -> CheckReport {
    let different = |index: usize, id: &str| {
        let mut one = seen(index, Verification::Different);
        one.findings = vec![finding(id, FindingKind::Changed)];
        one
    };
    let mut caller = function("b.py", "g", 9);
    caller.reasons = vec![Reason::Dependency("a.py::f".to_owned())];
    let functions = vec![caller, function("a.py", "f", 3)];
    let mut report = report(
        &change(functions),
        &evidence(vec![different(0, "caller"), different(1, "called")]),
    );
    crate::fold(&mut report);
    report
}

/// Marks a finding as accepted.
pub(crate) fn accept(report: &mut CheckReport, id: &str, state: AcceptanceState) {
    let of = |one: &str| {
        (one == id).then(|| Acceptance {
            state,
            reason: "agreed".to_owned(),
            who: "A <a@b>".to_owned(),
        })
    };
    crate::mark_accepted(report, &of);
    crate::fold(report);
}

pub(crate) fn evidence(functions: Vec<FunctionEvidence>) -> Evidence {
    Evidence {
        functions,
        tests: vec![],
        interpreter: Some("CPython 3.11.7".to_owned()),
        missing_layers: vec![],
        not_frozen: vec![],
        notes: vec![],
        child_cpu_seconds: 0.5,
    }
}

/// Evidence of a function that was run well.
pub(crate) fn seen(function: usize, verification: Verification) -> FunctionEvidence {
    FunctionEvidence {
        function,
        verification,
        findings: vec![],
        way: None,
        inputs: 2114,
        useful_inputs: 2000,
        branches: Some((12, 12)),
        changed_lines: Some((3, 3)),
        faults: None,
        examples: vec![],
        new_parameters: vec![],
        notes: vec![],
    }
}

pub(crate) fn target(path: &str, name: &str) -> Target {
    Target {
        path: path.to_owned(),
        module: path.trim_end_matches(".py").replace('/', "."),
        qualified_name: name.to_owned(),
        base_module: None,
        base_name: None,
        call: CallKind::Function,
    }
}

pub(crate) fn way(path: &str, name: &str, through: &[&str]) -> Way {
    Way {
        target: target(path, name),
        through: through.iter().map(|name| (*name).to_owned()).collect(),
        reason: "it calls the changed function".to_owned(),
    }
}

pub(crate) fn returned(value: Observed) -> Observation {
    Observation::of(Outcome::Returned(value))
}

pub(crate) fn raised(class: &str, message: &str) -> Observation {
    let place = Place {
        path: "cart/delivery.py".to_owned(),
        line: 47,
    };
    let raised = Raised {
        class: class.to_owned(),
        bases: vec![],
        message: message.to_owned(),
        place: Some(place),
        depth: 1,
    };
    Observation {
        outcome: Outcome::Raised(raised),
        ..returned(Observed::None)
    }
}

pub(crate) fn finding(id: &str, kind: FindingKind) -> Finding {
    Finding {
        id: id.to_owned(),
        kind,
        example: Example {
            target: target("cart/delivery.py", "delivery_days"),
            input: Input::default(),
            before: vec![],
            base: returned(Observed::Int(1)),
            head: raised("IndexError", "list index out of range"),
            call: "delivery_days(items=[], express=True)".to_owned(),
            base_text: "1".to_owned(),
            head_text: "raises IndexError: list index out of range".to_owned(),
            aspect: None,
        },
        cause: "line 47 now takes the branch `weight >= 30`".to_owned(),
        cause_place: Some(Place {
            path: "cart/delivery.py".to_owned(),
            line: 47,
        }),
        shown_by: 12,
        base_returned: true,
        minor: false,
        replays: "three times in forks of the snapshot and once in a fresh interpreter".to_owned(),
        exposure: None,
    }
}

pub(crate) fn example_call(setup: &[&str], call: &str, outcome: &str) -> ExampleCall {
    ExampleCall {
        setup: setup.iter().map(|line| (*line).to_owned()).collect(),
        call: call.to_owned(),
        outcome: outcome.to_owned(),
        beside: None,
    }
}

pub(crate) fn report(change: &Change, evidence: &Evidence) -> CheckReport {
    let exit = crate::exit_code(evidence, change, &|_| false, false);
    crate::check_report(change, evidence, exit, 1.84, false, "0.1.0", &|_| {
        vec!["from cart.delivery import delivery_days".to_owned()]
    })
}

/// One of each: a finding, a same, a not verified, a new, a removed one, and files.
pub(crate) fn sample_report() -> CheckReport {
    let mut gone = function("cart/old.py", "legacy", 3);
    gone.reasons = vec![Reason::Removed];
    let mut change = change(vec![
        function("cart/delivery.py", "delivery_days", 41),
        function("cart/money.py", "round_half_even", 12),
        function("cart/api.py", "post_order", 88),
        function("cart/new.py", "label", 7),
        gone,
    ]);
    change.unverified = vec![
        unverified("rates.json", "data file"),
        unverified("zones.json", "data file"),
    ];
    change.layout_only = vec!["cart/util.py".to_owned()];
    let mut different = seen(0, Verification::Different);
    different.findings = vec![finding("3f9ac1", FindingKind::NewCrash)];
    let mut fresh = seen(3, Verification::New);
    fresh.examples = vec![example_call(&["from cart.new import label"], "label('a')", "'A'")];
    let mut same = seen(1, Verification::Same(Strength::Weak));
    same.faults = Some((37, 40));
    let needs = "needs a database connection (sqlalchemy.Engine)".to_owned();
    let evidence = evidence(vec![
        different,
        same,
        seen(2, Verification::NotVerified(needs)),
        fresh,
        seen(4, Verification::Removed),
    ]);
    report(&change, &evidence)
}

fn test(name: &str, status: TestStatus, text: &str) -> TestEvidence {
    TestEvidence {
        path: "tests/test_cart.py".to_owned(),
        name: name.to_owned(),
        status,
        text: text.to_owned(),
        place: None,
        mentions: vec![],
        before: None,
        after: None,
    }
}

/// Besides what [`sample_report`] has: two findings of one function, one of another place, the project's own tests, remarks.
pub(crate) fn full_report() -> CheckReport {
    let mut report = sample_report();
    let mut different = seen(0, Verification::Different);
    let mut effect = finding("77aa01", FindingKind::ChangedEffect);
    effect.example.aspect = Some("files written".to_owned());
    effect.cause_place = None;
    let mut minor = finding("77aa02", FindingKind::Changed);
    minor.minor = true;
    different.findings = vec![minor, effect];
    let mut suspicious = finding("77aa03", FindingKind::Suspicious);
    suspicious.example.call = "mean([])".to_owned();
    suspicious.example.base_text = "`values: list[float]`, nothing of an error".to_owned();
    suspicious.example.head_text = "raises ZeroDivisionError: division by zero".to_owned();
    suspicious.cause = "line 31 raises it, and nobody says that it may".to_owned();
    let mut fresh = seen(1, Verification::New);
    fresh.findings = vec![suspicious];
    let mut new = function("cart/store.py", "mean", 30);
    new.reasons = vec![Reason::Added];
    let change = change(vec![function("cart/store.py", "Store.save", 20), new]);
    let place = Place {
        path: "tests/test_cart.py".to_owned(),
        line: 14,
    };
    let broken = TestEvidence {
        place: Some(place),
        mentions: vec![0],
        ..test(
            "TestCart::test_save",
            TestStatus::Broken,
            "AssertionError: 2 != 1\nassert 2 == 1",
        )
    };
    let fitted = TestEvidence {
        before: Some("def test_days():\n    assert days(3) == 5\n".to_owned()),
        after: Some("def test_days():\n    assert days(3) == 6\n".to_owned()),
        ..test("test_days", TestStatus::ChangedToFit, "assert 6 == 5")
    };
    let evidence = Evidence {
        tests: vec![
            broken,
            fitted,
            test("test_clock", TestStatus::Flaky, "it passed and failed on one tree"),
            test("test_slow", TestStatus::NotRun, "out of time"),
            test("test_total", TestStatus::Passed, ""),
        ],
        missing_layers: vec!["network rules".to_owned()],
        notes: vec!["9 of 31 functions not reached".to_owned()],
        ..evidence(vec![different, fresh])
    };
    let more = self::report(&change, &evidence);
    report.functions.extend(more.functions);
    report.tests = more.tests;
    report.missing_layers = more.missing_layers;
    report.notes = more.notes;
    report
}
