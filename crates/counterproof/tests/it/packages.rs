//! Released versions of real packages, laid out by `cargo xtask test`: every run is whole, sound and shown.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Repository, function, status};

/// The folder of a release, where `cargo xtask test` has laid releases out; run by itself, `cargo test` has none.
fn release(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("COUNTERPROOF_TEST_PACKAGES")?).join(name);
    assert!(
        folder.is_dir(),
        "{} is missing: run `cargo xtask test`",
        folder.display()
    );
    Some(folder)
}

/// Checks two releases and holds what must be true of any result.
fn check(old: &str, new: &str) -> Option<Value> {
    let (old, new) = (release(old)?, release(new)?);
    let repository = Repository::bare_folder();
    let report = repository.json(&[
        "check",
        "--trees",
        old.to_str().expect("UTF-8"),
        new.to_str().expect("UTF-8"),
        "--budget",
        "30s",
    ]);
    let functions = report["functions"].as_array().expect("functions");
    assert!(!functions.is_empty(), "something changed");
    for function in functions {
        let (status, inputs) = (
            function["status"].as_str().expect("a status"),
            function["inputs"].as_u64().expect("inputs"),
        );
        match status {
            "same" if function["strength"] != "proved" => assert!(inputs > 0, "{function:#}"),
            "not_verified" => assert!(
                function["reason"].as_str().is_some_and(|reason| !reason.is_empty()),
                "{function:#}"
            ),
            "same" | "new" | "removed" => {}
            _ => assert!(
                !function["findings"].as_array().expect("findings").is_empty(),
                "{function:#}"
            ),
        }
    }
    // What the budget cut off depends on the machine: it says nothing.
    let had_their_turn: Vec<&Value> = functions
        .iter()
        .filter(|function| {
            !function["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("time budget"))
        })
        .collect();
    let verified = had_their_turn
        .iter()
        .filter(|function| function["status"] != "not_verified")
        .count();
    assert!(
        verified * 2 > had_their_turn.len(),
        "{verified} of {} verified",
        had_their_turn.len()
    );
    Some(report)
}

#[test]
fn toolz() {
    check("toolz-0.12.1", "toolz-1.0.0");
}

#[test]
fn humanize() {
    if let Some(report) = check("humanize-4.9.0", "humanize-4.10.0") {
        assert_eq!(status(&report, "naturaldelta"), "changed");
        assert_eq!(function(&report, "metric")["findings"][0]["kind"], "lost_error");
    }
}

#[test]
fn packaging() {
    if let Some(report) = check("packaging-23.2", "packaging-24.0") {
        assert_eq!(status(&report, "_version_split"), "changed");
    }
}

#[test]
fn more_itertools() {
    check("more-itertools-10.4.0", "more-itertools-10.5.0");
}

#[test]
fn tabulate() {
    check("tabulate-0.8.10", "tabulate-0.9.0");
}

#[test]
fn sortedcontainers() {
    check("sortedcontainers-2.2.2", "sortedcontainers-2.3.0");
}
