//! Programs that delete, move, write and open up files.

use super::guarded::guarded;
use super::options::Options;
use super::paths::{self, PathKind, kind};
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::verification::{Guarded, is_settings, leaves_tests_out, loosens};
use crate::walk::{Arg, Input, On, Run, UNKNOWN, Walker, shown};

/// Tells what programs for files do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "rm" | "unlink" | "rmdir" | "srm" | "trash" | "rimraf" | "del" | "rd" => removed(walker, run, name),
        "shred" => shredded(walker, run),
        "mv" | "rename" => moved(walker, run),
        "cp" | "install" | "ln" => copied(walker, run, name),
        "dd" => dd(walker, run),
        "truncate" => truncated(walker, run),
        "mkfifo" | "mknod" => writes(walker, run.args),
        "mkdir" | "touch" => made(walker, run),
        "chmod" => super::rights::opened(walker, run),
        "chown" | "chgrp" | "setfacl" | "chattr" => super::rights::owned(walker, run, name),
        "tee" => tee(walker, run),
        "jq" | "yq" => super::edits::assigned(walker, run),
        "unzip" => unzipped(walker, run),
        "sponge" => writes(walker, run.args),
        "sed" | "gsed" | "perl" if super::edits::is_in_place(run) => super::edits::in_place(walker, run, name),
        "find" | "fd" | "fdfind" => return super::lists::find(walker, run, name),
        _ => return false,
    }
    true
}

/// How a path reads in a sentence.
pub fn named(text: &str, kind: PathKind) -> String {
    let text = shown(text);
    match kind {
        PathKind::Root => "the whole file system".to_owned(),
        PathKind::System => format!("`{text}`, which the system needs"),
        PathKind::Device => format!("the disk `{text}` with all that is on it"),
        PathKind::Home => format!("`{text}`, all that somebody has at home"),
        PathKind::Secret => format!("`{text}`, keys and settings of this user"),
        PathKind::WholeTree => format!("`{text}`, the whole working tree with what is not committed"),
        PathKind::GitFolder => format!("`{text}`, the history of the repository"),
        PathKind::AllTemporary => format!("`{text}`, temporary files of all programs"),
        PathKind::Data => format!("`{text}`, which git does not hold"),
        PathKind::Unknown => format!("`{text}`, whose path is not told until it runs"),
        _ => format!("`{text}`"),
    }
}

/// What taking something at a path away does.
pub fn deletion(walker: &Walker<'_>, text: &str, recursive: bool, glob: bool, verb: EffectKind) -> Option<Effect> {
    let kind = match kind(walker, text) {
        // A folder of such a name is a copy that somebody made.
        PathKind::Artefact
            if recursive
                && [".bak", ".orig", ".out"]
                    .iter()
                    .any(|end| text.trim_end_matches('/').ends_with(end)) =>
        {
            PathKind::Inside
        }
        kind => kind,
    };
    let target = named(text, kind);
    let effect = |reversible, reach| Effect::new(verb, target.clone(), reversible, reach);
    if walker.on == On::Throwaway {
        return None;
    }
    let is_elsewhere = matches!(walker.on, On::Elsewhere(_));
    let is_whole = matches!(
        kind,
        PathKind::Root
            | PathKind::System
            | PathKind::Home
            | PathKind::WholeTree
            | PathKind::Device
            | PathKind::AllTemporary
    );
    if !is_whole
        && let Some(guarded) = guarded(walker, text).filter(|guarded| {
            matches!(
                guarded,
                Guarded::Hook | Guarded::Evidence | Guarded::Policy | Guarded::Ci
            )
        })
    {
        return Some(weaker(&shown(text), guarded, "deletes"));
    }
    // A file goes alone, whatever the option says.
    let recursive = recursive && (glob || !is_file_name(text));
    let effect = match kind {
        PathKind::Sink | PathKind::Artefact | PathKind::Temporary | PathKind::Cache => return None,
        PathKind::Root | PathKind::Device | PathKind::System => {
            effect(Reversible::No, Reach::Machine).instead("name exactly what has to go, below the repository")
        }
        PathKind::Home | PathKind::Secret => {
            effect(Reversible::No, Reach::Machine).instead("name exactly what has to go, or move it aside")
        }
        PathKind::WholeTree | PathKind::GitFolder => effect(Reversible::No, Reach::Workspace)
            .decided(Decision::Deny)
            .instead("commit or stash first, and name exactly what has to go"),
        PathKind::Unknown if text.starts_with(UNKNOWN) && text.chars().nth(1).is_none_or(|c| c == '/') && recursive => {
            effect(Reversible::No, Reach::Machine)
                .decided(Decision::Ask)
                .instead("write the path itself, or `${NAME:?}` so that an empty one stops it")
        }
        PathKind::Unknown => effect(Reversible::No, Reach::Workspace).instead("write the path itself"),
        PathKind::AllTemporary => effect(Reversible::Partly, Reach::Machine).instead("name your own folder in it"),
        PathKind::Outside if is_elsewhere => effect(Reversible::No, Reach::Machine)
            .decided(Decision::Ask)
            .instead("take a copy first"),
        PathKind::Outside => effect(Reversible::No, Reach::Machine)
            .decided(Decision::Ask)
            .instead("move it aside instead"),
        PathKind::Data => effect(Reversible::No, Reach::Workspace).instead("copy it aside first"),
        PathKind::Inside => {
            let inner = walker.place.repository.as_deref().and_then(|top| {
                let path = walker.path(text)?;
                path.strip_prefix(top)
                    .map(|inner| inner.trim_start_matches('/').to_owned())
            });
            match inner.as_deref().and_then(Guarded::of) {
                Some(guarded) => return Some(weaker(&shown(text), guarded, "deletes")),
                None if recursive || glob => effect(Reversible::Partly, Reach::Workspace)
                    .instead("`git rm` keeps what is committed; commit or stash first"),
                None => return None,
            }
        }
    };
    Some(effect)
}

/// Whether a name is one of a file, by its ending.
fn is_file_name(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    const ENDINGS: [&str; 24] = [
        "json", "lock", "toml", "yaml", "yml", "md", "txt", "py", "js", "ts", "tsx", "jsx", "css", "html", "rs", "go",
        "java", "rb", "php", "sh", "sql", "csv", "xml", "cfg",
    ];
    name.rsplit_once('.')
        .is_some_and(|(stem, end)| !stem.is_empty() && ENDINGS.contains(&end))
}

/// What changing something that verification rests on does.
pub fn weaker(path: &str, guarded: Guarded, verb: &str) -> Effect {
    let decision = match guarded {
        Guarded::Evidence => Decision::Deny,
        _ => Decision::Ask,
    };
    Effect::weakens(format!("it {verb} `{path}`, {}", guarded.words()))
        .decided(decision)
        .instead("let a person decide on it")
}

fn removed(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &[]);
    if options.has(&["--help", "--version"]) {
        return;
    }
    let recursive = options.has(&["-r", "-R", "--recursive"]) || name == "rimraf";
    if name == "rmdir" {
        // Only what is empty goes.
        return;
    }
    if options.has(&["--no-preserve-root"]) {
        let effect = Effect::new(
            EffectKind::Delete,
            "the whole file system",
            Reversible::No,
            Reach::Machine,
        );
        walker.effect(effect.decided(Decision::Deny).instead("leave `--no-preserve-root` out"));
    }
    for operand in options.operands {
        if let Some(effect) = deletion(walker, &operand.text, recursive, operand.glob, EffectKind::Delete) {
            walker.effect(effect);
        }
    }
}

/// What is made a repository of its own is judged as one: what is guarded in this one is not in that.
pub fn made_a_repository(walker: &mut Walker<'_>, path: &str) {
    let is_inner = walker.path(path).is_some_and(|path| {
        let folder = path.strip_suffix("/.git").unwrap_or(&path);
        walker
            .place
            .inner(folder)
            .is_some_and(|inner| !inner.is_empty() && !paths::is_made(inner))
    });
    if is_inner && walker.on == On::Here {
        let effect = Effect::weakens(format!(
            "it makes `{}` a repository of its own, where this one guards nothing",
            shown(path)
        ));
        walker.effect(effect.instead("make it outside of this repository"));
    }
}

fn made(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-m", "--mode", "-d", "-t", "-r", "--date", "--reference"]);
    for operand in options.operands {
        let plain = operand.text.trim_end_matches('/');
        if plain == ".git" || plain.ends_with("/.git") {
            made_a_repository(walker, plain);
        }
    }
}

fn shredded(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-n", "-s", "--iterations", "--size"]);
    for operand in options.operands {
        let of_work = || {
            let kind = kind(walker, &operand.text);
            (kind == PathKind::Inside).then(|| {
                let target = named(&operand.text, kind);
                Effect::new(EffectKind::Overwrite, target, Reversible::No, Reach::Workspace)
            })
        };
        let effect = deletion(walker, &operand.text, true, operand.glob, EffectKind::Overwrite).or_else(of_work);
        if let Some(effect) = effect {
            walker.effect(effect.instead("delete it, so that a copy can still be found"));
        }
    }
}

fn moved(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-t", "--target-directory", "-S", "--suffix"]);
    let mut operands = options.operands.clone();
    let target = match options.value(&["-t", "--target-directory"]) {
        Some(folder) => Some(Arg::of(folder)),
        None => operands.pop().cloned(),
    };
    let Some(target) = target else { return };
    let to = kind(walker, &target.text);
    for source in operands {
        let from = kind(walker, &source.text);
        let is_gone = target.text == "/dev/null";
        let is_grave = matches!(
            from,
            PathKind::Root
                | PathKind::System
                | PathKind::Home
                | PathKind::Secret
                | PathKind::GitFolder
                | PathKind::WholeTree
        );
        if is_gone || is_grave {
            if let Some(effect) = deletion(walker, &source.text, true, source.glob, EffectKind::Delete) {
                walker.effect(effect);
            }
        } else if let Some(guarded) = guarded(walker, &source.text) {
            let stays = guarded == Guarded::Test && guarded_again(walker, &target.text);
            if !stays {
                walker.effect(weaker(&shown(&source.text), guarded, "moves"));
            }
        }
    }
    for source in operands_of(&options) {
        of_this_tool(walker, &source, &target.text);
    }
    replaced(walker, &target.text, to);
    let is_there = |path: String| walker.place.files.exists(&path);
    if guarded(walker, &target.text) == Some(Guarded::Test)
        && walker.path(&target.text).is_some_and(is_there)
        && operands_of(&options)
            .iter()
            .all(|source| guarded(walker, source) != Some(Guarded::Test))
    {
        walker.effect(weaker(&shown(&target.text), Guarded::Test, "replaces"));
    }
    if matches!(to, PathKind::System | PathKind::Secret | PathKind::Device) {
        overwritten(walker, &target.text, to);
    } else if let Some(guarded) = guarded(walker, &target.text).filter(|guarded| *guarded != Guarded::Test) {
        walker.effect(weaker(&shown(&target.text), guarded, "replaces"));
    }
}

/// This program under another name, or a file that goes into a folder in which that name is guarded.
fn of_this_tool(walker: &mut Walker<'_>, source: &str, target: &str) {
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
    let is_own = matches!(name, "counterproof" | "counterproof.exe")
        || walker.place.executable.is_some() && walker.path(source) == walker.place.executable;
    if is_own && walker.on == On::Here {
        let effect = Effect::new(
            EffectKind::WeakenVerification,
            format!("it gives this tool another name (`{}`)", shown(target)),
            Reversible::Yes,
            Reach::Machine,
        );
        walker.effect(effect.decided(Decision::Ask).instead("call it by its own name"));
        return;
    }
    let inner = format!("{}/{name}", target.trim_end_matches('/'));
    let already = guarded(walker, target).is_some();
    if let Some(guarded) = guarded(walker, &inner).filter(|guarded| !already && *guarded != Guarded::Test) {
        walker.effect(weaker(&shown(&inner), guarded, "replaces"));
    }
}

fn operands_of(options: &Options<'_>) -> Vec<String> {
    options
        .operands
        .iter()
        .map(|arg| arg.text.clone())
        .rev()
        .skip(1)
        .collect()
}

/// A database outside the working tree that is replaced by another file.
fn replaced(walker: &mut Walker<'_>, text: &str, kind: PathKind) {
    let is_new_copy = [".bak", ".backup", "backup", "copy", ".old", "tmp"]
        .iter()
        .any(|word| text.contains(word));
    if kind == PathKind::Outside && paths::is_data(text.rsplit('/').next().unwrap_or(text)) && !is_new_copy {
        let effect = Effect::new(
            EffectKind::Overwrite,
            named(text, PathKind::Data),
            Reversible::No,
            Reach::Machine,
        );
        walker.effect(effect.decided(Decision::Ask).instead("copy what is there aside first"));
    }
}

/// Whether a test that moves there is still one.
fn guarded_again(walker: &Walker<'_>, text: &str) -> bool {
    let as_file = guarded(walker, text);
    let in_folder = guarded(walker, &format!("{}/test_x.py", text.trim_end_matches('/')));
    as_file == Some(Guarded::Test) || (text.ends_with('/') && in_folder == Some(Guarded::Test))
}

/// Notes that something grave is written over.
pub fn overwritten(walker: &mut Walker<'_>, text: &str, kind: PathKind) {
    let target = named(text, kind);
    let effect = match kind {
        PathKind::Device => Effect::new(EffectKind::Overwrite, target, Reversible::No, Reach::Machine),
        PathKind::System | PathKind::Root | PathKind::Secret => {
            Effect::new(EffectKind::Overwrite, target, Reversible::Partly, Reach::Machine)
        }
        PathKind::GitFolder => Effect::new(EffectKind::Overwrite, target, Reversible::No, Reach::Workspace),
        _ => return,
    };
    walker.effect(effect.instead("show a person what is to be written there"));
}

fn copied(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-t",
            "--target-directory",
            "-m",
            "--mode",
            "-o",
            "-g",
            "--owner",
            "--group",
            "-S",
            "--suffix",
        ],
    );
    let mut operands = options.operands.clone();
    let target = match options.value(&["-t", "--target-directory"]) {
        Some(folder) => Arg::of(folder),
        None => match operands.pop() {
            Some(last) => last.clone(),
            None => return,
        },
    };
    let kind = kind(walker, &target.text);
    for source in &operands {
        of_this_tool(walker, &source.text, &target.text);
    }
    if matches!(
        kind,
        PathKind::System | PathKind::Secret | PathKind::Device | PathKind::Root
    ) {
        // Programs are installed there by hand, too.
        overwritten(walker, &target.text, kind);
    }
    replaced(walker, &target.text, kind);
    if let Some(guarded) = guarded(walker, &target.text).filter(|guarded| *guarded != Guarded::Test) {
        walker.effect(weaker(&shown(&target.text), guarded, "replaces"));
    }
    if matches!(name, "cp" | "ln")
        && let [program] = operands.as_slice()
        && ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"]
            .iter()
            .any(|top| program.text.starts_with(top))
    {
        let own = program.text.rsplit('/').next().unwrap_or(&program.text);
        // Into a folder it goes by its own name.
        if matches!(own, "true" | "false" | "echo" | "cat" | "yes") && !target.text.ends_with(own) {
            let effect = Effect::new(
                EffectKind::WeakenVerification,
                format!(
                    "`{}` is replaced by `{own}`, which does nothing of it",
                    shown(&target.text)
                ),
                Reversible::Yes,
                Reach::Machine,
            );
            walker.effect(effect.decided(Decision::Ask).instead("leave the program that is there"));
        }
        walker.link(&program.text, &target.text);
        walker.link(&program.text, &format!("{}/{own}", target.text.trim_end_matches('/')));
    }
    let empties = name == "cp" && operands.iter().any(|source| source.text == "/dev/null");
    if empties {
        emptied(walker, &target.text);
    }
}

fn dd(walker: &mut Walker<'_>, run: &Run<'_>) {
    for arg in run.args {
        if let Some(target) = arg.text.strip_prefix("of=") {
            let kind = kind(walker, target);
            match kind {
                PathKind::Unknown => walker.unknown(format!(
                    "`dd` onto `{}`, which is not told until it runs",
                    shown(target)
                )),
                kind => overwritten(walker, target, kind),
            }
        }
    }
}

fn truncated(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-s", "--size", "-r", "--reference"]);
    let grows = options
        .value(&["-s", "--size"])
        .is_some_and(|size| size.starts_with(['+', '>']));
    if grows {
        return;
    }
    for operand in options.operands {
        emptied(walker, &operand.text);
    }
}

/// A file of which nothing is left.
fn emptied(walker: &mut Walker<'_>, text: &str) {
    let kind = kind(walker, text);
    if let Some(guarded) = guarded(walker, text) {
        walker.effect(weaker(&shown(text), guarded, "empties"));
        return;
    }
    match kind {
        PathKind::Inside | PathKind::Data | PathKind::Unknown => {
            let effect = Effect::new(
                EffectKind::Overwrite,
                named(text, kind),
                Reversible::Partly,
                Reach::Workspace,
            );
            walker.effect(effect.instead("commit or copy it first"));
        }
        PathKind::Outside => {
            // Logs are emptied to make room.
            if !paths::is_made(text) {
                let effect = Effect::new(EffectKind::Overwrite, named(text, kind), Reversible::No, Reach::Machine);
                walker.effect(effect.decided(Decision::Ask).instead("copy it first"));
            }
        }
        kind => overwritten(walker, text, kind),
    }
}

/// What a redirection writes to.
pub fn written(walker: &mut Walker<'_>, target: &Arg, appends: bool, output: Option<&str>) {
    let text = target.text.as_str();
    if text.starts_with("/dev/tcp/") || text.starts_with("/dev/udp/") {
        let effect = Effect::new(
            EffectKind::Exfiltrate,
            format!("what it prints to `{}`", shown(text)),
            Reversible::No,
            Reach::Machine,
        );
        walker.effect(effect.decided(Decision::Ask));
        return;
    }
    let kind = kind(walker, text);
    let is_lost =
        !appends && kind == PathKind::Data && walker.path(text).is_some_and(|path| walker.place.files.exists(&path));
    if is_lost {
        let effect = Effect::new(
            EffectKind::Overwrite,
            named(text, kind),
            Reversible::No,
            Reach::Workspace,
        );
        walker.effect(effect.instead("copy it aside first"));
    }
    match kind {
        PathKind::Device | PathKind::System | PathKind::Root | PathKind::Secret | PathKind::GitFolder
            if walker.on == On::Here || kind == PathKind::Device =>
        {
            overwritten(walker, text, kind);
        }
        _ => {}
    }
    if let Some(guarded) = guarded(walker, text) {
        let is_weaker = match guarded {
            // Tests are written all day long; one that is emptied is gone.
            Guarded::Test => {
                let is_conftest = text.ends_with("conftest.py");
                !appends && output.is_some_and(|text| text.trim().is_empty())
                    || is_conftest && output.is_some_and(leaves_tests_out)
            }
            _ => true,
        };
        if is_weaker {
            walker.effect(weaker(&shown(text), guarded, "writes"));
        }
    } else if !appends
        && output.is_some_and(str::is_empty)
        && matches!(kind, PathKind::Inside | PathKind::Data)
        && walker
            .read(&walker.path(text).unwrap_or_default())
            .is_some_and(|text| !text.is_empty())
    {
        emptied(walker, text);
    }
    if let Some(output) = output.filter(|_| !appends && walker.on == On::Here && is_settings(text)) {
        let before = walker.path(text).and_then(|path| walker.read(&path));
        if before.is_some_and(|before| loosens(text, &before, output).is_some()) {
            walker.effect(super::edits::looser(&shown(text)));
        }
    }
    if walker.on == On::Here {
        let before = if appends {
            walker.path(text).and_then(|path| walker.read(&path))
        } else {
            Some(String::new())
        };
        let content = before.zip(output).map(|(before, output)| before + output);
        walker.writes(text, content.as_deref());
    }
}

/// Unpacks something into a folder, whatever is in it.
pub fn unpacked(walker: &mut Walker<'_>, folder: &str) {
    let kind = kind(walker, folder);
    match kind {
        PathKind::Home if walker.on == On::Here => {
            let target = format!("files of {}", named(folder, kind));
            let effect = Effect::new(EffectKind::Overwrite, target, Reversible::Partly, Reach::Machine);
            walker.effect(
                effect
                    .decided(Decision::Ask)
                    .instead("unpack it into a folder of its own"),
            );
        }
        _ => written(walker, &Arg::of(folder), true, None),
    }
}

/// Where `unzip` unpacks to, if it names a folder; none at all where it only looks.
pub fn unzipped_into(run: &Run<'_>) -> Option<Option<String>> {
    let options = Options::of(run.args, &["-d", "-x", "-P"]);
    let only_looks = options.has(&["-l", "-t", "-p", "-Z", "-v"]);
    (!only_looks).then(|| options.value(&["-d"]).map(str::to_owned))
}

fn unzipped(walker: &mut Walker<'_>, run: &Run<'_>) {
    if let Some(Some(folder)) = unzipped_into(run) {
        unpacked(walker, &folder);
    }
}

fn writes(walker: &mut Walker<'_>, targets: &[Arg]) {
    for target in targets.iter().filter(|target| !target.text.starts_with('-')) {
        written(walker, target, false, None);
    }
}

fn tee(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &[]);
    let appends = options.has(&["-a", "--append"]);
    let text = match run.input {
        Input::Known(text) => Some(text.as_str()),
        _ => None,
    };
    for target in options.operands {
        written(walker, target, appends, text);
    }
}
