//! What a project declares to need and its interpreter does not have.

use std::collections::BTreeSet;

use change::Side;
use executor::Interpreter;
use model::{Evidence, Verification};

/// Most names in one note.
const MOST: usize = 8;

/// Tells which declared dependencies are missing and how they are had, where something could not be verified.
pub fn note(evidence: &mut Evidence, head: &Side, interpreter: &Interpreter) {
    let unverified = |verification: &Verification| matches!(verification, Verification::NotVerified(_));
    if !evidence
        .functions
        .iter()
        .any(|function| unverified(&function.verification))
    {
        return;
    }
    let Some(missing) = missing(head, interpreter) else {
        return;
    };
    evidence.notes.push(format!(
        "declared and not installed in {}: {}; run `{}`, or name an interpreter that has them with --python",
        interpreter.chosen,
        missing.shown(),
        mend(head, interpreter, &missing.names)
    ));
}

/// What is declared and not installed.
pub struct Missing {
    /// Names of distributions, sorted.
    pub names: Vec<String>,
}

impl Missing {
    /// The first of them, the others counted.
    pub fn shown(&self) -> String {
        let shown = self.names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
        match self.names.len().checked_sub(MOST) {
            None | Some(0) => shown,
            Some(more) => format!("{shown} and {more} more"),
        }
    }
}

/// What the project declares and the interpreter does not have; `None` where it has all.
pub fn missing(head: &Side, interpreter: &Interpreter) -> Option<Missing> {
    let installed: BTreeSet<String> = interpreter
        .distributions()
        .iter()
        .map(|name| distribution(name))
        .collect();
    let names: Vec<String> = declared(head)
        .into_iter()
        .filter(|name| !installed.contains(name))
        .collect();
    (!names.is_empty()).then_some(Missing { names })
}

/// The command that installs `names`: by way of the project's own files where they have so much, else by name.
pub fn mend(head: &Side, interpreter: &Interpreter, names: &[String]) -> String {
    let has = |path: &str| head.entry(path).is_some();
    let declared = declared(head);
    let is_declared = has("uv.lock") || has("poetry.lock") || names.iter().all(|name| declared.contains(name));
    if interpreter.chosen.ends_with("on PATH") && is_declared {
        // The system's own Python is no place for a project's packages.
        "counterproof check --install".to_owned()
    } else if has("uv.lock") {
        "uv sync".to_owned()
    } else if has("poetry.lock") {
        "poetry install".to_owned()
    } else if names.len() > MOST && has("requirements.txt") {
        format!("{} -m pip install -r requirements.txt", interpreter.executable)
    } else {
        installing(interpreter, names)
    }
}

/// The command that installs these distributions for an interpreter.
pub fn installing(interpreter: &Interpreter, names: &[String]) -> String {
    format!("{} -m pip install {}", interpreter.executable, names.join(" "))
}

/// The distribution that brings a module of this name, where it goes by another one; of well-known ones.
pub fn distribution_of(module: &str) -> String {
    const OTHERWISE: [(&str, &str); 29] = [
        ("Crypto", "pycryptodome"),
        ("MySQLdb", "mysqlclient"),
        ("OpenSSL", "pyopenssl"),
        ("PIL", "pillow"),
        ("attr", "attrs"),
        ("bs4", "beautifulsoup4"),
        ("cv2", "opencv-python-headless"),
        ("dateutil", "python-dateutil"),
        ("decouple", "python-decouple"),
        ("django_filters", "django-filter"),
        ("docx", "python-docx"),
        ("dotenv", "python-dotenv"),
        ("environ", "django-environ"),
        ("fitz", "pymupdf"),
        ("git", "gitpython"),
        ("github", "pygithub"),
        ("jose", "python-jose"),
        ("jwt", "pyjwt"),
        ("ldap", "python-ldap"),
        ("magic", "python-magic"),
        ("multipart", "python-multipart"),
        ("pkg_resources", "setuptools"),
        ("psycopg2", "psycopg2-binary"),
        ("rest_framework", "djangorestframework"),
        ("serial", "pyserial"),
        ("sklearn", "scikit-learn"),
        ("slugify", "python-slugify"),
        ("yaml", "pyyaml"),
        ("zmq", "pyzmq"),
    ];
    let known = OTHERWISE.iter().find(|(name, _)| *name == module);
    known.map_or_else(|| normal(module), |(_, distribution)| (*distribution).to_owned())
}

/// Names of the distributions that the project cannot do without, as far as files say it plainly: what depends on a marker
/// (`; python_version < "3.10"`) or is optional is left out.
fn declared(head: &Side) -> BTreeSet<String> {
    let mut found = text(head, "pyproject.toml")
        .map(|text| of_pyproject(&text))
        .unwrap_or_default();
    found.extend(
        text(head, "requirements.txt")
            .iter()
            .flat_map(|text| text.lines())
            .filter_map(requirement),
    );
    found
}

/// A file of a version, where it has it and it is text.
pub fn text(side: &Side, path: &str) -> Option<String> {
    let bytes = side.entry(path).and_then(|entry| side.read(&entry.id).ok())?;
    String::from_utf8(bytes.as_ref().clone()).ok()
}

fn of_pyproject(text: &str) -> BTreeSet<String> {
    let Ok(parsed) = text.parse::<toml::Table>() else {
        return BTreeSet::new();
    };
    let project = parsed.get("project").and_then(|project| project.get("dependencies"));
    let listed = project.and_then(toml::Value::as_array).into_iter().flatten();
    let mut found: BTreeSet<String> = listed.filter_map(|one| requirement(one.as_str()?)).collect();
    let poetry = parsed
        .get("tool")
        .and_then(|tool| tool.get("poetry")?.get("dependencies")?.as_table());
    let always = |value: &toml::Value| {
        value.as_table().is_none_or(|table| {
            let optional = table.get("optional").and_then(toml::Value::as_bool) == Some(true);
            !optional && !table.contains_key("markers") && !table.contains_key("python")
        })
    };
    found.extend(
        poetry
            .into_iter()
            .flatten()
            .filter(|(name, value)| *name != "python" && always(value))
            .map(|(name, _)| normal(name)),
    );
    found
}

/// The name in a requirement that always holds; options, files and addresses have none.
fn requirement(line: &str) -> Option<String> {
    let line = line.split(" #").next().unwrap_or(line).trim();
    if line.starts_with(['#', '-', '.', '/']) || line.contains(';') || line.contains("://") && !line.contains('@') {
        return None;
    }
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(line.len());
    (end > 0).then(|| normal(&line[..end]))
}

/// `Foo_Bar` and `foo.bar` are one distribution.
pub fn normal(name: &str) -> String {
    let mut result = String::new();
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if result.ends_with('-') => {}
            '-' | '_' | '.' => result.push('-'),
            c => result.push(c.to_ascii_lowercase()),
        }
    }
    result
}

/// The distribution whose metadata is in a folder of this name: `foo_bar-1.0.dist-info`.
pub fn distribution(folder: &str) -> String {
    let stem = [".dist-info", ".egg-info", ".egg-link"]
        .iter()
        .find_map(|ending| folder.strip_suffix(ending))
        .unwrap_or(folder);
    normal(stem.split('-').next().unwrap_or(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_where_they_always_hold() {
        for (line, name) in [
            ("Foo_Bar[extra]>=1.0,<2  # why", Some("foo-bar")),
            ("foo.bar @ https://example.invalid/foo.zip", Some("foo-bar")),
            ("foo; python_version < '3.10'", None),
            ("-r other.txt", None),
            ("https://example.invalid/foo.zip", None),
            ("# nothing", None),
            ("", None),
        ] {
            assert_eq!(requirement(line).as_deref(), name, "{line}");
        }
        assert_eq!(distribution("foo_bar-1.0.dist-info"), "foo-bar");
        assert_eq!(distribution("Foo.Bar-1.0-py3.11.egg-info"), "foo-bar");
    }

    #[test]
    fn both_kinds_of_project_files_are_read() {
        let text = "[project]\ndependencies = ['attrs>=1', 'tomli; python_version < \"3.11\"']\n\
            [tool.poetry.dependencies]\npython = '^3.9'\nrequests = '*'\nextra = {version = '1', optional = true}\n";
        let found: Vec<String> = of_pyproject(text).into_iter().collect();
        assert_eq!(found, ["attrs", "requests"]);
        assert!(of_pyproject("no toml").is_empty());
    }
}
