//! What goes over the network: requests that change, and what is sent away.

use super::infrastructure::placed;
use super::options::Options;
use super::paths::{PathKind, kind};
use super::secrets::is_secret_file;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::walk::{Arg, Input, Run, UNKNOWN, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "curl" | "curlie" => curl(walker, run),
        "wget" | "aria2c" => wget(walker, run),
        "http" | "https" | "xh" | "httpie" => httpie(walker, run),
        "scp" | "sftp" => copied(walker, run, name),
        "rsync" => rsync(walker, run),
        "dig" | "nslookup" | "host" | "drill" | "ping" | "traceroute" => {
            let asked = run
                .args
                .iter()
                .find(|arg| !arg.is_known() && !arg.text.starts_with('-'));
            if let Some((secret, asked)) = walker.taken().map(str::to_owned).zip(asked) {
                exfiltrated(walker, format!("what `{}` holds", shown(&secret)), &asked.text);
            }
        }
        "ftp" | "lftp" => {
            let options = Options::of(run.args, &["-e", "-c", "-u", "-p", "-f"]);
            let host = options.operand(0).to_owned();
            for text in options.values(&["-e", "-c"]).map(str::to_owned).collect::<Vec<_>>() {
                ordered(walker, Some(&text), &host);
            }
            if let Input::Known(text) = run.input {
                ordered(walker, Some(text), &host);
            }
        }
        "nc" | "ncat" | "netcat" | "socat" | "telnet" => pipe(walker, run),
        "openssl" if run.args.first().is_some_and(|arg| arg.text == "s_client") => {
            if let Some(secret) = sends_secret(walker, &[]) {
                exfiltrated(walker, secret, &texts(run).join(" "));
            }
        }
        "ssh-copy-id" => {
            let effect = Effect::new(
                EffectKind::Expose,
                format!("a host to this user's key (`{}`)", shown(&texts(run).join(" "))),
                Reversible::Partly,
                Reach::Machine,
            );
            walker.effect(effect);
        }
        "mail" | "mailx" | "sendmail" | "mutt" | "swaks" => {
            let effect = Effect::new(
                EffectKind::Exfiltrate,
                "a message to somebody",
                Reversible::No,
                Reach::Machine,
            );
            walker.effect(effect.decided(Decision::Ask));
        }
        _ => return false,
    }
    true
}

fn texts<'r>(run: &'r Run<'_>) -> Vec<&'r str> {
    run.args.iter().map(|arg| arg.text.as_str()).collect()
}

/// Whether what is sent holds keys: a file of them, or what comes from one.
pub fn sends_secret(walker: &Walker<'_>, values: &[String]) -> Option<String> {
    for value in values {
        let file = value.rsplit_once('@').map_or(value.as_str(), |(_, file)| file);
        let file = file.split(';').next().unwrap_or(file);
        if is_secret_file(walker, file) {
            return Some(format!("`{}`", shown(file)));
        }
    }
    if let Some(words) = walker
        .upstream()
        .iter()
        .find(|word| is_secret_file(walker, word) || matches!(word.as_str(), "env" | "printenv" | "export-secret-keys"))
    {
        return Some(format!("what `{}` holds", shown(words)));
    }
    None
}

pub fn exfiltrated(walker: &mut Walker<'_>, what: String, to: &str) {
    let effect = Effect::new(
        EffectKind::Exfiltrate,
        format!("{what}, keys and credentials, to `{}`", shown(to)),
        Reversible::No,
        Reach::Team,
    );
    walker.effect(effect.decided(Decision::Deny));
}

/// The host of an address, and whether it is this machine.
pub fn host_of(url: &str) -> (&str, bool) {
    let host = url.split("://").nth(1).unwrap_or(url);
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let plain = host.rsplit('@').next().unwrap_or(host);
    let plain = plain.split(':').next().unwrap_or(plain);
    let is_local = matches!(plain, "localhost" | "0.0.0.0" | "[" | "host.docker.internal")
        || plain.starts_with("127.")
        || plain.ends_with(".local")
        || plain.ends_with(".localhost")
        || plain.ends_with(".test");
    (host, is_local)
}

/// What a request does, by its method.
fn request(walker: &mut Walker<'_>, method: &str, url: &str, data: &[String]) {
    let (host, is_local) = host_of(url);
    if let Some(secret) = sends_secret(walker, data).filter(|_| !is_local) {
        exfiltrated(walker, secret, host);
        return;
    }
    let is_made = url.contains(UNKNOWN) || data.iter().any(|value| value.contains(UNKNOWN));
    if is_made
        && !is_local
        && let Some(secret) = walker.taken().map(str::to_owned)
    {
        let effect = Effect::new(
            EffectKind::Exfiltrate,
            format!("what `{}` holds, or a part of it, to `{}`", shown(&secret), shown(host)),
            Reversible::No,
            Reach::Team,
        );
        walker.effect(effect.decided(Decision::Ask));
    }
    let told = [url];
    let path = shown(url);
    match method {
        "DELETE" => {
            let wide = url.trim_end_matches('/').matches('/').count() <= 3;
            let effect = placed(
                walker,
                EffectKind::Delete,
                format!("`{path}`"),
                if wide { Reversible::No } else { Reversible::Partly },
                &told,
            );
            let effect = if is_local {
                effect.in_environment(Environment::Development).decided(if wide {
                    Decision::Ask
                } else {
                    Decision::Allow
                })
            } else {
                effect.at_least(Decision::Ask)
            };
            walker.effect(effect.instead("`GET` it first"));
        }
        "PUT" | "PATCH" => {
            let effect = placed(
                walker,
                EffectKind::Change,
                format!("`{path}`"),
                Reversible::Partly,
                &told,
            );
            walker.effect(if is_local {
                effect.decided(Decision::Allow)
            } else {
                effect.at_least(Decision::Ask)
            });
        }
        "POST" => {
            let grave = [
                "_delete_by_query",
                "/shutdown",
                "/delete",
                "/purge",
                "/destroy",
                "/drop",
                "/truncate",
                "/flush",
                "/reset",
                "/terminate",
                "_close",
                "/suspend",
                "/stop",
                "/restart",
                "/decommission",
                "/revoke",
                "/rollback",
            ]
            .iter()
            .any(|word| url.contains(word))
                || data.iter().any(|value| {
                    let plain: String = value.chars().filter(|c| !c.is_whitespace()).collect();
                    plain.contains("\"is-destroy\":true")
                        || plain.contains("\"action\":\"delete\"")
                        || plain.contains("\"action\":\"destroy\"")
                });
            let sends_file = data.iter().any(|value| value.starts_with('@') || value.contains("=@"));
            // A service on this machine is what is being worked on; what a whole index or server does is another matter.
            let is_of_the_work = is_local
                && ![
                    "_delete_by_query",
                    "/shutdown",
                    "/flush",
                    "/purge",
                    "/destroy",
                    "_close",
                ]
                .iter()
                .any(|word| url.contains(word));
            if grave && is_of_the_work {
                return;
            }
            if grave {
                let effect = placed(
                    walker,
                    EffectKind::Delete,
                    format!("what `{path}` names"),
                    Reversible::No,
                    &told,
                );
                walker.effect(effect.at_least(Decision::Ask).instead("`GET` it first"));
            } else if placed(walker, EffectKind::Change, String::new(), Reversible::Partly, &told).environment
                == Some(Environment::Production)
                && !is_local
            {
                walker.effect(placed(
                    walker,
                    EffectKind::Change,
                    format!("`{path}`"),
                    Reversible::Partly,
                    &told,
                ));
            } else if sends_file && !is_local {
                let effect = Effect::new(
                    EffectKind::Exfiltrate,
                    format!("a file to `{}`", shown(host)),
                    Reversible::No,
                    Reach::Team,
                );
                walker.effect(effect.decided(Decision::Ask));
            }
        }
        _ => {}
    }
}

fn curl(walker: &mut Walker<'_>, run: &Run<'_>) {
    let data = [
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-urlencode",
        "--data-ascii",
        "-F",
        "--form",
        "--json",
        "-T",
        "--upload-file",
    ];
    let valued: Vec<&str> = data
        .iter()
        .copied()
        .chain([
            "-X",
            "--request",
            "-H",
            "--header",
            "-o",
            "--output",
            "-u",
            "--user",
            "-A",
            "--user-agent",
            "-e",
            "-b",
            "--cookie",
            "-c",
            "--cookie-jar",
            "-m",
            "--max-time",
            "--connect-timeout",
            "-x",
            "--proxy",
            "-w",
            "--write-out",
            "--retry",
            "--url",
            "-K",
            "--config",
            "--cacert",
            "--cert",
            "--key",
            "-r",
            "--resolve",
            "--output-dir",
            "-E",
        ])
        .collect();
    let options = Options::of(run.args, &valued);
    let mut values: Vec<String> = options.values(&data).map(str::to_owned).collect();
    for upload in options.values(&["-T", "--upload-file"]) {
        values.push(format!("@{upload}"));
    }
    let has_data = options.has(&data);
    let method = options
        .value(&["-X", "--request"])
        .map(str::to_uppercase)
        .unwrap_or_else(|| {
            if options.has(&["-T", "--upload-file"]) {
                "PUT".to_owned()
            } else if has_data && !options.has(&["-G", "--get"]) {
                "POST".to_owned()
            } else {
                "GET".to_owned()
            }
        });
    let urls: Vec<String> = options
        .operands
        .iter()
        .map(|arg| arg.text.clone())
        .chain(options.values(&["--url"]).map(str::to_owned))
        .collect();
    for url in &urls {
        request(walker, &method, url, &values);
        if method == "GET"
            && url.contains('?')
            && let Some(secret) = walker
                .upstream()
                .iter()
                .find(|word| is_secret_file(walker, word))
                .cloned()
        {
            exfiltrated(walker, format!("`{}`", shown(&secret)), url);
        }
    }
    for file in options
        .values(&["-o", "--output"])
        .map(str::to_owned)
        .collect::<Vec<_>>()
    {
        super::files::written(walker, &Arg::of(&file), false, None);
    }
}

fn wget(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &[
            "-O",
            "--output-document",
            "-P",
            "-o",
            "--post-data",
            "--post-file",
            "--method",
            "--body-data",
            "--body-file",
            "--header",
            "-U",
            "-t",
            "-T",
            "-d",
        ],
    );
    let mut values: Vec<String> = options
        .values(&["--post-data", "--body-data"])
        .map(str::to_owned)
        .collect();
    values.extend(
        options
            .values(&["--post-file", "--body-file"])
            .map(|file| format!("@{file}")),
    );
    let method = options.value(&["--method"]).map(str::to_uppercase).unwrap_or_else(|| {
        if values.is_empty() {
            "GET".to_owned()
        } else {
            "POST".to_owned()
        }
    });
    for url in options.operands.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>() {
        request(walker, &method, &url, &values);
    }
    for file in options
        .values(&["-O", "--output-document"])
        .map(str::to_owned)
        .collect::<Vec<_>>()
    {
        if file != "-" {
            super::files::written(walker, &Arg::of(&file), false, None);
        }
    }
}

fn httpie(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-a", "--auth", "-o", "--output", "--session"]);
    let first = options.operand(0);
    let is_method = !first.is_empty()
        && (first.chars().all(|c| c.is_ascii_uppercase())
            || matches!(first, "get" | "post" | "put" | "patch" | "delete" | "head" | "options"));
    let (method, url) = if is_method {
        (first.to_uppercase(), options.operand(1).to_owned())
    } else {
        ("GET".to_owned(), first.to_owned())
    };
    let values: Vec<String> = options
        .operands
        .iter()
        .skip(1 + usize::from(is_method))
        .map(|arg| arg.text.clone())
        .collect();
    request(walker, &method, &url, &values);
}

/// `host:path`, which is on another machine.
pub fn is_remote(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(host, _)| !host.is_empty() && !host.contains('/') && host.len() > 1)
}

fn copied(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &["-i", "-P", "-o", "-F", "-c", "-l", "-S", "-b", "-J"]);
    let Some((target, sources)) = options.operands.split_last() else {
        return;
    };
    if name == "sftp" {
        let host = target.text.clone();
        match (options.value(&["-b"]), run.input) {
            (Some(file), _) if file != "-" => {
                let text = walker.path(file).and_then(|path| walker.read(&path));
                ordered(walker, text.as_deref(), &host);
            }
            (_, Input::Known(text)) => ordered(walker, Some(text), &host),
            (Some(_), _) | (None, Input::Unknown(_)) => ordered(walker, None, &host),
            (None, Input::Nothing) => {}
        }
        return;
    }
    if !is_remote(&target.text) {
        if !is_remote(&target.text) && name == "scp" {
            super::files::written(walker, target, false, None);
        }
        return;
    }
    sent(
        walker,
        &target.text.clone(),
        &sources.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>(),
    );
}

/// Orders to a client that deletes and puts files on another machine.
fn ordered(walker: &mut Walker<'_>, orders: Option<&str>, host: &str) {
    let Some(orders) = orders else {
        walker.unknown(format!("orders to `{}` that cannot be read from here", shown(host)));
        return;
    };
    for order in orders.split(['\n', ';']).map(str::trim) {
        let words: Vec<&str> = order.trim_start_matches(['-', '@']).split_whitespace().collect();
        let deletes = match words.as_slice() {
            ["rm" | "rmdir" | "del" | "delete" | "mdel" | "mdelete" | "mrm", ..] => true,
            ["mirror", options @ ..] => options
                .iter()
                .any(|word| word.starts_with("--delete") || *word == "-e" || *word == "--Remove-source-files"),
            ["!", command @ ..] => {
                walker.shell(&command.join(" "), "what a client runs here", None);
                false
            }
            ["put" | "mput" | "reput", file, ..] => {
                let target = format!("{host}:");
                sent(walker, &target, &[(*file).to_owned()]);
                false
            }
            _ => false,
        };
        if deletes {
            let target = format!("files of `{}` (`{}`)", shown(host), shown(order));
            let effect = placed(walker, EffectKind::Delete, target, Reversible::No, &[host]);
            walker.effect(
                effect
                    .at_least(Decision::Ask)
                    .instead("list them first, and take a copy"),
            );
        }
    }
}

/// Files that go to another machine.
fn sent(walker: &mut Walker<'_>, target: &str, sources: &[String]) {
    let host = target.split(':').next().unwrap_or(target);
    if let Some(secret) = sources.iter().find(|source| is_secret_file(walker, source)) {
        exfiltrated(walker, format!("`{}`", shown(secret)), host);
        return;
    }
    let effect = placed(
        walker,
        EffectKind::Overwrite,
        format!("files of `{}`", shown(target)),
        Reversible::Partly,
        &[host.rsplit('@').next().unwrap_or(host)],
    );
    // Copying to a machine of which nothing says that it serves people is daily work.
    let base = effect.environment == Some(Environment::Production);
    walker.effect(if base {
        effect.at_least(Decision::Ask)
    } else {
        effect.decided(Decision::Allow)
    });
}

fn rsync(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &[
            "-e",
            "--rsh",
            "--exclude",
            "--include",
            "--filter",
            "-f",
            "--rsync-path",
            "--log-file",
            "--bwlimit",
            "--files-from",
            "--exclude-from",
            "--port",
            "--chmod",
            "--chown",
        ],
    );
    for command in options
        .values(&["-e", "--rsh", "--rsync-path"])
        .map(str::to_owned)
        .collect::<Vec<_>>()
    {
        if !command.starts_with("ssh") {
            walker.shell(&command, "what `rsync` talks through", None);
        }
    }
    if options.has(&["-n", "--dry-run"]) {
        return;
    }
    let Some((target, sources)) = options.operands.split_last() else {
        return;
    };
    let deletes = options
        .all()
        .any(|(flag, _)| flag.starts_with("--delete") || flag == "--remove-source-files");
    let remote = is_remote(&target.text) || target.text.contains("::");
    if deletes {
        if remote {
            let effect = placed(
                walker,
                EffectKind::Delete,
                format!("all at `{}` that is not here", shown(&target.text)),
                Reversible::No,
                &[&target.text],
            );
            walker.effect(effect.at_least(Decision::Ask).instead("`--dry-run` shows what goes"));
        } else {
            let made = matches!(kind(walker, &target.text), PathKind::Artefact | PathKind::Temporary);
            if !made && let Some(effect) = super::files::deletion(walker, &target.text, true, true, EffectKind::Delete)
            {
                walker.effect(effect.instead("`--dry-run` shows what goes"));
            }
        }
    }
    if remote {
        sent(
            walker,
            &target.text.clone(),
            &sources.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>(),
        );
    }
}

fn pipe(walker: &mut Walker<'_>, run: &Run<'_>) {
    let words = texts(run);
    let runs = words.iter().any(|word| {
        matches!(*word, "-e" | "-c" | "--exec" | "--sh-exec" | "-ce" | "-lvpe")
            || word.to_uppercase().starts_with("EXEC:")
            || word.to_uppercase().starts_with("SYSTEM:")
    });
    let from_pipe = !matches!(run.input, Input::Nothing);
    if runs {
        let effect = Effect::new(
            EffectKind::Expose,
            format!("a shell of this machine to `{}`", shown(&words.join(" "))),
            Reversible::No,
            Reach::Machine,
        );
        walker.effect(effect.decided(Decision::Deny));
    } else if from_pipe
        && !words
            .iter()
            .any(|word| matches!(*word, "-z" | "localhost" | "127.0.0.1"))
    {
        let secret = sends_secret(walker, &[]);
        match secret {
            Some(secret) => exfiltrated(walker, secret, &words.join(" ")),
            None => {
                let effect = Effect::new(
                    EffectKind::Exfiltrate,
                    format!("what it reads to `{}`", shown(&words.join(" "))),
                    Reversible::No,
                    Reach::Machine,
                );
                walker.effect(effect.decided(Decision::Ask));
            }
        }
    }
}
