//! This tool itself, test runners, and variables that switch checks off.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Run, Walker, shown};

fn weaker(target: impl Into<String>) -> Effect {
    Effect::new(
        EffectKind::WeakenVerification,
        target,
        Reversible::Yes,
        Reach::Workspace,
    )
    .decided(Decision::Ask)
    .instead("let a person decide on it")
}

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
            walker.effect(weaker(format!(
                "`{name}={}` leaves the hooks out",
                shown(value.unwrap_or("…"))
            )));
        }
        if name == "COUNTERPROOF_GUARD" || name == "COUNTERPROOF_KEY" {
            walker.effect(weaker(format!("`{name}` changes who is believed")));
        }
        if matches!(
            name.as_str(),
            "GIT_SSH_COMMAND"
                | "GIT_EDITOR"
                | "GIT_SEQUENCE_EDITOR"
                | "EDITOR"
                | "PAGER"
                | "GIT_PAGER"
                | "GIT_EXTERNAL_DIFF"
        ) && let Some(value) = value
            && run.name == "git"
        {
            let value = value.to_owned();
            walker.shell(&value, "a program that git is told to use", None);
        }
        if matches!(name.as_str(), "LD_PRELOAD" | "DYLD_INSERT_LIBRARIES") {
            walker.unknown(format!("`{}` with another library in it", shown(run.program)));
        }
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
                walker.effect(weaker("no share of the code has to be covered"));
            }
        }
        "pre-commit" | "husky" | "lefthook" => {
            let verb = run.args.first().map_or("", |arg| arg.text.as_str());
            if verb == "uninstall" {
                walker.effect(weaker("the hooks that check a commit are removed"));
            }
        }
        _ => return false,
    }
    true
}

/// What an agent may not do with this tool: take part in judging itself.
fn own(walker: &mut Walker<'_>, run: &Run<'_>) {
    let texts: Vec<&str> = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .filter(|text| !text.starts_with('-'))
        .collect();
    let denied = |target: &str| {
        Effect::new(EffectKind::WeakenVerification, target, Reversible::Partly, Reach::Team)
            .decided(Decision::Deny)
            .instead("a person does it, in a shell of their own")
    };
    match texts.as_slice() {
        ["approve", ..] => walker.effect(denied("an agent approves what an agent did")),
        ["accept", ..] => walker.effect(denied("an agent accepts a difference in behaviour")),
        ["guard", "allow" | "revoke" | "off", ..] => walker.effect(denied("an agent says what an agent may do")),
        ["uninstall", ..] => walker.effect(denied("the hook that judges what an agent does is removed")),
        ["ledger", "retract" | "redact" | "expire" | "rotate-key" | "init", ..] => {
            walker.effect(denied("an agent changes what the ledger says"))
        }
        ["gate", "deployed", ..] | ["incident", ..] => {
            walker.effect(weaker("an agent says what was deployed, or what went wrong"))
        }
        _ => {}
    }
}
