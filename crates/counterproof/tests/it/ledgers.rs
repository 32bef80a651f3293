//! The ledger by its commands: begun, shown, checked, copied, witnessed, and tampered with.

use std::path::Path;
use std::process::Command;

use crate::support::{Repository, python_with_schemas, said};

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

#[test]
fn linked_worktrees_share_the_ledger_of_the_main_one() {
    let repository = with_verdicts();
    let linked = repository.path().with_file_name("linked");
    repository.git(&["worktree", "add", "--quiet", "-b", "other", &text(&linked)]);
    let mut command = repository.command(&["gate", "merge", "main~1..main"]);
    command.current_dir(&linked);
    let (exit, said_there) = said(command);
    assert_eq!(exit, 0, "{said_there}");
    assert!(!linked.join(".counterproof/ledger").exists());
    let (exit, shown) = run(&repository, &["verify"]);
    assert_eq!(exit, 0, "{shown}");
    assert!(shown.contains("5 entries"), "{shown}");
}

/// Reads a checkpoint with what Sigstore's client for Python reads those of Rekor with, and checks it under the key of the ledger.
const BY_SIGSTORE: &str = r#"
import base64, hashlib, re, sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore._internal.trust import Keyring
from sigstore.errors import VerificationError
from sigstore_models.common.v1 import PublicKey, PublicKeyDetails

text, line, size = Path(sys.argv[1]).read_text(), sys.argv[2], int(sys.argv[3])
name, key_id, encoded = line.split("+", 2)
kind, key = base64.b64decode(encoded)[:1], base64.b64decode(encoded)[1:]
# As https://c2sp.org/signed-note has it, worked out anew.
assert kind == b"\x01" and len(key) == 32
assert key_id == hashlib.sha256(name.encode() + b"\n" + kind + key).hexdigest()[:8]

signed = SignedCheckpoint.from_text(text)
checkpoint, [signature] = signed.checkpoint, signed.signed_note.signatures
assert (checkpoint.origin, checkpoint.log_size) == (name, size), checkpoint
assert base64.b64encode(bytes.fromhex(checkpoint.log_hash)).decode() == text.split("\n")[2]
# Its one extension line, as it is.
[time] = checkpoint.other_content
assert re.fullmatch(r"time \d{4}-\d\d-\d\dT[\d:.]+Z", time), time
assert (signature.name, signature.sig_hash.hex()) == (name, key_id), signature

der = Ed25519PublicKey.from_public_bytes(key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
keys = Keyring([PublicKey(raw_bytes=base64.b64encode(der), key_details=PublicKeyDetails.PKIX_ED25519)])
signed.signed_note.verify(keys, bytes.fromhex(key_id))
other = SignedCheckpoint.from_text(text.replace(f"\n{size}\n", f"\n{size + 1}\n"))
try:
    other.signed_note.verify(keys, bytes.fromhex(key_id))
except VerificationError:
    print("it holds")
"#;

#[test]
fn sigstore_s_client_reads_and_verifies_a_checkpoint() {
    let Some(python) = python_with_schemas() else { return };
    let repository = Repository::new(&[("a.py", "def f(x):\n    return [x]\n")]);
    let (exit, said_of_it) = run(&repository, &["init"]);
    assert_eq!(exit, 0, "{said_of_it}");
    let key = said_of_it
        .split("\nkey = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let key = key.expect("a key").to_owned();
    said(repository.command(&["gate", "merge"]));
    let (exit, checkpoint) = run(&repository, &["checkpoint"]);
    assert_eq!(exit, 0, "{checkpoint}");
    let kept = repository.path().with_file_name("checkpoint.txt");
    std::fs::write(&kept, &checkpoint).expect("a file");
    let size = checkpoint.lines().nth(1).expect("a size");
    let mut command = Command::new(python);
    command.args(["-c", BY_SIGSTORE, &text(&kept), &key, size]);
    let (exit, answer) = said(command);
    assert_eq!((exit, answer.as_str()), (0, "it holds\n"), "{checkpoint}");
}
