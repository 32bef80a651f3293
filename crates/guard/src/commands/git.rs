//! Git: what is lost of work, of history, and of what others have.

mod settings;

use settings::{alias_of, config, configured};

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::verification::Guarded;
use crate::walk::{Arg, Run, UNKNOWN, Walker, shown};

/// Where an alias of git is kept while a line is walked.
const ALIAS: &str = "__GIT_ALIAS_";

/// Set where git was told that cleaning needs no force.
const NO_FORCE: &str = "__GIT_CLEAN_NEEDS_NO_FORCE";
/// Set where a line leads a remote elsewhere.
const LED_ELSEWHERE: &str = "__GIT_REMOTE_LED_ELSEWHERE";

/// Options of git itself that take a value.
const OWN: [&str; 8] = [
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--exec-path",
    "--super-prefix",
    "--config-env",
];

/// Tells what git does; false where it is another program.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    if !matches!(name, "git" | "hub" | "jj") {
        let rewrites = matches!(name, "git-filter-repo" | "bfg" | "bfg.jar");
        if rewrites {
            filter(walker);
        }
        return rewrites;
    }
    if name == "jj" {
        return true;
    }
    let mut at = 0;
    let mut folder = None;
    while let Some(arg) = run.args.get(at) {
        let text = arg.text.as_str();
        if !text.starts_with('-') {
            break;
        }
        if text == "-C" {
            folder = run.args.get(at + 1).cloned();
        }
        if text == "--config-env" || text.starts_with("--config-env=") {
            walker.unknown("git with a setting that a variable holds".to_owned());
        }
        if text == "-c"
            && let Some(setting) = run.args.get(at + 1)
        {
            configured(walker, &setting.text);
        }
        at += 1 + usize::from(OWN.contains(&text));
    }
    let Some((verb, args)) = run.args.get(at..).and_then(<[Arg]>::split_first) else {
        return true;
    };
    let made = run.variables.iter().any(|(name, _)| name.starts_with("GIT_CONFIG_"));
    if !verb.is_known() || made {
        walker.unknown("a command of git that is made while it runs");
        return true;
    }
    let alias = walker
        .variable(run, &format!("{ALIAS}{}", verb.text.to_lowercase()))
        .or_else(|| alias_of(walker, &verb.text));
    if let Some(stands_for) = alias {
        // Once: git does not follow an alias that is called as it is.
        walker.set(&format!("{ALIAS}{}", verb.text.to_lowercase()), None);
        let line = match stands_for.strip_prefix('!') {
            Some(command) => format!("{command} {}", crate::walk::quoted(args)),
            None => format!("git {stands_for} {}", crate::walk::quoted(args)),
        };
        walker.text(&line, "an alias of git");
        return true;
    }
    let before = walker.folder().map(str::to_owned);
    if let Some(folder) = folder {
        let path = walker.path(&folder.text);
        walker.enter(path);
    }
    of_verb(walker, run, &verb.text, args);
    walker.enter(before);
    true
}

fn work(walker: &mut Walker<'_>, target: &str, safer: &str) {
    if is_made_to_try(walker) {
        return;
    }
    let effect = Effect::new(EffectKind::Delete, target, Reversible::No, Reach::Workspace);
    walker.effect(effect.instead(safer));
}

fn history(walker: &mut Walker<'_>, target: &str, reversible: Reversible, safer: &str) {
    let effect = Effect::new(EffectKind::RewriteHistory, target, reversible, Reach::Workspace);
    walker.effect(effect.instead(safer));
}

fn of_verb(walker: &mut Walker<'_>, run: &Run<'_>, verb: &str, args: &[Arg]) {
    let spelled = spelled_out(args);
    let args = spelled.as_slice();
    let has = |names: &[&str]| Options::of(args, &[]).has(names);
    if has(&["--help"]) || (has(&["-h"]) && args.len() == 1) {
        return;
    }
    let leaves_out = args
        .iter()
        .take_while(|arg| arg.text != "--")
        .any(|arg| arg.text.len() > 6 && "--no-verify".starts_with(arg.text.as_str()));
    if leaves_out || (verb == "commit" && short_has(args, 'n')) {
        walker.effect(no_verify());
    }
    match verb {
        "push" => push(walker, args),
        "add" | "stage" if !has(&["-n", "--dry-run"]) => {
            for arg in args.iter().filter(|arg| !arg.text.starts_with('-')) {
                if super::secrets::is_secret_file(walker, &arg.text) {
                    let effect = Effect::new(
                        EffectKind::Expose,
                        format!(
                            "`{}`, keys or credentials, to all who get the history",
                            shown(&arg.text)
                        ),
                        Reversible::Partly,
                        Reach::Team,
                    );
                    walker.effect(
                        effect
                            .decided(Decision::Ask)
                            .instead("name it in `.gitignore`, and commit an example without values"),
                    );
                }
            }
        }
        "reset" if has(&["--hard", "--merge", "--keep"]) => {
            work(walker, "changes that are not committed", "`git stash` first keeps them");
        }
        "checkout" => checkout(walker, args),
        "switch" if Options::of(args, &["-c", "-C", "--create", "--force-create"]).has(&["-C", "--force-create"]) => {
            let options = Options::of(args, &["-c", "-C", "--create", "--force-create"]);
            let name = options.value(&["-C", "--force-create"]).unwrap_or_default().to_owned();
            led_elsewhere(walker, &name);
        }
        "switch" if has(&["-f", "--force", "--discard-changes"]) => {
            work(walker, "changes that are not committed", "`git stash` first keeps them");
        }
        "restore" => {
            let options = Options::of(args, &["-s", "--source"]);
            if !options.has(&["--staged", "-S"]) || options.has(&["--worktree", "-W"]) {
                work(
                    walker,
                    &format!(
                        "changes to `{}` that are not committed",
                        shown(&names(&options.operands))
                    ),
                    "`git stash` first keeps them",
                );
            }
        }
        "clean" => {
            let options = Options::of(args, &["-e", "--exclude"]);
            let forced = options.has(&["-f", "--force"]) || walker.variable(run, NO_FORCE).is_some();
            if forced && !options.has(&["-n", "--dry-run"]) {
                work(
                    walker,
                    "files that git does not hold",
                    "`git clean -n` shows which; `git stash -u` keeps them",
                );
            }
        }
        "branch" => branch(walker, args),
        "tag" => {
            let options = Options::of(args, &["-m", "-F", "-u"]);
            if options.has(&["-d", "--delete"]) {
                history(
                    walker,
                    &format!("the tag `{}`", shown(&names(&options.operands))),
                    Reversible::Partly,
                    "leave the tag",
                );
            }
        }
        "stash" => {
            if let Some(verb) = args.first().filter(|arg| matches!(arg.text.as_str(), "drop" | "clear")) {
                let what = if verb.text == "clear" {
                    "all work that was put aside"
                } else {
                    "work that was put aside"
                };
                work(
                    walker,
                    what,
                    "`git stash pop` gives it back; `git stash branch` keeps it",
                );
            }
        }
        "filter-branch" | "filter-repo" => {
            filter(walker);
        }
        "reflog"
            if args
                .first()
                .is_some_and(|arg| matches!(arg.text.as_str(), "expire" | "delete")) =>
        {
            let target = "what leads back to earlier states".to_owned();
            let effect = Effect::new(EffectKind::RewriteHistory, target, Reversible::No, Reach::Workspace);
            walker.effect(
                effect
                    .decided(Decision::Deny)
                    .instead("leave it: it expires by itself after 90 days"),
            );
        }
        "gc" | "prune" => {
            let options = Options::of(args, &["--expire"]);
            let at_once = options
                .value(&["--prune"])
                .is_some_and(|when| matches!(when, "now" | "all"))
                || (verb == "prune" && !options.has(&["-n", "--dry-run"]));
            if at_once {
                history(
                    walker,
                    "commits that nothing leads to any more",
                    Reversible::No,
                    "`git gc` keeps them for two weeks",
                );
            }
        }
        "symbolic-ref" | "update-ref" if moves_the_remote(args) => of_the_remote(walker),
        "update-ref" if has(&["-d", "--delete", "--stdin"]) || moves_a_branch(args) => {
            history(
                walker,
                "what a ref leads to",
                Reversible::Partly,
                "delete a branch by `git branch -d`, which asks whether it is merged",
            );
        }
        "rebase" => {
            for command in Options::of(args, &["-x", "--exec", "--onto", "-s", "-X"])
                .values(&["-x", "--exec"])
                .map(str::to_owned)
                .collect::<Vec<_>>()
            {
                walker.shell(&command, "what the rebase runs", None);
            }
        }
        "bisect" => {
            if let Some((_, rest)) = args.split_first().filter(|(first, _)| first.text == "run") {
                walker.run(rest, run.variables);
            }
        }
        "submodule" => submodule(walker, args),
        "worktree" if args.first().is_some_and(|arg| arg.text == "remove") && has(&["-f", "--force"]) => {
            let is_tried = |arg: &Arg| {
                arg.text == "remove"
                    || arg.text.starts_with('-')
                    || super::paths::kind(walker, &arg.text) == super::paths::PathKind::Temporary
            };
            if args.iter().all(is_tried) {
                return;
            }
            work(
                walker,
                "a worktree with changes that are not committed",
                "`git worktree remove` without force asks first",
            );
        }
        "rm" => removed(walker, args),
        "mv" => {
            for arg in args.iter().filter(|arg| !arg.text.starts_with('-')).take(1) {
                if let Some(guarded) =
                    super::guarded::guarded(walker, &arg.text).filter(|guarded| *guarded != Guarded::Test)
                {
                    walker.effect(super::files::weaker(&shown(&arg.text), guarded, "moves"));
                }
            }
        }
        "config" => config(walker, args),
        "read-tree" if has(&["--reset", "-u"]) => {
            work(walker, "changes that are not committed", "`git stash` first keeps them");
        }
        "checkout-index" if has(&["-f", "--force"]) => {
            work(walker, "changes that are not committed", "`git stash` first keeps them");
        }
        "difftool" | "mergetool" => {
            let command = Options::of(args, &["-x", "--extcmd", "-t", "--tool"])
                .value(&["-x", "--extcmd"])
                .map(str::to_owned);
            if let Some(command) = command {
                walker.shell(&command, "what shows the difference", None);
            }
        }
        "send-pack" => push(walker, args),
        "symbolic-ref" if has(&["-d", "--delete"]) => {
            history(
                walker,
                "what is checked out",
                Reversible::Partly,
                "`git switch` goes to another branch",
            );
        }
        "update-index" if has(&["--assume-unchanged", "--skip-worktree"]) => {
            for arg in args.iter().filter(|arg| !arg.text.starts_with('-')) {
                if let Some(guarded) = super::guarded::guarded(walker, &arg.text) {
                    walker.effect(super::files::weaker(&shown(&arg.text), guarded, "hides changes of"));
                }
            }
        }
        "clone" | "init" => {
            let options = Options::of(
                args,
                &[
                    "--template",
                    "-c",
                    "--config",
                    "-b",
                    "--branch",
                    "--depth",
                    "-o",
                    "--origin",
                    "-u",
                    "--separate-git-dir",
                ],
            );
            for setting in options
                .values(&["-c", "--config"])
                .map(str::to_owned)
                .collect::<Vec<_>>()
            {
                configured(walker, &setting);
            }
            if options.value(&["--template"]).is_some_and(|folder| !folder.is_empty()) {
                walker.unknown("hooks of a template that git copies".to_owned());
            }
            if verb == "init" {
                let folder = options.operand(0).to_owned();
                let folder = if folder.is_empty() { "." } else { &folder };
                super::files::made_a_repository(walker, folder);
            }
        }
        "fetch" if args.iter().any(|arg| arg.text.contains(":refs/remotes/")) => of_the_remote(walker),
        "remote" if args.first().is_some_and(|arg| arg.text == "set-head") && !has(&["-a", "--auto"]) => {
            of_the_remote(walker);
        }
        "remote"
            if args
                .first()
                .is_some_and(|arg| matches!(arg.text.as_str(), "set-url" | "add")) =>
        {
            walker.set(LED_ELSEWHERE, Some("true".to_owned()));
        }
        "replace" => history(
            walker,
            "what a commit stands for",
            Reversible::Partly,
            "make another commit",
        ),
        _ => {}
    }
}

/// Git takes a long option by its first letters: `reset --har`.
fn spelled_out(args: &[Arg]) -> Vec<Arg> {
    const GRAVE: [&str; 12] = [
        "--hard",
        "--force",
        "--delete",
        "--mirror",
        "--merge",
        "--prune",
        "--discard-changes",
        "--assume-unchanged",
        "--skip-worktree",
        "--worktree",
        "--stdin",
        "--admin",
    ];
    let mut is_path = false;
    let spelled = args.iter().map(|arg| {
        is_path |= arg.text == "--";
        let whole = GRAVE.iter().find(|whole| {
            !is_path && arg.text.len() > 3 && arg.text.len() < whole.len() && whole.starts_with(&arg.text)
        });
        whole.map_or_else(|| arg.clone(), |whole| Arg::of(whole))
    });
    spelled.collect()
}

/// Whether the line has gone into a folder for temporary files, away from where the agent works.
fn is_made_to_try(walker: &Walker<'_>) -> bool {
    let own = walker.place.repository.as_deref().unwrap_or(&walker.place.folder);
    let is_own = |folder: &str| {
        folder
            .strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    walker
        .folder()
        .is_some_and(|folder| !is_own(folder) && ["/tmp/", "/var/tmp/"].iter().any(|top| folder.starts_with(top)))
}

/// `-nm "…"`, `-anm`.
fn short_has(args: &[Arg], letter: char) -> bool {
    let mut skip = false;
    for arg in args {
        let text = arg.text.as_str();
        if skip {
            skip = false;
            continue;
        }
        if text == "--" {
            return false;
        }
        if text.starts_with('-') && !text.starts_with("--") {
            // A message that follows its letter at once is no cluster.
            let letters: String = text[1..]
                .chars()
                .take_while(|c| !matches!(c, 'm' | 'F' | 'C' | 'c' | 't' | 'S'))
                .collect();
            if letters.contains(letter) {
                return true;
            }
            skip = text.ends_with(['m', 'F', 'C', 'c', 't']);
        } else if matches!(text, "--message" | "--file" | "--author" | "--date" | "--trailer") {
            skip = true;
        }
    }
    false
}

pub(super) fn no_verify() -> Effect {
    Effect::weakens("the hooks that check a commit are left out").instead("mend what they find, or let a person decide")
}

fn names(operands: &[&Arg]) -> String {
    operands
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn filter(walker: &mut Walker<'_>) {
    let effect = Effect::new(
        EffectKind::RewriteHistory,
        "every commit of the repository",
        Reversible::Partly,
        Reach::Workspace,
    );
    walker.effect(effect.instead("do it in a fresh clone, and let the team know"));
}

fn push(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(args, &["-o", "--push-option", "--repo", "--receive-pack", "--exec"]);
    if options.has(&["-n", "--dry-run"]) {
        return;
    }
    let remote = options.operand(0).to_owned();
    let refs: Vec<String> = options.operands.iter().skip(1).map(|arg| arg.text.clone()).collect();
    let force = options.has(&["-f", "--force"]);
    if options
        .values(&["-o", "--push-option"])
        .any(|option| option.contains("ci.skip") || option.contains("skip-ci"))
    {
        let effect = Effect::new(
            EffectKind::WeakenVerification,
            "CI is told to pass over this push",
            Reversible::Yes,
            Reach::Team,
        );
        walker.effect(effect.decided(Decision::Ask).instead("let CI run"));
    }
    let leased = options.has(&["--force-with-lease"]);
    let team = |kind, target: String, reversible| Effect::new(kind, target, reversible, Reach::Team);
    let led = walker.known(LED_ELSEWHERE);
    if remote.contains("://") || remote.contains('@') || led {
        walker.effect(team(
            EffectKind::Exfiltrate,
            format!(
                "the repository to `{}`, which is none of its remotes by name",
                shown(&remote)
            ),
            Reversible::Partly,
        ));
    }
    if options.has(&["--mirror", "--prune"]) {
        let effect = team(
            EffectKind::Delete,
            format!("all on `{}` that is not here", shown(&remote)),
            Reversible::No,
        );
        walker.effect(effect.instead("push the one branch"));
    }
    let deletes = options.has(&["-d", "--delete"]);
    let current = walker.place.branch.clone().unwrap_or_default();
    let pushed: Vec<String> = if refs.is_empty() { vec![current] } else { refs };
    for one in pushed {
        let forced = force || one.starts_with('+');
        let plain = one.trim_start_matches('+');
        let (from, to) = plain.split_once(':').unwrap_or((plain, plain));
        let to = if matches!(to, "HEAD" | "@") {
            walker.place.branch.as_deref().unwrap_or(to)
        } else {
            to
        };
        if to.starts_with("refs/remotes/") {
            of_the_remote(walker);
        }
        let shared = walker.place.is_shared_branch(to);
        let branch = if to.is_empty() {
            "the branch that is checked out".to_owned()
        } else {
            format!("the branch `{}`", shown(to))
        };
        if to.contains(UNKNOWN) && (forced || deletes) {
            walker.unknown("a forced push to a branch whose name is made while it runs");
        } else if deletes || (plain.contains(':') && from.is_empty()) {
            let reversible = if shared { Reversible::No } else { Reversible::Partly };
            walker.effect(
                team(
                    EffectKind::Delete,
                    format!("{branch} on `{}`", shown(&remote)),
                    reversible,
                )
                .instead("let whoever owns it delete it"),
            );
        } else if forced {
            let reversible = if shared { Reversible::No } else { Reversible::Partly };
            let effect = team(
                EffectKind::RewriteHistory,
                format!("{branch} as others have it"),
                reversible,
            );
            walker.effect(effect.instead("`git push --force-with-lease` to a branch of your own, or a new commit"));
        } else if shared && plain.contains(':') && walker.place.branch.as_deref().is_some_and(|own| own != to) {
            let effect = team(
                EffectKind::Change,
                format!(
                    "{branch} on `{}`, which others build on, by work of another branch",
                    shown(&remote)
                ),
                Reversible::Partly,
            );
            walker.effect(
                effect
                    .decided(Decision::Ask)
                    .instead("push your own branch, and open a pull request"),
            );
        } else if leased && (shared || to.is_empty()) {
            let effect = team(
                EffectKind::RewriteHistory,
                format!("{branch} as others have it"),
                Reversible::Partly,
            );
            walker.effect(effect.instead("make a new commit: others build on that branch"));
        }
    }
}

/// What the default branch of the remote is taken to be: its policy judges changes, and tells whose approval counts.
fn of_the_remote(walker: &mut Walker<'_>) {
    let effect = Effect::weakens("it moves what is taken for a branch of the remote, whose policy judges this one");
    walker.effect(effect.instead("`git fetch origin` brings what the remote has"));
}

/// Whether a branch of the remote is made to lead elsewhere, or taken away.
fn moves_the_remote(args: &[Arg]) -> bool {
    let options = Options::of(args, &["-m"]);
    let changes = options.operands.len() > 1 || options.has(&["-d", "--delete"]);
    changes && options.operands.iter().any(|arg| arg.text.starts_with("refs/remotes/"))
}

/// Whether a branch is made to lead elsewhere: `git update-ref refs/heads/main COMMIT`.
fn moves_a_branch(args: &[Arg]) -> bool {
    let options = Options::of(args, &["-m"]);
    options.operands.len() > 1 && options.operand(0).starts_with("refs/heads/")
}

/// A branch that others build on is made anew from another commit.
fn led_elsewhere(walker: &mut Walker<'_>, name: &str) {
    if walker.place.is_shared_branch(name) {
        history(
            walker,
            &format!("what the branch `{}` leads to", shown(name)),
            Reversible::Partly,
            "make another branch",
        );
    }
}

fn checkout(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(args, &["-b", "-B", "--orphan", "--conflict", "--pathspec-from-file"]);
    if let Some(name) = options.value(&["-B"]).map(str::to_owned) {
        led_elsewhere(walker, &name);
    }
    let makes_branch = options.has(&["-b", "-B", "--orphan"]);
    let files: Vec<&Arg> = if options.after.is_empty() {
        let is_file = |arg: &&&Arg| {
            let text = arg.text.as_str();
            text == "."
                || text.starts_with("./")
                || text == ":/"
                || (!makes_branch
                    && text != walker.place.branch.as_deref().unwrap_or_default()
                    && walker.path(text).is_some_and(|path| walker.read(&path).is_some()))
        };
        options.operands.iter().filter(is_file).copied().collect()
    } else {
        options.after.clone()
    };
    if !files.is_empty() {
        let target = format!("changes to `{}` that are not committed", shown(&names(&files)));
        work(walker, &target, "`git stash` first keeps them");
    } else if options.has(&["-f", "--force"]) {
        work(walker, "changes that are not committed", "`git stash` first keeps them");
    }
}

fn branch(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(args, &["-u", "--set-upstream-to", "--contains", "--sort", "--format"]);
    let forced = options.has(&["-D"]) || (options.has(&["-d", "--delete"]) && options.has(&["-f", "--force"]));
    if forced {
        let target = format!("the branch `{}`, merged or not", shown(&names(&options.operands)));
        let shared = options
            .operands
            .iter()
            .any(|arg| walker.place.is_shared_branch(&arg.text));
        let effect = Effect::new(EffectKind::Delete, target, Reversible::Partly, Reach::Workspace);
        let effect = effect.instead("`git branch -d` deletes what is merged and nothing else");
        walker.effect(if shared { effect.at_least(Decision::Ask) } else { effect });
    } else if options.has(&["-f", "--force"]) {
        history(
            walker,
            &format!("what the branch `{}` leads to", shown(options.operand(0))),
            Reversible::Partly,
            "make another branch",
        );
    }
}

fn submodule(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(args, &[]);
    match options.operand(0) {
        "foreach" => {
            // The options of the command are its own.
            let at = args
                .iter()
                .position(|arg| arg.text == "foreach")
                .map_or(args.len(), |at| at + 1);
            let command: Vec<&str> = args[at..]
                .iter()
                .map(|arg| arg.text.as_str())
                .skip_while(|text| text.starts_with('-'))
                .collect();
            walker.shell(&command.join(" "), "what runs in each submodule", None);
        }
        "deinit" if options.has(&["-f", "--force"]) => {
            work(
                walker,
                "changes in submodules that are not committed",
                "`git submodule deinit` without force asks first",
            );
        }
        _ => {}
    }
}

fn removed(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(args, &["--pathspec-from-file"]);
    if options.has(&["-n", "--dry-run"]) {
        return;
    }
    let cached = options.has(&["--cached"]);
    for operand in &options.operands {
        if let Some(guarded) = super::guarded::guarded(walker, &operand.text) {
            walker.effect(super::files::weaker(&shown(&operand.text), guarded, "removes"));
        } else if options.has(&["-f", "--force"]) && !cached {
            work(
                walker,
                &format!("`{}` with changes that are not committed", shown(&operand.text)),
                "`git rm` without force asks first",
            );
        }
    }
}
