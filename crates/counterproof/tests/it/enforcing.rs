//! What asks for a verdict on a forge and in a cluster: the action, the template, and the examples in `examples/enforce`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::documents::{document, run_script, script_after};
use crate::support::{Repository, python_with_schemas};

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";
const MARK: &str = "<!-- counterproof:gate -->\n";

/// A repository with a remote that has `main`, and a branch `feature` that replaces a text in the one file.
fn proposed(from: &str, to: &str) -> Repository {
    let repository = Repository::new(&[("cart.py", CART)]);
    repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", "../remote.git"]);
    repository.git(&["remote", "add", "origin", "../remote.git"]);
    repository.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("cart.py", &CART.replace(from, to))]);
    repository.commit("A change");
    repository
}

/// A proposal that nobody can verify, since it does not import here.
fn unverified() -> Repository {
    proposed(
        "def days(items):\n    if not items:",
        "import nothing_that_is\n\n\ndef days(items):\n    if nothing_that_is.f(items):",
    )
}

/// A program in a folder that comes first on the path; it notes what it is called with in `../calls`.
fn stand_in(repository: &Repository, name: &str, script: &str) -> String {
    let folder = repository.path().join("../stand-ins");
    fs::create_dir_all(&folder).expect("a folder");
    let calls = repository.path().join("../calls");
    let text = format!(
        "#!/bin/bash\nprintf '%s\\n' \"$*\" >> '{}'\n{script}\n",
        calls.display()
    );
    fs::write(folder.join(name), text).expect("a program");
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("rights");
    let binary = PathBuf::from(repository.command(&[]).get_program());
    let binary = binary.parent().expect("a folder").display().to_string();
    format!(
        "{}:{binary}:{}",
        folder.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

/// What the stand-in was called with since the last time.
fn calls(repository: &Repository) -> String {
    let path = repository.path().join("../calls");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _ = fs::remove_file(path);
    text
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// Runs the action's gate; `gh` is what stands in for GitHub's program.
fn action(repository: &Repository, gh: &str, environment: &[(&str, &str)]) -> (Output, String) {
    let action = document("action.yml");
    let gate = action.split("id: gate").nth(1).expect("a step that asks the gate");
    let script = script_after(gate, "run: |").replace("\"$RUNNER_TEMP/counterproof/bin/counterproof\"", "counterproof");
    let summary = repository.path().join("../summary");
    let _ = fs::remove_file(&summary);
    let temporary = repository.path().join("..");
    let path = stand_in(repository, "gh", gh);
    let usual = [
        ("PATH", path.as_str()),
        ("TARGET", "origin/main"),
        ("CHANGE", "feature"),
        ("NUMBER", "12"),
        ("FAIL_ON_HOLD", "true"),
        ("COMMENT", "true"),
        ("GH_TOKEN", "secret"),
        ("GITHUB_REPOSITORY", "shop/cart"),
        ("GITHUB_OUTPUT", "/dev/null"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().expect("UTF-8")),
        ("RUNNER_TEMP", temporary.to_str().expect("UTF-8")),
    ];
    let output = run_script(repository, &script, &[&usual, environment].concat());
    (output, fs::read_to_string(summary).unwrap_or_default())
}

const GH: &str = "case \"$*\" in\n\
    *'user --jq'*) echo '{\"message\": \"Resource not accessible\"}'; exit 1 ;;\n\
    *--paginate*) echo \"of $OWN\" >&2; echo \"$ID\" ;;\n\
    *--method*) cat \"${@: -1:1}\" > /dev/null 2>&1; true ;;\n\
    esac";

#[test]
fn the_action_s_gate_blocks_annotates_and_keeps_one_comment() {
    let repository = proposed("return 0", "return None");
    let (output, summary) = action(&repository, GH, &[("ID", "7")]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let said = text(&output);
    assert!(
        said.contains("::error title=no unaccepted regression::") && said.contains("of github-actions[bot]"),
        "{said}"
    );
    assert!(
        summary.starts_with(&format!("{MARK}### Counterproof: block")),
        "{summary}"
    );
    let asked = calls(&repository);
    assert!(
        asked.contains("--method PATCH repos/shop/cart/issues/comments/7 -F body=@"),
        "{asked}"
    );
    let (_, _) = action(&repository, GH, &[("ID", "")]);
    let asked = calls(&repository);
    assert!(
        asked.contains("--method POST repos/shop/cart/issues/12/comments -F body=@"),
        "{asked}"
    );
}

#[test]
fn the_action_s_verdict_stands_without_a_comment() {
    let repository = proposed("return 0", "return 0  # the same");
    let (output, summary) = action(&repository, "exit 1", &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).contains("::notice title=gate::the comment could not be written"),
        "{}",
        text(&output)
    );
    assert!(summary.contains("### Counterproof: pass"), "{summary}");
    for nothing in [("COMMENT", "false"), ("NUMBER", "")] {
        calls(&repository);
        let (output, _) = action(&repository, "exit 1", &[nothing]);
        assert_eq!((output.status.code(), calls(&repository).as_str()), (Some(0), ""));
    }
}

#[test]
fn the_action_fails_on_a_hold_unless_it_is_told_not_to() {
    let repository = unverified();
    let (output, summary) = action(&repository, GH, &[("ID", "")]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(summary.contains("### Counterproof: hold"), "{summary}");
    let (output, _) = action(&repository, GH, &[("ID", ""), ("FAIL_ON_HOLD", "false")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(
        text(&output).contains("::warning title=gate::hold"),
        "{}",
        text(&output)
    );
    for (environment, code) in [
        (("TARGET", ""), 2),
        (("TARGET", "0000000"), 2),
        (("CHANGE", "nowhere"), 2),
    ] {
        let (output, _) = action(&repository, GH, &[environment, ("FAIL_ON_HOLD", "false")]);
        assert_eq!(output.status.code(), Some(code), "{environment:?}: {}", text(&output));
    }
}

const CURL: &str = "read -r token; echo \"token: $token\" >> \"$CALLS\"\n\
    case \"$*\" in\n\
    *api/v4/user) echo '{\"id\": 6}' ;;\n\
    *page=1) echo \"$NOTES\" ;;\n\
    *page=*) echo '[]' ;;\n\
    esac";

fn template(repository: &Repository, curl: &str, environment: &[(&str, &str)]) -> Output {
    let template = document("templates/gitlab.yml");
    let gate = template
        .split("counterproof-gate:")
        .nth(1)
        .expect("a job that asks the gate");
    let script = script_after(gate, "- |");
    let path = stand_in(repository, "curl", curl);
    let log = repository.path().join("../calls");
    let commit = repository.git(&["rev-parse", "feature"]);
    let usual = [
        ("PATH", path.as_str()),
        ("CALLS", log.to_str().expect("UTF-8")),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_COMMIT_SHA", commit.trim()),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "4"),
        ("CI_MERGE_REQUEST_IID", "9"),
    ];
    run_script(repository, &script, &[&usual, environment].concat())
}

#[test]
fn the_template_s_gate_keeps_one_note_and_its_token_to_itself() {
    let repository = proposed("return 0", "return None");
    let output = template(&repository, CURL, &[]);
    assert_eq!(
        (output.status.code(), calls(&repository).as_str()),
        (Some(1), ""),
        "{}",
        text(&output)
    );
    let verdict = fs::read_to_string(repository.path().join("counterproof-verdict.json")).expect("a verdict");
    let verdict: Value = serde_json::from_str(&verdict).expect("JSON");
    assert_eq!(verdict["ruling"], "block");
    let others = r#"{"id": 1, "author": {"id": 5}, "body": "<!-- counterproof:gate -->\nx"}"#;
    let own = r#"{"id": 2, "author": {"id": 6}, "body": "<!-- counterproof:gate -->\nx"}"#;
    for (notes, says) in [
        (
            format!("[{others}, {own}]"),
            "--request PUT --data-urlencode body@counterproof-verdict.md https://gitlab.example/api/v4/projects/4/merge_requests/9/notes/2\n",
        ),
        (
            format!("[{others}]"),
            "--request POST --data-urlencode body@counterproof-verdict.md https://gitlab.example/api/v4/projects/4/merge_requests/9/notes\n",
        ),
    ] {
        let output = template(
            &repository,
            CURL,
            &[("COUNTERPROOF_GITLAB_TOKEN", "secret"), ("NOTES", &notes)],
        );
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        let asked = calls(&repository);
        assert!(asked.contains(says), "{asked}");
        assert!(asked.contains("token: header = \"PRIVATE-TOKEN: secret\""), "{asked}");
        assert!(
            asked
                .lines()
                .filter(|line| line.contains("secret"))
                .all(|line| line.starts_with("token: ")),
            "{asked}"
        );
    }
}

#[test]
fn the_template_s_verdict_stands_without_a_note_and_a_hold_may_be_let_through() {
    let repository = unverified();
    let token = ("COUNTERPROOF_GITLAB_TOKEN", "secret");
    let output = template(&repository, "exit 22", &[token]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(
        text(&output).contains("the note could not be written"),
        "{}",
        text(&output)
    );
    let output = template(&repository, "exit 22", &[token, ("COUNTERPROOF_FAIL_ON_HOLD", "false")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
}

fn statement() -> Value {
    serde_json::from_str(&document("examples/enforce/example-statement.json")).expect("JSON")
}

/// Whether the policy of policy-controller lets a statement through.
pub fn complies(input: &Value) -> bool {
    let policy = document("examples/enforce/policy-controller/policy.yaml");
    let policy = policy.split("type: rego\n").nth(1).expect("a policy");
    let mut engine = regorus::Engine::new();
    let rego = script_after(policy, "data: |");
    engine.add_policy("policy.rego".to_owned(), rego).expect("Rego");
    engine.set_input(regorus::Value::from_json_str(&input.to_string()).expect("JSON"));
    // What cannot be worked out, such as the age of a time that is none, is an error here and undefined to OPA.
    let answer = engine.eval_rule("data.sigstore.isCompliant".to_owned());
    answer.is_ok_and(|answer| answer == regorus::Value::from(true))
}

#[test]
fn the_rego_for_policy_controller_takes_a_fresh_pass_for_this_service_and_nothing_else() {
    let ago = |minutes: i64| {
        let time = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
        Value::from(time.to_string())
    };
    let with = |pointer: &str, value: Value| {
        let mut input = statement();
        *input.pointer_mut("/predicate/timeVerified").expect("a time") = ago(10);
        *input.pointer_mut(pointer).expect(pointer) = value;
        input
    };
    assert!(complies(&with("/predicate/timeVerified", ago(10))));
    assert!(complies(&with("/predicate/timeVerified", ago(24 * 60 - 1))));
    assert!(complies(&with("/predicate/timeVerified", ago(-4))));
    for (pointer, value) in [
        ("/predicateType", json!("https://slsa.dev/provenance/v1")),
        ("/predicate/verifier/id", json!("https://other.example/gate")),
        ("/predicate/verificationResult", json!("FAILED")),
        (
            "/predicate/resourceUri",
            json!("urn:counterproof:deploy:staging:checkout"),
        ),
        (
            "/predicate/resourceUri",
            json!("urn:counterproof:deploy:production:docs"),
        ),
        ("/predicate/verifiedLevels", json!(["SLSA_BUILD_LEVEL_3"])),
        ("/predicate/verifiedLevels", json!([])),
        ("/predicate/timeVerified", ago(24 * 60 + 1)),
        ("/predicate/timeVerified", ago(-10)),
        ("/predicate/timeVerified", json!("today")),
        ("/predicate/timeVerified", json!(null)),
        ("/predicate", json!({})),
    ] {
        assert!(!complies(&with(pointer, value.clone())), "{pointer}: {value}");
    }
    assert!(!complies(&json!({})));
}

/// Holds each file against a schema of `check-jsonschema`, and Kyverno's policy against the models of its resource definition.
const SCHEMAS: &str = r#"
import json, re, subprocess, sys
from pathlib import Path

import yaml
from cloudcoil.models.kyverno.v1 import ClusterPolicy

root = Path(sys.argv[1])
for schema, name in [
    ("github-actions", "action.yml"),
    ("github-workflows", "examples/enforce/github/gate.yml"),
    ("gitlab-ci", "templates/gitlab.yml"),
    ("gitlab-ci", "examples/enforce/gitlab/deploy.yml"),
]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor." + schema, str(root / name)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, name + done.stdout + done.stderr


def lost(before, after, path=""):
    # What a model does not know it leaves out.
    if isinstance(before, dict):
        known = after if isinstance(after, dict) else {}
        return [one for key, value in before.items() for one in (lost(value, known[key], path + "." + key) if key in known else [path + "." + key])]
    if isinstance(before, list):
        return [one for index, (one_before, one_after) in enumerate(zip(before, after)) for one in lost(one_before, one_after, f"{path}[{index}]")]
    return [] if before == after else [path]


def unknown(document):
    model = ClusterPolicy.model_validate(document)
    return lost(document, model.model_dump(mode="json", by_alias=True, exclude_unset=True))


text = (root / "examples/enforce/kyverno/policy.yaml").read_text()
policy = yaml.safe_load(text)
assert unknown(policy) == [], unknown(policy)
assert unknown(yaml.safe_load(text.replace("verifyDigest", "verifyDigests"))) == [".spec.rules[0].verifyImages[0].verifyDigests"]

statement = json.loads((root / "examples/enforce/example-statement.json").read_text())


def at(path):
    value = statement["predicate"]
    for name in path.split("."):
        value = value[name]
    return value


image = policy["spec"]["rules"][0]["verifyImages"][0]
[attestation] = image["attestations"]
assert attestation["type"] == statement["predicateType"]
[conditions] = attestation["conditions"]
plain = {}
for condition in conditions["all"]:
    found = re.fullmatch(r"\{\{ ([\w.]+) \}\}", condition["key"])
    if found:
        plain[found[1]] = condition["value"]
        assert at(found[1]) == condition["value"] and condition["operator"] == "Equals", condition
    for name in re.findall(r"\{\{ ([\w.]+) \}\}", condition["key"] + str(condition["value"]) + condition["message"]):
        at(name)
assert set(plain) == {"verifier.id", "verificationResult", "resourceUri"}, plain

policy = yaml.safe_load((root / "examples/enforce/policy-controller/policy.yaml").read_text())
[authority] = policy["spec"]["authorities"]
[attestation] = authority["attestations"]
assert attestation["predicateType"] == statement["predicateType"] and attestation["policy"]["type"] == "rego", attestation
"#;

#[test]
fn the_files_for_other_tools_fit_their_schemas() {
    let Some(python) = python_with_schemas() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(python)
        .args(["-c", SCHEMAS])
        .arg(root)
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", text(&output));
}
