use super::*;
use crate::testing::{
    change, evidence, example_call, finding, function, many_findings, report, returned, sample_report, seen,
    unverified, way,
};
use model::report::{Acceptance, AcceptanceState};
use model::{CallKind, FindingKind, FunctionEvidence, Observed, Reason, Strength, Verification};

const PLAIN: TerminalOptions = TerminalOptions {
    color: false,
    width: 110,
    verbose: false,
};

#[track_caller]
fn contains(text: &str, part: &str) {
    assert!(text.contains(part), "expected {part:?} in:\n{text}");
}

#[test]
fn one_of_each() {
    insta::assert_snapshot!(render(&sample_report(), &PLAIN));
}

#[test]
fn one_of_each_verbose_and_narrow() {
    insta::assert_snapshot!(render(
        &sample_report(),
        &TerminalOptions {
            width: 60,
            verbose: true,
            ..PLAIN
        }
    ));
}

#[test]
fn minor_findings_have_a_line_each() {
    let text = render(&crate::testing::full_report(), &PLAIN);
    let (_, minor) = text
        .split_once("  1 minor finding, a line each  (--verbose shows them in full)\n")
        .unwrap_or_else(|| panic!("none is named as minor:\n{text}"));
    insta::assert_snapshot!(minor.lines().next().unwrap_or_default().trim_start(), @"CHANGED  cart/store.py:20  Store.save  77aa02  was 1, now raises IndexError: lis…");
    assert!(
        minor
            .lines()
            .next()
            .is_some_and(|line| line.chars().count() <= PLAIN.width),
        "{text}"
    );
    contains(
        &render(
            &crate::testing::full_report(),
            &TerminalOptions { verbose: true, ..PLAIN },
        ),
        "! CHANGED       cart/store.py:20",
    );
}

#[test]
fn a_new_parameter_is_shown_beside_the_verdict() {
    let mut of_old = seen(0, Verification::Same(Strength::Weak));
    of_old.new_parameters = vec!["limit".to_owned()];
    of_old.notes = vec!["a remark".to_owned()];
    let mut adding = example_call(&["from a import f"], "f(b, limit=1)", "None");
    adding.beside = Some("leaves [1]".to_owned());
    let mut telling = example_call(&["from a import f"], "f(b, limit=2)", "3");
    telling.beside = Some("prints 'x'".to_owned());
    of_old.examples = vec![adding, telling];
    let text = render(
        &report(&change(vec![function("a.py", "f", 3)]), &evidence(vec![of_old])),
        &PLAIN,
    );
    contains(&text, "✓ SAME weak     a.py:3  f");
    contains(
        &text,
        "  + NEW           a.py:3  f  with its new limit\n      f(b, limit=1)      leaves [1]\n      f(b, limit=2)      gives 3, prints 'x'\n",
    );
    assert_eq!(text.matches("a remark").count(), 1, "{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let coloured = render(&sample_report(), &TerminalOptions { color: true, ..PLAIN });
    let mut plain = String::new();
    let mut parts = coloured.split("\u{1b}[");
    plain.push_str(parts.next().unwrap());
    parts.for_each(|part| plain.push_str(part.split_once('m').unwrap().1));
    assert_eq!(plain, render(&sample_report(), &PLAIN));
}

#[test]
fn an_empty_change_is_one_line() {
    let text = render(&report(&change(vec![]), &evidence(vec![])), &PLAIN);
    assert_eq!(text, "Nothing differs between main and working tree · 1.8 s\n");
}

#[test]
fn layout_alone_is_one_line() {
    let mut change = change(vec![]);
    change.layout_only = vec!["a.py".to_owned(), "b.py".to_owned()];
    let text = render(&report(&change, &evidence(vec![])), &PLAIN);
    assert_eq!(text.lines().count(), 1);
    contains(
        &text,
        "2 files differ between main and working tree in layout and comments alone",
    );
}

#[test]
fn many_of_a_sort_are_folded_and_counted() {
    let same = |index| seen(index, Verification::Same(Strength::Weak));
    let open = |index| seen(index, Verification::NotVerified("needs a socket".to_owned()));
    let functions = (0..40)
        .map(|index| function("a.py", &format!("f{index}"), index))
        .collect();
    let all = (0..20).map(same).chain((20..40).map(open)).collect();
    let report = report(&change(functions), &evidence(all));
    let text = render(&report, &PLAIN);
    assert!(text.lines().count() < 18, "{text}");
    assert!(!text.contains(" 0 functions"), "{text}");
    contains(
        &text,
        "✓ SAME weak     20 functions  2,114 inputs each · all 240 branches  (--verbose lists them)",
    );
    contains(&text, "? NOT VERIFIED  20 functions: needs a socket");
    contains(&text, "and 15 more (--verbose lists all)");
    let all = render(&report, &TerminalOptions { verbose: true, ..PLAIN });
    (0..40).for_each(|index| contains(&all, &format!("f{index}")));
}

#[test]
fn not_verified_never_reads_like_a_pass() {
    let open = seen(0, Verification::NotVerified("needs a socket".to_owned()));
    let text = render(
        &report(&change(vec![function("a.py", "f", 1)]), &evidence(vec![open])),
        &PLAIN,
    );
    contains(&text, "nothing could be verified");
    assert!(!text.contains('✓') && !text.contains("SAME"), "{text}");
}

#[test]
fn inputs_that_base_never_took_are_said() {
    let mut weak = seen(0, Verification::Same(Strength::Weak));
    weak.useful_inputs = 0;
    let text = render(
        &report(&change(vec![function("a.py", "f", 1)]), &evidence(vec![weak])),
        &PLAIN,
    );
    contains(&text, "2,114 inputs · base raised on all of them");
}

#[test]
fn an_example_of_a_new_function_can_be_pasted_and_says_how_it_was_reached() {
    let mut fresh = seen(0, Verification::New);
    let setup = ["from a import Node", "a = Node(1)", "a.next = a"];
    fresh.examples = vec![example_call(&setup, "a.walk()", "1")];
    fresh.way = Some(way("a.py", "Node.walk", &["_step"]));
    let report = report(&change(vec![function("a.py", "_step", 1)]), &evidence(vec![fresh]));
    let text = render(&report, &PLAIN);
    contains(
        &text,
        "      a = Node(1)\n      a.next = a\n      a.walk()      gives 1\n      reached by calling Node.walk\n",
    );
    let all = render(&report, &TerminalOptions { verbose: true, ..PLAIN });
    contains(&all, "      from a import Node\n      a = Node(1)\n");
    assert_eq!(report.functions[0].examples[0].setup, setup);
}

#[test]
fn one_of_a_thing_is_told_in_the_singular() {
    let weak = |useful_inputs| FunctionEvidence {
        inputs: 1,
        useful_inputs,
        branches: Some((1, 1)),
        faults: Some((0, 1)),
        ..seen(0, Verification::Same(Strength::Weak))
    };
    let text = |weak| {
        render(
            &report(&change(vec![function("a.py", "f", 1)]), &evidence(vec![weak])),
            &PLAIN,
        )
    };
    contains(&text(weak(1)), "1 input · its only branch · would notice 0 of 1 fault");
    contains(&text(weak(0)), "1 input · base raised on it · its only branch");
}

#[test]
fn changed_lines_that_were_not_reached_are_said() {
    let weak = |index, reached| FunctionEvidence {
        changed_lines: Some((reached, 9)),
        ..seen(index, Verification::Same(Strength::Weak))
    };
    let text = |seen: Vec<FunctionEvidence>| {
        let functions = (0..seen.len()).map(|index| function("a.py", &format!("f{index}"), 1));
        render(&report(&change(functions.collect()), &evidence(seen)), &PLAIN)
    };
    contains(&text(vec![weak(0, 7)]), "all 12 branches · 7 of 9 changed lines");
    assert!(!text(vec![weak(0, 9)]).contains("changed lines"));
    let many = text(
        (0..6)
            .map(|index| weak(index, if index == 0 { 7 } else { 9 }))
            .collect(),
    );
    contains(&many, "all 72 branches · 52 of 54 changed lines");
}

#[test]
fn gravest_first_and_one_cause_once() {
    let mut users: Vec<_> = (0..3)
        .map(|index| function("b.py", &format!("user{index}"), index))
        .collect();
    users
        .iter_mut()
        .for_each(|one| one.reasons = vec![Reason::Dependency("a.py::helper".to_owned())]);
    users.push(function("a.py", "helper", 9));
    let seen = (0..4).map(|index| {
        let mut one = seen(index, Verification::Different);
        one.findings = vec![finding(&format!("id{index}"), FindingKind::Changed)];
        if index == 3 {
            one.findings.push(finding("crash", FindingKind::NewCrash));
        }
        one
    });
    let text = render(&report(&change(users), &evidence(seen.collect())), &PLAIN);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in\n{text}"));
    assert!(at("NEW CRASH") < at("! CHANGED"));
    assert!(at("a.py:9  helper  id3") < at("also shows in 3 functions:"));
    contains(&text, "b.py:1  user1  id1");
    assert_eq!(text.matches("! CHANGED").count(), 1);
    contains(&text, "counterproof reproduce ID");
}

#[test]
fn what_one_calls_the_other_for_is_shown_once() {
    // A helper and a module that show only by calling `public`: the cause is a line of the helper.
    let text = |through: bool, base: &str, options: &TerminalOptions| {
        let names = ["_helper", "<module>", "public"];
        let functions = names.map(|name| function("a.py", name, 3));
        let seen = (0..3).map(|index| {
            let mut one = seen(index, Verification::Different);
            let kind = if index == 1 {
                FindingKind::Changed
            } else {
                FindingKind::NewCrash
            };
            one.findings = vec![finding(&format!("id{index}"), kind)];
            one.findings[0].cause = format!("cause {index}");
            if index != 2 {
                one.findings[0].example.base_text = base.to_owned();
                one.way = through.then(|| way("a.py", "public", &[names[index]]));
            }
            one
        });
        render(&report(&change(functions.into()), &evidence(seen.collect())), options)
    };
    let verbose = TerminalOptions { verbose: true, ..PLAIN };
    for options in [&PLAIN, &verbose] {
        let once = text(true, "another", options);
        contains(&once, "NEW CRASH     a.py:3  public  id2");
        contains(&once, "also shows in 2 places:");
        assert_eq!(once.matches("because").count(), 1, "{once}");
        let apart = text(false, "another", options);
        assert_eq!(apart.matches("because").count(), 3, "{apart}");
        let same = text(false, "1", options);
        assert_eq!(
            same.matches("because").count(),
            2,
            "the same outcome, of one kind: {same}"
        );
    }
}

#[test]
fn a_constant_is_shown_by_the_function_that_uses_it() {
    let globals = |limit: i64, other: i64| {
        let pair = |name: &str, value| (Observed::Str(name.to_owned()), Observed::Int(value));
        returned(Observed::Dict(vec![pair("LIMIT", limit), pair("OTHER", other)]))
    };
    let text = |other: i64| {
        let mut user = function("b.py", "cut", 7);
        user.reasons = vec![Reason::Dependency("a.py::LIMIT".to_owned())];
        let mut module = finding("mod", FindingKind::Changed);
        (module.example.base, module.example.head) = (globals(3, 1), globals(4, other));
        module.example.target.call = CallKind::Module;
        module.cause_place = None;
        let of = |index, finding| {
            let mut one = seen(index, Verification::Different);
            one.findings = vec![finding];
            one
        };
        let evidence = evidence(vec![of(0, module), of(1, finding("use", FindingKind::NewCrash))]);
        render(
            &report(&change(vec![function("a.py", "<module>", 3), user]), &evidence),
            &PLAIN,
        )
    };
    contains(
        &text(1),
        "also shows in 1 place:\n        a.py:3  (module level)  mod\n",
    );
    assert_eq!(text(1).matches("! CHANGED").count(), 0);
    assert_eq!(
        text(2).matches("! CHANGED").count(),
        1,
        "nobody shows what the other one does"
    );
}

#[test]
fn long_outcomes_stand_below_each_other_with_the_difference_in_sight() {
    let mut one = finding("f1", FindingKind::Changed);
    let long: Vec<u32> = (0..300).collect();
    one.example.base_text = format!("{long:?}");
    one.example.head_text = one.example.base_text.replace("250", "-1");
    one.example.aspect = Some("argument 1 afterwards".to_owned());
    let mut different = seen(0, Verification::Different);
    different.findings = vec![one];
    let text = render(
        &report(&change(vec![function("a.py", "f", 1)]), &evidence(vec![different])),
        &PLAIN,
    );
    let was = text
        .lines()
        .find(|line| line.contains("argument 1 afterwards was [0, 1"))
        .unwrap();
    let now = text.lines().find(|line| line.contains(" now [0, 1")).unwrap();
    assert!(was.contains("250") && now.contains("-1,"), "{was}\n{now}");
    assert!(was.chars().count() <= 110);
    assert_eq!(was.find('['), now.find('['));
}

#[test]
fn what_the_program_made_cannot_steer_the_terminal() {
    let mut one = finding("f1", FindingKind::Changed);
    one.example.base_text = "'\u{1b}[2J\r\n'".to_owned();
    let mut different = seen(0, Verification::Different);
    different.findings = vec![one];
    let text = render(
        &report(&change(vec![function("a.py", "f", 1)]), &evidence(vec![different])),
        &PLAIN,
    );
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
}

#[test]
fn files_are_grouped_by_reason() {
    let mut change = change(vec![]);
    change.unverified = vec![
        unverified("a.json", "data file"),
        unverified("x.js", "another language: JavaScript"),
        unverified("b.json", "data file"),
    ];
    let text = render(&report(&change, &evidence(vec![])), &PLAIN);
    contains(&text, "data file: a.json, b.json");
    contains(&text, "another language: JavaScript: x.js");
    contains(&text, "nothing could be verified");
}

#[test]
fn missing_layers_and_notes_are_said() {
    let mut evidence = evidence(vec![seen(0, Verification::Same(Strength::Proved))]);
    evidence.missing_layers = vec!["network rules".to_owned()];
    evidence.notes = vec!["9 of 31 functions not reached".to_owned()];
    let text = render(&report(&change(vec![function("a.py", "f", 1)]), &evidence), &PLAIN);
    contains(&text, "sandbox without: network rules");
    contains(&text, "note: 9 of 31 functions not reached");
    contains(&text, "✓ SAME proved   a.py:1  f  same code");
}

#[test]
fn what_was_accepted_is_one_line_and_what_is_pending_stays_in_sight() {
    let mut report = sample_report();
    let mut mark = |state| {
        crate::mark_accepted(&mut report, &|_| {
            Some(Acceptance {
                state,
                reason: "asked for".to_owned(),
                who: "Ann <ann@example.invalid>".to_owned(),
            })
        });
        render(&report, &PLAIN)
    };
    let text = mark(AcceptanceState::Accepted);
    contains(&text, "\n  1 accepted: cart/delivery.py:41 ");
    contains(&text, "3f9ac1 (asked for)");
    contains(&text, "no difference but what was accepted in what could be run");
    assert!(!text.contains("NEW CRASH") && !text.contains("differently"), "{text}");
    let text = mark(AcceptanceState::Pending);
    contains(&text, "pending acceptance: asked for (Ann <ann@example.invalid>)");
    contains(&text, "NEW CRASH");
    contains(&text, "1 function behaves differently");
}

#[test]
fn seven_are_shown_in_full_and_the_others_named_and_counted() {
    let report = many_findings(14);
    let text = render(&report, &PLAIN);
    assert_eq!(text.matches("! CHANGED").count(), 7, "{text}");
    contains(
        &text,
        "and 7 more findings: 7 CHANGED, in a.py:3 f7, a.py:3 f8, a.py:3 f9, a.py:3 f10, a.py:3 f11 and 2 more\n",
    );
    contains(&text, "14 functions behave differently");
    let all = TerminalOptions { verbose: true, ..PLAIN };
    assert_eq!(render(&report, &all).matches("! CHANGED").count(), 14);
}
