//! Paths of what is looked for on disk: files and folders that are laid out for a call.

use model::{Symbol, Value};
use search::Shape;

use super::concrete::Concrete;
use super::kind::Kind;
use super::slots::OnDisk;

/// Names of files; those that the code names come first.
const FILES: [&str; 3] = ["a.txt", "b.py", "data.json"];
/// Names of folders.
const FOLDERS: [&str; 2] = ["d", "e"];
/// Where the files of a folder lie in it.
const PLACES: [&str; 3] = ["sub/", "sub/deep/", "."];
/// Folders without a file.
const EMPTY: &str = "empty/";
/// Contents of files beside the texts that the code names.
const CONTENTS: [&str; 8] = [
    "",
    "a\n",
    "a\nb\n\nc\n",
    "{\"a\": 1, \"b\": [2]}",
    "[section]\nkey = 1\n",
    "a,b\n1,2\n",
    "# a comment\nkey = value\n",
    "a b  c",
];
/// Names of files that are taken from the code, at most.
const MOST_NAMED: usize = 6;
/// How likely it is that what is laid out is wanted, beside any path: both for a text and for a path.
const WANTED: f64 = 1.0;

/// Files and folders for a slot of `kind` that is the path of something looked for on disk.
pub(super) fn laid_out(concrete: &mut Concrete<'_, '_, '_>, kind: Kind, on_disk: OnDisk) -> Vec<(f64, Shape)> {
    let is_text = kind == Kind::Str;
    let joined = on_disk.joined && concrete.engine.slots.touches_disk;
    let (file, folder) = match kind {
        Kind::Str => (on_disk.file, on_disk.folder || joined),
        // A path is hardly ever made for anything else.
        Kind::Path if !on_disk.file && !on_disk.folder => (!joined, true),
        Kind::Path => (on_disk.file, on_disk.folder || joined),
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    if file {
        let (name, content) = (file_names(concrete), content(concrete));
        let (name, content) = (concrete.leaf(name), concrete.leaf(content));
        let callee = Symbol::file(is_text);
        let args = vec![name, content];
        found.push((WANTED, Shape::Make { callee, args }));
    }
    if folder {
        let (inside, content) = (inner_names(concrete), content(concrete));
        let (inside, content) = (concrete.leaf(inside), concrete.leaf(content));
        let name = concrete.leaf(one_of(FOLDERS.map(str::to_owned)));
        let entries = concrete.leaf(Shape::Dict(inside, content));
        let callee = Symbol::folder(is_text);
        let args = vec![name, entries];
        found.push((WANTED, Shape::Make { callee, args }));
    }
    found
}

fn one_of(texts: impl IntoIterator<Item = String>) -> Shape {
    Shape::OneOf(texts.into_iter().map(Value::Str).collect())
}

/// Names that the code writes, then others.
fn names(concrete: &Concrete<'_, '_, '_>) -> Vec<String> {
    let texts = concrete.subject.tokens.iter().filter_map(|token| match &token.value {
        Value::Str(text) => named(text),
        _ => None,
    });
    let mut names: Vec<String> = Vec::new();
    for name in texts.take(MOST_NAMED).chain(FILES.map(str::to_owned)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn file_names(concrete: &Concrete<'_, '_, '_>) -> Shape {
    one_of(names(concrete))
}

/// Paths in a folder: each name in the folder itself, in folders of it, and hidden.
fn inner_names(concrete: &Concrete<'_, '_, '_>) -> Shape {
    let names = names(concrete);
    let mut paths = names.clone();
    for place in PLACES {
        paths.extend(names.iter().take(3).map(|name| format!("{place}{name}")));
    }
    paths.push(EMPTY.to_owned());
    one_of(paths)
}

/// Texts, or one of some usual ones.
pub(super) fn content(concrete: &mut Concrete<'_, '_, '_>) -> Shape {
    let text = concrete.leaf(Shape::Str);
    let usual = concrete.leaf(one_of(CONTENTS.map(str::to_owned)));
    Shape::Union(vec![(0.7, text), (1.0, usual)])
}

/// The name of a file that a text names: `setup.cfg` itself, `a.py` for `.py` and for `*.py`.
fn named(text: &str) -> Option<String> {
    let bare = text.strip_prefix('*').unwrap_or(text);
    let (stem, extension) = bare.rsplit_once('.')?;
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let is_extension = (1..=6).contains(&extension.len()) && extension.chars().all(|c| c.is_ascii_alphanumeric());
    let is_number = extension.chars().all(|c| c.is_ascii_digit());
    if !is_extension || is_number || !is_word(stem) || stem.len() > 30 || stem.starts_with('.') {
        return None;
    }
    Some(match stem {
        "" => format!("a.{extension}"),
        _ => format!("{stem}.{extension}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_told_from_other_texts() {
        let of = |text: &str| named(text).unwrap_or_default();
        assert_eq!(
            [".py", "*.py", "setup.cfg", "a-b.tar.gz"].map(of),
            ["a.py", "a.py", "setup.cfg", "a-b.tar.gz"]
        );
        assert_eq!(
            ["", "py", "a b.txt", "1.5", "..", "end.", "../a.py", "x.endofsentence"].map(of),
            [""; 8]
        );
    }
}
