//! The ledger by its commands: begun, shown, checked, copied, witnessed, and tampered with.

use std::path::Path;

use crate::support::{Repository, said};

fn run(repository: &Repository, args: &[&str]) -> (i32, String) {
    said(repository.command(&[&["ledger"], args].concat()))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A repository with a ledger of some verdicts.
fn with_verdicts() -> Repository {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return [x]\n")]);
    repository.write(&[("a.py", "# a remark\ndef f(x):\n    return [x]\n")]);
    repository.commit("A change");
    for _ in 0..3 {
        let (exit, text) = said(repository.command(&["gate", "merge"]));
        assert_eq!(exit, 0, "{text}");
    }
    repository
}

#[test]
fn it_is_begun_once_and_says_what_others_need() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let (exit, text) = run(&repository, &["show"]);
    assert_eq!(exit, 3, "{text}");
    assert!(text.contains("there is no ledger in "), "{text}");
    let (exit, text) = run(&repository, &["verify"]);
    assert_eq!(exit, 3, "{text}");
    let (exit, text) = run(&repository, &["init"]);
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("[ledger]\norigin = \"local/project-"), "{text}");
    assert!(text.contains("\nkey = \"local/project-"), "{text}");
    let (exit, again) = run(&repository, &["init"]);
    assert_eq!(exit, 2, "{again}");
    assert!(again.contains("there is a ledger in "), "{again}");
    // With these lines in the configuration, it can be read where its key is not.
    let lines = text.split("\n\n").last().expect("lines");
    repository.write(&[("counterproof.toml", lines)]);
    repository.commit("Which ledger counts");
    let mut command = repository.command(&["ledger", "verify"]);
    command.env("COUNTERPROOF_KEYS", repository.path().with_file_name("other-keys"));
    let (exit, text) = said(command);
    assert_eq!(exit, 0, "{text}");
    let mut command = repository.command(&["gate", "merge"]);
    command.env("COUNTERPROOF_KEYS", repository.path().with_file_name("other-keys"));
    repository.write(&[("b.py", "y = 2\n")]);
    repository.commit("More");
    let (_, text) = said(command);
    assert!(
        text.contains("this verdict is not in the ledger: this machine has not got the key"),
        "{text}"
    );
}

#[test]
fn who_has_no_key_of_a_ledger_is_told_what_is_missing() {
    let repository = with_verdicts();
    let mut command = repository.command(&["gate", "merge"]);
    command.env("COUNTERPROOF_KEYS", repository.path().with_file_name("other-keys"));
    let (exit, text) = said(command);
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("is signed by a key that nothing here vouches for"),
        "{text}"
    );
}

#[test]
fn what_is_changed_is_found_and_named() {
    let repository = with_verdicts();
    let (exit, checkpoint) = run(&repository, &["checkpoint"]);
    assert_eq!(exit, 0, "{checkpoint}");
    let kept = repository.path().with_file_name("checkpoint.txt");
    std::fs::write(&kept, &checkpoint).expect("a file");
    let (exit, whole) = run(&repository, &["verify"]);
    assert_eq!(exit, 0, "{whole}");
    assert!(whole.starts_with("self-consistent only: "), "{whole}");
    let later = repository.path().with_file_name("later.txt");
    said(repository.command(&["gate", "merge", "--checkpoint", &text(&later)]));
    let (exit, whole) = run(
        &repository,
        &["verify", "--since", &text(&kept), "--since", &text(&later)],
    );
    assert_eq!(exit, 0, "{whole}");
    assert!(whole.starts_with("whole: "), "{whole}");

    // The payload of one entry: a verdict reads otherwise.
    let (_, entry) = run(&repository, &["show", "2"]);
    let entry: serde_json::Value = serde_json::from_str(&entry).expect("JSON");
    let digest = entry["payload"]["digest"]
        .as_str()
        .expect("a digest")
        .trim_start_matches("sha256:")
        .to_owned();
    let blob = repository
        .path()
        .join(format!(".counterproof/ledger/blobs/{}/{digest}", &digest[..2]));
    let before = std::fs::read_to_string(&blob).expect("a payload");
    std::fs::write(&blob, before.replace("pass", "hold")).expect("a file");
    let (exit, tampered) = run(&repository, &["verify", "--since", &text(&kept)]);
    assert_eq!(exit, 1, "{tampered}");
    assert!(tampered.starts_with("tampered with: "), "{tampered}");
    assert!(tampered.contains("entry 2: payload changed"), "{tampered}");
    // Deleted without a word.
    std::fs::remove_file(&blob).expect("it is gone");
    let (exit, tampered) = run(&repository, &["verify"]);
    assert_eq!(exit, 1, "{tampered}");
    assert!(tampered.contains("entry 2: payload removed"), "{tampered}");
    std::fs::write(&blob, before).expect("a file");

    // A whole new history with the true key: only a checkpoint that was kept elsewhere tells.
    std::fs::remove_dir_all(repository.path().join(".counterproof/ledger")).expect("it is gone");
    let origin = checkpoint.lines().next().expect("a line");
    repository.write(&[("counterproof.toml", &format!("[ledger]\norigin = \"{origin}\"\n"))]);
    repository.commit("Its name");
    repository.commit("Another");
    for _ in 0..5 {
        repository.command(&["gate", "merge"]).output().expect("it runs");
    }
    let (exit, own) = run(&repository, &["verify"]);
    assert!(exit == 0 && own.starts_with("self-consistent only"), "{own}");
    let (exit, forked) = run(&repository, &["verify", "--since", &text(&kept)]);
    assert_eq!(exit, 1, "{forked}");
    assert!(forked.contains("forked"), "{forked}");
}

#[test]
fn copies_proofs_witnesses_and_new_keys_hold() {
    let repository = with_verdicts();
    let folder = repository.path();
    let file = |name: &str| folder.with_file_name(name);
    let (_, proof) = run(&repository, &["prove", "2"]);
    std::fs::write(file("proof"), proof).expect("a file");
    let raw = repository
        .command(&["ledger", "show", "2", "--raw"])
        .output()
        .expect("it runs")
        .stdout;
    std::fs::write(file("entry"), &raw).expect("a file");
    let proof = [
        "verify",
        "--proof",
        &text(&file("proof")),
        "--entry",
        &text(&file("entry")),
    ]
    .map(str::to_owned);
    let proof: Vec<&str> = proof.iter().map(String::as_str).collect();
    let (exit, said_of) = run(&repository, &proof);
    assert_eq!(exit, 0, "{said_of}");
    let other = String::from_utf8_lossy(&raw).replace("verdict", "trend");
    std::fs::write(file("entry"), other).expect("a file");
    let (exit, said_of) = run(&repository, &proof);
    assert_eq!(exit, 1, "{said_of}");

    let (exit, copied) = run(
        &repository,
        &["export", "--format", "eu-ai-act", "--out", &text(&file("copy"))],
    );
    assert_eq!(exit, 0, "{copied}");
    let mut command = repository.command(&["ledger", "verify", "--at", &text(&file("copy"))]);
    command
        .env("COUNTERPROOF_KEYS", file("no-keys"))
        .current_dir(folder.parent().expect("a folder"));
    let (exit, checked) = said(command);
    assert_eq!(exit, 0, "{checked}");

    let (exit, witnessed) = run(&repository, &["witness", "--name", "auditor"]);
    assert_eq!(exit, 0, "{witnessed}");
    let line = witnessed
        .lines()
        .find(|line| line.starts_with("[ledger] witnesses = "))
        .expect("a line");
    let configuration = format!("[ledger]\nquorum = 1\n{}\n", line.trim_start_matches("[ledger] "));
    // In the working tree alone it says nothing: a change must not choose who is trusted.
    repository.write(&[("counterproof.toml", &configuration)]);
    let (exit, checked) = run(&repository, &["verify"]);
    assert!(exit == 0 && checked.starts_with("self-consistent only"), "{checked}");
    repository.commit("Who witnesses");
    let (exit, checked) = run(&repository, &["verify"]);
    assert_eq!(exit, 0, "{checked}");
    assert!(
        checked.starts_with("whole: ") && checked.contains("witnessed by auditor+"),
        "{checked}"
    );

    repository.write(&[("counterproof.toml", "")]);
    repository.commit("Nobody witnesses");
    let (exit, rotated) = run(&repository, &["rotate-key"]);
    assert_eq!(exit, 0, "{rotated}");
    let (exit, redacted) = run(&repository, &["redact", "2", "--reason", "asked for by whom it names"]);
    assert_eq!(exit, 0, "{redacted}");
    let (_, shown) = run(&repository, &["show"]);
    assert!(
        shown.contains("about 2") && shown.contains("asked for by whom it names"),
        "{shown}"
    );
}
