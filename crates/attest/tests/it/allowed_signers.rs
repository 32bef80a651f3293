use counterproof_attest::allowed_signers::{AllowedSigners, NotAllowed};
use counterproof_attest::ssh::NAMESPACE;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::support::{Folder, SshKey, now, ssh_keygen, time};

/// A public key of RFC 8032's test 1, as OpenSSH writes it.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

fn error_of(text: &str) -> String {
    AllowedSigners::parse("people", text).unwrap_err().to_string()
}

#[test]
fn errors_name_the_line_and_what_was_expected() {
    for (line, expected) in [
        ("ann", "PRINCIPALS"),
        ("ann nonsense", "PRINCIPALS"),
        ("\"ann ssh-ed25519 AAAA", "quote is not closed"),
        ("ann ssh-ed25519 AAAA", "a key that can be verified"),
        (
            "ann namespaces=\"a\" namespaces=\"b\" ssh-ed25519 AAAA",
            "no key where one should be",
        ),
        (&format!("ann namespaces=git {KEY}"), "double quotes"),
        (&format!("ann namespaces=\"git {KEY}"), "quote is not closed"),
        (&format!("ann namespaces=\"a\",namespaces=\"b\" {KEY}"), "twice"),
        (
            &format!("ann no-touch-required {KEY}"),
            "`cert-authority`, `namespaces=",
        ),
        (&format!("ann colour=\"red\" {KEY}"), "\"colour\" is not known"),
        (&format!("ann cert-authority, {KEY}"), "not known"),
        (&format!("ann valid-after=\"20260101\" {KEY}"), "UTC"),
        (&format!("ann valid-after=\"20261301Z\" {KEY}"), "is no time"),
        (&format!("ann valid-after=\"2026-01-01Z\" {KEY}"), "YYYYMMDDZ"),
        (
            &format!("ann valid-after=\"20260101Z\",valid-before=\"20260101Z\" {KEY}"),
            "not after",
        ),
    ] {
        let text = format!("# people\n\nbob {KEY}\n{line}\n");
        let error = error_of(&text);
        assert!(error.contains("people line 4: "), "{error}");
        assert!(error.contains(expected), "{line}: {error}");
    }
}

#[test]
fn lines_that_let_nobody_sign_are_told() {
    let text = format!("*@example.com cert-authority {KEY}\nold ssh-dss AAAA\nann {KEY} a comment\n");
    let signers = AllowedSigners::parse("people", &text).unwrap();
    let lines: Vec<usize> = signers.unused().iter().map(|unused| unused.line).collect();
    assert_eq!(lines, [1, 2]);
    assert!(signers.unused()[0].why.contains("cert-authority"));
    let keys: Vec<_> = signers
        .keys()
        .map(|(principals, key)| (principals.as_str(), key.name()))
        .collect();
    assert_eq!(keys, [("ann", Some("a comment"))]);
}

#[test]
fn a_key_of_two_people_is_both_theirs() {
    let text = format!("ann {KEY}\nbob namespaces=\"git\" {KEY}\n");
    let signers = AllowedSigners::parse("people", &text).unwrap();
    let key = signers.keys().next().unwrap().1.clone();
    assert!(signers.allows("ann", &key, NAMESPACE, now()).is_ok());
    assert!(signers.allows("bob", &key, "git", now()).is_ok());
    assert!(matches!(
        signers.allows("bob", &key, NAMESPACE, now()),
        Err(NotAllowed::Namespace { line: 2, .. })
    ));
    assert!(matches!(
        signers.allows("eve", &key, "git", now()),
        Err(NotAllowed::Principal { line: 1, .. })
    ));
    assert_eq!(signers.principals(&key, NAMESPACE, now()).unwrap().len(), 1);
    assert_eq!(signers.principals(&key, "git", now()).unwrap().len(), 2);
}

/// One line, somebody, and a time: whether `ssh-keygen -Y verify` lets them sign, and whether we do.
#[test]
fn ssh_keygen_and_we_agree_on_who_may_sign() {
    let folder = Folder::new();
    let ann = SshKey::new(&folder, "ann", "ed25519", "");
    let signed = ssh_keygen(&["-Y", "sign", "-n", NAMESPACE, "-f", ann.private.as_str()], b"x");
    let signature = folder.write("signature", &signed.stdout);
    let fields = [
        ("ann@example.com", ""),
        ("bob@example.com,*@example.com", ""),
        ("*@example.com,!ann@example.com", ""),
        ("!bob@example.com,*", ""),
        ("a?n@example.com", "namespaces=\"counterproof\" "),
        ("ann@*", "namespaces=\"git,counter*\" "),
        ("*", "namespaces=\"git\" "),
        ("*", "NAMESPACES=\"*,!counterproof\" "),
        ("Ann@example.com", ""),
        ("\"ann@example.com\"", ""),
        ("*", "valid-after=\"20260101Z\" "),
        ("*", "valid-before=\"20260101Z\" "),
        ("*", "valid-after=\"202601010000Z\",valid-before=\"20260101000059Z\" "),
        ("*", "valid-after=\"20260101UTC\",namespaces=\"counterproof\" "),
        ("*", "cert-authority "),
        ("*", "colour=\"red\" "),
        ("*", "namespaces=counterproof "),
        ("*", "valid-after=\"2026\" "),
        ("*", "valid-after=\"20260102Z\",valid-before=\"20260101Z\" "),
    ];
    let mut allowed = 0;
    for (principals, options) in fields {
        let line = format!("{principals} {options}{}\n", ann.bare());
        let file = folder.write("allowed", &line);
        let ours = AllowedSigners::parse("allowed", &line);
        for (text, at) in [
            ("20251231235959Z", "2025-12-31T23:59:59Z"),
            ("20260101000000Z", "2026-01-01T00:00:00Z"),
            ("20260101000100Z", "2026-01-01T00:01:00Z"),
        ] {
            let at: Timestamp = time(at);
            let time = format!("verify-time={text}");
            let arguments = [
                "-Y",
                "verify",
                "-f",
                file.as_str(),
                "-I",
                "ann@example.com",
                "-n",
                NAMESPACE,
            ];
            let arguments = [&arguments[..], &["-O", &time, "-s", signature.as_str()]].concat();
            let theirs = ssh_keygen(&arguments, b"x").status.success();
            let ours = ours
                .as_ref()
                .is_ok_and(|file| file.allows("ann@example.com", &ann.public(), NAMESPACE, at).is_ok());
            assert_eq!(ours, theirs, "{line} at {at}");
            allowed += usize::from(ours);
        }
    }
    assert!(allowed > 10, "the table tests refusals alone");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(.|\n){0,200}") {
        AllowedSigners::parse("f", &text).ok();
    }

    #[test]
    fn any_line_is_read_or_refused(principals in "[a-z@*?!,\"]{0,8}", options in "[a-zA-Z=,\"\\\\0-9 Z-]{0,30}", tail in ".{0,10}") {
        AllowedSigners::parse("f", &format!("{principals} {options} {KEY}{tail}")).ok();
        AllowedSigners::parse("f", &format!("a namespaces=\"{options} {KEY}")).ok();
        AllowedSigners::parse("f", &format!("a valid-after=\"{options}Z\" {KEY}")).ok();
    }
}
