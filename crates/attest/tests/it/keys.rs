use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use counterproof_attest::keys::{KeyError, PublicKey, PublicKeyError, Signer, SigningKey};
use proptest::prelude::*;

use crate::support::{Folder, SshKey, key, run};

#[test]
fn a_key_file_is_its_owners_alone_and_comes_back() {
    let folder = Folder::new();
    let path = folder.path().join("key.pem");
    let key = key();
    key.write(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = SigningKey::read(&path).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    assert_eq!(again.sign(b"x").unwrap(), key.sign(b"x").unwrap());
    assert!(!format!("{key:?}").contains("PRIVATE"));
}

#[test]
fn nothing_is_written_over_a_key() {
    let folder = Folder::new();
    let path = folder.write("key.pem", "precious");
    assert!(matches!(key().write(&path), Err(KeyError::Exists { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn a_key_file_that_others_can_reach_is_refused_with_the_mend() {
    let folder = Folder::new();
    let path = folder.path().join("key.pem");
    key().write(&path).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = SigningKey::read(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("chmod 600 {path}")), "{error}");
        assert!(error.contains(&format!("{mode:o}")), "{error}");
    }
}

#[test]
fn what_is_no_key_of_ours_is_named() {
    let folder = Folder::new();
    for (content, expected) in [
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", "encrypted"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "ssh-keygen"),
        (&key().public_key().to_text(), "public half"),
        ("", "PRIVATE KEY"),
    ] {
        let path = folder.path().join("key.pem");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let error = SigningKey::read(&path).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(path.as_str()), "{error}");
    }
}

/// OpenSSL reads our keys, and we read its keys.
#[test]
fn openssl_reads_our_keys_and_we_read_its_keys() {
    const MEND: &str = "on Debian and Ubuntu, install openssl";
    let folder = Folder::new();
    let path = folder.path().join("ours.pem");
    let ours = key();
    ours.write(&path).unwrap();
    let shown = run(
        Command::new("openssl").args(["pkey", "-in", path.as_str(), "-pubout"]),
        b"",
        MEND,
    );
    assert!(shown.status.success(), "{shown:?}");
    assert_eq!(String::from_utf8_lossy(&shown.stdout), ours.public_key().to_text());

    let made = run(
        Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]),
        b"",
        MEND,
    );
    let theirs = SigningKey::from_pem(&String::from_utf8_lossy(&made.stdout)).unwrap();
    assert!(
        theirs
            .public_key()
            .verifies(b"x", &theirs.sign(b"x").unwrap().signature)
    );
}

/// The key that cosign makes: ECDSA P-256 in PEM, signatures in DER over SHA-256.
#[test]
fn an_ecdsa_signature_of_openssl_verifies() {
    const MEND: &str = "on Debian and Ubuntu, install openssl";
    let folder = Folder::new();
    let made = run(
        Command::new("openssl").args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        b"",
        MEND,
    );
    let private = folder.write("ec.pem", &made.stdout);
    let shown = run(
        Command::new("openssl").args(["pkey", "-in", private.as_str(), "-pubout"]),
        b"",
        MEND,
    );
    let public = PublicKey::parse(&String::from_utf8_lossy(&shown.stdout)).unwrap();
    let message = folder.write("message", "what is signed");
    let signed = run(
        Command::new("openssl").args(["dgst", "-sha256", "-sign", private.as_str(), message.as_str()]),
        b"",
        MEND,
    );
    assert!(public.verifies(b"what is signed", &signed.stdout), "{signed:?}");
    assert!(!public.verifies(b"what is signee", &signed.stdout));
    assert!(public.id().as_str().starts_with("ecdsa-p256:"));
    assert_eq!(PublicKey::parse(&public.to_text()).unwrap(), public);
}

/// From the documentation of Go's `golang.org/x/mod/sumdb/note`, where the format comes from.
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn a_verifier_key_of_signed_notes_is_read() {
    let key = PublicKey::parse(VKEY).unwrap();
    assert_eq!(key.name(), Some("PeterNeumann"));
    assert!(key.id().as_str().starts_with("ed25519:"));
    // The hash binds the name.
    let renamed = VKEY.replace("Peter", "Petra");
    assert!(matches!(PublicKey::parse(&renamed), Err(PublicKeyError::Hash { .. })));
}

#[test]
fn the_same_key_in_two_forms_is_told() {
    let folder = Folder::new();
    let ssh = SshKey::new(&folder, "k", "ed25519", "");
    let other = SshKey::new(&folder, "l", "ed25519", "");
    assert_eq!(ssh.public().name(), Some("k"));
    assert!(ssh.public().is_same_key(&PublicKey::parse(&ssh.bare()).unwrap()));
    assert!(!ssh.public().is_same_key(&other.public()));
    // The fingerprint is the one that everybody knows.
    let listed = crate::support::ssh_keygen(&["-l", "-f", ssh.private.as_str()], b"");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains(ssh.public().id().as_str()), "{listed}");
}

#[test]
fn keys_that_cannot_be_verified_say_so() {
    let folder = Folder::new();
    let short = SshKey::new(&folder, "short", "rsa:1024", "");
    for (text, expected) in [
        (short.public_line.as_str(), "1024 bits"),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "CERTIFICATE",
        ),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "damaged"),
        ("ssh-ed25519 AAAA", "ssh-ed25519"),
        ("hello", "expected a PEM block"),
        // The identity point: every message has a signature by it that anybody can write down.
        (
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----",
            "small order",
        ),
    ] {
        let error = PublicKey::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}", base64 in "[A-Za-z0-9+/=]{0,120}") {
        PublicKey::parse(&text).ok();
        PublicKey::parse(&format!("ssh-ed25519 {base64}")).ok();
        PublicKey::parse(&format!("ssh-rsa {base64}")).ok();
        PublicKey::parse(&format!("name+01234567+{base64}")).ok();
        PublicKey::parse(&format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----")).ok();
        SigningKey::from_pem(&text).ok();
        SigningKey::from_pem(&format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----")).ok();
    }
}
