//! Keys in the words of programs that send: an address, a host, a header.

use super::network::{exfiltrated, host_of};
use super::options::Options;
use super::secrets::is_secret_file;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{FROM_KEYS, FROM_NAME, Run, Walker, shown};

/// Programs whose words go to others.
const SENDERS: [&str; 27] = [
    "curl",
    "curlie",
    "wget",
    "aria2c",
    "http",
    "https",
    "xh",
    "httpie",
    "dig",
    "nslookup",
    "host",
    "drill",
    "ping",
    "traceroute",
    "whois",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "telnet",
    "openssl",
    "websocat",
    "grpcurl",
    "ftp",
    "lftp",
    "git",
    "xdg-open",
];

/// Options whose value is a header, or what somebody shows to be let in.
const HEADERS: [&str; 14] = [
    "-H",
    "--header",
    "-A",
    "--user-agent",
    "-b",
    "--cookie",
    "-u",
    "--user",
    "-e",
    "--oauth2-bearer",
    "-a",
    "--auth",
    "--password",
    "--http-password",
];

/// Tells which keys go out in words.
pub fn sent(walker: &mut Walker<'_>, run: &Run<'_>) {
    if run.name == "rclone" {
        to_a_store(walker, run);
        return;
    }
    let is_marked = |text: &str| text.contains([FROM_KEYS, FROM_NAME]);
    if !SENDERS.contains(&run.name) || !run.args.iter().any(|arg| is_marked(&arg.text)) {
        return;
    }
    // Where all goes to this machine nobody else gets it.
    let mut hosts = run.args.iter().filter(|arg| {
        let is_host = arg.text.contains("://") || host_of(&arg.text).1;
        is_host && !arg.text.starts_with('-')
    });
    let is_local = hosts.clone().count() > 0 && hosts.all(|arg| host_of(&arg.text).1);
    if is_local {
        return;
    }
    for (at, arg) in run.args.iter().enumerate().filter(|(_, arg)| is_marked(&arg.text)) {
        let text = arg.text.as_str();
        let before = at.checked_sub(1).map_or("", |at| run.args[at].text.as_str());
        let is_header = HEADERS.contains(&before)
            || HEADERS
                .iter()
                .any(|name| text.starts_with(name) && (name.len() == 2 || text[name.len()..].starts_with('=')))
            // `httpie` writes headers as `Name:value`.
            || matches!(run.name, "http" | "https" | "xh" | "httpie") && text.contains(':') && !text.contains("://");
        let file = walker.taken().map(|file| format!("what `{}` holds", shown(file)));
        match (text.contains(FROM_KEYS), is_header) {
            (true, true) => asked(walker, file.unwrap_or_default(), text),
            (true, false) => exfiltrated(walker, file.unwrap_or_default(), text),
            (false, true) => {}
            (false, false) if in_address(run, text) => asked(walker, "a variable with a key's name".to_owned(), text),
            (false, false) => {}
        }
    }
}

/// Whether a key stands in an address, where every server on the way writes it down, or in a name that is asked for; before `@` it is shown to
/// the host alone.
fn in_address(run: &Run<'_>, text: &str) -> bool {
    let asks = matches!(
        run.name,
        "dig" | "nslookup" | "host" | "drill" | "ping" | "traceroute" | "whois"
    );
    let after = text.split_once("://").map(|(_, after)| after);
    let is_told = |after: &str| {
        let rest = after.rsplit_once('@').map_or(after, |(_, rest)| rest);
        rest.contains(FROM_NAME)
    };
    asks || after.is_some_and(is_told)
}

fn asked(walker: &mut Walker<'_>, what: String, to: &str) {
    let effect = Effect::new(
        EffectKind::Exfiltrate,
        format!("{what}, in `{}`", shown(to)),
        Reversible::No,
        Reach::Team,
    );
    walker.effect(effect.decided(Decision::Ask));
}

/// `rclone copy ~/.ssh store:x`.
fn to_a_store(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &[]);
    let Some(target) = options.operands.last().filter(|arg| arg.text.contains(':')) else {
        return;
    };
    let secret = options.operands.iter().find(|arg| is_secret_file(walker, &arg.text));
    if let Some(secret) = secret {
        exfiltrated(walker, format!("`{}`", shown(&secret.text)), &target.text);
    }
}
