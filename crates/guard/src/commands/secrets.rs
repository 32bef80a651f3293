//! Keys and credentials: where they lie, and what shows them to whoever reads along.

use super::options::Options;
use super::paths::is_secret_in_home;
use super::patterns::fits;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::shell::tree::{Form, Part, Word};
use crate::walk::{Run, Walker, shown};

/// Whether a file holds keys or credentials.
pub fn is_secret_file(walker: &Walker<'_>, path: &str) -> bool {
    is_secret(walker, path)
        || walker
            .path(path)
            .and_then(|path| walker.origin(&path))
            .is_some_and(|origin| is_secret(walker, &origin))
}

fn is_secret(walker: &Walker<'_>, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let by_name = is_environment_file(name)
        || name.contains(['*', '?', '[']) && fits_secret(name)
        || name == "environ" && path.starts_with("/proc/")
        || matches!(
            name,
            "id_rsa"
                | "id_ed25519"
                | "id_ecdsa"
                | "id_dsa"
                | "credentials"
                | "credentials.json"
                | "master.key"
                | ".netrc"
                | ".pgpass"
                | ".npmrc"
                | ".pypirc"
                | ".htpasswd"
                | "kubeconfig"
        )
        || [".pem", ".p12", ".pfx", ".jks", ".keystore"]
            .iter()
            .any(|end| name.ends_with(end))
            && !["pub", "cert", "ca", "chain"].iter().any(|word| name.contains(word));
    let in_home = walker.path(path).is_some_and(|path| {
        path.strip_prefix(&walker.place.home).is_some_and(|inner| {
            let inner = inner.trim_start_matches('/');
            is_secret_in_home(inner)
                && (!inner.ends_with("rc") || matches!(inner, ".npmrc" | ".pypirc" | ".netrc"))
                && !inner.ends_with("profile")
                && !inner.ends_with(".pub")
                && !inner.contains("known_hosts")
                && !inner.starts_with(".claude")
                && !inner.ends_with(".gitconfig")
                && !inner.ends_with("/config")
                || inner == ".kube/config"
        })
    });
    by_name || in_home || matches!(path, "/etc/shadow" | "/etc/sudoers")
}

/// Whether a pattern fits names that hold keys: `.en*`, `id_*`.
fn fits_secret(pattern: &str) -> bool {
    const NAMES: [&str; 8] = [
        ".env",
        ".env.local",
        ".env.production",
        "id_rsa",
        "id_ed25519",
        ".netrc",
        ".npmrc",
        "credentials",
    ];
    // Of one that fits nearly everything nobody means these.
    let told = pattern.chars().filter(|c| !matches!(c, '*' | '?' | '[' | ']')).count();
    told >= 2 && NAMES.iter().any(|name| fits(pattern, name, |c| c != '.'))
}

/// `.env` and its like; examples of them hold nothing.
fn is_environment_file(name: &str) -> bool {
    const EMPTY: [&str; 6] = ["example", "sample", "template", "dist", "defaults", "test"];
    (name == ".env" || name == ".envrc" || name.starts_with(".env.")) && !EMPTY.iter().any(|word| name.ends_with(word))
}

/// What is told of something that whoever reads along gets to see: the model, its provider, logs.
pub fn shows(walker: &mut Walker<'_>, what: String, safer: &str) {
    let effect = Effect::new(
        EffectKind::Exfiltrate,
        format!("{what} to whoever reads along"),
        Reversible::No,
        Reach::Machine,
    );
    walker.effect(effect.decided(Decision::Ask).instead(safer));
}

/// Private keys that are printed.
pub fn shown_by(walker: &mut Walker<'_>, run: &Run<'_>) {
    const PRINTERS: [&str; 15] = [
        "cat", "less", "more", "head", "tail", "bat", "batcat", "strings", "xxd", "hexdump", "od", "base64", "tac",
        "nl", "openssl",
    ];
    if PRINTERS.contains(&run.name) {
        for (at, arg) in run
            .args
            .iter()
            .enumerate()
            .filter(|(_, arg)| !arg.text.starts_with('-'))
        {
            // `openssl … -keyout key.pem` writes it.
            if at > 0 && matches!(run.args[at - 1].text.as_str(), "-out" | "-keyout") {
                continue;
            }
            let name = arg.text.rsplit('/').next().unwrap_or(&arg.text);
            // What a program or a variable is set up with by `$(cat .env)` nobody gets to see; a key is not for that.
            let is_seen = walker.is_read() || !name.starts_with(".env");
            if !walker.is_read() && is_secret_file(walker, &arg.text) {
                walker.takes(&arg.text);
            }
            if is_seen && is_secret_file(walker, &arg.text) {
                shows(
                    walker,
                    format!("`{}`", shown(&arg.text)),
                    "let the program that needs it read it; `cut -d= -f1` shows the names alone",
                );
            }
        }
    } else if walker.is_read() && gives_away(run) {
        let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
        shows(
            walker,
            format!("what `{} {}` gives, a secret,", run.name, shown(&words.join(" "))),
            "put it into a variable or hand it to the program that needs it: `NAME=$(…)`",
        );
    }
}

/// Programs that print what a store keeps secret.
fn gives_away(run: &Run<'_>) -> bool {
    const STORES: [&str; 23] = [
        "git",
        "printenv",
        "aws",
        "gcloud",
        "az",
        "vault",
        "op",
        "gh",
        "glab",
        "bw",
        "gopass",
        "pass",
        "heroku",
        "ansible-vault",
        "secret-tool",
        "doppler",
        "terraform",
        "tofu",
        "pulumi",
        "sops",
        "kubectl",
        "oc",
        "k",
    ];
    // Most programs are none of them, and their options need not be read.
    if !STORES.contains(&run.name) {
        return false;
    }
    let options = Options::of(
        run.args,
        &[
            "-o",
            "--output",
            "-n",
            "--namespace",
            "--context",
            "--profile",
            "--region",
            "--project",
            "--vault",
            "--vault-name",
            "--name",
            "-a",
            "--app",
        ],
    );
    let words: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    match (run.name, words.as_slice()) {
        ("git", ["credential", "fill", ..]) => true,
        ("kubectl" | "oc" | "k", ["config", "view", ..]) => options.has(&["--raw"]),
        ("printenv", [name, ..]) => is_secret_name(name),
        ("aws", ["secretsmanager", "get-secret-value" | "batch-get-secret-value", ..])
        | ("aws", ["configure", "export-credentials", ..])
        | ("aws", ["sts", "get-session-token" | "assume-role", ..])
        | ("gcloud", ["secrets", "versions", "access", ..])
        | ("gcloud", ["auth", "print-access-token" | "print-identity-token", ..])
        | ("gcloud", ["auth", "application-default", "print-access-token", ..])
        | ("az", ["keyvault", "secret", "show" | "download", ..])
        | ("az", ["account", "get-access-token", ..])
        | ("vault", ["kv", "get", ..] | ["read", ..] | ["print", "token", ..])
        | ("op", ["read", ..])
        | ("gh", ["auth", "token", ..])
        | ("glab", ["config", "get", "token", ..])
        | ("bw", ["get", "password" | "item" | "notes", ..])
        | ("gopass", ["show" | "cat", ..])
        | ("pass", ["show", ..])
        | ("heroku", ["config" | "config:get", ..])
        | ("ansible-vault", ["view", ..])
        | ("secret-tool", ["lookup", ..])
        | ("doppler", ["secrets", "get" | "download", ..]) => true,
        ("aws", ["ssm", "get-parameter" | "get-parameters" | "get-parameters-by-path", ..]) => {
            options.is_on(&["--with-decryption"])
        }
        ("terraform" | "tofu", ["output", name, ..]) => is_secret_name(name),
        ("pulumi", ["config" | "stack", ..]) => options.is_on(&["--show-secrets"]),
        ("op", ["item", "get", ..]) => options.is_on(&["--reveal"]) || options.has(&["--fields"]),
        ("sops", _) => options.has(&["-d", "--decrypt"]) && !options.has(&["-i", "--in-place", "--output"]),
        ("kubectl" | "oc" | "k", ["get", what, ..]) => {
            let kind = what.split(['/', ',']).next().unwrap_or(what);
            matches!(kind, "secret" | "secrets")
                && options
                    .value(&["-o", "--output"])
                    .is_some_and(|form| !matches!(form, "name" | "wide"))
        }
        _ => false,
    }
}

/// Variables whose name says that they are secret, printed by `echo $NAME`.
pub fn printed(walker: &mut Walker<'_>, words: &[Word]) {
    let Some((program, rest)) = words.split_first() else {
        return;
    };
    if !walker.is_read() || !matches!(program.literal().as_deref(), Some("echo" | "printf")) {
        return;
    }
    for part in rest.iter().flat_map(|word| &word.parts) {
        if let Part::Variable {
            name,
            form: Form::Plain,
            ..
        } = part
            && is_secret_name(name)
            && !walker.known(name)
        {
            shows(walker, format!("`${name}`"), "`${NAME:+set}` tells whether it is there");
        }
    }
}

/// Whether a variable's name says that it is secret.
pub fn is_secret_name(name: &str) -> bool {
    let upper = name.to_uppercase();
    let parts: Vec<&str> = upper.split('_').collect();
    let ends = |words: &[&str]| parts.last().is_some_and(|last| words.contains(last));
    ends(&[
        "SECRET",
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PAT",
        "CREDENTIALS",
    ]) || upper.ends_with("API_KEY")
        || upper.ends_with("APIKEY")
        || upper.ends_with("ACCESS_KEY")
        || upper.ends_with("SECRET_KEY")
        || upper.ends_with("PRIVATE_KEY")
        || upper == "PGPASSWORD"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_is_secret() {
        for name in [
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "db_password",
            "STRIPE_API_KEY",
            "TOKEN",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PATH",
            "TOKENS_USED",
            "SECRETARY",
            "PATTERN",
            "KEY",
            "PRIMARY_KEY",
            "PUBLIC_KEY",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
