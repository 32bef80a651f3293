//! Work that is lost without a word for it: files that are emptied, put into an archive and deleted, or overwritten from elsewhere.

use super::files::deletion;
use super::options::Options;
use super::paths::{PathKind, kind};
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Arg, On, Run, Walker, shown};

/// Tells what these lose.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    if walker.on == On::Throwaway {
        return;
    }
    match name {
        "sed" | "gsed" => emptied(walker, run),
        "gzip" | "bzip2" | "xz" | "zstd" => {
            let options = Options::of(run.args, &["-S", "--suffix"]);
            let keeps = options.has(&["-k", "--keep", "-c", "--stdout", "-l", "-t", "-d", "--decompress"]);
            if options.has(&["-r", "--recursive"]) && !keeps && (name != "zstd" || options.has(&["--rm"])) {
                taken(walker, &options.operands, EffectKind::Overwrite, true);
            }
        }
        "zip" => {
            let options = Options::of(run.args, &["-x", "-i", "-P", "-b", "-n", "-t"]);
            if options.has(&["-m", "--move"]) {
                taken(
                    walker,
                    options.operands.get(1..).unwrap_or_default(),
                    EffectKind::Delete,
                    false,
                );
            }
        }
        "7z" | "7za" | "7zz" if run.args.iter().any(|arg| arg.text == "-sdel") => {
            let operands: Vec<&Arg> = run.args.iter().filter(|arg| !arg.text.starts_with('-')).collect();
            taken(walker, operands.get(2..).unwrap_or_default(), EffectKind::Delete, false);
        }
        "rsync" => {
            let options = Options::of(run.args, &["-e", "--exclude", "--include", "--filter"]);
            if options.has(&["-n", "--dry-run"]) {
                return;
            }
            if let Some((target, sources)) = options.operands.split_last() {
                if options.has(&["--remove-source-files"]) {
                    taken(walker, sources, EffectKind::Delete, false);
                }
                placed(walker, &target.text);
            }
        }
        "gio" | "trash-put" | "gvfs-trash" | "kioclient" => {
            let verbs = ["trash", "remove", "rm"];
            let operands: Vec<&Arg> = run.args.iter().filter(|arg| !arg.text.starts_with('-')).collect();
            let rest = match operands.split_first() {
                Some((verb, rest)) if name == "gio" && verbs.contains(&verb.text.as_str()) => rest,
                _ if name == "trash-put" => operands.as_slice(),
                _ => return,
            };
            taken(walker, rest, EffectKind::Delete, false);
        }
        "mongosh" | "mongo" => {
            // A name that is put together is none that anybody meant to be read.
            let is_made = |arg: &Arg| arg.text.contains("[\"") && arg.text.contains("\"+\"") && arg.text.contains("](");
            if run
                .args
                .iter()
                .any(|arg| is_made(arg) || arg.text.contains("['") && arg.text.contains("'+'"))
            {
                walker.unknown("a call in a database whose name is put together");
            }
        }
        "cpio" | "patch" => {
            let options = Options::of(run.args, &["-D", "--directory", "-d", "-i", "-p"]);
            let names: &[&str] = if name == "cpio" {
                &["-D", "--directory"]
            } else {
                &["-d", "--directory"]
            };
            let folder = options.value(names).map(str::to_owned);
            let is_try = options.has(&["--dry-run", "-t", "--list"]);
            if let Some(folder) = folder.filter(|_| !is_try) {
                placed(walker, &folder);
            }
        }
        "tar" | "bsdtar" => absolute(walker, run),
        _ => {}
    }
}

/// `tar -xP`: names in the archive say where its files go.
fn absolute(walker: &mut Walker<'_>, run: &Run<'_>) {
    let first = run.args.first().map_or("", |arg| arg.text.as_str());
    let options = Options::of(run.args, &["-f", "--file", "-C", "--directory"]);
    let extracts = options.has(&["-x", "--extract"]) || !first.starts_with('-') && first.contains('x');
    let is_absolute = options.has(&["-P", "--absolute-names"])
        || !first.starts_with("--") && first.contains('P') && !first.contains('/') && !first.contains('.');
    if extracts && is_absolute {
        let target = "whatever files the archive names, wherever they lie";
        let effect = Effect::new(EffectKind::Overwrite, target, Reversible::Partly, Reach::Machine);
        walker.effect(effect.instead("leave `-P` out, so that it unpacks here"));
    }
}

/// `sed -i` with a script that leaves nothing.
fn emptied(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-e", "-f", "--expression", "--file"]);
    let is_in_place = run
        .args
        .iter()
        .any(|arg| arg.text.starts_with("-i") || arg.text.starts_with("--in-place"));
    let given = options.value(&["-e", "--expression"]);
    let script = given.unwrap_or(options.operand(0)).trim();
    let leaves_nothing = matches!(
        script,
        "d" | "1,$d"
            | "/.*/d"
            | "/./d"
            | "/^/d"
            | "/$/d"
            | "s/.*//"
            | "s/.*//g"
            | "s/.//g"
            | "Q"
            | "1Q"
            | "1,$ d"
            | "0,$d"
    );
    if is_in_place && leaves_nothing {
        let files = options.operands.get(usize::from(given.is_none())..).unwrap_or_default();
        taken(walker, files, EffectKind::Overwrite, true);
    }
}

/// Files of which nothing is left where they were.
fn taken(walker: &mut Walker<'_>, files: &[&Arg], verb: EffectKind, single: bool) {
    for file in files {
        let text = file.text.as_str();
        let effect = deletion(walker, text, true, file.glob, verb).or_else(|| {
            // A single file that is emptied is lost like a folder that is deleted.
            let is_work = single && verb == EffectKind::Overwrite && kind(walker, text) == PathKind::Inside;
            is_work.then(|| {
                let target = format!("`{}`", shown(text));
                Effect::new(verb, target, Reversible::Partly, Reach::Workspace)
            })
        });
        if let Some(effect) = effect {
            walker.effect(effect);
        }
    }
}

/// Files that something from elsewhere is put over.
fn placed(walker: &mut Walker<'_>, folder: &str) {
    if super::network::is_remote(folder) || walker.on != On::Here {
        return;
    }
    if matches!(
        kind(walker, folder),
        PathKind::Root | PathKind::System | PathKind::Secret
    ) {
        let target = format!("files of `{}`", shown(folder));
        let effect = Effect::new(EffectKind::Overwrite, target, Reversible::Partly, Reach::Machine);
        walker.effect(
            effect
                .at_least(Decision::Ask)
                .instead("show a person what is to be written there"),
        );
    }
}
