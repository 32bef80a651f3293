//! This tool itself, test runners, and variables that switch checks off.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Run, Walker, shown};

/// Variables before a command that switch checks off.
pub fn variables(walker: &mut Walker<'_>, run: &Run<'_>) {
    for (name, value) in run.variables {
        let value = value.as_deref();
        let off = matches!(
            (name.as_str(), value),
            ("HUSKY" | "LEFTHOOK", Some("0" | "false"))
                | (
                    "HUSKY_SKIP_HOOKS" | "PRE_COMMIT_SKIP" | "SKIP_HOOKS" | "NO_VERIFY",
                    Some("1" | "true")
                )
        ) || (name == "SKIP" && run.name == "git");
        if off {
            walker.effect(Effect::weakens(format!(
                "`{name}={}` leaves the hooks out",
                shown(value.unwrap_or("…"))
            )));
        }
        if name == "COUNTERPROOF_GUARD" || name == "COUNTERPROOF_KEY" {
            walker.effect(Effect::weakens(format!("`{name}` changes who is believed")));
        }
        if matches!(name.as_str(), "LD_PRELOAD" | "DYLD_INSERT_LIBRARIES") {
            walker.unknown(format!("`{}` with another library in it", shown(run.program)));
        }
        let rewrites = [
            "UPDATE_SNAPSHOTS",
            "SNAPSHOT_UPDATE",
            "UPDATE_EXPECT",
            "UPDATE_GOLDEN",
            "UPDATE_GOLDENS",
            "INSTA_UPDATE",
            "INSTA_FORCE_PASS",
            "TRYBUILD",
        ];
        if rewrites.contains(&name.as_str())
            && value.is_some_and(|value| !matches!(value, "" | "0" | "no" | "false" | "new" | "auto"))
        {
            walker.effect(expects_what_comes());
        }
    }
    helpers(walker, run);
    if replaces_expectations(run) {
        walker.effect(expects_what_comes());
    }
}

/// Variables that name a program which others start: what shows long texts, what edits them, what carries a connection.
const HELPERS: [&str; 14] = [
    "GIT_SSH_COMMAND",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_PAGER",
    "GIT_EXTERNAL_DIFF",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "MANPAGER",
    "SYSTEMD_PAGER",
    "BROWSER",
    "KUBE_EDITOR",
];

/// Programs that a line has others start by a variable.
fn helpers(walker: &mut Walker<'_>, run: &Run<'_>) {
    const STARTERS: [&str; 18] = [
        "git",
        "man",
        "psql",
        "mysql",
        "less",
        "crontab",
        "visudo",
        "sudoedit",
        "systemctl",
        "journalctl",
        "gh",
        "glab",
        "kubectl",
        "ssh",
        "aws",
        "bat",
        "xdg-open",
        "sensible-editor",
    ];
    if !STARTERS.contains(&run.name) {
        return;
    }
    for name in HELPERS {
        let by_line = run.variables.iter().any(|(one, _)| one == name) || walker.known(name);
        if let Some(value) = by_line.then(|| walker.variable(run, name)).flatten() {
            walker.shell(&value, &format!("what `{}` is told to start", run.name), None);
        }
    }
}

fn expects_what_comes() -> Effect {
    Effect::weakens("what the tests expect is replaced by what comes out now")
        .instead("look at each difference, and let a person decide on it")
}

/// Whether a run of the tests writes down what comes out as what is right.
fn replaces_expectations(run: &Run<'_>) -> bool {
    let has = |words: &[&str]| {
        run.args
            .iter()
            .any(|arg| words.contains(&arg.text.split('=').next().unwrap_or_default()))
    };
    let word = |at: usize| run.args.get(at).map_or("", |arg| arg.text.as_str());
    const LONG: [&str; 3] = ["--updateSnapshot", "--update-snapshots", "--update-snapshot"];
    match run.name {
        "pytest" | "py.test" => has(&["--snapshot-update", "--force-regen", "--regen-all", "--update-goldens"]),
        "jest" | "vitest" | "ava" => has(&["-u", "--update"]) || has(&LONG),
        "playwright" => word(0) == "test" && (has(&["-u"]) || has(&LONG)),
        "npm" | "yarn" | "pnpm" | "bun" => {
            let is_test = word(0).starts_with('t') || word(0) == "run" && word(1).starts_with("test");
            is_test && (has(&["-u"]) || has(&LONG))
        }
        "cargo" => word(0) == "insta" && (word(1) == "accept" || has(&["--accept"])),
        "cargo-insta" => word(0) == "accept" || has(&["--accept"]),
        "go" => word(0) == "test" && has(&["-update", "--update", "-update-golden"]),
        _ => false,
    }
}

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "counterproof" => own(walker, run),
        "pytest" | "py.test" => {
            let options = Options::of(
                run.args,
                &[
                    "-k",
                    "-m",
                    "-p",
                    "-c",
                    "-n",
                    "-o",
                    "--deselect",
                    "--ignore",
                    "--cov-fail-under",
                ],
            );
            if options
                .value(&["--cov-fail-under"])
                .is_some_and(|share| share.parse::<f64>().is_ok_and(|share| share < 1.0))
            {
                walker.effect(Effect::weakens("no share of the code has to be covered"));
            }
        }
        "pre-commit" | "husky" | "lefthook" => {
            let verb = run.args.first().map_or("", |arg| arg.text.as_str());
            if verb == "uninstall" {
                walker.effect(Effect::weakens("the hooks that check a commit are removed"));
            }
        }
        _ => return false,
    }
    true
}

/// This tool by another name, or by a program that starts it; and what takes it away.
pub fn judges_itself(walker: &mut Walker<'_>, run: &Run<'_>) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let is_own = |text: &str| matches!(text.rsplit('/').next(), Some("counterproof" | "counterproof.exe"));
    let started = match run.name {
        "python" | "python3" | "py" => texts
            .windows(2)
            .position(|pair| pair[0] == "-m" && is_own(pair[1]))
            .map(|at| at + 2),
        "pipx" | "uvx" | "uv" | "npx" | "bunx" | "poetry" | "hatch" | "pdm" => {
            texts.iter().position(|text| is_own(text)).map(|at| at + 1)
        }
        _ => {
            let is_it = walker.place.executable.is_some() && walker.path(run.program) == walker.place.executable;
            let says = matches!(
                texts.as_slice(),
                ["guard", "allow" | "take" | "off", ..]
                    | ["approve", "action", ..]
                    | [
                        "uninstall",
                        "claude-code" | "codex" | "gemini" | "copilot" | "cursor" | "kiro",
                        ..
                    ]
            );
            (run.name != "counterproof" && (is_it || says)).then_some(0)
        }
    };
    if let Some(at) = started {
        own_words(walker, texts.get(at..).unwrap_or_default());
    }
    let manages = matches!(
        run.name,
        "pip" | "pip3" | "pipx" | "uv" | "cargo" | "npm" | "brew" | "apt" | "apt-get" | "conda" | "poetry" | "pdm"
    );
    let changes = ["install", "uninstall", "remove", "upgrade", "add", "purge", "reinstall"];
    let is_named = |text: &str| is_own(text) || text.starts_with("counterproof==") || text.starts_with("counterproof@");
    if manages && texts.iter().any(|text| changes.contains(text)) && texts.iter().copied().any(is_named) {
        walker.effect(Effect::weakens(
            "the tool that judges what an agent does is replaced, or taken away",
        ));
    }
    if run.name == "copilot"
        && texts
            .iter()
            .any(|text| matches!(*text, "--allow-all-tools" | "--allow-all" | "--yolo"))
    {
        walker.effect(Effect::weakens("`copilot` is started so that nobody is asked"));
    }
    let sets_source = matches!(texts.as_slice(),
        ["config", "set", name, ..] if ["index-url", "registry", "trusted-host"].iter().any(|word| name.contains(word)));
    if matches!(run.name, "pip" | "pip3" | "npm" | "pnpm" | "yarn" | "uv" | "poetry") && sets_source {
        walker.effect(Effect::weakens("packages come from another place from now on"));
    }
    if matches!(run.name, "pkill" | "killall") && texts.iter().any(|text| text.contains("counterproof"))
        || run.name == "kill" && walker.upstream().iter().any(|word| word.contains("counterproof"))
    {
        walker.effect(Effect::weakens("what judges an agent's actions is ended"));
    }
}

/// Notes that this tool's name is given to something else.
pub fn renamed(walker: &mut Walker<'_>, name: &str) {
    if name == "counterproof" {
        walker.effect(Effect::weakens(
            "the name of the tool that judges changes is given to something else",
        ));
    }
}

/// What an agent may not do with this tool: take part in judging itself.
fn own(walker: &mut Walker<'_>, run: &Run<'_>) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    own_words(walker, &texts);
}

fn own_words(walker: &mut Walker<'_>, texts: &[&str]) {
    let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.starts_with('-')).collect();
    let denied = |target: &str| {
        Effect::new(EffectKind::WeakenVerification, target, Reversible::Partly, Reach::Team)
            .decided(Decision::Deny)
            .instead("a person does it, in a shell of their own")
    };
    match texts.as_slice() {
        ["approve", ..] => walker.effect(denied("an agent approves what an agent did")),
        ["accept", ..] => walker.effect(denied("an agent accepts a difference in behaviour")),
        ["guard", "allow" | "revoke" | "off" | "take", ..] => {
            walker.effect(denied("an agent says what an agent may do"))
        }
        ["uninstall", ..] => walker.effect(denied("the hook that judges what an agent does is removed")),
        ["ledger", "retract" | "redact" | "expire" | "rotate-key" | "init", ..] => {
            walker.effect(denied("an agent changes what the ledger says"))
        }
        ["gate", "deployed", ..] | ["incident", ..] => {
            walker.effect(Effect::weakens("an agent says what was deployed, or what went wrong"))
        }
        _ => {}
    }
}
