//! The report as SARIF 2.1.0, which code scanning and editors read.
//!
//! What was not verified is a result of the kind `open`, so that no reader takes silence for a pass. Braces in messages are
//! not doubled: without `arguments` readers replace nothing, and show what is written.

use crate::groups::{self, Shown};
use crate::tell::{self, Level};
use crate::terminal::{how_hard, safe};
use crate::{concerns, json, words};
use model::FindingKind;
use model::report::{
    Acceptance, AcceptanceState, CheckReport, ConcernReport, FindingReport, FunctionReport, Status, TestReport,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The schema that readers are told of.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What paths are relative to: the top of the checked project.
const ROOT: &str = "%SRCROOT%";
/// Where the tool is at home.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");
/// The rule of what could not be verified.
const NOT_VERIFIED: &str = "not_verified";
/// The rule of what a reader must not miss.
const REVIEW: &str = "review";
/// The rules of findings.
const KINDS: [FindingKind; 8] = [
    FindingKind::NewExposure,
    FindingKind::NewCrash,
    FindingKind::NewHang,
    FindingKind::LostError,
    FindingKind::ChangedEffect,
    FindingKind::Changed,
    FindingKind::Slower,
    FindingKind::Suspicious,
];

/// The report as indented SARIF, ended by a newline.
pub fn text(report: &CheckReport) -> String {
    json::written(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "counterproof",
                "version": report.tool_version,
                "informationUri": HOME,
                "rules": rules(report),
            }},
            "originalUriBaseIds": { ROOT: message_at("description", "The top of the checked project.") },
            "taxonomies": taxonomies(report),
            "invocations": [invocation(report)],
            "results": results(report),
            "properties": {
                "base": safe(&report.base.name),
                "head": safe(&report.head.name),
                "interpreter": report.interpreter.as_deref().map(safe),
            },
        }],
    }))
}

/// The published name of a kind of finding, as in the JSON report.
fn rule_of(kind: FindingKind) -> String {
    let name = serde_json::to_value(kind).ok();
    name.and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The rule of a finding: where a weakness is known, one of its own, since trackers know weaknesses of rules alone.
fn rule_of_finding(finding: &FindingReport) -> String {
    let rule = rule_of(finding.kind);
    match finding.cwe {
        Some(cwe) => format!("{rule}/cwe-{cwe}"),
        None => rule,
    }
}

/// The weaknesses that the report tells, with the kind of finding that tells them.
fn weaknesses(report: &CheckReport) -> BTreeSet<(u32, String)> {
    let findings = report.functions.iter().flat_map(|function| &function.findings);
    let concerns = report.concerns.iter().map(|concern| (concern.cwe, REVIEW.to_owned()));
    findings
        .filter_map(|finding| Some((finding.cwe?, rule_of(finding.kind))))
        .chain(concerns)
        .collect()
}

/// The Common Weakness Enumeration, as far as the report tells of it.
fn taxonomies(report: &CheckReport) -> Vec<Value> {
    let told: BTreeSet<u32> = weaknesses(report).into_iter().map(|(cwe, _)| cwe).collect();
    if told.is_empty() {
        return Vec::new();
    }
    let taxa = told.into_iter().map(|cwe| {
        json!({
            "id": cwe.to_string(),
            "name": words::weakness(cwe),
            "helpUri": format!("https://cwe.mitre.org/data/definitions/{cwe}.html"),
        })
    });
    vec![json!({
        "name": "CWE",
        "organization": "MITRE",
        "shortDescription": { "text": "The MITRE Common Weakness Enumeration" },
        "informationUri": "https://cwe.mitre.org",
        "taxa": taxa.collect::<Vec<_>>(),
    })]
}

/// A rule for each weakness that the report tells: code scanning takes tags and severity from the rule.
fn rules_of_weaknesses(report: &CheckReport) -> impl Iterator<Item = Value> {
    weaknesses(report).into_iter().map(|(cwe, kind)| {
        let name = format!("{}: {}", heading(&kind), words::cwe(cwe));
        let mut rule = rule(&format!("{kind}/cwe-{cwe}"), &name, words::weakness(cwe), "error");
        rule["properties"] = json!({
            "tags": ["security", format!("external/cwe/cwe-{cwe:03}")],
            "security-severity": "8.0",
        });
        rule
    })
}

/// The heading of a rule.
fn heading(kind: &str) -> String {
    kind.replace('_', " ").to_uppercase()
}

fn rules(report: &CheckReport) -> Vec<Value> {
    let findings = KINDS.map(|kind| {
        let level = match kind {
            FindingKind::NewExposure | FindingKind::NewCrash | FindingKind::NewHang => Level::Error,
            _ => Level::Warning,
        };
        rule(
            &rule_of(kind),
            words::kind(kind),
            words::meaning(kind),
            level_name(level),
        )
    });
    let others = [
        rule(
            "broken_test",
            "BROKEN TEST",
            "base passes the test and head fails it, twice",
            "error",
        ),
        rule(
            "test_changed_to_fit",
            "TEST CHANGED TO FIT",
            "the change edits, skips or deletes the test, and as it was it fails on the new code, though it passed on the old",
            "warning",
        ),
        rule(REVIEW, concerns::HEADING, concerns::MEANING, "warning"),
        rule(
            NOT_VERIFIED,
            "NOT VERIFIED",
            "it changed, and nothing can be said of what it does; this is no pass",
            "none",
        ),
    ];
    findings
        .into_iter()
        .chain(others)
        .chain(rules_of_weaknesses(report))
        .collect()
}

fn rule(id: &str, name: &str, meaning: &str, level: &str) -> Value {
    json!({
        "id": id,
        "name": pascal(id),
        "shortDescription": { "text": name },
        "fullDescription": { "text": meaning },
        "help": { "text": format!("{name}: {meaning}") },
        "helpUri": HOME,
        "defaultConfiguration": { "level": level },
    })
}

/// `new_crash` as `NewCrash`, the form that SARIF asks of names.
fn pascal(id: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    id.split(['_', '/', '-']).map(word).collect()
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn invocation(report: &CheckReport) -> Value {
    let silent = report.tests.iter().filter_map(|one| match tell::test(one.status) {
        Some((Level::Note, word)) => Some(notification(&format!("{word}: {}", test_text(one)))),
        _ => None,
    });
    let remarks = tell::remarks(report);
    let remarks = remarks.iter().map(|remark| notification(remark));
    json!({
        "executionSuccessful": true,
        "exitCode": report.exit,
        "exitCodeDescription": match report.exit {
            0 => "nothing to act on",
            1 => "findings",
            _ => "not verified",
        },
        "toolExecutionNotifications": remarks.chain(silent).collect::<Vec<Value>>(),
    })
}

fn notification(text: &str) -> Value {
    json!({ "level": "note", "message": message(text) })
}

/// A message. `](` would make a link of what is none; blanks there change nothing in code.
fn message(text: &str) -> Value {
    json!({ "text": text.replace("](", "] (") })
}

fn message_at(key: &str, text: &str) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), message(text))]))
}

fn results(report: &CheckReport) -> Vec<Value> {
    let mut results = Vec::new();
    results.extend(groups::of(report, false).iter().map(|group| of_group(group)));
    for function in &report.functions {
        let accepted = function.findings.iter().filter(|finding| finding.is_accepted());
        results.extend(accepted.map(|finding| of_group(&[(function, finding)])));
    }
    results.extend(report.concerns.iter().map(of_concern));
    results.extend(
        tell::tests_to_act_on(report)
            .iter()
            .map(|(level, word, test)| of_test(*level, word, test)),
    );
    let open = report.functions.iter().filter(|one| one.status == Status::NotVerified);
    results.extend(open.map(of_open));
    results.extend(report.unverified.iter().map(|file| {
        let text = format!("{} was not verified: {}", safe(&file.path), safe(&file.reason));
        open_result(&text, location(&file.path, None, None))
    }));
    results
}

/// One result for all functions in which the same shows: the others are related places.
fn of_group(group: &[Shown]) -> Value {
    let (function, finding) = group[0];
    let (path, line) = tell::place(function, finding);
    let text = format!(
        "{}\n{}",
        tell::title(function, finding),
        tell::finding(function, finding).join("\n")
    );
    let mut result = json!({
        "ruleId": rule_of_finding(finding),
        "kind": "fail",
        "level": level_name(tell::level(finding)),
        "message": message(&text),
        "locations": [location(path, Some(line), Some(function))],
        "partialFingerprints": { "counterproofFinding/v1": finding.id },
    });
    if let Some(cwe) = finding.cwe {
        result["taxa"] = json!([{ "id": cwe.to_string(), "toolComponent": { "name": "CWE" } }]);
    }
    if group.len() > 1 {
        let related = group[1..].iter().map(|(other, same)| {
            let mut place = location(&other.path, Some(other.line), Some(other));
            place["message"] = message(&format!("it shows in {}, too ({})", tell::name(other), safe(&same.id)));
            place
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(acceptance) = &finding.acceptance {
        result["suppressions"] = json!([suppression(acceptance)]);
    }
    result
}

/// Something that a reader must not miss.
fn of_concern(concern: &ConcernReport) -> Value {
    let mut result = json!({
        "ruleId": format!("{REVIEW}/cwe-{}", concern.cwe),
        "kind": "fail",
        "level": "warning",
        "message": message(&concerns::line(concern)),
        "locations": [location(&concern.path, Some(concern.line), None)],
        "partialFingerprints": { "counterproofFinding/v1": concern.id },
        "taxa": [{ "id": concern.cwe.to_string(), "toolComponent": { "name": "CWE" } }],
    });
    if let Some(acceptance) = &concern.acceptance {
        result["suppressions"] = json!([suppression(acceptance)]);
    }
    result
}

/// That somebody wants it so. One that the change under check adds itself is under review, which suppresses nothing.
fn suppression(acceptance: &Acceptance) -> Value {
    json!({
        "kind": "external",
        "status": match acceptance.state {
            AcceptanceState::Accepted => "accepted",
            AcceptanceState::Pending => "underReview",
        },
        "justification": format!("{} ({})", safe(&acceptance.reason), safe(&acceptance.who)),
    })
}

/// A test's name, and what became of it.
fn test_text(test: &TestReport) -> String {
    let lines = tell::test_story(test).join("\n");
    format!("{} in {}\n{lines}", tell::test_name(test), safe(&test.path))
        .trim_end()
        .to_owned()
}

fn of_test(level: Level, word: &str, test: &TestReport) -> Value {
    let (path, line) = test.place.as_ref().map_or((test.path.as_str(), None), |place| {
        (place.path.as_str(), Some(place.line))
    });
    json!({
        "ruleId": if level == Level::Error { "broken_test" } else { "test_changed_to_fit" },
        "kind": "fail",
        "level": level_name(level),
        "message": message(&format!("{word}: {}", test_text(test))),
        "locations": [location(path, line, None)],
        "partialFingerprints": { "counterproofTest/v1": format!("{}::{}", test.path, test.name) },
    })
}

fn of_open(function: &FunctionReport) -> Value {
    let text = format!("{} was not verified: {}", tell::name(function), tell::reason(function));
    let text = if function.inputs > 0 {
        format!("{text}\n{}", how_hard(function))
    } else {
        text
    };
    open_result(&text, location(&function.path, Some(function.line), Some(function)))
}

fn open_result(text: &str, location: Value) -> Value {
    json!({
        "ruleId": NOT_VERIFIED,
        "kind": "open",
        "level": "none",
        "message": message(text),
        "locations": [location],
    })
}

fn location(path: &str, line: Option<u32>, function: Option<&FunctionReport>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": ROOT } });
    if let Some(line) = line {
        physical["region"] = json!({ "startLine": line.max(1) });
    }
    let mut location = json!({ "physicalLocation": physical });
    if let Some(function) = function {
        let is_module = function.qualified_name == "<module>";
        location["logicalLocations"] = json!([{
            "fullyQualifiedName": safe(&function.qualified_name),
            "kind": if is_module { "module" } else { "function" },
        }]);
    }
    location
}

/// A relative path as a URI: all but letters, digits and a few marks as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            plain if plain.is_ascii_alphanumeric() || b"-._~/".contains(&plain) => uri.push(char::from(plain)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accept, caller_and_called, full_report, many_findings, sample_report};
    use std::path::Path;

    fn read(report: &CheckReport) -> Value {
        serde_json::from_str(&text(report)).unwrap()
    }

    #[test]
    fn one_of_each() {
        insta::assert_snapshot!(text(&full_report()));
    }

    fn validator() -> jsonschema::Validator {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sarif-schema-2.1.0.json");
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    }

    fn assert_fits(report: &CheckReport) {
        let (validator, log) = (validator(), read(report));
        let errors = validator.iter_errors(&log);
        let errors: Vec<String> = errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }

    #[test]
    fn it_fits_the_published_schema() {
        for report in [sample_report(), full_report()] {
            assert_fits(&report);
        }
        let validator = validator();
        let mut broken = read(&sample_report());
        broken["runs"][0]["results"][0]["level"] = "grave".into();
        assert!(!validator.is_valid(&broken), "the schema is not looked at");
    }

    #[test]
    fn every_result_has_a_rule_and_every_kind_a_level() {
        let log = read(&full_report());
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: Vec<&Value> = rules.iter().map(|rule| &rule["id"]).collect();
        let expected = [
            "new_exposure",
            "new_crash",
            "new_hang",
            "lost_error",
            "changed_effect",
            "changed",
            "slower",
            "suspicious",
            "broken_test",
            "test_changed_to_fit",
            "review",
            "not_verified",
        ];
        assert_eq!(ids, expected);
        for result in run["results"].as_array().unwrap() {
            assert!(ids.contains(&&result["ruleId"]), "{result:#}");
            assert_eq!(result["kind"] == "open", result["level"] == "none", "{result:#}");
        }
    }

    #[test]
    fn what_is_accepted_is_suppressed_and_what_is_pending_is_under_review() {
        let first = |report: &CheckReport| read(report)["runs"][0]["results"][0]["suppressions"].clone();
        let mut report = many_findings(1);
        assert_eq!(first(&report), Value::Null);
        for (state, status) in [
            (AcceptanceState::Accepted, "accepted"),
            (AcceptanceState::Pending, "underReview"),
        ] {
            accept(&mut report, "id0", state);
            let expected = json!([{ "kind": "external", "status": status, "justification": "agreed (A <a@b>)" }]);
            assert_eq!(first(&report), expected);
            assert_fits(&report);
        }
    }

    #[test]
    fn the_same_change_is_one_result_with_related_places() {
        let report = caller_and_called();
        let results = &read(&report)["runs"][0]["results"];
        assert_eq!(results.as_array().map(Vec::len), Some(1), "{results:#}");
        let related = &results[0]["relatedLocations"][0];
        assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "b.py");
        assert_eq!(related["message"]["text"], "it shows in g, too (caller)");
        assert_fits(&report);
    }

    #[test]
    fn minor_findings_are_notes() {
        let mut report = sample_report();
        assert_eq!(read(&report)["runs"][0]["results"][0]["level"], "error");
        report.functions[0].findings[0].minor = true;
        assert_eq!(read(&report)["runs"][0]["results"][0]["level"], "note");
    }

    #[test]
    fn paths_become_relative_uris_and_brackets_no_links() {
        assert_eq!(uri("a b/ü:#%.py"), "a%20b/%C3%BC%3A%23%25.py");
        assert_eq!(message("[x](http://y)")["text"], "[x] (http://y)");
    }
}
