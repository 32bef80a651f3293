//! The formats that other programs read: complete, nothing else on standard output, and the exit code of the check.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Repository, Said, python_with_libraries};

const CART: &str = "RATE = 2\n\n\ndef days(items):\n    if not items:\n        return 0\n    return items[0] + 2\n\n\ndef total(items):\n    return sum(items)\n";
const TESTS: &str = "import unittest\n\nfrom cart import days\n\n\nclass TestCart(unittest.TestCase):\n    def test_days(self):\n        self.assertEqual(days([]), 0)\n";

/// A crash, a broken test, a function that does the same, and a file that is not verified.
fn changed() -> Repository {
    let repository = Repository::new(&[("cart.py", CART), ("rates.json", "{}\n"), ("tests/test_cart.py", TESTS)]);
    let head = CART
        .replace("    if not items:\n        return 0\n", "")
        .replace("return sum(items)", "result = sum(items)\n    return result");
    repository.write(&[("cart.py", &head), ("rates.json", "{\"a\": 1}\n")]);
    repository
}

#[track_caller]
fn said(format: &str) -> Said {
    let said = changed().run(&["check", "--format", format]);
    assert_eq!(said.code, 1, "{said}");
    assert!(!said.out.contains("\u{1b}["), "{said}");
    said
}

#[test]
fn sarif_fits_its_schema_and_passes_nothing_over() {
    let repository = changed();
    let said = repository.run(&["check", "--format", "sarif"]);
    assert_eq!(said.code, 1, "{said}");
    let log: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said}"));
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/tests/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).expect("the schema")).expect("JSON");
    jsonschema::validate(&schema, &log).unwrap_or_else(|error| panic!("{error}: {said}"));

    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["exitCode"], 1, "{said}");
    let of_rule = |rule: &str| {
        let results = run["results"].as_array().expect("results");
        let result = results.iter().find(|result| result["ruleId"] == rule);
        result.unwrap_or_else(|| panic!("no {rule}: {said}"))
    };
    let crash = of_rule("new_crash");
    assert_eq!(crash["level"], "error", "{said}");
    let place = &crash["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "cart.py", "{said}");
    assert_eq!(place["region"]["startLine"], 4, "{said}");
    let text = crash["message"]["text"].as_str().expect("a message");
    assert!(
        text.contains("days([])") && text.contains("now raises IndexError"),
        "{said}"
    );
    let report = repository.json(&["check"]);
    let id = &crate::support::function(&report, "days")["findings"][0]["id"];
    assert_eq!(&crash["partialFingerprints"]["counterproofFinding/v1"], id, "{said}");
    assert_eq!(of_rule("broken_test")["level"], "error", "{said}");
    let open = of_rule("not_verified");
    assert_eq!(
        (&open["kind"], &open["level"]),
        (&"open".into(), &"none".into()),
        "{said}"
    );
}

/// Reads JUnit XML with `junitparser` and prints `name: outcome` for each case.
const READ_JUNIT: &str = "\
import sys
from junitparser import JUnitXml

for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):
    for case in suite:
        print(case.name + ': ' + (', '.join(type(one).__name__ for one in case.result) or 'passed'))
";

#[test]
fn junit_has_a_case_for_each_function_and_test() {
    let said = said("junit");
    assert!(
        said.out
            .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "),
        "{said}"
    );
    assert!(said.out.ends_with("</testsuites>\n"), "{said}");
    for part in [
        "name=\"days\"",
        "type=\"NEW CRASH\"",
        "type=\"BROKEN TEST\"",
        "NOT VERIFIED: data file",
    ] {
        assert!(said.out.contains(part), "{part}: {said}");
    }
    let Some(python) = python_with_libraries() else { return };
    let mut reader = Command::new(python)
        .args(["-c", READ_JUNIT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python runs");
    let mut input = reader.stdin.take().expect("a pipe");
    input.write_all(said.out.as_bytes()).expect("it reads");
    drop(input);
    let output = reader.wait_with_output().expect("python ends");
    let read = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines: Vec<&str> = read.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "TestCart::test_days: Failure",
            "days: Failure",
            "rates.json: Skipped",
            "total: passed"
        ]
    );
}

#[test]
fn github_gets_workflow_commands_and_nothing_else() {
    let said = said("github");
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("::")), "{said}");
    let has = |start: &str| lines.iter().any(|line| line.starts_with(start));
    assert!(
        has("::error file=cart.py,line=4,title=NEW CRASH in days::days([])%0Awas 0%0A"),
        "{said}"
    );
    assert!(
        has("::error file=cart.py,line=5,title=BROKEN TEST TestCart%3A%3Atest_days::"),
        "{said}"
    );
    assert!(
        has("::notice title=counterproof::NOT VERIFIED: 1 file: data file"),
        "{said}"
    );
    let nothing = Repository::new(&[("a.py", "X = 1\n")]).run(&["check", "--format", "github"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""), "{nothing}");
}

#[test]
fn markdown_begins_with_the_verdict() {
    let said = said("markdown");
    let start = "### Counterproof: 1 function behaves differently · 1 broken test\n";
    assert!(said.out.starts_with(start), "{said}");
    for part in [
        "\n| **NEW CRASH** | `days`<br>`cart.py:4` | `days([])` | `0` | `raises IndexError: list index out of range` |\n",
        "\n**BROKEN TEST** `tests/test_cart.py TestCart::test_days`\n",
        "<details><summary>NOT VERIFIED: 1 file</summary>",
    ] {
        assert!(said.out.contains(part), "{part}: {said}");
    }
}
