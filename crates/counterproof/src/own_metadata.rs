//! Stand-ins for what building or installing the project would bring: metadata, without which code that asks
//! `importlib.metadata` for its own version fails to import, and the module that holds the version.

use change::Side;
use executor::Interpreter;

use crate::dependencies::{distribution, normal, text};
use crate::overlay::{Overlay, is_metadata};

/// Modules that read the metadata of distributions.
const READERS: [&str; 3] = ["metadata", "importlib_metadata", "pkg_resources"];

/// Lays a stand-in over both versions where the project asks for metadata and neither it nor the interpreter has its own.
pub fn lay_over(overlay: &mut Overlay, head: &Side, interpreter: &Interpreter) {
    let Some((name, version)) = declared(head) else { return };
    let wanted = normal(&name);
    let is_own = |folder: &str| distribution(folder) == wanted;
    let has_own = |path: &str| path.split('/').any(|part| is_metadata(part) && is_own(part));
    let installed = interpreter.distributions().iter().any(|folder| is_own(folder));
    let held = head.entries().iter().any(|entry| has_own(&entry.path));
    if installed || held || overlay.files.iter().any(|(path, _)| has_own(path)) {
        return;
    }
    let (readers, complete) = head.index().files_with(&READERS, "");
    if readers.is_empty() && complete {
        return;
    }
    let root = head.project().roots().first().cloned().unwrap_or_default();
    let folder = format!("{}-{version}.dist-info", wanted.replace('-', "_"));
    let path = if root.is_empty() {
        format!("{folder}/METADATA")
    } else {
        format!("{root}/{folder}/METADATA")
    };
    let content = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
    overlay.add(
        path,
        content.into_bytes(),
        format!(
            "{name} is not installed: both versions find metadata made up from its own files, with version {version}"
        ),
    );
}

/// The module that a build writes the version to, as setuptools-scm and hatch-vcs do by default.
const VERSION_MODULE: &str = "\
__version__ = version = \"0.0.0\"
__version_tuple__ = version_tuple = (0, 0, 0)
__commit_id__ = commit_id = None
";

/// Lays a stand-in over both versions for the module that a build would write the version to, where nothing has it.
pub fn lay_over_version(overlay: &mut Overlay, base: &Side, head: &Side) {
    let held = |path: &str| [base, head].iter().any(|side| side.entry(path).is_some());
    let mut paths: Vec<String> = [base, head].into_iter().flat_map(version_files).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        if !held(&path) && overlay.files.iter().all(|(laid, _)| *laid != path) {
            let note = format!(
                "{path} is written when the project is built: both versions find a stand-in with version 0.0.0"
            );
            overlay.add(path, VERSION_MODULE.into(), note);
        }
    }
}

/// Where the project's own files say that a build writes its version, in the usual form.
fn version_files(side: &Side) -> Vec<String> {
    let of_toml = text(side, "pyproject.toml").and_then(|text| text.parse::<toml::Table>().ok());
    let mut found = of_toml.map(|table| of_tools(&table)).unwrap_or_default();
    for file in ["setup.py", "setup.cfg"] {
        found.extend(text(side, file).iter().flat_map(|text| written_to(text)));
    }
    found.retain(|path| path.ends_with(".py") && !path.starts_with('/') && !path.split('/').any(|part| part == ".."));
    found
}

/// Keys of setuptools-scm and hatch-vcs that name the file.
const FILE_KEYS: [&str; 3] = ["version_file", "version-file", "write_to"];

/// `[tool.setuptools_scm]` and `[tool.hatch.build.hooks.vcs]`; a template of their own makes another file.
fn of_tools(table: &toml::Table) -> Vec<String> {
    let tables = [
        &["tool", "setuptools_scm"][..],
        &["tool", "hatch", "build", "hooks", "vcs"],
        &["tool", "hatch", "build", "targets", "wheel", "hooks", "vcs"],
    ];
    let at = |path: &[&str]| {
        let mut at = table;
        for key in path {
            at = at.get(*key)?.as_table()?;
        }
        Some(at)
    };
    let tables = tables.into_iter().filter_map(at);
    let usual = tables.filter(|table| !table.keys().any(|key| key.contains("template")));
    let files = usual.flat_map(|table| FILE_KEYS.iter().filter_map(|key| table.get(*key)?.as_str()));
    files.map(str::to_owned).collect()
}

/// `"write_to": "…"` and `write_to = …` of `setup.py` and `setup.cfg`.
fn written_to(text: &str) -> Vec<String> {
    if text.contains("write_to_template") || text.contains("version_file_template") {
        return Vec::new();
    }
    let quotes = |c: char| c == '"' || c == '\'' || c.is_whitespace();
    let value = |rest: &str| {
        let rest = rest.trim_start_matches(quotes).strip_prefix([':', '='])?;
        let rest = rest.trim_start_matches(quotes);
        let end = rest
            .find(|c: char| quotes(c) || ",)}".contains(c))
            .unwrap_or(rest.len());
        Some(rest[..end].to_owned()).filter(|path| !path.is_empty())
    };
    let named = FILE_KEYS
        .iter()
        .flat_map(|key| text.match_indices(key).map(move |(at, _)| at + key.len()));
    named.filter_map(|end| value(&text[end..])).collect()
}

/// Name and version as the project's own files say them; a version that is computed counts as 0.
fn declared(head: &Side) -> Option<(String, String)> {
    let text = |path: &str| text(head, path);
    let found = text("PKG-INFO")
        .and_then(|text| of_lines(&text, ':', ["Name", "Version"]))
        .or_else(|| text("pyproject.toml").and_then(|text| of_pyproject(&text)))
        .or_else(|| text("setup.cfg").and_then(|text| of_lines(&text, '=', ["name", "version"])))
        .or_else(|| text("setup.py").and_then(|text| of_setup(&text)));
    let (name, version) = found?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+!".contains(c));
    plain(&name).then(|| {
        (
            name,
            Some(version)
                .filter(|version| plain(version))
                .unwrap_or_else(|| "0".to_owned()),
        )
    })
}

fn of_pyproject(text: &str) -> Option<(String, String)> {
    let parsed = text.parse::<toml::Table>().ok()?;
    let poetry = parsed.get("tool").and_then(|tool| tool.get("poetry"));
    let table = parsed.get("project").or(poetry)?;
    let field = |name: &str| table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    Some((field("name")?, field("version").unwrap_or_default()))
}

/// The first `name: value` and `version: value`.
fn of_lines(text: &str, separator: char, [name, version]: [&str; 2]) -> Option<(String, String)> {
    let field = |wanted: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(separator)?;
            (key.trim() == wanted).then(|| value.trim().to_owned())
        })
    };
    Some((field(name)?, field(version).unwrap_or_default()))
}

/// `name="…"` in a call of `setup`.
fn of_setup(text: &str) -> Option<(String, String)> {
    let field = |wanted: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let value = value.trim().trim_end_matches(',');
            let quoted = value.len() >= 2 && value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']);
            (quoted && key.trim().trim_start_matches("setup(").trim() == wanted)
                .then(|| value[1..value.len() - 1].to_owned())
        })
    };
    Some((field("name")?, field("version").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_for_the_version_is_named_by_the_tools_that_write_it() {
        let of = |text: &str| of_tools(&text.parse().unwrap());
        assert_eq!(of("[tool.setuptools_scm]\nwrite_to = 'a/_v.py'\n"), ["a/_v.py"]);
        assert_eq!(
            of("[tool.hatch.build.hooks.vcs]\nversion-file = 'src/a/_version.py'\n"),
            ["src/a/_version.py"]
        );
        assert!(of("[tool.hatch.build.hooks.vcs]\nversion-file = 'a.py'\ntemplate = 'V = 1'\n").is_empty());
        assert!(of("[tool.setuptools_scm]\n").is_empty());
        assert_eq!(
            written_to("setup(use_scm_version={'root': '.', \"write_to\": \"a/_v.py\", 'x': 1})"),
            ["a/_v.py"]
        );
        assert_eq!(written_to("[tool:x]\nversion_file = a/b.py\n"), ["a/b.py"]);
        assert!(written_to("write_to_template = 'x'\nwrite_to = 'a.py'").is_empty());
        assert!(written_to("write_to").is_empty());
    }

    #[test]
    fn names_and_versions_are_read_from_every_sort_of_file() {
        let own = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
        assert_eq!(of_pyproject("[project]\nname = 'a'\nversion = '1'\n"), own("a", "1"));
        assert_eq!(
            of_pyproject("[project]\nname = 'a'\ndynamic = ['version']\n"),
            own("a", "")
        );
        assert_eq!(
            of_pyproject("[tool.poetry]\nname = 'a'\nversion = '2'\n"),
            own("a", "2")
        );
        assert_eq!(of_pyproject("[tool.black]\n"), None);
        let lines = "Metadata-Version: 2.1\nName: a\nVersion: 3\n\nText: more\n";
        assert_eq!(of_lines(lines, ':', ["Name", "Version"]), own("a", "3"));
        assert_eq!(
            of_setup("setup(\n    name='a',\n    version=version(),\n)"),
            own("a", "")
        );
    }
}
