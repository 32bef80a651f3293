//! What belongs to an action besides its line: whoever lets it run lets it run with exactly these files, folders, variables and accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use guard::action::{NONE, sha256, sha256_of};
use guard::surroundings::resolved;
use guard::{Action, Surroundings};

use super::place;
use crate::files::open_plain;
use crate::settings;

/// Files that are digested in all folders of an action, and bytes of all of them.
const MOST_FILES: usize = 4_000;
const MOST_BYTES: u64 = 32 << 20;
/// Bytes of one file that a line names itself.
const LONGEST_NAMED: u64 = 1 << 30;
/// How deep folders are looked into.
const DEEPEST: usize = 32;
/// How often it is looked whether a word of a line, or of the scripts that it runs, is a file; and folders that these name.
const MOST_LOOKUPS: usize = 200_000;
const MOST_ENTERED: usize = 64;
/// What begins the value of a file that the guard could not look through: only its digest is known.
const UNJUDGED: &str = "not looked through, ";
/// What begins a value that fits nothing, not even itself a moment later.
const NEVER: &str = "never the same: ";

/// A value that fits nothing.
fn never(why: &str) -> String {
    // Two looks at it are two times, and so two values.
    format!("{NEVER}{why}, at {:?}", SystemTime::now())
}

/// What was read to judge an action, with the digest of each file that gave no text, too, and so was not looked through.
pub fn whole(mut read: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for (path, value) in read.iter_mut().filter(|(_, value)| *value == NONE) {
        let path = Utf8Path::new(path);
        // What is not there, and a folder, hold nothing that runs.
        if path.symlink_metadata().is_ok() && !path.is_dir() {
            *value = match digest(path, u64::MAX) {
                Ok(digest) => format!("{UNJUDGED}{digest}"),
                Err(why) => never(&why),
            };
        }
    }
    read
}

/// Whether files that were read are those of an earlier time, to the byte.
pub fn are_same(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> bool {
    before == now && !now.values().any(|value| value.starts_with(NEVER))
}

/// Whether what could not be looked through is what it was: what it does is told by nothing else.
pub fn are_unjudged_same(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> bool {
    let unjudged = now
        .iter()
        .filter(|(_, value)| value.starts_with(UNJUDGED) || value.starts_with(NEVER));
    unjudged
        .into_iter()
        .all(|(path, value)| !value.starts_with(NEVER) && before.get(path) == Some(value))
}

fn digest(path: &Utf8Path, longest: u64) -> Result<String, String> {
    let file = open_plain(path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    if length > longest {
        return Err(format!("longer than {longest} bytes"));
    }
    sha256_of(file).map_err(|error| error.to_string())
}

/// Adds to an action that takes two people what it would work on and with: the commit, the folder, the folders and files that its line and
/// the scripts that it runs name, variables that tell a tool what it does, and the accounts that it does it with.
pub fn bind(action: &mut Action, surroundings: &Surroundings<'_>) {
    if let Some(commit) = place::commit(&surroundings.folder) {
        action.place.insert("commit".to_owned(), commit);
    }
    for (name, value) in settings::of_tools() {
        action.place.insert(format!("${name}"), sha256(value.as_bytes()));
    }
    for path in accounts(surroundings) {
        let value = if path.symlink_metadata().is_ok() {
            digest(&path, LONGEST_NAMED).unwrap_or_else(|why| never(&why))
        } else {
            NONE.to_owned()
        };
        action.files.insert(path.into_string(), value);
    }
    let mut looked = Looked::default();
    looked.folder(Utf8Path::new(&surroundings.folder), 0);
    let named = Named::of(action, surroundings);
    if named.too_many {
        action.files.insert(
            surroundings.folder.clone(),
            never("the line, or a script that it runs, names more than is looked up"),
        );
    }
    for path in named.paths {
        if path.is_dir() {
            looked.folder(&path, 0);
        } else if path.is_file() {
            looked.file(&path);
        }
    }
    for name in variables(action.command.as_deref().unwrap_or_default()) {
        if let Some(value) = settings::of_process(&name) {
            action.place.insert(format!("${name}"), sha256(value.as_bytes()));
        }
    }
    if let Some(too_much) = looked.too_much {
        action.files.insert(
            too_much.into_string(),
            never(&format!(
                "it holds more than {MOST_FILES} files or {} MiB",
                MOST_BYTES >> 20
            )),
        );
    } else {
        for (path, digest) in looked.files {
            action.files.entry(path).or_insert(digest);
        }
    }
}

/// Why no approval can ever fit an action, where that is so.
pub fn unfitting(action: &Action) -> Option<String> {
    let (path, value) = action.files.iter().find(|(_, value)| value.starts_with(NEVER))?;
    let why = value[NEVER.len()..].rsplit_once(", at ").map_or("", |(why, _)| why);
    Some(format!("{path}: {why}"))
}

/// Files that say which cluster and which account a tool works with.
fn accounts(surroundings: &Surroundings<'_>) -> Vec<Utf8PathBuf> {
    let home = Utf8Path::new(&surroundings.home);
    let named = |variable: &str, inner: &str| match settings::of_process(variable) {
        Some(paths) => paths
            .split(':')
            .filter(|path| !path.is_empty())
            .map(Utf8PathBuf::from)
            .collect(),
        None => vec![home.join(inner)],
    };
    let all = [
        named("KUBECONFIG", ".kube/config"),
        named("AWS_CONFIG_FILE", ".aws/config"),
        named("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
    ];
    let folder = Utf8Path::new(&surroundings.folder);
    all.into_iter().flatten().map(|path| folder.join(path)).collect()
}

/// Paths that the words of an action name.
#[derive(Default)]
struct Named {
    paths: BTreeSet<Utf8PathBuf>,
    lookups: usize,
    /// Whether there were more words, or more folders, than are looked up.
    too_many: bool,
}

impl Named {
    /// What is named from the folder that an action runs in and from each that its words name: whether a program takes a word for a folder
    /// is not told by the word, and one that is taken for one too many costs a digest.
    fn of(action: &Action, surroundings: &Surroundings<'_>) -> Self {
        let mut named = Self::default();
        let home = surroundings.home.as_str();
        let mut from = vec![surroundings.folder.clone()];
        named.look(action.command.as_deref().unwrap_or_default(), &mut from, home, |_| true);
        // What a variable has a tool read: `TF_CLI_ARGS_destroy=-var-file=x`.
        for value in settings::of_tools().values() {
            named.look(value, &mut from, home, Utf8Path::is_file);
        }
        // Scripts name much that they do not enter: of what lies outside of the repository nothing is taken on their word.
        let top = surroundings.repository.as_deref().unwrap_or(&surroundings.folder);
        for path in action.files.keys() {
            if let Some(text) = surroundings.files.read(path) {
                let mut from = from.clone();
                from.extend(Utf8Path::new(path).parent().map(|folder| folder.as_str().to_owned()));
                named.look(&text, &mut from, home, |path| path.starts_with(top));
            }
        }
        named
    }

    fn look(&mut self, text: &str, from: &mut Vec<String>, home: &str, is_meant: impl Fn(&Utf8Path) -> bool) {
        for path in words(text).iter().flat_map(|word| candidates(word)) {
            // From each folder that was entered before: `cd a; cd b` is in `a/b`.
            for at in 0..from.len() {
                let path = Utf8PathBuf::from(resolved(&path, &from[at], home));
                self.lookups += 1;
                if self.lookups > MOST_LOOKUPS {
                    self.too_many = true;
                    return;
                }
                if self.paths.contains(&path) || !path.exists() || !is_meant(&path) {
                    continue;
                }
                if path.is_dir() && !from.contains(&path.as_str().to_owned()) {
                    if from.len() >= MOST_ENTERED {
                        self.too_many = true;
                        return;
                    }
                    from.push(path.as_str().to_owned());
                }
                self.paths.insert(path);
            }
        }
    }
}

/// What of a word may be a path: `-chdir=envs/prod`, `-Cinfra`, `@file`, `file://x`.
fn candidates(word: &str) -> Vec<String> {
    let word = expanded(word);
    let mut all = vec![word.clone()];
    all.extend(word.split_once('=').map(|(_, value)| value.to_owned()));
    if let Some(short) = word.strip_prefix('-').filter(|short| !short.starts_with('-')) {
        all.extend(short.char_indices().nth(1).map(|(at, _)| short[at..].to_owned()));
    }
    for mark in ["@", "file://"] {
        let stripped: Vec<String> = all
            .iter()
            .filter_map(|text| text.strip_prefix(mark).map(str::to_owned))
            .collect();
        all.extend(stripped);
    }
    all.retain(|path| !path.is_empty());
    all
}

/// A word with the variables of this process in it.
fn expanded(word: &str) -> String {
    variables(word).into_iter().fold(word.to_owned(), |text, name| {
        let value = settings::of_process(&name).unwrap_or_default();
        text.replace(&format!("${{{name}}}"), &value)
            .replace(&format!("${name}"), &value)
    })
}

/// Names of variables in a text.
fn variables(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names = text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.split(|c| !is_name(c)).next().unwrap_or_default().to_owned()
    });
    names.filter(|name| !name.is_empty()).collect()
}

/// The words of a text as a shell would split it, roughly: quotes hold blanks together, and what separates commands separates words.
fn words(text: &str) -> Vec<String> {
    let (mut all, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None | Some('"'), '\\') => word.extend(characters.next().filter(|c| *c != '\n')),
            (None, c) if c.is_whitespace() || ";|&(){}<>`,".contains(c) => all.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    all.push(word);
    all.retain(|word| !word.is_empty());
    all
}

/// Files of folders, with the digest of each.
#[derive(Default)]
struct Looked {
    files: BTreeMap<String, String>,
    bytes: u64,
    /// Folders that were looked into, by where they really are: links may lead round.
    folders: BTreeSet<Utf8PathBuf>,
    /// Where it was too much.
    too_much: Option<Utf8PathBuf>,
}

impl Looked {
    /// All that lies in a folder and below it: a tool that is run there may work on it. Not what git keeps, which the commit stands for;
    /// not the providers of Terraform, which its lock file stands for; and no logs.
    fn folder(&mut self, folder: &Utf8Path, depth: usize) {
        let Ok(real) = folder.canonicalize_utf8() else {
            return;
        };
        if self.too_much.is_some() || !self.folders.insert(real) {
            return;
        }
        let Ok(entries) = folder.read_dir_utf8() else {
            self.files
                .insert(folder.as_str().to_owned(), never("it cannot be looked into"));
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(data) = path.metadata() else {
                continue;
            };
            if data.is_dir() {
                let is_kept_by_others = entry.file_name() == ".git"
                    || path.ends_with(".terraform/providers")
                    || path.ends_with(".counterproof/ledger");
                if is_kept_by_others {
                    continue;
                }
                if depth >= DEEPEST {
                    self.too_much = Some(folder.to_owned());
                    return;
                }
                self.folder(path, depth + 1);
            } else if data.is_file() && path.extension() != Some("log") {
                self.bytes += data.len();
                if self.bytes > MOST_BYTES || self.files.len() >= MOST_FILES {
                    self.too_much = Some(folder.to_owned());
                }
                if self.too_much.is_none() {
                    self.file(path);
                }
            }
            if self.too_much.is_some() {
                return;
            }
        }
    }

    fn file(&mut self, path: &Utf8Path) {
        if !self.files.contains_key(path.as_str()) {
            let value = digest(path, LONGEST_NAMED).unwrap_or_else(|why| never(&why));
            self.files.insert(path.as_str().to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_paths_are_found() {
        assert_eq!(
            words("cd 'a b' && terraform -chdir=\"in fra\" x\\ y;ls>z"),
            ["cd", "a b", "terraform", "-chdir=in fra", "x y", "ls", "z"]
        );
        assert!(candidates("-chdir=infra").contains(&"infra".to_owned()));
        assert!(candidates("-Cinfra").contains(&"infra".to_owned()));
        assert!(candidates("--filename=@x").contains(&"x".to_owned()));
        let names: Vec<String> = variables("cd $A/${B}x $ $1").into_iter().collect();
        assert_eq!(names, ["1", "A", "B"]);
    }

    #[test]
    fn folders_are_named_from_each_other_and_not_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = folder.path().to_str().expect("text");
        std::fs::create_dir_all(folder.path().join("a/b")).expect("a folder");
        let named = |line: &str| {
            let mut named = Named::default();
            named.look(line, &mut vec![top.to_owned()], "/", |_| true);
            named
        };
        let found = named("cd a && terraform -chdir=b destroy");
        assert!(found.paths.contains(&Utf8PathBuf::from(format!("{top}/a/b"))) && !found.too_many);
        assert!(named(&"x ".repeat(MOST_LOOKUPS + 1)).too_many);
        for number in 0..MOST_ENTERED {
            std::fs::create_dir(folder.path().join(number.to_string())).expect("a folder");
        }
        let all: Vec<String> = (0..MOST_ENTERED).map(|number| number.to_string()).collect();
        assert!(named(&all.join(" ")).too_many);
    }

    #[test]
    fn what_cannot_be_read_whole_never_fits() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("big").to_str().expect("text").to_owned();
        let read = || whole(BTreeMap::from([(path.clone(), NONE.to_owned())]));
        assert_eq!(read()[&path], NONE);
        std::fs::write(&path, b"\xff one").expect("a file");
        let one = read();
        assert!(are_same(&one, &read()) && are_unjudged_same(&one, &read()));
        std::fs::write(&path, b"\xff two").expect("a file");
        assert!(!are_same(&one, &read()) && !are_unjudged_same(&one, &read()));
        std::fs::remove_file(&path).expect("it goes");
        nix::unistd::mkfifo(std::path::Path::new(&path), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        let never = read();
        assert!(!are_same(&never, &never) && !are_unjudged_same(&never, &never));
    }
}
