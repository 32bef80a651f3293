//! Policy engines that decide beside the gate: the examples, asked about a real change, and their answers handed in.

use std::path::Path;
use std::process::Command;

use attest::keys::SigningKey;
use serde_json::{Value, json};

use crate::support::{Repository, python_with_schemas, said};

/// A repository whose policy asks another engine, and a change with a migration that an agent wrote.
fn asked() -> Repository {
    let repository = Repository::new(&[("cart.py", "def days(items):\n    return len(items)\n")]);
    let policy = format!(
        "[gate]\nwithout_defaults = true\n[[person]]\nid = \"bob\"\nkeys = [\"{}\"]\n\
         [[service]]\nname = \"checkout\"\npaths = [\"/cart.py\", \"/migrations/\"]\ntier = 1\n\
         [[rule]]\nname = \"ours\"\nkind = \"decision\"\n",
        bob(&repository).public_key().to_line("bob")
    );
    repository.write(&[("counterproof.toml", &policy)]);
    repository.commit("A policy");
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("migrations/0001.py", "ADDED = [\"weight\"]\n")]);
    repository.commit("A migration\n\nCo-Authored-By: Claude <noreply@anthropic.com>");
    repository
}

fn bob(repository: &Repository) -> SigningKey {
    let path = repository.path().with_file_name("bob.pem");
    let utf8 = camino::Utf8Path::from_path(&path).expect("a path");
    if !path.exists() {
        SigningKey::generate()
            .expect("a key")
            .write(utf8)
            .expect("it is written");
    }
    SigningKey::read(utf8).expect("a key")
}

fn approve(repository: &Repository) {
    let mut command = repository.command(&["approve"]);
    command.env("COUNTERPROOF_KEY", repository.path().with_file_name("bob.pem"));
    let (exit, text) = said(command);
    assert_eq!(exit, 0, "{text}");
}

fn input(repository: &Repository) -> Value {
    let output = repository.command(&["gate", "input"]).output().expect("it runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Hands a decision in.
fn judge(repository: &Repository, decision: &Value) -> (i32, String) {
    let path = repository.path().with_file_name("decision.json");
    std::fs::write(&path, decision.to_string()).expect("a file");
    said(repository.command(&["gate", "merge", "--decision", &path.to_string_lossy()]))
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/policy-engines")
        .join(name);
    std::fs::read_to_string(path).expect("an example")
}

fn rego(file: &str, rule: &str, input: &Value) -> Value {
    let mut engine = regorus::Engine::new();
    engine.add_policy(file.to_owned(), example(file)).expect("Rego");
    engine.set_input(regorus::Value::from_json_str(&input.to_string()).expect("JSON"));
    let answer = engine.eval_rule(rule.to_owned()).expect("an answer");
    serde_json::from_str(&answer.to_json_str().expect("JSON")).expect("JSON")
}

/// The same question on a Thursday or a Friday, whatever day it is.
fn on(input: &Value, day: &str) -> Value {
    let mut input = input.clone();
    input["now"] = json!(day);
    input
}

const THURSDAY: &str = "2026-11-26T10:00:00Z";
const FRIDAY: &str = "2026-11-27T10:00:00Z";

/// An engine refuses until bob has approved, and on Fridays.
fn tried(decide: &dyn Fn(&Value) -> Value) {
    let repository = asked();
    let (exit, text) = said(repository.command(&["gate", "merge"]));
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("? ours: the other policy engine gave no decision"),
        "{text}"
    );
    let before = on(&input(&repository), THURSDAY);
    let (exit, text) = judge(&repository, &decide(&before));
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("bob has yet to approve it"), "{text}");
    approve(&repository);
    // The old answer is about another question.
    let (exit, text) = judge(&repository, &decide(&before));
    assert_eq!(exit, 4, "{text}");
    let after = input(&repository);
    let (exit, text) = judge(&repository, &decide(&on(&after, THURSDAY)));
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = judge(&repository, &decide(&on(&after, FRIDAY)));
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("into a service of tier 1 on no Friday"), "{text}");
}

#[test]
fn what_is_missing_from_the_question_is_refused() {
    let repository = asked();
    approve(&repository);
    let whole = on(&input(&repository), THURSDAY);
    let refuses = |question: &Value| {
        let deny = rego("conftest/policy.rego", "data.main.deny", question);
        let decision = rego("opa/policy.rego", "data.counterproof.decision", question);
        (deny != json!([]), decision["allow"] == false)
    };
    assert_eq!(refuses(&whole), (false, false));
    for part in ["schema", "services", "approvals", "change"] {
        let mut question = whole.clone();
        question.as_object_mut().expect("an object").remove(part);
        assert_eq!(refuses(&question), (true, true), "{part}");
    }
}

#[test]
fn open_policy_agent_has_a_say() {
    tried(&|input| rego("opa/policy.rego", "data.counterproof.decision", input));
}

#[test]
fn conftest_has_a_say() {
    tried(&|input| {
        let reasons = rego("conftest/policy.rego", "data.main.deny", input);
        let allow = reasons.as_array().is_some_and(Vec::is_empty);
        json!({"rule": "ours", "allow": allow, "reasons": reasons, "input": input["digest"]})
    });
}

#[test]
fn cedar_has_a_say() {
    let Some(python) = python_with_schemas() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policy-engines/cedar/decide.py");
    tried(&|input| {
        std::fs::write(&path, input.to_string()).expect("a file");
        let output = Command::new(&python)
            .arg(&script)
            .arg(&path)
            .output()
            .expect("python runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    });
}
