//! Past commits, and what became of them.

use serde_json::Value;

use crate::support::{Repository, files, filters};

const CART: &str = "\
def days(n: int, express: bool):
    if express:
        return 1
    return n + 2


def label(n: int):
    return f'{n} days'
";

/// A first commit, a wrong one by an agent, a refactoring, one without code, one that mends the second, one that is taken back.
fn history() -> Repository {
    let repository = Repository::new(&[("cart.py", CART)]);
    let mut text = CART.to_owned();
    let mut step = |from: &str, to: &str, message: &str| {
        text = text.replace(from, to);
        repository.write(&[("cart.py", &text)]);
        repository.commit(message);
    };
    step(
        "n + 2",
        "n - 2",
        "Tidy days\n\nCo-Authored-By: Claude <noreply@anthropic.com>",
    );
    step(
        "return f'{n} days'",
        "text = f'{n} days'\n    return text",
        "Name the text",
    );
    step("", "", "Nothing");
    step("n - 2", "n + 2", "Fix days, which took them off");
    step("return text", "return text.upper()", "Shout");
    repository.git(&["revert", "--no-edit", "HEAD"]);
    repository
}

#[test]
fn a_replay_tells_what_became_of_what_was_found() {
    let repository = history();
    let said = repository.run(&["replay", "--last", "20"]);
    let own = [
        (r"\b[0-9a-f]{10}\b", "[COMMIT]  "),
        (r"\b\d{4}-\d\d-\d\d\b", "[DATE]    "),
    ];
    let all: Vec<_> = filters().into_iter().chain(own).collect();
    insta::with_settings!({filters => all}, { insta::assert_snapshot!("a_replay", said) });
}

#[test]
fn a_replay_for_programs_holds_the_same() {
    let repository = history();
    let said = repository.run(&["replay", "--last", "20", "--format", "json", "--jobs", "1"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["schema"], "counterproof.replay/1");
    let commits = report["commits"].as_array().expect("commits");
    assert_eq!(commits.len(), 7);
    let summary = &report["summary"];
    assert_eq!(
        (&summary["reverted_or_fixed"], &summary["of_these_found"]),
        (&2.into(), &2.into())
    );
    let csv = repository.run(&["replay", "--last", "20", "--format", "csv"]);
    assert_eq!(csv.out.lines().count(), 8, "{csv}");
    assert!(csv.out.contains(",ai,1,1,CHANGED cart.py::days,fixed,"), "{csv}");
    // What was checked once is not checked again.
    let evidence = || {
        let kept = files(&repository.cache()).into_iter();
        kept.filter(|file| file.to_string_lossy().contains("evidence")).count()
    };
    let before = evidence();
    assert!(before >= 5, "{before}");
    repository.run(&["replay", "--last", "20"]);
    assert_eq!(evidence(), before);
}

#[test]
fn a_time_without_commits_and_a_folder_without_history_are_named() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let said = repository.run(&["replay", "no-such-branch"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("no-such-branch"), "{said}");
    let said = repository.run(&["replay", "--since", "2099-01-01"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(said.err.contains("--since"), "{said}");
    let said = Repository::bare_folder().run(&["replay"]);
    assert_eq!(said.code, 2, "{said}");
}

#[test]
fn words_alone_are_nothing_that_a_fix_mends() {
    let repository = Repository::new(&[("cart.py", CART)]);
    let documented = CART.replace("bool):\n", "bool) -> int:\n    \"\"\"Days of a delivery.\"\"\"\n");
    repository.write(&[("cart.py", &documented)]);
    repository.commit("Say what days gives");
    repository.write(&[("cart.py", &documented.replace("n + 2", "n + 3"))]);
    repository.commit("Fix days, which were too few");
    let said = repository.run(&["replay", "--last", "2", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["summary"]["reverted_or_fixed"], 0, "{report:#}");
}

#[test]
fn a_module_that_imports_no_more_is_found_in_each_of_its_functions() {
    let repository = Repository::new(&[("cart.py", CART)]);
    repository.write(&[("cart.py", &CART.replace("label(n: int)", "label(n: int = LIMIT)"))]);
    repository.commit("A limit for label");
    let report = repository.json(&["check", "HEAD~1..HEAD"]);
    let module = report["functions"].as_array().expect("functions");
    let cause = module
        .iter()
        .flat_map(|one| one["findings"].as_array().expect("findings"))
        .map(|finding| finding["cause"].as_str().unwrap_or_default().to_owned())
        .collect::<String>();
    assert!(
        cause.starts_with("line 7 is now `def label(n: int = LIMIT):`"),
        "{report:#}"
    );
    repository.write(&[("cart.py", CART)]);
    repository.commit("Fix label");
    let said = repository.run(&["replay", "--last", "2", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let summary = &report["summary"];
    assert_eq!(
        (&summary["reverted_or_fixed"], &summary["of_these_found"]),
        (&1.into(), &1.into()),
        "{report:#}"
    );
}

#[test]
fn documentation_that_a_fix_mends_is_none_of_its_functions() {
    let documented = CART.replace(
        "def days(n: int, express: bool):\n",
        "def days(n: int, express: bool):\n    '''Days, by the docstring of `days`.'''\n    assert days.__doc__\n",
    );
    let repository = Repository::new(&[("cart.py", &documented)]);
    repository.write(&[("cart.py", &documented.replace("n + 2", "n + 3"))]);
    repository.commit("Three days");
    repository.write(&[(
        "cart.py",
        &documented
            .replace("n + 2", "n + 3")
            .replace("'''Days,", "'''Days of a delivery,"),
    )]);
    repository.commit("Fix what is said of days");
    let said = repository.run(&["replay", "--last", "2", "--format", "json"]);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["summary"]["reverted_or_fixed"], 0, "{report:#}");
}
