//! A stand-in for the metadata that an installation of the project would bring: code that asks `importlib.metadata` for its
//! own version fails to import without it.

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
