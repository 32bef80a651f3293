//! The project's own tests.

use serde_json::Value;

use crate::support::Repository;

const CART: &str = "def days(n, express):\n    if express:\n        return 1\n    return n + 2\n\n\ndef total(items):\n    return sum(items)\n";

fn suite(tests: &str) -> String {
    format!("import unittest\n\nfrom cart import days, total\n\n\nclass TestCart(unittest.TestCase):\n{tests}")
}

fn one(name: &str, body: &str) -> String {
    format!("    def {name}(self):\n        {body}\n\n")
}

fn outcome<'r>(report: &'r Value, name: &str) -> &'r Value {
    report["tests"]
        .as_array()
        .and_then(|tests| tests.iter().find(|test| test["name"] == name))
        .unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

#[test]
fn broken_tests_and_tests_that_were_changed_to_fit_are_told() {
    let kept = one("test_express", "self.assertEqual(days(5, True), 1)")
        + &one("test_total", "self.assertEqual(total([1, 2]), 3)");
    let before = suite(
        &(one("test_days", "self.assertEqual(days(3, False), 5)")
            + &one("test_gone", "self.assertEqual(days(1, False), 3)")
            + &kept),
    );
    let after = suite(&(one("test_days", "self.assertEqual(days(3, False), 6)") + &kept));
    let repository = Repository::new(&[("cart.py", CART), ("tests/test_cart.py", &before)]);
    let head = CART.replace("n + 2", "n + 3").replace("return 1", "return 2");
    repository.write(&[("cart.py", &head), ("tests/test_cart.py", &after)]);
    let report = repository.json(&["check"]);
    let broken = outcome(&report, "TestCart::test_express");
    assert_eq!(broken["status"], "broken", "{report:#}");
    assert_eq!(broken["mentions"][0], "cart.py::days", "{report:#}");
    assert!(broken["text"].to_string().contains("2 != 1"), "{report:#}");
    let fitted = outcome(&report, "TestCart::test_days");
    assert_eq!(fitted["status"], "changed_to_fit", "{report:#}");
    assert!(
        fitted["before"].to_string().contains("5)") && fitted["after"].to_string().contains("6)"),
        "{report:#}"
    );
    let gone = outcome(&report, "TestCart::test_gone");
    assert_eq!(
        (&gone["status"], &gone["after"]),
        (&Value::from("changed_to_fit"), &Value::Null),
        "{report:#}"
    );
    assert_eq!(
        outcome(&report, "TestCart::test_total")["status"],
        "passed",
        "{report:#}"
    );
    assert_eq!(report["exit"], 1);
}

#[test]
fn a_refactored_test_and_one_that_moved_are_not_changed_to_fit() {
    let before = suite(
        &(one("test_days", "self.assertEqual(days(3, False), 5)")
            + &one("test_total", "self.assertEqual(total([1, 2]), 3)")),
    );
    let after = suite(&one("test_days", "self.assertEqual(5, days(3, False))"));
    let moved = suite(&one("test_total", "self.assertEqual(total([1, 2]), 3)"));
    let repository = Repository::new(&[("cart.py", CART), ("tests/test_cart.py", &before)]);
    let head = CART.replace("return n + 2", "return 2 + n");
    repository.write(&[
        ("cart.py", &head),
        ("tests/test_cart.py", &after),
        ("tests/test_other.py", &moved),
    ]);
    let report = repository.json(&["check"]);
    let statuses: Vec<&Value> = report["tests"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|test| &test["status"])
        .collect();
    assert_eq!(statuses, ["passed", "passed"], "{report:#}");
    assert_eq!(report["exit"], 0, "{report:#}");
}

#[test]
fn what_failed_before_and_what_is_flaky_is_no_finding() {
    let tests = one("test_wrong", "self.assertEqual(days(3, False), 7)")
        + &one(
            "test_flaky",
            "import os; seen = os.path.exists('seen'); open('seen', 'w').close(); self.assertTrue(seen)",
        );
    let repository = Repository::new(&[("cart.py", CART), ("tests/test_cart.py", &suite(&tests))]);
    repository.write(&[("cart.py", &CART.replace("return n + 2", "return 2 + n"))]);
    let report = repository.json(&["check"]);
    assert_eq!(
        outcome(&report, "TestCart::test_wrong")["status"],
        "failed_before_too",
        "{report:#}"
    );
    assert_eq!(
        outcome(&report, "TestCart::test_flaky")["status"],
        "flaky",
        "{report:#}"
    );
    assert_eq!(report["exit"], 0, "{report:#}");
}

#[test]
fn tests_may_use_what_they_need_and_touch_nothing_else() {
    let server = "import socket; server = socket.create_server(('127.0.0.1', 0)); socket.create_connection(server.getsockname(), 5)";
    let process = "import subprocess, sys; self.assertEqual(subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True).stdout, b'1\\n')";
    let write = "open('left_over.txt', 'w').write('x'); open('cart.py', 'a').write('# written')";
    let tests = [
        ("test_server", server),
        ("test_process", process),
        ("test_write", write),
    ];
    let tests: String = tests.into_iter().map(|(name, body)| one(name, body)).collect();
    let repository = Repository::new(&[("cart.py", CART), ("tests/test_cart.py", &suite(&tests))]);
    let head = CART.replace("return n + 2", "return 2 + n");
    repository.write(&[("cart.py", &head)]);
    let report = repository.json(&["check"]);
    for name in ["test_process", "test_write"] {
        assert_eq!(
            outcome(&report, &format!("TestCart::{name}"))["status"],
            "passed",
            "{report:#}"
        );
    }
    // Where the system gives no network of its own, both versions fail alike.
    let status = &outcome(&report, "TestCart::test_server")["status"];
    assert!(
        ["passed", "failed_before_too"].contains(&status.as_str().unwrap_or_default()),
        "{report:#}"
    );
    assert!(!repository.path().join("left_over.txt").exists());
    let text = std::fs::read_to_string(repository.path().join("cart.py")).expect("it is there");
    assert_eq!(text, head);
}

#[test]
fn a_test_that_ends_the_interpreter_or_a_file_that_does_not_import_stops_no_other() {
    let tests = one("test_a_exit", "import os; os._exit(3)") + &one("test_b", "self.assertEqual(days(3, False), 5)");
    let repository = Repository::new(&[
        ("cart.py", CART),
        ("tests/test_cart.py", &suite(&tests)),
        (
            "tests/test_other.py",
            "import cart\nimport no_such_module\n\n\ndef test_it():\n    pass\n",
        ),
    ]);
    repository.write(&[("cart.py", &CART.replace("return n + 2", "return 2 + n"))]);
    let report = repository.json(&["check"]);
    let ended = outcome(&report, "TestCart::test_a_exit");
    assert_eq!(ended["status"], "not_run", "{report:#}");
    assert!(
        ended["text"].to_string().contains("ended the interpreter"),
        "{report:#}"
    );
    assert_eq!(outcome(&report, "TestCart::test_b")["status"], "passed", "{report:#}");
    let other = report["tests"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|test| test["path"] == "tests/test_other.py");
    assert!(
        other.is_some_and(|test| test["status"] == "failed_before_too"),
        "{report:#}"
    );
    assert_eq!(report["exit"], 0, "{report:#}");
}

#[test]
fn tests_can_be_switched_off() {
    let repository = Repository::new(&[
        ("cart.py", CART),
        ("tests/test_cart.py", &suite(&one("test_total", "pass"))),
    ]);
    repository.write(&[("cart.py", &CART.replace("return n + 2", "return 2 + n"))]);
    let report = repository.json(&["check", "--tests", "off"]);
    assert_eq!(report["tests"], Value::Array(Vec::new()), "{report:#}");
}

#[test]
fn a_submodule_that_is_checked_out_is_there_for_tests_and_one_that_is_not_is_told() {
    let inner = Repository::new(&[("cases.txt", "3\n")]);
    let tests = one(
        "test_cases",
        "self.assertEqual(days(int(open('tests/cases/cases.txt').read()), False), 5)",
    );
    let repository = Repository::new(&[("cart.py", CART), ("tests/test_cart.py", &suite(&tests))]);
    let url = inner.path().to_string_lossy().into_owned();
    repository.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &url,
        "tests/cases",
    ]);
    repository.commit("with cases");
    repository.write(&[("cart.py", &CART.replace("n + 2", "n + 3"))]);
    let report = repository.json(&["check"]);
    assert_eq!(
        outcome(&report, "TestCart::test_cases")["status"],
        "broken",
        "{report:#}"
    );
    assert!(
        report["notes"]
            .to_string()
            .contains("the submodule tests/cases was laid over both versions"),
        "{report:#}"
    );
    repository.git(&["submodule", "--quiet", "deinit", "--force", "tests/cases"]);
    let report = repository.json(&["check"]);
    assert!(
        report["notes"]
            .to_string()
            .contains("git submodule update --init tests/cases"),
        "{report:#}"
    );
}

#[test]
fn a_conftest_that_does_not_import_on_the_new_code_takes_no_other_results_along() {
    let Some(python) = crate::support::python_with_libraries() else {
        return;
    };
    let tests = "from cart import days\n\n\ndef test_days(n):\n    assert days(n, False) == 5\n";
    let kept = "from cart import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n";
    let conftest = "import pytest\nfrom cart import days\n\n\n@pytest.fixture\ndef n():\n    return 3\n";
    let repository = Repository::new(&[
        ("cart.py", CART),
        ("tests/conftest.py", conftest),
        ("tests/test_days.py", tests),
        ("tests/test_total.py", kept),
    ]);
    repository.write(&[
        ("cart.py", &CART.replace("def days", "def whole_days")),
        (
            "tests/conftest.py",
            &conftest.replace("import days", "import whole_days"),
        ),
        (
            "tests/test_days.py",
            &tests
                .replace("days(n", "whole_days(n")
                .replace("import days", "import whole_days"),
        ),
    ]);
    let report = repository.json(&["check", "--tests", "all", "--python", python.to_str().expect("UTF-8")]);
    let total = outcome(&report, "test_total");
    assert_eq!(
        (&total["status"], &total["path"]),
        (&"passed".into(), &"tests/test_total.py".into()),
        "{report:#}"
    );
    let all = report["tests"].as_array().into_iter().flatten();
    let fitted: Vec<&Value> = all.filter(|test| test["status"] == "changed_to_fit").collect();
    assert_eq!(fitted.len(), 1, "{report:#}");
    let text = fitted[0]["text"].to_string();
    assert!(
        text.contains("ImportError") && text.contains("cannot import name 'days'"),
        "{report:#}"
    );
}

#[test]
fn tests_are_known_by_their_paths_wherever_pytest_has_its_configuration() {
    let Some(python) = crate::support::python_with_libraries() else {
        return;
    };
    let test = "from cart import days\n\n\ndef test_days():\n    assert days(3, False) == 5\n";
    for folder in ["", "backend/"] {
        let at = |path: &str| format!("{folder}{path}");
        let mut files = vec![
            (at("cart.py"), CART.to_owned()),
            (at("tests/test_days.py"), test.to_owned()),
        ];
        if !folder.is_empty() {
            files.push((at("pytest.ini"), "[pytest]\npythonpath = .\n".to_owned()));
            files.push((at("pyproject.toml"), "[project]\nname = 'cart'\n".to_owned()));
        }
        // Above the cache, too, may lie a configuration: of somebody else.
        let strange = ("../pyproject.toml", "[tool.pytest.ini_options]\naddopts = '--nope'\n");
        let all: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        let repository = Repository::new(&all);
        repository.write(&[strange]);
        repository.write(&[
            (&at("cart.py"), &CART.replace("n + 2", "n + 3")),
            (&at("tests/test_days.py"), &test.replace("== 5", "== 6")),
        ]);
        let report = repository.json(&["check", "--python", python.to_str().expect("UTF-8")]);
        let tests = report["tests"].as_array().into_iter().flatten();
        let fitted: Vec<&Value> = tests.filter(|test| test["status"] == "changed_to_fit").collect();
        assert_eq!(fitted.len(), 1, "{report:#}");
        assert_eq!(fitted[0]["path"], at("tests/test_days.py"), "{report:#}");
    }
}
