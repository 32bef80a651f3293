use std::time::Duration;

use counterproof_attest::allowed_signers::AllowedSigners;
use counterproof_attest::dsse::{self, Envelope, SignatureError, Trusted, VerifyError};
use counterproof_attest::keys::{PublicKey, Signer};
use counterproof_attest::ssh::{NAMESPACE, SshError, SshKeygen, SshSignature};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Folder, SshKey, key, now, run, ssh_keygen, time};

const TYPE: &str = "application/vnd.in-toto+json";
const KINDS: [&str; 4] = ["ed25519", "ecdsa:256", "ecdsa:384", "rsa:2048"];

fn signers(line: &str) -> AllowedSigners {
    AllowedSigners::parse("allowed_signers", line).unwrap()
}

fn sign(key: &SshKey, payload: &[u8]) -> Envelope {
    Envelope::sign(TYPE, payload.to_vec(), &key.signer()).unwrap()
}

/// Both ways, for each kind of key: what `ssh-keygen` signs verifies here, and what our envelope holds verifies there.
#[test]
fn ssh_keygen_and_we_agree_on_signatures() {
    for kind in KINDS {
        let folder = Folder::new();
        let ann = SshKey::new(&folder, "ann", kind, "");
        let line = format!("ann@example.com namespaces=\"{NAMESPACE}\" {}\n", ann.bare());
        let allowed = folder.write("allowed", &line);
        let envelope = sign(&ann, b"{\"a\": 1}");
        let envelope = Envelope::parse(envelope.to_json().unwrap().as_bytes()).unwrap();

        let file = signers(&line);
        let verified = dsse::verify(&envelope, TYPE, &Trusted::signers(&file, now())).unwrap();
        assert_eq!(verified.by[0].key, ann.public().id(), "{kind}");
        assert!(verified.by[0].is("ann@example.com") && !verified.by[0].is("bob@example.com"));
        // The key by itself will do, too.
        let keys = [ann.public()];
        let verified = dsse::verify(&envelope, TYPE, &Trusted::keys(&keys)).unwrap();
        assert!(verified.by[0].principals.is_empty());

        let signature = SshSignature::parse(&envelope.signatures()[0].signature).unwrap();
        let armored = folder.write("armored", signature.armored());
        let verify = |message: &[u8]| {
            let arguments = ["-Y", "verify", "-f", allowed.as_str(), "-I", "ann@example.com"];
            let arguments = [&arguments[..], &["-n", NAMESPACE, "-s", armored.as_str()]].concat();
            ssh_keygen(&arguments, message)
        };
        let theirs = verify(&envelope.signed_bytes());
        assert!(theirs.status.success(), "{kind}: {theirs:?}");
        assert!(!verify(b"something else").status.success());
    }
}

/// A field of the wire format: RFC 4251, `string`.
fn field(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// The signature of a hardware key (PROTOCOL.u2f of OpenSSH), put together here since there is no hardware in a test;
/// `ssh-keygen` says whether it was put together well.
#[test]
fn the_signature_of_a_hardware_key_verifies() {
    use ed25519_dalek::Signer as _;
    use sha2::{Digest, Sha256, Sha512};
    const KIND: &[u8] = b"sk-ssh-ed25519@openssh.com";
    let folder = Folder::new();
    let hardware = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let message = b"what is signed";
    let key = [field(KIND), field(hardware.verifying_key().as_bytes()), field(b"ssh:")].concat();
    let head = [field(NAMESPACE.as_bytes()), field(b""), field(b"sha512")].concat();
    let signed = [b"SSHSIG", head.as_slice(), &field(&Sha512::digest(message))].concat();
    let touched_for_the_third_time = [1, 0, 0, 0, 3];
    let by_hardware = [
        Sha256::digest(b"ssh:").as_slice(),
        &touched_for_the_third_time,
        &Sha256::digest(signed),
    ]
    .concat();
    let signature = hardware.sign(&by_hardware).to_bytes();
    let signature = [field(KIND), field(&signature), touched_for_the_third_time.to_vec()].concat();
    let blob = [b"SSHSIG\0\0\0\x01", field(&key).as_slice(), &head, &field(&signature)].concat();

    let ours = SshSignature::parse(&blob).unwrap();
    assert!(ours.verify(message, NAMESPACE).is_ok());
    assert!(ours.verify(b"something else", NAMESPACE).is_err());
    let line = ours.key().unwrap().to_text();
    let allowed = folder.write("allowed", format!("ann {line}"));
    let armored = folder.write("armored", ours.armored());
    let arguments = ["-Y", "verify", "-f", allowed.as_str(), "-I", "ann", "-n", NAMESPACE];
    let theirs = ssh_keygen(&[&arguments[..], &["-s", armored.as_str()]].concat(), message);
    assert!(theirs.status.success(), "{theirs:?}");
    assert!(
        AllowedSigners::parse("f", &format!("ann {line}"))
            .unwrap()
            .unused()
            .is_empty()
    );
}

#[test]
fn an_armored_signature_is_read_too() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let envelope = sign(&ann, b"{}");
    let signature = SshSignature::parse(&envelope.signatures()[0].signature).unwrap();
    assert_eq!(signature.blob(), envelope.signatures()[0].signature);
    let again = SshSignature::parse(signature.armored().as_bytes()).unwrap();
    assert_eq!(again.blob(), signature.blob());
}

#[test]
fn a_signature_for_another_namespace_does_not_count() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let message = sign(&ann, b"{}").signed_bytes();
    let arguments = ["-Y", "sign", "-n", "git", "-f", ann.private.as_str()];
    let made = ssh_keygen(&arguments, &message);
    let signature = SshSignature::parse(&made.stdout).unwrap();
    assert!(signature.verify(&message, "git").is_ok());
    let error = signature.verify(&message, NAMESPACE).unwrap_err();
    assert!(matches!(error, SshError::Namespace { .. }), "{error}");

    let envelope = with_signature(&made.stdout);
    let file = signers(&format!("ann {}", ann.bare()));
    let error = dsse::verify(&envelope, TYPE, &Trusted::signers(&file, now()))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("\"git\"") && error.contains("\"counterproof\""),
        "{error}"
    );
}

/// An envelope over `{}` with this signature.
fn with_signature(signature: &[u8]) -> Envelope {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let value = json!({
        "payload": STANDARD.encode("{}"),
        "payloadType": TYPE,
        "signatures": [{"sig": STANDARD.encode(signature)}],
    });
    Envelope::parse(value.to_string().as_bytes()).unwrap()
}

#[test]
fn the_file_says_when_and_who_and_errors_name_its_line() {
    let folder = Folder::new();
    let (ann, bob) = (
        SshKey::new(&folder, "ann", "ed25519", ""),
        SshKey::new(&folder, "bob", "ed25519", ""),
    );
    let envelope = sign(&ann, b"{}");
    let reason = |line: &str, at: &str| {
        let file = signers(line);
        match dsse::verify(&envelope, TYPE, &Trusted::signers(&file, time(at))) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    };
    let line = format!(
        "# people\nann valid-after=\"20260101Z\",valid-before=\"20260601Z\" {}",
        ann.bare()
    );
    assert_eq!(reason(&line, "2026-03-01T00:00:00Z"), "");
    assert!(reason(&line, "2025-12-31T23:59:59Z").contains("valid from 2026-01-01T00:00:00Z (line 2"));
    assert!(reason(&line, "2026-06-01T00:00:01Z").contains("valid until 2026-06-01T00:00:00Z (line 2"));
    let line = format!("ann namespaces=\"git\" {}", ann.bare());
    assert!(reason(&line, "2026-03-01T00:00:00Z").contains("may not sign for \"counterproof\" (line 1"));
    let error = reason(&format!("bob {}", bob.bare()), "2026-03-01T00:00:00Z");
    assert!(
        error.contains(ann.public().id().as_str()) && error.contains("no trusted key"),
        "{error}"
    );
}

/// One ed25519 key in two forms, with a signature in each: still one key. The seed is taken out of the SSH key file.
#[test]
fn one_key_in_two_forms_counts_once() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let private = ssh_key::PrivateKey::read_openssh_file(ann.private.as_std_path()).unwrap();
    let seed = private.key_data().ed25519().unwrap().private.to_bytes();
    let dalek = ed25519_dalek::SigningKey::from_bytes(&seed);
    let bare = counterproof_attest::keys::SigningKey::from_pem(&pem(&dalek)).unwrap();
    assert!(bare.public_key().is_same_key(&ann.public()));
    assert_ne!(bare.public_key().id(), ann.public().id());

    let mut envelope = sign(&ann, b"{}");
    envelope.add_signature(&bare).unwrap();
    let keys = [ann.public(), bare.public_key()];
    let verified = dsse::verify(&envelope, TYPE, &Trusted::keys(&keys)).unwrap();
    assert_eq!(verified.by.len(), 1);
    assert!(matches!(verified.uncounted[..], [SignatureError::Again { .. }]));
}

fn pem(key: &ed25519_dalek::SigningKey) -> String {
    use ed25519_dalek::pkcs8::{EncodePrivateKey, spki::der::pem::LineEnding};
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

/// What an SSH key signs outside of SSH signatures never counts.
#[test]
fn an_ssh_key_verifies_ssh_signatures_alone() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let private = ssh_key::PrivateKey::read_openssh_file(ann.private.as_std_path()).unwrap();
    let seed = private.key_data().ed25519().unwrap().private.to_bytes();
    let bare =
        counterproof_attest::keys::SigningKey::from_pem(&pem(&ed25519_dalek::SigningKey::from_bytes(&seed))).unwrap();
    let envelope = Envelope::sign(TYPE, b"{}".to_vec(), &bare).unwrap();
    let keys = [ann.public()];
    let error = dsse::verify(&envelope, TYPE, &Trusted::keys(&keys)).unwrap_err();
    assert!(matches!(error, VerifyError::NoneCounts(_)), "{error}");
}

/// A key that needs a passphrase fails at once instead of asking, also where there is a terminal to ask at.
#[test]
fn nothing_is_asked_unless_the_caller_allows_it() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "secret");
    let error = ann.signer().sign(b"x").unwrap_err().to_string();
    assert!(
        error.contains("failed to sign with") && error.contains("passphrase"),
        "{error}"
    );
}

#[test]
fn what_fails_says_what_and_with_which_key() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let missing = SshKeygen {
        program: folder.path().join("no-such-program"),
        ..ann.signer()
    };
    let error = missing.sign(b"x").unwrap_err().to_string();
    assert!(
        error.contains("no-such-program") && error.contains("OpenSSH"),
        "{error}"
    );
    let no_key = SshKeygen {
        key: folder.path().join("no-such-key"),
        ..ann.signer()
    };
    let error = no_key.sign(b"x").unwrap_err().to_string();
    assert!(error.contains("no-such-key"), "{error}");
}

fn script(folder: &Folder, text: &str) -> camino::Utf8PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.write("program", text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_program_that_hangs_is_ended() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let hanging = SshKeygen {
        program: script(&folder, "#!/bin/sh\nexec sleep 600\n"),
        timeout: Duration::from_millis(200),
        ..ann.signer()
    };
    // More than a pipe holds, so that the writer is blocked when the program is ended.
    let error = hanging.sign(&vec![0; 1 << 20]).unwrap_err().to_string();
    assert!(error.contains("did not end within"), "{error}");
}

/// What the program prints is not believed.
#[test]
fn a_program_that_signs_something_else_is_found_out() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let text = format!(
        "#!/bin/sh\ncat >/dev/null\necho other | ssh-keygen -Y sign -n {NAMESPACE} -f {} 2>/dev/null\n",
        ann.private
    );
    let lying = SshKeygen {
        program: script(&folder, &text),
        ..ann.signer()
    };
    let error = lying.sign(b"x").unwrap_err().to_string();
    assert!(error.contains("not valid"), "{error}");
}

/// A key whose private half only an agent has: the public half names it.
#[test]
fn an_agent_signs() {
    const MEND: &str = "on Debian and Ubuntu, install openssh-client";
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let socket = folder.path().join("agent");
    let message = folder.write("message", b"x");
    let moved = folder.path().join("moved");
    // The agent ends with the command that it was started for.
    let text = format!(
        "ssh-add -q {key} && mv {key} {moved} && ssh-keygen -Y sign -n {NAMESPACE} -f {key}.pub <{message}",
        key = ann.private,
    );
    let mut agent = std::process::Command::new("ssh-agent");
    agent.args(["-a", socket.as_str(), "sh", "-c", &text]);
    let made = run(&mut agent, b"", MEND);
    assert!(made.status.success(), "{made:?}");
    let signature = SshSignature::parse(&made.stdout).unwrap();
    assert!(signature.verify(b"x", NAMESPACE).is_ok());
    assert!(signature.key().unwrap().is_same_key(&ann.public()));
}

#[test]
fn a_changed_byte_of_the_blob_never_verifies() {
    let folder = Folder::new();
    for kind in ["ed25519", "ecdsa:256"] {
        let ann = SshKey::new(&folder, kind, kind, "");
        let envelope = sign(&ann, b"{}");
        let blob = &envelope.signatures()[0].signature;
        let keys: [PublicKey; 1] = [ann.public()];
        for place in 0..blob.len() {
            let mut changed = blob.clone();
            changed[place] ^= 1;
            let changed = with_signature(&changed);
            assert!(
                dsse::verify(&changed, TYPE, &Trusted::keys(&keys)).is_err(),
                "{kind} {place}"
            );
        }
        let longer = with_signature(&[blob.as_slice(), b"x"].concat());
        assert!(dsse::verify(&longer, TYPE, &Trusted::keys(&keys)).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        SshSignature::parse(&bytes).ok();
        SshSignature::parse(&[b"SSHSIG\0\0\0\x01".as_slice(), &bytes].concat()).ok();
        let trusted = [key().public_key()];
        let magic = [b"SSHSIG".as_slice(), &[0; 60], &bytes].concat();
        prop_assert!(dsse::verify(&with_signature(&magic), TYPE, &Trusted::keys(&trusted)).is_err());
    }

    #[test]
    fn any_armor_is_read_or_refused(text in "[A-Za-z0-9+/=\n-]{0,200}") {
        SshSignature::parse(format!("-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----").as_bytes()).ok();
    }
}
