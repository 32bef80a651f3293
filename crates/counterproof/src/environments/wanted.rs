//! What a version says it needs, read from its files alone: nothing of it is run.

use std::collections::{BTreeMap, BTreeSet};

use change::Side;
use languages::python::syntax::is_test;
use toml::{Table, Value};

use super::poetry;
use crate::dependencies::{normal, text};

/// Groups and extras that a project's tests need, by their customary names.
const TEST_GROUPS: [&str; 7] = ["test", "tests", "testing", "dev", "develop", "development", "pytest"];
/// How files of requirements end.
const REQUIREMENTS: [&str; 3] = [".txt", ".in", ".pip"];
/// Files of requirements, of which the first that is there counts.
const FILES: [&str; 4] = [
    "requirements.txt",
    "requirements/base.txt",
    "requirements/common.txt",
    "requirements/requirements.txt",
];
/// Files of requirements for tests; all that are there count.
const TEST_FILES: [&str; 13] = [
    "requirements-dev.txt",
    "requirements_dev.txt",
    "requirements-test.txt",
    "requirements-tests.txt",
    "requirements_test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/dev.txt",
    "requirements/development.txt",
    "requirements/local.txt",
    "requirements/test.txt",
    "requirements/tests.txt",
    "requirements/testing.txt",
];

/// Whether a file may say what is needed.
pub fn declares(path: &str) -> bool {
    let by_name = [
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "Pipfile",
        "Pipfile.lock",
        "uv.lock",
        "poetry.lock",
    ];
    by_name.contains(&path)
        || path.ends_with("/pyproject.toml")
        || REQUIREMENTS.iter().any(|ending| path.ends_with(ending))
}

/// What is to be installed for a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Requirements as pip reads them, what the code needs.
    pub requirements: Vec<String>,
    /// The same, what its tests need besides.
    pub for_tests: Vec<String>,
    /// Pins of a lock file: what is installed has these versions.
    pub constraints: Vec<String>,
    /// Files that requirements refer to: path, and text without what would install the project itself.
    pub files: BTreeMap<String, String>,
    /// Files that it was read from, for the reader.
    pub from: BTreeSet<String>,
}

impl Wanted {
    /// What `side` wants.
    pub fn of(side: &Side) -> Self {
        let mut wanted = Self::default();
        wanted.declared(side);
        if wanted.requirements.is_empty() {
            wanted.pipfile(side);
        }
        if wanted.requirements.is_empty()
            && let Some(file) = FILES.into_iter().find(|file| side.entry(file).is_some())
        {
            wanted.requirements.push(format!("-r {file}"));
            wanted.from.insert(file.to_owned());
        }
        if wanted.requirements.is_empty() {
            wanted.in_setup_py(side);
        }
        wanted.tests(side);
        wanted.locked(side);
        if wanted.lines().any(|line| line.starts_with("-r ")) {
            wanted.lay(side);
        }
        wanted
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty() && self.for_tests.is_empty()
    }

    fn lines(&self) -> impl Iterator<Item = &String> {
        self.requirements.iter().chain(&self.for_tests)
    }

    /// Differs where what is to be installed does.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for lines in [&self.requirements, &self.for_tests, &self.constraints] {
            add(&lines.join("\n"));
        }
        self.files.iter().for_each(|(path, text)| {
            add(path);
            add(text);
        });
        hasher.finalize().to_hex().to_string()
    }

    /// `pyproject.toml` and `setup.cfg`.
    fn declared(&mut self, side: &Side) {
        if let Some(table) = text(side, "pyproject.toml").and_then(|text| text.parse::<Table>().ok()) {
            let (code, tests) = of_pyproject(&table);
            if !code.is_empty() || !tests.is_empty() {
                self.from.insert("pyproject.toml".to_owned());
            }
            self.requirements.extend(code);
            self.for_tests.extend(tests);
            self.members(side, &table);
        }
        if self.requirements.is_empty()
            && let Some(config) = text(side, "setup.cfg")
        {
            self.requirements = list_in(&config, "options", "install_requires");
            for group in TEST_GROUPS {
                self.for_tests.extend(list_in(&config, "options.extras_require", group));
            }
            if !self.requirements.is_empty() {
                self.from.insert("setup.cfg".to_owned());
            }
        }
    }

    /// The members of a workspace, as uv has them; what one wants of another runs from the tree.
    fn members(&mut self, side: &Side, table: &Table) {
        let workspace = ["tool", "uv", "workspace"]
            .iter()
            .try_fold(table, |table, name| table.get(*name).and_then(Value::as_table));
        let listed = |key: &str| strings(workspace.and_then(|workspace| workspace.get(key)));
        let (members, excluded) = (listed("members"), listed("exclude"));
        let is_one = |folder: &str| {
            let by = |patterns: &[String]| {
                patterns
                    .iter()
                    .any(|pattern| matches(pattern.trim_matches('/'), folder))
            };
            by(&members) && !by(&excluded)
        };
        let mut own = BTreeSet::new();
        for entry in side.entries() {
            if !entry.path.strip_suffix("/pyproject.toml").is_some_and(is_one) {
                continue;
            }
            let Some(table) = text(side, &entry.path).and_then(|text| text.parse::<Table>().ok()) else {
                continue;
            };
            let name = table.get("project").and_then(|project| project.get("name")?.as_str());
            own.extend(name.map(normal));
            let (code, tests) = of_pyproject(&table);
            self.requirements.extend(code);
            self.for_tests.extend(tests);
            self.from.insert(entry.path.clone());
        }
        for lines in [&mut self.requirements, &mut self.for_tests] {
            lines.retain(|line| !own.contains(&name_of(line)));
        }
    }

    fn in_setup_py(&mut self, side: &Side) {
        let Some(script) = text(side, "setup.py") else { return };
        self.requirements = literal_list(&script, "install_requires");
        if !self.requirements.is_empty() {
            self.from.insert("setup.py".to_owned());
        }
    }

    /// `Pipfile.lock`, which names what is installed with its versions; without it `Pipfile`, which is written as poetry writes it.
    fn pipfile(&mut self, side: &Side) {
        let Some(lock) =
            text(side, "Pipfile.lock").and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        else {
            let table = text(side, "Pipfile").and_then(|text| text.parse::<Table>().ok());
            let of = |section: &str| poetry::requirements(table.as_ref().and_then(|table| table.get(section)));
            self.requirements = of("packages");
            self.for_tests = of("dev-packages");
            if !self.is_empty() {
                self.from.insert("Pipfile".to_owned());
            }
            return;
        };
        let of = |section: &str| {
            let packages = lock[section].as_object().into_iter().flatten();
            let pinned = packages.filter_map(|(name, package)| {
                let version = package["version"].as_str()?;
                let marker = package["markers"]
                    .as_str()
                    .map_or_else(String::new, |marker| format!("; {marker}"));
                Some(format!("{name}{version}{marker}"))
            });
            pinned.collect::<Vec<_>>()
        };
        self.requirements = of("default");
        self.for_tests = of("develop");
        if !self.is_empty() {
            self.from.insert("Pipfile.lock".to_owned());
        }
    }

    /// What tests need: files of requirements for them, and pytest where they use it and nothing names it.
    fn tests(&mut self, side: &Side) {
        let project = side.project();
        let tests: Vec<&str> = project.paths().filter(|path| is_test(path)).collect();
        if tests.is_empty() {
            self.for_tests.clear();
            return;
        }
        for file in TEST_FILES.into_iter().filter(|file| side.entry(file).is_some()) {
            self.for_tests.push(format!("-r {file}"));
            self.from.insert(file.to_owned());
        }
        let uses = |path: &&str| {
            let bytes = project.read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains("pytest")
        };
        if !self.lines().any(|line| line.starts_with("pytest")) && tests.iter().any(uses) {
            self.for_tests.push("pytest".to_owned());
        }
    }

    /// Pins of `uv.lock` and `poetry.lock`. A package that is there in two versions is left to the installer.
    fn locked(&mut self, side: &Side) {
        let Some((file, lock)) = ["uv.lock", "poetry.lock"]
            .into_iter()
            .find_map(|file| Some((file, text(side, file)?.parse::<Table>().ok()?)))
        else {
            return;
        };
        self.constraints = pins(&lock);
        if !self.constraints.is_empty() {
            self.from.insert(file.to_owned());
        }
    }

    /// The files that may be meant by `-r` and `-c`.
    fn lay(&mut self, side: &Side) {
        for entry in side.entries() {
            let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
            let is_one = REQUIREMENTS.iter().any(|ending| name.ends_with(ending));
            if is_one
                && (folder.is_empty() || folder.contains("requirements"))
                && let Some(text) = text(side, &entry.path)
            {
                self.files.insert(entry.path.clone(), without_the_project(&text));
            }
        }
    }
}

/// Requirements of the code and of its tests.
fn of_pyproject(table: &Table) -> (Vec<String>, Vec<String>) {
    let project = table.get("project").and_then(Value::as_table);
    let mut code = strings(project.and_then(|project| project.get("dependencies")));
    let mut tests = Vec::new();
    let extras = project.and_then(|project| project.get("optional-dependencies")?.as_table());
    for (name, listed) in extras.into_iter().flatten() {
        if TEST_GROUPS.contains(&normal(name).as_str()) {
            tests.extend(strings(Some(listed)));
        }
    }
    let groups = table.get("dependency-groups").and_then(Value::as_table);
    for name in groups.into_iter().flat_map(Table::keys) {
        if TEST_GROUPS.contains(&normal(name).as_str()) {
            let mut seen = BTreeSet::new();
            group(groups, name, &mut seen, &mut tests);
        }
    }
    if let Some(poetry) = table.get("tool").and_then(|tool| tool.get("poetry")?.as_table()) {
        code.extend(poetry::requirements(poetry.get("dependencies")));
        tests.extend(poetry::requirements(poetry.get("dev-dependencies")));
        for (name, group) in poetry.get("group").and_then(Value::as_table).into_iter().flatten() {
            if TEST_GROUPS.contains(&normal(name).as_str()) {
                tests.extend(poetry::requirements(group.get("dependencies")));
            }
        }
    }
    // An extra may name the project itself with others of its extras; it is not on any index yet.
    let own = project.and_then(|project| project.get("name")?.as_str()).map(normal);
    let is_own = |line: &String| own.as_ref().is_some_and(|own| name_of(line) == *own);
    tests.retain(|line| !is_own(line));
    tests.sort();
    tests.dedup();
    (code, tests)
}

/// Whether a folder is meant by a pattern of which each part may hold `*`.
fn matches(pattern: &str, folder: &str) -> bool {
    let part = |pattern: &str, name: &str| match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
    };
    let (patterns, names) = (pattern.split('/'), folder.split('/'));
    patterns.clone().count() == names.clone().count() && patterns.zip(names).all(|(pattern, name)| part(pattern, name))
}

/// A dependency group with the groups that it includes.
fn group(groups: Option<&Table>, name: &str, seen: &mut BTreeSet<String>, into: &mut Vec<String>) {
    if !seen.insert(normal(name)) {
        return;
    }
    let found = groups
        .into_iter()
        .flatten()
        .find(|(other, _)| normal(other) == normal(name));
    for one in found.and_then(|(_, listed)| listed.as_array()).into_iter().flatten() {
        match one {
            Value::String(line) => into.push(line.clone()),
            other => {
                if let Some(included) = other.get("include-group").and_then(Value::as_str) {
                    group(groups, included, seen, into);
                }
            }
        }
    }
}

fn strings(listed: Option<&Value>) -> Vec<String> {
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    listed.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// The distribution that a requirement names.
fn name_of(line: &str) -> String {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    normal(&line[..end.unwrap_or(line.len())])
}

/// `name==version` of what a lock file has once, from an index.
fn pins(lock: &Table) -> Vec<String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in lock.get("package").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| package.get(name).and_then(Value::as_str);
        let (Some(name), Some(version)) = (field("name"), field("version")) else {
            continue;
        };
        // uv tells where each comes from; poetry where it is no index.
        let from_index = match package.get("source").and_then(Value::as_table) {
            None => true,
            Some(source) => {
                source.contains_key("registry") || source.get("type").and_then(Value::as_str) == Some("legacy")
            }
        };
        found
            .entry(normal(name))
            .or_default()
            .push(if from_index { version.to_owned() } else { String::new() });
    }
    let once = found
        .into_iter()
        .filter_map(|(name, versions)| match versions.as_slice() {
            [version] if !version.is_empty() => Some(format!("{name}=={version}")),
            _ => None,
        });
    once.collect()
}

/// The indented lines of `key =` in a section of an ini file.
fn list_in(text: &str, section: &str, key: &str) -> Vec<String> {
    let heading = format!("[{section}]");
    let lines = text.lines().skip_while(|line| line.trim() != heading).skip(1);
    let mut lines = lines.take_while(|line| !line.starts_with('[')).peekable();
    while let Some(line) = lines.next() {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        if name.trim() != key || line.starts_with([' ', '\t']) {
            continue;
        }
        let rest = std::iter::from_fn(|| lines.next_if(|line| line.starts_with([' ', '\t']) || line.trim().is_empty()));
        let all = std::iter::once(value).chain(rest).map(str::trim);
        return all
            .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
            .map(str::to_owned)
            .collect();
    }
    Vec::new()
}

/// The texts of `name=["…", "…"]` in a script, where that is all there is to it.
fn literal_list(script: &str, name: &str) -> Vec<String> {
    let list = script.match_indices(name).find_map(|(at, _)| {
        let rest = script[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        rest.strip_prefix('[')?.split_once(']').map(|(list, _)| list)
    });
    let code = list
        .unwrap_or_default()
        .lines()
        .map(|line| line.split(" #").next().unwrap_or(line));
    let items = code
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(','));
    let mut found = Vec::new();
    for item in items.map(str::trim) {
        let quoted = |quote: char| item.strip_prefix(quote)?.strip_suffix(quote);
        // `"a>=1,<2"` is cut in two: its name is enough.
        match quoted('"').or_else(|| quoted('\'')) {
            Some(text) => found.push(text.to_owned()),
            None if item.starts_with(['"', '\'']) => found.push(name_of(&item[1..])),
            None => {}
        }
    }
    found.retain(|line| !line.is_empty());
    found
}

/// Requirements without the lines that install a folder of the project: both versions are run from their own trees.
fn without_the_project(text: &str) -> String {
    let is_folder = |line: &str| {
        let line = line.trim();
        let path = line
            .strip_prefix("-e")
            .or_else(|| line.strip_prefix("--editable"))
            .unwrap_or(line);
        let path = path.trim_start_matches(['=', ' ']);
        path.starts_with('.') || path.starts_with("file:.")
    };
    let kept = text.lines().filter(|line| !is_folder(line));
    kept.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_tests_of_a_pyproject_are_told_apart() {
        let table: Table = r#"
            [project]
            name = "App"
            dependencies = ["flask>=3", "attrs"]
            [project.optional-dependencies]
            test = ["app[extra]", "pytest-mock"]
            docs = ["sphinx"]
            [dependency-groups]
            dev = ["ruff", {include-group = "types"}]
            types = ["mypy", {include-group = "dev"}]
        "#
        .parse()
        .expect("TOML");
        let (code, tests) = of_pyproject(&table);
        assert_eq!(code, ["flask>=3", "attrs"]);
        assert_eq!(tests, ["mypy", "pytest-mock", "ruff"]);
    }

    #[test]
    fn what_a_lock_has_once_from_an_index_is_pinned() {
        let lock: Table = r#"
            [[package]]
            name = "A_b"
            version = "1"
            source = {registry = "x"}
            [[package]]
            name = "own"
            version = "2"
            source = {editable = "."}
            [[package]]
            name = "twice"
            version = "1"
            [[package]]
            name = "twice"
            version = "2"
            [[package]]
            name = "poetrys"
            version = "3"
        "#
        .parse()
        .expect("TOML");
        assert_eq!(pins(&lock), ["a-b==1", "poetrys==3"]);
    }

    #[test]
    fn older_files_are_read_where_they_say_it_plainly() {
        let config =
            "[metadata]\nname = a\n[options]\ninstall_requires =\n    one>=1\n    # no\n\n    two\nzip_safe = no\n";
        assert_eq!(list_in(config, "options", "install_requires"), ["one>=1", "two"]);
        assert_eq!(list_in(config, "options.extras_require", "test"), [""; 0]);
        let script = "setup(\n  install_requires=[\n    'one>=1,<2',  # why\n    \"two\",\n    # 'three',\n  ],\n)";
        assert_eq!(literal_list(script, "install_requires"), ["one", "two"]);
        assert_eq!(
            literal_list("setup(install_requires=read())", "install_requires"),
            [""; 0]
        );
    }

    #[test]
    fn members_of_a_workspace_are_told_by_patterns() {
        assert!(matches("backend", "backend") && matches("packages/*", "packages/a") && matches("lib-*-x", "lib-a-x"));
        assert!(!matches("packages/*", "packages/a/b") && !matches("back", "backend") && !matches("a*a", "a"));
    }

    #[test]
    fn the_project_itself_is_never_installed() {
        let text = "-e .\n.[dev]\n--editable=./libs/x\nflask\n-r base.txt\n";
        assert_eq!(without_the_project(text), "flask\n-r base.txt\n");
    }
}
