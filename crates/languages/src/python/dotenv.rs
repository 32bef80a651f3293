//! Variables that a project keeps in a file `.env` of its own: settings read them, and without them nothing imports. Only what a
//! version itself holds is looked at, never what lies beside it, where secrets are.

use std::collections::BTreeMap;

use super::Project;
use super::project::folder_of;

/// Files with variables, of which the first in a folder counts; of an example, what it leaves empty is not set.
const FILES: [(&str, bool); 5] = [
    (".env", true),
    (".env.example", false),
    (".env.sample", false),
    (".env.template", false),
    (".env.dist", false),
];
/// Longest file that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Variables of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// Names and values.
    pub variables: BTreeMap<String, String>,
    /// Files that they were read from.
    pub from: Vec<String>,
}

/// The variables of a version: those of the folders that its modules are imported from, then those of the folders above.
pub(super) fn of(project: &Project) -> Dotenv {
    let mut folders: Vec<&str> = Vec::new();
    for root in project.roots() {
        let mut folder = root.as_str();
        folders.push(folder);
        while !folder.is_empty() {
            folder = folder_of(folder);
            folders.push(folder);
        }
    }
    folders.push("");
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.split('/').filter(|part| !part.is_empty()).count()));
    folders.dedup();
    let mut found = Dotenv::default();
    for folder in folders {
        let separator = if folder.is_empty() { "" } else { "/" };
        let text = FILES.iter().find_map(|(name, real)| {
            let path = format!("{folder}{separator}{name}");
            let bytes = project.read(&path).ok().filter(|bytes| bytes.len() <= LONGEST)?;
            Some((path, *real, String::from_utf8(bytes).ok()?))
        });
        let Some((path, real, text)) = text else { continue };
        if found.from.contains(&path) {
            continue;
        }
        for (name, value) in variables(&text) {
            if (real || !value.is_empty()) && !is_ours(&name) {
                found.variables.entry(name).or_insert(value);
            }
        }
        found.from.push(path);
    }
    found
}

/// Variables that decide how an interpreter runs are not a project's to set here.
fn is_ours(name: &str) -> bool {
    let exact = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "IFS", "ENV", "SHELL"];
    exact.contains(&name)
        || ["PYTHON", "LD_", "DYLD_", "GLIBC_", "GCONV_", "LC_", "COUNTERPROOF"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// `NAME=value` of each line, as shells and python-dotenv read them: quotes, comments, `export`, and `${NAME}` of earlier ones.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let name = name.trim();
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) || !name.chars().all(plain) {
            continue;
        }
        let value = value.trim();
        let quoted = |quote: char| value.strip_prefix(quote)?.split_once(quote).map(|(inner, _)| inner);
        let value = match (quoted('\''), quoted('"')) {
            (Some(literal), _) => literal.to_owned(),
            (_, Some(inner)) => expanded(inner, &found),
            _ => {
                let end = value.find(" #").unwrap_or(value.len());
                let bare = if value.starts_with('#') {
                    ""
                } else {
                    value[..end].trim_end()
                };
                expanded(bare, &found)
            }
        };
        if !value.contains('\0') {
            found.push((name.to_owned(), value));
        }
    }
    found
}

/// A value with `${NAME}` and `${NAME:-default}` replaced.
fn expanded(value: &str, earlier: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, from)) = rest.split_once("${") {
        let Some((inside, after)) = from.split_once('}') else {
            break;
        };
        let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
        let found = earlier.iter().rev().find(|(other, _)| other == name);
        text += before;
        text += found.map_or(default, |(_, value)| value);
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_shells_read_them() {
        let text = "# x\nA=1 # one\nexport B='${A}'\nC=\"a b\" # c\nD=db://${A}:${NO:-5}/x\n\n2=x\nE=\nno line\nF=#x\n";
        let found: Vec<String> = variables(text)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(found, ["A=1", "B=${A}", "C=a b", "D=db://1:5/x", "E=", "F="]);
    }

    #[test]
    fn a_versions_own_files_count_and_none_that_changes_how_the_interpreter_runs() {
        let files = [
            ("backend/pyproject.toml", "[project]\nname = 'x'\n"),
            ("backend/app/__init__.py", ""),
            ("backend/.env.example", "SECRET=\nURL=here\nPYTHONPATH=/x\nPATH=/y\n"),
            (".env", "URL=there\nEMPTY=\n"),
            (".env.example", "NOT=1\n"),
        ];
        let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let project = Project::new(paths, move |path| {
            let found = files.iter().find(|(other, _)| *other == path);
            found
                .map(|(_, text)| text.as_bytes().to_vec())
                .ok_or_else(|| std::io::ErrorKind::NotFound.into())
        });
        let found = of(&project);
        let plain: Vec<String> = found
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(plain, ["EMPTY=", "URL=here"]);
        assert_eq!(found.from, ["backend/.env.example", ".env"]);
    }
}
