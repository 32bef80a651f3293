//! Keys that are made for one test, and the programs of others that judge what we do.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use counterproof_attest::keys::{PublicKey, SigningKey};
use counterproof_attest::ssh::{Prompts, SshKeygen};
use jiff::Timestamp;

pub const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
pub const OTHER_TREE: &str = "d8329fc1cc938780ffdd9f94e0d364e0ea74f579";
pub const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn now() -> Timestamp {
    time("2026-11-28T12:00:00Z")
}

pub fn key() -> SigningKey {
    SigningKey::generate().unwrap()
}

/// A folder that is gone with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Utf8PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Runs a program with something on its standard input.
pub fn run(command: &mut Command, input: &[u8], mend: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started ({error}): {mend}"));
    // A program that refuses its arguments does not read.
    child.stdin.take().unwrap().write_all(input).ok();
    child.wait_with_output().unwrap()
}

pub const SSH_MEND: &str =
    "these tests need OpenSSH's ssh-keygen 8.9 or later; on Debian and Ubuntu, install openssh-client";

pub fn ssh_keygen(arguments: &[&str], input: &[u8]) -> Output {
    run(Command::new("ssh-keygen").args(arguments), input, SSH_MEND)
}

/// An SSH key that is made for one test.
pub struct SshKey {
    pub private: Utf8PathBuf,
    pub public_line: String,
}

impl SshKey {
    /// `kind` is what `ssh-keygen -t` takes, with `-b` behind a colon; `passphrase` may be empty.
    pub fn new(folder: &Folder, name: &str, kind: &str, passphrase: &str) -> Self {
        let private = folder.path().join(name);
        let (kind, bits) = kind.split_once(':').unwrap_or((kind, ""));
        let mut arguments = vec!["-q", "-t", kind, "-N", passphrase, "-C", name, "-f", private.as_str()];
        if !bits.is_empty() {
            arguments.extend(["-b", bits]);
        }
        let made = ssh_keygen(&arguments, b"");
        assert!(made.status.success(), "{made:?}");
        let public_line = std::fs::read_to_string(format!("{private}.pub"))
            .unwrap()
            .trim()
            .to_owned();
        Self { private, public_line }
    }

    pub fn public(&self) -> PublicKey {
        PublicKey::parse(&self.public_line).unwrap()
    }

    /// Key type and base64, without the comment.
    pub fn bare(&self) -> String {
        let words: Vec<&str> = self.public_line.split(' ').take(2).collect();
        words.join(" ")
    }

    pub fn signer(&self) -> SshKeygen {
        SshKeygen {
            program: "ssh-keygen".into(),
            key: self.private.clone(),
            prompts: Prompts::Never,
            timeout: Duration::from_secs(60),
        }
    }
}

/// The interpreter that `cargo xtask test` sets up with the packages of `xtask/test-requirements.txt`.
pub fn python(script: &str, input: &[u8]) -> serde_json::Value {
    const MEND: &str = "run `cargo xtask test`, or set COUNTERPROOF_TEST_PYTHON to an interpreter that has the packages of \
                        xtask/test-requirements.txt";
    let python = std::env::var("COUNTERPROOF_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = run(Command::new(python).args(["-c", script]), input, MEND);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!complaint.contains("ModuleNotFoundError"), "{complaint}\n{MEND}");
    assert!(output.status.success(), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}
