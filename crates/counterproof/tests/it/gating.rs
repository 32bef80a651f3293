//! May this change be merged?

use std::process::Command;

use crate::support::Repository;

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";
const POLICY: &str = "[[person]]\nid = \"ada\"\naddresses = [\"ada@example.com\"]\n[[service]]\nname = \"cart\"\npaths = [\"/cart.py\"]\ntier = 2\nowners = [\"ada\"]\n";

/// What the gate says of `main..feature`: its exit code and what it printed.
fn gate(repository: &Repository, args: &[&str]) -> (i32, String) {
    let mut command: Command = repository.command(&[&["gate"], args].concat());
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// A repository with these files on `main`, and a branch `feature` that edits some.
fn branched(before: &[(&str, &str)], after: &[(&str, &str)]) -> Repository {
    let repository = Repository::new(before);
    repository.git(&["branch", "--move", "--force", "main"]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(after);
    repository.commit("A change");
    repository
}

#[test]
fn a_regression_blocks_and_the_repository_is_left_as_it_was() {
    let repository = branched(
        &[("cart.py", CART)],
        &[("cart.py", &CART.replace("return 0", "return None"))],
    );
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("other.py", "x = 1\n")]);
    repository.commit("Main goes on");
    let before = repository.git(&["count-objects", "-v"]);
    let (exit, text) = gate(&repository, &["merge", "main..feature"]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.starts_with("block: merge of tree "), "{text}");
    assert!(
        text.contains("✗ no unaccepted regression: 1 difference in behaviour: cart.py::days"),
        "{text}"
    );
    assert_eq!(repository.git(&["count-objects", "-v"]), before);
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_means_the_same_passes_and_gives_the_same_input_for_programs() {
    let repository = branched(&[("cart.py", CART)], &[("cart.py", &format!("# a remark\n{CART}"))]);
    let (exit, text) = gate(&repository, &["merge", "main..feature"]);
    assert_eq!(exit, 0, "{text}");
    let output = repository
        .command(&["gate", "merge", "main..feature", "--format", "json"])
        .output()
        .expect("it runs");
    let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(verdict["ruling"].as_str(), Some("pass"), "{verdict}");
    let kept = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(kept.contains("entry 2 of the ledger local/project-"), "{kept}");
    let (_, text) = gate(&repository, &["input", "main..feature"]);
    let input: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../schemas/gate-input.schema.json")).expect("a schema");
    jsonschema::validate(&schema, &input).expect("it fits its schema");
}

#[test]
fn a_change_does_not_choose_its_judge() {
    let softer = format!(
        "{POLICY}[[rule]]\nname = \"review\"\nkind = \"two-person-review\"\noff = true\n[[rule]]\nname = \"owners of what judges\"\nkind = \"protected-paths\"\noff = true\n"
    );
    let repository = branched(
        &[("cart.py", CART), ("counterproof.toml", POLICY)],
        &[("cart.py", &CART.replace("+ 1", "+ 2")), ("counterproof.toml", &softer)],
    );
    let (exit, text) = gate(&repository, &["merge", "main..feature"]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("! review: 1 more reviewer is needed"), "{text}");
    assert!(
        text.contains("! owners of what judges: an owner has yet to approve counterproof.toml"),
        "{text}"
    );
    assert!(text.contains("policy main:counterproof.toml"), "{text}");
}

#[test]
fn a_policy_that_cannot_judge_holds_and_names_the_line() {
    let repository = branched(
        &[
            ("cart.py", CART),
            (
                "counterproof.toml",
                "[[rule]]\nname = \"a\"\nkind = \"audit\"\nroles = [\"x\"]\nshares = 1\n",
            ),
        ],
        &[("cart.py", &format!("# a remark\n{CART}"))],
    );
    let (exit, text) = gate(&repository, &["merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("the policy cannot judge: main:counterproof.toml, line 5: unknown field `shares`"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_merged_is_held() {
    let repository = branched(&[("cart.py", CART)], &[("cart.py", &CART.replace("+ 1", "+ 2"))]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("cart.py", &CART.replace("+ 1", "+ 3")), ("counterproof.toml", POLICY)]);
    repository.commit("Main goes another way");
    let (exit, text) = gate(&repository, &["merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("! mergeable: it cannot be merged into main: both changed cart.py"),
        "{text}"
    );
    // Not that of what both have in common, which has no policy.
    assert!(text.contains("policy main:counterproof.toml"), "{text}");
    assert!(
        text.contains("? evidence: there is no evidence about this tree"),
        "{text}"
    );
}

#[test]
fn a_range_that_is_none_is_wrong_usage() {
    let repository = branched(&[("cart.py", CART)], &[("cart.py", CART), ("b.py", "x = 1\n")]);
    for (range, says) in [
        ("feature", "write TARGET..CHANGE"),
        ("main...feature", "with two dots"),
        ("main..nowhere", "is no revision"),
    ] {
        let (exit, text) = gate(&repository, &["merge", range]);
        assert_eq!(exit, 2, "{range}: {text}");
        assert!(text.contains(says), "{range}: {text}");
    }
}
