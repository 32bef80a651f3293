//! Patches: which files they change, and what of these. They come by an agent's own tool, by `apply_patch` in a shell, and by `git apply`, `git am`
//! and `patch`. Each file is judged as if it were edited by hand.

mod diffs;

use std::collections::HashSet;

use super::options::Options;
use crate::Edit;
use crate::effect::Decision;
use crate::walk::{Arg, Input, On, Run, UNKNOWN, Walker};

/// What a patch does.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Pieces of files for others; a file that is deleted is one of which nothing is left.
    pub edits: Vec<Edit>,
    /// Commands that do the same as the rest: what is moved and deleted.
    pub commands: Vec<Vec<String>>,
    /// What of it cannot be told.
    pub unclear: Vec<String>,
}

/// What becomes of one file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Its name.
    pub path: String,
    /// What it is called afterwards.
    pub moved: Option<String>,
    /// Whether it is new, and its text the whole of it.
    pub is_new: bool,
    /// Whether it is deleted.
    pub is_gone: bool,
    /// Texts that go, and those that come for them.
    pub pieces: Vec<(String, String)>,
}

impl Patch {
    /// Takes what becomes of a file.
    pub(super) fn take(&mut self, file: File) {
        let word = |text: &str| text.to_owned();
        if file.is_gone {
            self.edits.push(Edit {
                path: file.path.clone(),
                before: None,
                after: String::new(),
            });
            self.commands
                .push(vec![word("rm"), word("-f"), word("--"), file.path.clone()]);
            return;
        }
        for path in [Some(&file.path), file.moved.as_ref()].into_iter().flatten() {
            if file.is_new {
                let after = file.pieces.iter().map(|(_, after)| after.as_str()).collect();
                self.edits.push(Edit {
                    path: path.clone(),
                    before: None,
                    after,
                });
                continue;
            }
            // What it is called decides, too, where nothing in it changes.
            let nothing = [(String::new(), String::new())];
            let pieces = match file.pieces.as_slice() {
                [] => &nothing[..],
                pieces => pieces,
            };
            self.edits.extend(pieces.iter().map(|(before, after)| Edit {
                path: path.clone(),
                before: Some(before.clone()),
                after: after.clone(),
            }));
        }
        if let Some(moved) = file.moved.filter(|moved| *moved != file.path) {
            self.commands.push(vec![word("mv"), word("--"), file.path, moved]);
        }
    }
}

/// Reads a patch, in the form of Codex (`*** Update File: path`) or as a unified diff.
pub fn read(text: &str) -> Patch {
    let is_codex = text.lines().any(|line| line.trim_start().starts_with("***"));
    if !is_codex && diffs::is_one(text) {
        return diffs::read(text, &diffs::Names::default());
    }
    let (mut patch, is_ambiguous) = codex(text, Blanks::Context);
    let is_unclear = !patch.unclear.is_empty();
    if is_ambiguous {
        // Some readers take a header with a blank before it for one wherever it stands.
        let (other, _) = codex(text, Blanks::Header);
        let same = |edit: &Edit| (edit.path.clone(), edit.before.clone(), edit.after.clone());
        let edits: HashSet<_> = patch.edits.iter().map(same).collect();
        let commands: HashSet<_> = patch.commands.iter().cloned().collect();
        patch
            .edits
            .extend(other.edits.into_iter().filter(|edit| !edits.contains(&same(edit))));
        patch
            .commands
            .extend(other.commands.into_iter().filter(|words| !commands.contains(words)));
        patch.unclear.extend(other.unclear.into_iter().filter(|_| !is_unclear));
    }
    patch
}

/// How a header with a blank before it is taken inside of a file's changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blanks {
    Context,
    Header,
}

/// Where a line of a patch stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Adding,
    Updating,
}

/// The form of Codex; also whether a line could be a header as well as context.
///
/// Source: `apply_patch_tool_instructions.md` and `parser.rs` of Codex CLI: a file that is deleted has no lines, one that is added has only those
/// with a plus, and in one that is updated whatever begins with a blank is context.
fn codex(text: &str, blanks: Blanks) -> (Patch, bool) {
    let (mut patch, mut file, mut place) = (Patch::default(), None::<File>, Place::Outside);
    let mut is_ambiguous = false;
    let mut is_unread = false;
    for line in text.lines() {
        let is_inside = match place {
            Place::Outside => false,
            Place::Adding => line.starts_with('+'),
            Place::Updating => line.starts_with([' ', '+', '-']),
        };
        let plain = line.trim();
        let is_header = header(plain).is_some();
        is_ambiguous |= is_inside && is_header;
        if is_inside && !(is_header && blanks == Blanks::Header && line.starts_with(' ')) {
            if let Some(file) = &mut file {
                changed(file, line);
            }
            continue;
        }
        match header(plain) {
            Some(("Move to", path)) => match &mut file {
                Some(file) => file.moved = Some(path.to_owned()),
                None => is_unread = true,
            },
            Some((verb, path)) => {
                if let Some(file) = file.take() {
                    patch.take(file);
                }
                place = match verb {
                    "Add File" => Place::Adding,
                    "Update File" => Place::Updating,
                    _ => Place::Outside,
                };
                file = Some(File {
                    path: path.to_owned(),
                    is_new: verb == "Add File",
                    is_gone: verb == "Delete File",
                    ..File::default()
                });
            }
            None if place == Place::Updating && line.starts_with("@@") => {
                if let Some(file) = &mut file {
                    file.pieces.push(<(String, String)>::default());
                }
            }
            None => is_unread |= !is_frame(plain, place),
        }
    }
    if let Some(file) = file {
        patch.take(file);
    }
    if is_unread {
        patch.unclear.push("a patch with lines that cannot be read".to_owned());
    }
    (patch, is_ambiguous)
}

/// What a header says, and of which file.
fn header(line: &str) -> Option<(&'static str, &str)> {
    let rest = line.strip_prefix("*** ")?;
    ["Update File", "Add File", "Delete File", "Move to"]
        .into_iter()
        .find_map(|verb| Some((verb, rest.strip_prefix(verb)?.strip_prefix(':')?.trim())))
}

/// Lines around the files: the patch's own beginning and end, those of a here-document, and empty ones.
fn is_frame(line: &str, place: Place) -> bool {
    line.is_empty()
        || matches!(
            line,
            "*** Begin Patch" | "*** End Patch" | "*** End of File" | "EOF" | "PATCH"
        )
        || line.starts_with("*** Environment ID:")
        || (place == Place::Outside && line.starts_with("<<"))
        || (place == Place::Updating && line.starts_with("\\ No newline"))
}

/// A line of a file that changes.
fn changed(file: &mut File, line: &str) {
    if file.pieces.is_empty() {
        file.pieces.push(<(String, String)>::default());
    }
    let Some((before, after)) = file.pieces.last_mut() else {
        return;
    };
    let mut chars = line.chars();
    let mark = chars.next();
    for (goes_in, text) in [(mark != Some('+'), before), (mark != Some('-'), after)] {
        if goes_in {
            text.push_str(chars.as_str());
            text.push('\n');
        }
    }
}

/// Tells what programs do that apply patches; false where it is none, or another room has to look at it, too.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "apply_patch" | "applypatch" => {
            let mut texts: Vec<String> = run
                .args
                .iter()
                .filter(|arg| arg.text.contains("***"))
                .map(|arg| arg.text.clone())
                .collect();
            texts.extend(input(run));
            for text in texts {
                let patch = read(&text);
                judged(walker, patch, "");
            }
            true
        }
        "patch" | "gpatch" => {
            unified(walker, run);
            false
        }
        "git" => {
            by_git(walker, run);
            false
        }
        _ => false,
    }
}

fn input(run: &Run<'_>) -> Option<String> {
    match run.input {
        Input::Known(text) => Some(text.clone()),
        _ => None,
    }
}

/// The text of a file that the line names, where it is told.
fn text_of(walker: &Walker<'_>, run: &Run<'_>, name: &str, folder: &str) -> Option<String> {
    if matches!(name, "-" | "/dev/stdin") {
        return input(run);
    }
    let path = walker.path(&inside(folder, name))?;
    walker.read(&path)
}

/// A name in a folder.
fn inside(folder: &str, name: &str) -> String {
    if folder.is_empty() || name.starts_with(['/', '~']) {
        name.to_owned()
    } else if name.is_empty() {
        folder.to_owned()
    } else {
        format!("{}/{name}", folder.trim_end_matches('/'))
    }
}

/// `patch -p1 < file`, `patch -i file`, `patch file patchfile`.
fn unified(walker: &mut Walker<'_>, run: &Run<'_>) {
    let valued = [
        "-p",
        "--strip",
        "-i",
        "--input",
        "-d",
        "--directory",
        "-o",
        "--output",
        "-r",
        "-B",
        "-F",
        "-D",
        "-z",
        "-Y",
        "-V",
        "-g",
    ];
    let options = Options::of(run.args, &valued);
    if options.has(&["--dry-run", "--help", "--version"]) {
        return;
    }
    let folder = options.value(&["-d", "--directory"]).unwrap_or_default().to_owned();
    let given = options
        .value(&["-i", "--input"])
        .map(str::to_owned)
        .or_else(|| options.operands.get(1).map(|arg| arg.text.clone()));
    let text = match given {
        Some(name) => text_of(walker, run, &name, &folder),
        None => input(run),
    };
    let Some(text) = text else { return };
    let strip = options.value(&["-p", "--strip"]).and_then(|text| text.parse().ok());
    let mut named: Vec<String> = options
        .operands
        .first()
        .map(|arg| arg.text.clone())
        .into_iter()
        .collect();
    named.extend(options.value(&["-o", "--output"]).map(str::to_owned));
    let is_reverse = options.has(&["-R", "--reverse"]);
    let names = match strip {
        Some(strip) => vec![diffs::Strip::Parts(strip)],
        // Without a number the folders are left out; some take the names as they are, where these are there.
        None => vec![diffs::Strip::Folders, diffs::Strip::Parts(0), diffs::Strip::Parts(1)],
    };
    for strip in names {
        let names = diffs::Names {
            strip,
            is_reverse,
            of: named.clone(),
        };
        judged(walker, diffs::read(&text, &names), &folder);
    }
}

/// `git apply FILE`, `git am FILE`.
fn by_git(walker: &mut Walker<'_>, run: &Run<'_>) {
    let (mut at, mut folder) = (0, String::new());
    while let Some(arg) = run.args.get(at).filter(|arg| arg.text.starts_with('-')) {
        let value = run.args.get(at + 1).map_or("", |arg| arg.text.as_str());
        if arg.text == "-C" {
            folder = inside(&folder, value);
        }
        let takes_value = matches!(
            arg.text.as_str(),
            "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--exec-path" | "--config-env"
        );
        at += 1 + usize::from(takes_value);
    }
    let Some(verb) = run.args.get(at).map(|arg| arg.text.as_str()) else {
        return;
    };
    if !matches!(verb, "apply" | "am") {
        return;
    }
    let args = &run.args[at + 1..];
    let options = Options::of(
        args,
        &[
            "-p",
            "--directory",
            "--exclude",
            "--include",
            "--whitespace",
            "-C",
            "--patch-format",
        ],
    );
    let is_shown = ["--check", "--stat", "--numstat", "--summary"];
    if options.has(&is_shown) && !options.has(&["--apply"]) {
        return;
    }
    let names = diffs::Names {
        strip: diffs::Strip::Parts(options.value(&["-p"]).and_then(|text| text.parse().ok()).unwrap_or(1)),
        is_reverse: options.has(&["-R", "--reverse"]),
        of: Vec::new(),
    };
    let texts: Vec<String> = match options.operands.as_slice() {
        [] => input(run).into_iter().collect(),
        files => files
            .iter()
            .filter_map(|arg| text_of(walker, run, &arg.text, &folder))
            .collect(),
    };
    let directory = options.value(&["--directory"]).unwrap_or_default();
    let here = inside(&folder, directory);
    // Git's own patches name files from the top, wherever one stands.
    let top = walker.place.repository.as_deref().map(|top| inside(top, directory));
    let is_here = |walker: &Walker<'_>, top: &str| walker.path(top) == walker.path(&inside(".", &here));
    for text in texts {
        let patch = diffs::read(&text, &names);
        if let Some(top) = top.as_deref().filter(|top| !is_here(walker, top)) {
            judged(walker, diffs::read(&text, &names), top);
        }
        judged(walker, patch, &here);
    }
}

/// Judges what a patch does in a folder.
fn judged(walker: &mut Walker<'_>, patch: Patch, folder: &str) {
    // What happens in another place is told by whatever leads there.
    if walker.on != On::Here {
        return;
    }
    for what in patch.unclear {
        walker.unknown(what);
    }
    for edit in patch.edits {
        let named = inside(folder, &edit.path);
        if named.contains(UNKNOWN) {
            walker.unknown("a patch of a file whose name is made while it runs");
            continue;
        }
        let path = walker.path(&named).unwrap_or(named);
        if edit.before.is_none() && !edit.after.is_empty() {
            walker.writes(&path, Some(&edit.after));
        }
        let judgement = crate::edit(&Edit { path, ..edit }, walker.place);
        if judgement.effects.is_empty() && judgement.decision > Decision::Allow {
            walker.unknown("a patch of a file that it does not name");
        }
        for effect in judgement.effects {
            walker.effect(effect);
        }
    }
    for words in patch.commands {
        let files_from = words.iter().position(|word| word == "--").map_or(0, |at| at + 1);
        let args: Vec<Arg> = words
            .iter()
            .enumerate()
            .map(|(at, word)| match at < files_from {
                true => Arg::of(word),
                false => Arg::of(&inside(folder, word)),
            })
            .collect();
        walker.run(&args, &[]);
    }
}

#[cfg(test)]
mod tests;
