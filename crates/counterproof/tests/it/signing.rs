//! Approvals, evidence and overrides that somebody signed, and the ledger that keeps them.

use std::path::Path;
use std::process::Command;

use attest::keys::SigningKey;

use crate::support::{Repository, said};

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";

fn run(repository: &Repository, args: &[&str]) -> (i32, String) {
    said(repository.command(args))
}

/// As somebody with another folder of keys.
fn run_as(repository: &Repository, who: &str, args: &[&str]) -> (i32, String) {
    let mut command = repository.command(args);
    // The ledger's key is that of the machine; only the person is another one.
    command.env("COUNTERPROOF_KEY", key_of(repository, who));
    said(command)
}

fn key_of(repository: &Repository, who: &str) -> std::path::PathBuf {
    let path = repository.path().with_file_name(format!("{who}.pem"));
    if !path.exists() {
        let utf8 = camino::Utf8Path::from_path(&path).expect("a path");
        SigningKey::generate()
            .expect("a key")
            .write(utf8)
            .expect("it is written");
    }
    path
}

fn line_of(repository: &Repository, who: &str) -> String {
    let path = key_of(repository, who);
    let utf8 = camino::Utf8Path::from_path(&path).expect("a path");
    SigningKey::read(utf8).expect("a key").public_key().to_line(who)
}

/// A policy in which bob reviews what ada writes, and a runner where one is named.
fn policy(repository: &Repository, runner: Option<&str>) -> String {
    let mut text = format!(
        "[[person]]\nid = \"ada\"\naddresses = [\"test@example.invalid\"]\nlevel = \"junior\"\nkeys = [\"{}\"]\n\
         [[person]]\nid = \"bob\"\nroles = [\"senior\"]\nkeys = [\"{}\"]\n\
         [[person]]\nid = \"robot\"\nkind = \"agent\"\nkeys = [\"{}\"]\n\
         [[service]]\nname = \"cart\"\npaths = [\"/cart.py\"]\ntier = 2\nowners = [\"bob\"]\n\
         [[rule]]\nname = \"review\"\nkind = \"two-person-review\"\nreviewers = 1\n",
        line_of(repository, "ada"),
        line_of(repository, "bob"),
        line_of(repository, "robot"),
    );
    if let Some(runner) = runner {
        text.push_str(&format!(
            "[[gate.runner]]\nname = \"{runner}\"\nkey = \"{}\"\n",
            line_of(repository, runner)
        ));
    }
    text
}

/// A repository with that policy on `main`, and a branch with a change of ada's that means nothing new.
fn branched(runner: Option<&str>) -> Repository {
    let repository = Repository::new(&[("cart.py", CART)]);
    repository.write(&[("counterproof.toml", &policy(&repository, runner))]);
    repository.commit("A policy");
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "1 + len(items)"))]);
    repository.commit("A change");
    repository
}

#[test]
fn an_approval_counts_until_the_change_means_something_else() {
    let repository = branched(None);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("! review: 1 more reviewer is needed"), "{text}");
    assert!(text.contains("a ledger was begun in "), "{text}");
    let (exit, text) = run_as(&repository, "bob", &["approve", "--role", "senior"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.starts_with("bob approves tree "), "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ review: reviewed by bob"), "{text}");
    // Taken back, it counts no more, though the note is still there.
    let (exit, text) = run(&repository, &["ledger", "retract", "2", "--reason", "a second look"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("entry 2 of the ledger was taken back"), "{text}");
    let (exit, text) = run(&repository, &["ledger", "retract", "0", "--reason", "a second look"]);
    assert_eq!(exit, 2, "{text}");
    let (exit, text) = run_as(&repository, "bob", &["approve", "--role", "senior"]);
    assert_eq!(exit, 0, "{text}");

    // A mere merge from the target, and layout, leave it standing.
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("other.py", "x = 1\n")]);
    repository.commit("Main goes on");
    repository.git(&["switch", "--quiet", "feature"]);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    repository.write(&[(
        "cart.py",
        &format!("# a remark\n{}", CART.replace("len(items) + 1", "1 + len(items)")),
    )]);
    repository.commit("Layout");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");

    // What means something else does not.
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "2 + len(items)"))]);
    repository.commit("Another push");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 1, "{text}");
    assert!(
        text.contains("not counted: that of bob (ledger 6): stale, a later push changed cart.py::days"),
        "{text}"
    );
    // Nor after a push that rewrites the commit.
    repository.git(&["reset", "--quiet", "--soft", "main"]);
    repository.commit("Squashed");
    let (_, text) = run(&repository, &["gate", "merge"]);
    assert!(text.contains("stale, a later push changed cart.py::days"), "{text}");
}

#[test]
fn approvals_travel_with_the_repository() {
    let repository = branched(None);
    let (exit, text) = run_as(&repository, "bob", &["approve"]);
    assert_eq!(exit, 0, "{text}");
    let elsewhere = repository.path().with_file_name("elsewhere");
    let from = repository.path();
    repository.git(&[
        "clone",
        "--quiet",
        "--mirror",
        &from.to_string_lossy(),
        &elsewhere.to_string_lossy(),
    ]);
    let mut command = repository.command(&["gate", "merge", "main..feature"]);
    command.current_dir(&elsewhere);
    let (exit, text) = said(command);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ review: reviewed by bob"), "{text}");
    // It is kept in the ledger there, once.
    for _ in 0..2 {
        let mut command = repository.command(&["gate", "merge", "main..feature"]);
        command.current_dir(&elsewhere);
        said(command);
    }
    let mut command = repository.command(&["ledger", "show", "--kind", "approval"]);
    command.current_dir(&elsewhere);
    let (_, text) = said(command);
    assert_eq!(text.matches("bob approves").count(), 1, "{text}");
}

#[test]
fn only_people_whom_the_policy_knows_can_sign() {
    let repository = branched(None);
    let (exit, text) = run_as(&repository, "robot", &["approve"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("robot is no person"), "{text}");
    let (exit, text) = run_as(&repository, "eve", &["approve"]);
    assert_eq!(exit, 2, "{text}");
    assert!(
        text.contains("knows nobody with this key") && text.contains("keys = [\"you+"),
        "{text}"
    );
    let (exit, text) = run_as(&repository, "eve", &["approve", "--as", "bob"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("no key that the policy has of bob signed it"), "{text}");
    let (exit, text) = run_as(&repository, "bob", &["approve", "--role", "director"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("gives bob the role senior, not director"), "{text}");
    let mut command = repository.command(&["approve"]);
    command
        .env("COUNTERPROOF_KEY", key_of(&repository, "bob"))
        .env("CLAUDECODE", "1");
    let (exit, text) = said(command);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("this runs in a session of Claude Code"), "{text}");
    // The author may sign, and is told that it is no review.
    let (exit, text) = run_as(&repository, "ada", &["approve"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("is no reviewer of it"), "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the author is no reviewer"), "{text}");
}

#[test]
fn evidence_counts_when_a_runner_of_the_target_branch_signed_it() {
    let repository = branched(Some("ci"));
    run_as(&repository, "bob", &["approve"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the policy counts what ci signs"), "{text}");
    let with_key = |key: &Path| {
        let mut command = repository.command(&["gate", "merge"]);
        command.env("COUNTERPROOF_RUNNER_KEY", key);
        said(command)
    };
    // A runner that the policy does not name.
    let (exit, text) = with_key(&key_of(&repository, "eve"));
    assert_eq!(exit, 4, "{text}");
    let (exit, text) = with_key(&key_of(&repository, "ci"));
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ evidence: made by ci"), "{text}");
    // From then on it is in the ledger, and nothing has to be run.
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ evidence: made by ci (ledger "), "{text}");
    // Of another tree it says nothing.
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "0 + 1 + len(items)"))]);
    repository.commit("Another push");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the policy counts what ci signs"), "{text}");
    // A key that cannot be read is no reason to go on unsigned.
    let (exit, text) = with_key(Path::new("/nowhere.pem"));
    assert_eq!(exit, 2, "{text}");
}

#[test]
fn an_override_needs_a_reason_and_a_person_and_ends() {
    let repository = branched(None);
    let (exit, text) = run_as(&repository, "bob", &["approve", "override", "--reason", " "]);
    assert_eq!(exit, 2, "{text}");
    let (exit, text) = run_as(
        &repository,
        "bob",
        &["approve", "override", "--reason", "the shop is down", "--for", "3d"],
    );
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("lets an override last 24 hours at most"), "{text}");
    let (exit, text) = run_as(
        &repository,
        "bob",
        &["approve", "override", "--reason", "the shop is down", "--for", "2h"],
    );
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.contains("~ review: ") && text.contains("overridden by bob until "),
        "{text}"
    );
    assert!(text.contains(": the shop is down"), "{text}");
    let (_, text) = run(&repository, &["ledger", "show", "--kind", "override"]);
    assert!(text.contains("bob overrides merge until "), "{text}");
}

#[test]
fn a_document_is_about_this_change_and_says_something() {
    let repository = branched(None);
    repository.git(&["switch", "--quiet", "main"]);
    let wants = "[[rule]]\nname = \"document\"\nkind = \"change-document\"\nheadings = [\"what\", \"why\"]\n";
    repository.write(&[("counterproof.toml", &format!("{}{wants}", policy(&repository, None)))]);
    repository.commit("Documents are wanted");
    repository.git(&["switch", "--quiet", "feature"]);
    run_as(&repository, "bob", &["approve"]);
    let paper = |text: &str| {
        let path = repository.path().with_file_name("paper.md");
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    let hollow = paper("# What\nTODO\n");
    let (exit, text) = run_as(&repository, "ada", &["approve", "document", &hollow]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("has no heading why"), "{text}");
    let whole = paper("# What\nThe sum is written the other way round.\n# Why\nIt reads better to most of us.\n");
    let (exit, text) = run_as(&repository, "ada", &["approve", "document", &whole]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("has what and why, signed by ada"), "{text}");
}

#[test]
fn what_the_target_changed_meanwhile_is_verified_again_only_where_it_meets_the_change() {
    let cart = "from money import rate\n\ndef days(items):\n    return len(items) + 1\n\ndef price(items):\n    return len(items) * rate()\n";
    let money = "def rate():\n    return 2\n";
    let log = "def note(x):\n    return str(x)\n";
    let repository = Repository::new(&[("cart.py", cart), ("money.py", money), ("log.py", log)]);
    repository.write(&[("counterproof.toml", &policy(&repository, Some("ci")))]);
    repository.commit("A policy");
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    let changed = cart
        .replace("len(items) + 1", "1 + len(items)")
        .replace("len(items) * rate()", "rate() * len(items)");
    repository.write(&[("cart.py", &changed)]);
    repository.commit("A change");
    run_as(&repository, "bob", &["approve"]);
    let as_ci = || {
        let mut command = repository.command(&["gate", "merge", "main..feature"]);
        command.env("COUNTERPROOF_RUNNER_KEY", key_of(&repository, "ci"));
        said(command)
    };
    let (exit, text) = as_ci();
    assert_eq!(exit, 0, "{text}");
    let on_main = |path: &str, text: &str| {
        repository.git(&["switch", "--quiet", "main"]);
        repository.write(&[(path, text)]);
        repository.commit("Main goes on");
    };
    // Something else: the evidence holds, and nothing is run.
    on_main("log.py", "def note(x):\n    return repr(x)\n");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.contains("the target went on since, and nothing of that meets this change"),
        "{text}"
    );
    // What one of the changed functions calls: without the runner it is stale, and the runner looks at that one again.
    on_main("money.py", "def rate():\n    return 3\n");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("what the target changed since meets price"), "{text}");
    let (exit, text) = as_ci();
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("with price verified again"), "{text}");
    assert!(text.contains("0 of 2 changed functions"), "{text}");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 0, "{text}");
}

#[test]
fn a_policy_is_tried_on_recorded_cases_and_on_the_ledger() {
    let repository = branched(None);
    let (exit, text) = run(&repository, &["gate", "test"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("there is no case in .counterproof/cases/"), "{text}");
    let case = ".counterproof/cases/unreviewed.json";
    let (exit, text) = run(&repository, &["gate", "test", "--record", case]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("hold is expected"), "{text}");
    run(&repository, &["gate", "merge"]);
    let (exit, text) = run(&repository, &["gate", "test", "--ledger"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("2 of 2 as expected"), "{text}");
    // A policy that asks less lets pass what was held.
    let softer = format!("{}off = true\n", policy(&repository, None));
    repository.write(&[("counterproof.toml", &softer)]);
    let (exit, text) = run(&repository, &["gate", "test", "--ledger"]);
    assert_eq!(exit, 1, "{text}");
    assert!(
        text.contains("unreviewed: pass and not hold; the policy has no rule review")
            || text.contains("pass and not hold"),
        "{text}"
    );
    assert!(text.contains("it was hold and would be pass"), "{text}");
    repository.write(&[("case.json", "{}")]);
    let (exit, text) = run(&repository, &["gate", "test", "case.json"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("case.json is no case: missing field"), "{text}");
}

#[test]
fn a_framework_is_renewed_or_dropped_on_figures() {
    let repository = branched(None);
    repository.git(&["switch", "--quiet", "main"]);
    let framework = "[[rule]]\nname = \"two eyes more\"\nkind = \"two-person-review\"\nreviewers = 1\n\
        [[framework]]\nname = \"90-day safety\"\nfrom = \"2020-01-01\"\nuntil = \"2099-01-01\"\nrules = [\"two eyes more\"]\n";
    repository.write(&[(
        "counterproof.toml",
        &format!("{}{framework}", policy(&repository, None)),
    )]);
    repository.commit("A framework");
    repository.git(&["switch", "--quiet", "feature"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("! two eyes more [90-day safety]"), "{text}");
    run_as(&repository, "bob", &["approve"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "frameworks"]);
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.contains("90-day safety: since 2020-01-01; it ends with 2099-01-01"),
        "{text}"
    );
    assert!(
        text.contains("asked about 1 · wrong in 0 · held 1 · overridden 0"),
        "{text}"
    );
}

#[test]
fn another_policy_engine_is_asked_and_answers() {
    let repository = branched(None);
    repository.git(&["switch", "--quiet", "main"]);
    let rule = "[[rule]]\nname = \"ours\"\nkind = \"decision\"\n";
    repository.write(&[("counterproof.toml", &format!("{}{rule}", policy(&repository, None)))]);
    repository.commit("Another engine has a say");
    repository.git(&["switch", "--quiet", "feature"]);
    run_as(&repository, "bob", &["approve"]);
    let output = repository.command(&["gate", "input"]).output().expect("it runs");
    let input: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let decide = |allow: bool, about: &str| {
        let decision = serde_json::json!({"rule": "ours", "allow": allow, "reasons": ["it is Friday"], "input": about});
        let path = repository.path().with_file_name("decision.json");
        std::fs::write(&path, decision.to_string()).expect("a file");
        run(&repository, &["gate", "merge", "--decision", &path.to_string_lossy()])
    };
    let about = input["digest"].as_str().expect("a digest");
    let (exit, text) = decide(true, about);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = decide(false, about);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("it does not allow this: it is Friday"), "{text}");
    let (exit, text) = decide(true, "sha256:other");
    assert_eq!(exit, 4, "{text}");
    let (exit, _) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4);
}

#[test]
fn keys_of_ssh_sign_for_whom_allowed_signers_names() {
    let repository = branched(None);
    let key = repository.path().with_file_name("id_ed25519");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f"])
        .arg(&key)
        .status()
        .expect("ssh-keygen runs");
    assert!(made.success());
    let as_bob = |args: &[&str]| {
        let mut command = repository.command(args);
        command.env("COUNTERPROOF_KEY", &key);
        said(command)
    };
    let (exit, text) = as_bob(&["approve", "--as", "bob"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("no key that the policy has of bob signed it"), "{text}");
    // What the change brings itself allows nobody.
    let public = std::fs::read_to_string(key.with_extension("pub")).expect("a key");
    let line = format!("bob namespaces=\"counterproof\" {public}");
    repository.write(&[(".counterproof/allowed_signers", &line)]);
    repository.commit("Allowed by myself");
    let (exit, text) = as_bob(&["approve", "--as", "bob"]);
    assert_eq!(exit, 2, "{text}");
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[(".counterproof/allowed_signers", &line)]);
    repository.commit("Who signs");
    repository.git(&["switch", "--quiet", "feature"]);
    let (exit, text) = as_bob(&["approve", "--as", "bob"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = as_bob(&["approve", "--as", "ada"]);
    assert_eq!(exit, 2, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✓ review: reviewed by bob"), "{text}");
    let (exit, text) = run(&repository, &["ledger", "verify"]);
    assert_eq!(exit, 0, "{text}");
}

#[test]
fn an_approval_of_the_last_part_is_none_of_the_whole() {
    let repository = branched(None);
    repository.git(&["switch", "--quiet", "--create", "stacked"]);
    repository.write(&[("other.py", "x = 1\n")]);
    repository.commit("Harmless");
    let (exit, text) = run_as(&repository, "bob", &["approve", "feature..stacked"]);
    // `feature` has main's policy, so that bob may sign there.
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge", "main..stacked"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("stale, a later push changed cart.py::days"), "{text}");
}

#[test]
fn what_was_taken_back_counts_in_no_copy() {
    let repository = branched(None);
    let copy = repository.path().with_file_name("copy.json");
    let out = copy.to_string_lossy().into_owned();
    let (exit, text) = run_as(&repository, "bob", &["approve", "--out", &out]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["ledger", "retract", "1", "--reason", "a second look"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    // The same signature with something else beside it.
    let text = std::fs::read_to_string(&copy).expect("a copy");
    std::fs::write(&copy, text.replacen('{', "{\"policy\":\"x\",", 1)).expect("a file");
    let (exit, text) = run(&repository, &["gate", "merge", "--statement", &out]);
    assert_eq!(exit, 4, "{text}");
}

#[test]
fn who_is_not_known_may_be_the_reviewer() {
    let repository = branched(None);
    repository.write(&[("cart.py", &CART.replace("len(items) + 1", "1 + 0 + len(items)"))]);
    repository.git(&[
        "commit",
        "--quiet",
        "--all",
        "--author",
        "Ghost <ghost@example.invalid>",
        "--message",
        "By nobody",
    ]);
    run_as(&repository, "bob", &["approve"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("ghost@example.invalid wrote part of the change, and the policy does not know who that is"),
        "{text}"
    );
}

#[test]
fn what_was_taken_back_stays_so_in_every_copy_and_after_it_was_deleted() {
    let repository = branched(None);
    let (exit, text) = run_as(&repository, "bob", &["approve"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 0, "{text}");
    let (_, shown) = run(&repository, &["ledger", "show", "--kind", "approval", "--json"]);
    let entry: serde_json::Value = serde_json::from_str(shown.lines().next().expect("an entry")).expect("JSON");
    let entry = entry["index"].to_string();
    let (exit, text) = run(&repository, &["ledger", "retract", &entry, "--reason", "a mistake"]);
    assert_eq!(exit, 0, "{text}");
    let held = || {
        let (exit, text) = run(&repository, &["gate", "merge"]);
        assert_eq!(exit, 4, "{text}");
        assert!(text.contains("! review: 1 more reviewer is needed"), "{text}");
    };
    held();
    // The note on the tree says the same still; doubled, it is no other statement.
    let tree = repository.git(&["rev-parse", "feature^{tree}"]).trim().to_owned();
    let line = repository.git(&["notes", "--ref=counterproof", "show", &tree]);
    let mut note: serde_json::Value = serde_json::from_str(line.trim()).expect("a statement");
    let once = note["envelopes"].as_array().expect("envelopes").clone();
    note["envelopes"] = once.iter().chain(&once).cloned().collect();
    repository.git(&[
        "notes",
        "--ref=counterproof",
        "add",
        "--force",
        "-m",
        &note.to_string(),
        &tree,
    ]);
    held();
    let (exit, text) = run(&repository, &["ledger", "redact", &entry, "--reason", "a name in it"]);
    assert_eq!(exit, 0, "{text}");
    repository.git(&[
        "notes",
        "--ref=counterproof",
        "add",
        "--force",
        "-m",
        line.trim(),
        &tree,
    ]);
    held();
}

#[test]
fn an_override_is_for_one_branch() {
    let repository = branched(None);
    repository.git(&["branch", "dev", "main"]);
    let override_it = [
        "approve",
        "override",
        "dev..feature",
        "--reason",
        "the shop is down",
        "--for",
        "2h",
    ];
    let (exit, text) = run_as(&repository, "bob", &override_it);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge", "dev..feature"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("it is for a merge into dev"), "{text}");
}

#[test]
fn who_calls_themselves_a_program_is_unknown_all_the_same() {
    let repository = branched(None);
    repository.git(&[
        "commit",
        "--quiet",
        "--amend",
        "--no-edit",
        "--author",
        "helper[bot] <nobody@example.invalid>",
    ]);
    let (exit, text) = run_as(&repository, "bob", &["approve"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the policy does not know who that is"), "{text}");
}
