//! Each rule: satisfied, and not, and what it says.

use model::gate_input::{
    Decision, DocumentFacts, EvidenceFacts, FileKind, FindingFacts, FunctionCounts, GateInput, MutantCounts,
    OverrideFacts, Standing,
};
use model::{Concern, ConcernKind, FindingKind, RuleState as S, Ruling};

use crate::policy::Policy;
use crate::sample::{approval, ask, file, input, of, only, person, policy, state};

fn change(input: &mut GateInput) -> &mut model::gate_input::ChangeFacts {
    input.change.as_mut().expect("a change")
}

fn finding(kind: FindingKind) -> FindingFacts {
    FindingFacts {
        id: "F1".to_owned(),
        kind,
        function: "checkout/pay.py::total".to_owned(),
        text: "total([]) was 0, now None".to_owned(),
        minor: false,
        accepted: false,
        pending: false,
    }
}

fn with(kind: &str, edit: impl FnOnce(&mut GateInput)) -> (Policy, GateInput) {
    let policy = only(&format!("kind = \"{kind}\""));
    let mut input = input(&policy);
    edit(&mut input);
    (policy, input)
}

fn with_finding(kind: &str, edit: impl FnOnce(&mut FindingFacts)) -> S {
    let mut finding = finding(if kind == "no-exposure" {
        FindingKind::NewExposure
    } else {
        FindingKind::Changed
    });
    edit(&mut finding);
    let (policy, input) = with(kind, |input| input.evidence[0].findings.push(finding));
    state(&policy, &input)
}

#[test]
fn what_cannot_be_merged_is_held() {
    let (policy, mut input) = with("mergeable", |_| {});
    assert_eq!(state(&policy, &input), S::Satisfied);
    change(&mut input).conflicts.push("a.py".to_owned());
    assert_eq!(state(&policy, &input), S::Missing);
    change(&mut input).conflicts.clear();
    change(&mut input).broken_policy = Some("counterproof.toml, line 3: no".to_owned());
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Missing);
    assert!(result.text.contains("line 3"), "{}", result.text);
}

#[test]
fn without_evidence_that_counts_nothing_that_rests_on_it_is_satisfied() {
    for kind in [
        "evidence",
        "no-regression",
        "no-exposure",
        "no-concern",
        "verified-share",
        "no-broken-test",
        "no-fitted-test",
    ] {
        let (policy, mut input) = with(kind, |_| {});
        assert_eq!(state(&policy, &input), S::Satisfied, "{kind}");
        input.evidence[0].counts = false;
        input.evidence[0].why_not = Some("ci has to sign it".to_owned());
        let result = ask(&policy, &input);
        assert_eq!(result.state, S::Unavailable, "{kind}");
        assert!(result.text.contains("ci has to sign it"), "{}", result.text);
        input.evidence.clear();
        assert_eq!(state(&policy, &input), S::Unavailable, "{kind}");
    }
}

#[test]
fn evidence_that_nobody_makes_is_unavailable_and_counts_once_it_is_recorded() {
    for kind in ["no-weakened-test", "surviving-mutants"] {
        let (policy, mut input) = with(kind, |_| {});
        assert_eq!(state(&policy, &input), S::Unavailable, "{kind}");
        input.evidence[0].weakened_tests = Some(Vec::new());
        input.evidence[0].surviving_mutants = Some(MutantCounts {
            all: 9,
            survivors: Vec::new(),
        });
        assert_eq!(state(&policy, &input), S::Satisfied, "{kind}");
        input.evidence[0].weakened_tests = Some(vec!["test_total".to_owned()]);
        input.evidence[0].surviving_mutants = Some(MutantCounts {
            all: 9,
            survivors: vec!["pay.py:3 `<` → `<=`".to_owned()],
        });
        assert_ne!(state(&policy, &input).ruling(), Ruling::Pass, "{kind}");
    }
    let policy = only("kind = \"surviving-mutants\"\nmost = 1");
    let mut input = input(&policy);
    input.evidence[0].surviving_mutants = Some(MutantCounts {
        all: 9,
        survivors: vec!["one".to_owned()],
    });
    assert_eq!(state(&policy, &input), S::Satisfied);
}

#[test]
fn a_finding_blocks_unless_the_target_accepted_it() {
    for kind in ["no-regression", "no-exposure"] {
        assert_eq!(with_finding(kind, |_| {}), S::Violated, "{kind}");
        assert_eq!(
            with_finding(kind, |finding| finding.accepted = true),
            S::Satisfied,
            "{kind}"
        );
        assert_eq!(
            with_finding(kind, |finding| finding.pending = true),
            S::Violated,
            "{kind}"
        );
    }
    assert_eq!(
        with_finding("no-regression", |finding| finding.minor = true),
        S::Satisfied
    );
    assert_eq!(
        with_finding("no-regression", |finding| finding.kind = FindingKind::NewExposure),
        S::Satisfied
    );
    let policy = only("kind = \"no-regression\"\nminor = true");
    let mut input = input(&policy);
    input.evidence[0].findings.push(FindingFacts {
        minor: true,
        ..finding(FindingKind::Changed)
    });
    assert_eq!(state(&policy, &input), S::Violated);
}

#[test]
fn what_the_change_accepts_itself_counts_with_an_owners_approval() {
    let (policy, mut input) = with("no-regression", |input| {
        input.evidence[0].findings.push(FindingFacts {
            pending: true,
            ..finding(FindingKind::Changed)
        });
    });
    input.approvals = vec![approval(&policy, "eve")];
    assert_eq!(state(&policy, &input), S::Violated, "eve owns nothing");
    input.approvals = vec![approval(&policy, "bob")];
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.approvals[0].standing = Standing::Stale("pushed since".to_owned());
    assert_eq!(state(&policy, &input), S::Violated);
}

#[test]
fn concerns_and_tests_count() {
    let concern = Concern {
        id: "C1".to_owned(),
        kind: ConcernKind::Secret,
        cwe: 798,
        path: "a.py".to_owned(),
        line: 3,
        function: String::new(),
        text: "a key is written down".to_owned(),
    };
    let (policy, input) = with("no-concern", |input| input.evidence[0].concerns.push(concern));
    assert!(ask(&policy, &input).text.contains("CWE-798"));
    let (policy, input) = with("no-broken-test", |input| {
        input.evidence[0].broken_tests.push("test_a".to_owned())
    });
    assert_eq!(state(&policy, &input), S::Violated);
    let (policy, input) = with("no-fitted-test", |input| {
        input.evidence[0].fitted_tests.push("test_a".to_owned())
    });
    assert_eq!(state(&policy, &input), S::Violated);
}

#[test]
fn a_share_of_what_changed_has_to_be_verified() {
    let policy = only("kind = \"verified-share\"\nshare = 0.25");
    let mut input = input(&policy);
    input.evidence[0].functions = FunctionCounts {
        weak: 3,
        not_verified: 1,
        ..FunctionCounts::default()
    };
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.evidence[0]
        .unverified_files
        .push("web/cart.ts (another language)".to_owned());
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Missing);
    assert!(
        result.text.contains("2 of 5") && result.text.contains("cart.ts"),
        "{}",
        result.text
    );
    input.evidence[0].functions = FunctionCounts::default();
    assert_eq!(
        state(&policy, &input),
        S::Missing,
        "a file in another language alone is not verified"
    );
    input.evidence[0].unverified_files.clear();
    assert_eq!(state(&policy, &input), S::Satisfied, "nothing can be run");
}

#[test]
fn tests_grow_with_the_code() {
    let policy = only("kind = \"test-growth\"\nratio = 0.5\nfrom_lines = 10");
    let mut input = input(&policy);
    assert_eq!(state(&policy, &input), S::Missing);
    change(&mut input)
        .files
        .push(file("tests/test_pay.py", FileKind::Test, 39, 0));
    assert_eq!(state(&policy, &input), S::Satisfied);
    change(&mut input).files[1].removed = 10;
    assert_eq!(
        state(&policy, &input),
        S::Missing,
        "tests that went count against those that came"
    );
    change(&mut input).files[0].added = 11;
    assert_eq!(state(&policy, &input), S::Satisfied, "few lines");
}

#[test]
fn reviewers_are_distinct_people_who_did_not_write_it() {
    let policy = only("kind = \"two-person-review\"\nreviewers = 2");
    let mut input = input(&policy);
    let stands = |approvals: &[&str]| {
        let mut input = input.clone();
        input.approvals = approvals.iter().map(|by| approval(&policy, by)).collect();
        ask(&policy, &input)
    };
    assert_eq!(stands(&["bob", "eve"]).state, S::Satisfied);
    for (approvals, says) in [
        (&["bob"] as &[&str], "1 more reviewer is needed"),
        (&["bob", "bob"], "1 more reviewer is needed"),
        (&["bob", "ada"], "the author is no reviewer"),
        (&["bob", "robot"], "an agent can approve nothing"),
        (&["bob", "stranger"], "the policy does not know them"),
        (&[], "2 more reviewers are needed"),
    ] {
        let result = stands(approvals);
        assert_eq!(result.state, S::Missing, "{approvals:?}");
        assert!(result.text.contains(says), "{approvals:?}: {}", result.text);
    }
    change(&mut input).written_by.operators = vec![person(&policy, "bob")];
    input.approvals = vec![approval(&policy, "bob"), approval(&policy, "eve")];
    let result = ask(&policy, &input);
    assert!(
        result.text.contains("who drove the agent is no reviewer"),
        "{}",
        result.text
    );
    assert!(
        result.give[0].ends_with("a person who did not write it"),
        "{:?}",
        result.give
    );
}

#[test]
fn an_approval_that_went_stale_is_named_with_why() {
    let policy = only("kind = \"two-person-review\"");
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "bob")];
    input.approvals[0].standing = Standing::Stale("since then `total` changed".to_owned());
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Missing);
    assert!(
        result
            .text
            .contains("that of bob (ledger of bob): stale, since then `total` changed"),
        "{}",
        result.text
    );
}

#[test]
fn approvals_end() {
    let mut policy = only("kind = \"two-person-review\"");
    policy.gate.approvals_last_hours = Some(2);
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "bob")];
    assert_eq!(state(&policy, &input), S::Satisfied);
    policy.gate.approvals_last_hours = Some(1);
    input.now = "2026-11-28T10:00:01Z".parse().expect("a time");
    assert!(ask(&policy, &input).text.contains("older than 1 hours"));
}

#[test]
fn strong_evidence_buys_a_reviewer_and_that_is_said() {
    let policy = only("kind = \"two-person-review\"\nreviewers = 2\nreviewers_when_strong = 1");
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "bob")];
    assert_eq!(state(&policy, &input), S::Missing, "shown weakly");
    input.evidence[0].functions = FunctionCounts {
        proved: 2,
        strong: 1,
        ..FunctionCounts::default()
    };
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Satisfied);
    assert!(
        result
            .text
            .contains("1 fewer than 2: 3 changed functions are the same (2 proved, 1 strong) in sha256:e"),
        "{}",
        result.text
    );
    let takes_away: [fn(&mut EvidenceFacts); 6] = [
        |evidence| evidence.functions.new = 1,
        |evidence| evidence.functions.removed = 1,
        |evidence| evidence.broken_tests.push("t".to_owned()),
        |evidence| evidence.unverified_files.push("t".to_owned()),
        |evidence| evidence.counts = false,
        |evidence| evidence.functions = FunctionCounts::default(),
    ];
    for (number, take) in takes_away.iter().enumerate() {
        let mut input = input.clone();
        take(&mut input.evidence[0]);
        assert_eq!(state(&policy, &input), S::Missing, "{number}");
    }
}

#[test]
fn nobody_knows_whether_a_stranger_is_the_author() {
    let policy = policy("[gate]\nwithout_defaults = true\n[[rule]]\nname = \"it\"\nkind = \"two-person-review\"\n");
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "github:eve")];
    assert!(ask(&policy, &input).text.contains("the policy does not know them"));
    assert_eq!(state(&policy, &input), S::Missing);
}

#[test]
fn tests_that_were_not_run_show_nothing() {
    for kind in ["no-broken-test", "no-fitted-test"] {
        let (policy, mut input) = with(kind, |input| input.evidence[0].tests_not_run = 3);
        assert_eq!(state(&policy, &input), S::Unavailable);
        input.evidence[0].passed_tests = 1;
        assert_eq!(state(&policy, &input), S::Satisfied);
        input.evidence[0].passed_tests = 0;
        input.evidence[0].tests_not_run = 0;
        assert_eq!(state(&policy, &input), S::Satisfied, "there is none to run");
    }
}

#[test]
fn a_change_of_layout_alone_buys_a_reviewer_and_data_does_not() {
    let policy = only("kind = \"two-person-review\"\nreviewers = 2\nreviewers_when_strong = 1");
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "bob")];
    input.evidence[0].functions = FunctionCounts::default();
    let change = input.change.as_mut().expect("a change");
    change.functions = 0;
    assert!(
        ask(&policy, &input)
            .text
            .contains("nothing that changed can behave otherwise")
    );
    let change = input.change.as_mut().expect("a change");
    change.files.push(file("checkout/prices.json", FileKind::Other, 1, 1));
    assert_eq!(state(&policy, &input), S::Missing);
}

#[test]
fn what_reaches_far_or_is_risky_needs_one_more() {
    let rules = "kind = \"two-person-review\"\n[[rule]]\nname = \"far\"\nkind = \"blast-radius\"\nmost = 3\n[[rule]]\nname = \"risk\"\nkind = \"risk\"\nscore = 0.0001\n";
    let policy = only(rules);
    let mut input = input(&policy);
    input.approvals = vec![approval(&policy, "bob"), approval(&policy, "eve")];
    let verdict = crate::decide(&policy, &input);
    assert_eq!(of(&verdict, "it").state, S::Missing);
    assert!(
        of(&verdict, "far")
            .text
            .contains("4 functions use what changed, more than 3"),
        "{}",
        of(&verdict, "far").text
    );
    assert!(
        of(&verdict, "risk").text.contains("1 more reviewer is needed"),
        "{}",
        of(&verdict, "risk").text
    );
    change(&mut input).dependents = 3;
    let verdict = crate::decide(&policy, &input);
    assert_eq!(verdict.ruling, Ruling::Pass, "{verdict:?}");
}

#[test]
fn owners_approve_what_is_theirs() {
    for (kind, guards) in [("owner-review", None), ("protected-paths", Some("policy".to_owned()))] {
        let (policy, mut input) = with(kind, |_| {});
        change(&mut input).files[0].guards = guards;
        assert_eq!(state(&policy, &input), S::Missing, "{kind}");
        input.approvals = vec![approval(&policy, "eve")];
        let result = ask(&policy, &input);
        assert_eq!(result.state, S::Missing, "{kind}");
        assert_eq!(result.give, ["`counterproof approve --as ID` by bob"], "{kind}");
        input.approvals = vec![approval(&policy, "bob")];
        assert_eq!(state(&policy, &input), S::Satisfied, "{kind}");
        change(&mut input).files[0].owners.clear();
        input.approvals = vec![approval(&policy, "eve")];
        assert_eq!(
            state(&policy, &input),
            S::Satisfied,
            "{kind}: nobody owns it, so anyone beside the author"
        );
        change(&mut input).authors.push(person(&policy, "eve"));
        assert_eq!(state(&policy, &input), S::Missing, "{kind}");
    }
    let (policy, input) = with("protected-paths", |_| {});
    assert_eq!(state(&policy, &input), S::Satisfied, "nothing that judges changed");
}

#[test]
fn a_senior_signs_what_an_agent_wrote_for_a_junior() {
    let policy = only(
        "kind = \"sign-off\"\nroles = [\"senior\"]\nlevels = [\"junior\", \"mid\", \"unknown\"]\nai_assisted = true",
    );
    let mut input = input(&policy);
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Missing);
    assert!(
        result
            .text
            .starts_with("claude-code wrote 70 lines, and ada is of level `junior`"),
        "{}",
        result.text
    );
    assert_eq!(
        result.give,
        ["`counterproof approve --role senior --as ID` by bob, eve"]
    );
    input.approvals = vec![approval(&policy, "robot")];
    assert_eq!(
        state(&policy, &input),
        S::Missing,
        "an agent signs nothing, whatever its role"
    );
    input.approvals = vec![approval(&policy, "bob")];
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.approvals.clear();
    change(&mut input).authors = vec![person(&policy, "eve")];
    assert_eq!(state(&policy, &input), S::Satisfied, "a senior wrote it");
    change(&mut input).authors = vec![person(&policy, "robot")];
    assert_eq!(state(&policy, &input), S::Missing, "no person is named as its author");
    change(&mut input).authors = vec![person(&policy, "stranger")];
    assert_eq!(state(&policy, &input), S::Missing, "nobody knows the level");
    change(&mut input).written_by = model::gate_input::WrittenBy {
        unknown: 9,
        ..Default::default()
    };
    assert!(
        ask(&policy, &input)
            .text
            .contains("of 9 lines nothing tells who wrote them")
    );
    let policy = only("kind = \"sign-off\"\nroles = [\"senior\"]\nai_assisted = true\nunknown_too = true");
    assert_eq!(state(&policy, &input), S::Missing);
}

#[test]
fn a_part_is_drawn_for_an_audit_and_a_push_does_not_draw_again() {
    let all = only("kind = \"audit\"\nshare = 1.0\nroles = [\"director\"]");
    let mut of_all = input(&all);
    assert_eq!(state(&all, &of_all), S::Missing);
    of_all.approvals = vec![approval(&all, "eve")];
    assert_eq!(state(&all, &of_all), S::Satisfied);
    let policy = only("kind = \"audit\"\nshare = 0.2\nroles = [\"director\"]");
    let mut input = input(&policy);
    let mut drawn = 0;
    for number in 0..500 {
        change(&mut input).files[0].path = format!("checkout/{number}.py");
        let first = state(&policy, &input);
        change(&mut input).tree = Some(format!("pushed again {number}"));
        assert_eq!(state(&policy, &input), first);
        drawn += usize::from(first == S::Missing);
    }
    assert!((60..140).contains(&drawn), "{drawn} of 500, and 100 are to be expected");
}

fn document(headings: &[(&str, u32)]) -> DocumentFacts {
    DocumentFacts {
        source: "change.md".to_owned(),
        by: None,
        headings: headings
            .iter()
            .map(|(heading, words)| ((*heading).to_owned(), *words))
            .collect(),
        hollow: Vec::new(),
        standing: Standing::Fresh("it names pay.py".to_owned()),
    }
}

#[test]
fn a_document_has_the_headings_and_is_about_this() {
    let policy = only("kind = \"change-document\"\nheadings = [\"what\", \"roll-back\"]");
    let mut input = input(&policy);
    assert!(ask(&policy, &input).text.contains("there is none"));
    input.documents = vec![document(&[("what", 9), ("rollback plan", 9)])];
    assert_eq!(state(&policy, &input), S::Satisfied);
    for (edited, says) in [
        (document(&[("what", 9)]), "has no heading `roll-back`"),
        (
            document(&[("what", 9), ("roll-back", 1)]),
            "says nothing under `roll-back`",
        ),
        (
            DocumentFacts {
                hollow: vec!["What".to_owned()],
                ..input.documents[0].clone()
            },
            "says nothing under `what`",
        ),
        (
            DocumentFacts {
                standing: Standing::Void("it names nothing of it".to_owned()),
                ..input.documents[0].clone()
            },
            "is not about this change",
        ),
    ] {
        input.documents = vec![edited];
        let result = ask(&policy, &input);
        assert_eq!(result.state, S::Missing);
        assert!(result.text.contains(says), "{}", result.text);
    }
}

#[test]
fn another_engine_decides_about_this_very_input() {
    let policy = only("kind = \"decision\"");
    let mut input = input(&policy);
    assert_eq!(state(&policy, &input), S::Unavailable);
    let about = crate::digest_of_question(&input);
    // Asked again later on that day, and an hour into the next one, it is the same question; a day on it is another.
    let day = input.now.to_string().chars().take(10).collect::<String>();
    let at = |time: &str| time.parse::<jiff::Timestamp>().expect("a time");
    input.now = at(&format!("{day}T23:59:59Z"));
    let decision = |allow, input: &str| Decision {
        rule: "it".to_owned(),
        allow,
        reasons: vec!["not on Fridays".to_owned()],
        input: Some(input.to_owned()),
    };
    input.decisions = vec![decision(true, &about)];
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.decisions = vec![decision(false, &about)];
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Violated);
    assert!(result.text.contains("not on Fridays"), "{}", result.text);
    input.decisions = vec![decision(true, "sha256:other")];
    assert_eq!(state(&policy, &input), S::Unavailable);
    input.decisions = vec![decision(true, &about), decision(false, &about)];
    assert_eq!(state(&policy, &input), S::Violated, "one that refuses is enough");
    input.decisions = vec![Decision {
        input: None,
        ..decision(true, &about)
    }];
    assert_eq!(state(&policy, &input), S::Unavailable, "it may be about anything");
    input.decisions = vec![decision(true, &about)];
    let midnight = at(&format!("{day}T00:00:00Z")) + jiff::SignedDuration::from_hours(24);
    input.now = midnight + jiff::SignedDuration::from_mins(59);
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.now = midnight + jiff::SignedDuration::from_mins(60);
    assert_eq!(
        state(&policy, &input),
        S::Unavailable,
        "rules about days were asked on another one"
    );
}

#[test]
fn an_override_stands_in_and_is_told() {
    let (policy, mut input) = with("no-regression", |input| {
        input.evidence[0].findings.push(finding(FindingKind::NewCrash))
    });
    let one = OverrideFacts {
        by: person(&policy, "eve"),
        reason: "the shop is down".to_owned(),
        expires: "2026-11-28T12:00:00Z".parse().expect("a time"),
        source: "ledger 9".to_owned(),
        standing: Standing::Fresh("it is over this".to_owned()),
    };
    input.overrides = vec![one.clone()];
    let verdict = crate::decide(&policy, &input);
    assert_eq!(verdict.ruling, Ruling::Pass);
    assert_eq!(verdict.rules[0].state, S::Overridden);
    assert!(verdict.rules[0].text.contains("overridden by eve") && verdict.rules[0].text.contains("the shop is down"));
    type Spoil = fn(&mut OverrideFacts);
    let spoils: [(Spoil, &str); 5] = [
        (|one| one.reason = " ".to_owned(), "no reason"),
        (
            |one| one.expires = "2026-11-28T10:00:00Z".parse().expect("a time"),
            "it ended",
        ),
        (
            |one| one.expires = "2026-11-30T10:00:00Z".parse().expect("a time"),
            "longer than the 24 hours",
        ),
        (
            |one| one.by.kind = model::gate_input::PersonKind::Agent,
            "only a person",
        ),
        (
            |one| one.standing = Standing::Void("it is over another tree".to_owned()),
            "another tree",
        ),
    ];
    for (spoil, says) in spoils {
        let mut one = one.clone();
        spoil(&mut one);
        input.overrides = vec![one];
        let verdict = crate::decide(&policy, &input);
        assert_eq!(verdict.ruling, Ruling::Block, "{says}");
        assert!(
            verdict.notes.iter().any(|note| note.contains(says)),
            "{says}: {:?}",
            verdict.notes
        );
    }
}

#[test]
fn a_framework_is_on_between_its_days_for_its_tiers() {
    let text = format!(
        "{}\n[gate]\nwithout_defaults = true\n[[rule]]\nname = \"always\"\nkind = \"mergeable\"\n[[rule]]\nname = \"sign\"\nkind = \"sign-off\"\nroles = [\"senior\"]\n[[framework]]\nname = \"90-day safety\"\nfrom = \"2026-09-01\"\nuntil = \"2026-12-05\"\ntiers = [1]\nrules = [\"sign\"]\n",
        crate::sample::PEOPLE
    );
    let policy = policy(&text);
    let mut input = input(&policy);
    let verdict = crate::decide(&policy, &input);
    assert_eq!(
        (of(&verdict, "sign").state, of(&verdict, "sign").framework.as_deref()),
        (S::Missing, Some("90-day safety"))
    );
    assert!(
        verdict
            .notes
            .iter()
            .any(|note| note.contains("ends with 2026-12-05, in 7 days")),
        "{:?}",
        verdict.notes
    );
    input.now = "2026-12-06T00:00:00Z".parse().expect("a time");
    let verdict = crate::decide(&policy, &input);
    assert_eq!(
        (of(&verdict, "sign").state, verdict.ruling),
        (S::NotApplicable, Ruling::Pass)
    );
    assert!(
        verdict.notes.iter().any(|note| note.contains("ended with 2026-12-05")),
        "{:?}",
        verdict.notes
    );
    input.now = "2026-11-01T00:00:00Z".parse().expect("a time");
    input.services[0].tier = 3;
    let verdict = crate::decide(&policy, &input);
    assert_eq!(of(&verdict, "sign").state, S::NotApplicable);
}

#[test]
fn a_gate_that_asks_nothing_does_not_pass() {
    let policy = only("kind = \"mergeable\"\ntiers = [5]");
    let verdict = crate::decide(&policy, &input(&policy));
    assert_eq!(verdict.ruling, Ruling::Hold);
    assert!(verdict.notes.iter().any(|note| note.contains("nothing was judged")));
    let empty = policy_without_rules();
    assert_eq!(crate::decide(&empty, &input(&empty)).ruling, Ruling::Hold);
}

fn policy_without_rules() -> Policy {
    policy("[gate]\nwithout_defaults = true\n")
}

#[test]
fn effects_are_the_policys() {
    for (effect, wanted) in [("hold", S::Missing), ("block", S::Violated), ("tell", S::Told)] {
        let policy = only(&format!("kind = \"no-regression\"\neffect = \"{effect}\""));
        let mut input = input(&policy);
        input.evidence[0].findings.push(finding(FindingKind::Changed));
        assert_eq!(state(&policy, &input), wanted);
    }
}
