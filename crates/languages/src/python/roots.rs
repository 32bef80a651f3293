//! Where imports start: what a project's own files declare, and where they say nothing, what is customary.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall};

use super::project::folder_of;

const DECLARING: [&str; 3] = ["pyproject.toml", "setup.cfg", "setup.py"];

type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether the file `path` may say where its project's modules are.
pub(super) fn declares(path: &str) -> bool {
    DECLARING.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Folders that modules are imported from, the first to look in first; `""` is the tree itself.
pub(super) fn of(files: &BTreeSet<&str>, declaring: &BTreeSet<String>, read: Read<'_>) -> Vec<String> {
    let is_package = |folder: &str| files.contains(format!("{folder}/__init__.py").as_str());
    let folders: BTreeSet<&str> = declaring
        .iter()
        .map(|path| folder_of(path))
        .filter(|folder| folder.is_empty() || is_installable(folder, is_package))
        .collect();
    let mut roots = Vec::new();
    let mut silent = BTreeSet::new();
    for folder in folders {
        let declared = declared(folder, files, read);
        if declared.is_empty() {
            silent.insert(folder);
        }
        for root in declared {
            if !root.is_empty() && !roots.contains(&root) {
                roots.push(root);
            }
        }
    }
    let inside_declared = |root: &str| roots.iter().any(|outer| below(outer, root).is_some());
    let usual: Vec<String> = usual(files, &silent)
        .into_iter()
        .filter(|root| !roots.contains(root) && !inside_declared(root))
        .collect();
    roots.extend(usual);
    roots.push(String::new());
    roots
}

/// The rest of a path below a folder.
fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn within(files: &BTreeSet<&str>, folder: &str) -> bool {
    let start = format!("{folder}/");
    folder.is_empty()
        || files
            .range(start.as_str()..)
            .next()
            .is_some_and(|path| path.starts_with(&start))
}

fn joined(folder: &str, inner: &str) -> String {
    match (folder, inner) {
        (folder, "") => folder.to_owned(),
        ("", inner) => inner.to_owned(),
        (folder, inner) => format!("{folder}/{inner}"),
    }
}

/// What the files of the project in `folder` declare, as far as there is Python in it.
fn declared(folder: &str, files: &BTreeSet<&str>, read: Read<'_>) -> Vec<String> {
    let text = |name: &str| read(&joined(folder, name));
    let mut found = Vec::new();
    if let Some(table) = text("pyproject.toml").and_then(|text| text.parse::<toml::Table>().ok()) {
        found.extend(of_pyproject(&table));
        // Whatever builds the project looks for the package of its name below `src` first.
        let package = built_name(&table).map(|name| joined(folder, &format!("src/{name}")));
        if package.is_some_and(|it| within(files, &it) || files.contains(format!("{it}.py").as_str())) {
            found.push("src".to_owned());
        }
    }
    found.extend(text("setup.cfg").map(|text| of_setup_cfg(&text)).unwrap_or_default());
    found.extend(text("setup.py").map(|text| of_setup_py(&text)).unwrap_or_default());
    found
        .iter()
        .filter_map(|root| plain(root))
        .map(|root| joined(folder, &root))
        .filter(|root| within(files, root))
        .collect()
}

/// A declared folder without `./` and a slash at its end; `None` for one outside the project, or a pattern.
fn plain(root: &str) -> Option<String> {
    let parts: Vec<&str> = root
        .trim()
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let odd = root.trim().starts_with('/')
        || parts
            .iter()
            .any(|part| *part == ".." || part.contains(['*', '\\', ':']));
    (!odd).then(|| parts.join("/"))
}

/// A value of nested tables.
fn at<'a>(table: &'a toml::Table, keys: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))
}

fn texts(value: Option<&toml::Value>) -> Vec<&str> {
    match value {
        Some(toml::Value::String(text)) => vec![text],
        Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The name that a project is built under; `None` where nothing says that it is built.
fn built_name(table: &toml::Table) -> Option<String> {
    table.get("build-system")?;
    let names = [
        ["tool", "flit", "module", "name"].as_slice(),
        &["project", "name"],
        &["tool", "poetry", "name"],
    ];
    let name = names.iter().find_map(|keys| at(table, keys)?.as_str())?;
    Some(name.replace(['-', '.'], "_").to_lowercase())
}

fn of_pyproject(table: &toml::Table) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // Settings that name the folder itself, each in the words of its tool.
    for keys in [
        ["setuptools", "packages", "find", "where"].as_slice(),
        &["pdm", "build", "package-dir"],
        &["pdm", "package-dir"],
        &["hatch", "build", "dev-mode-dirs"],
        &["hatch", "build", "sources"],
        &["hatch", "build", "targets", "wheel", "sources"],
        &["uv", "build-backend", "module-root"],
        &["maturin", "python-source"],
    ] {
        let keys = [&["tool"], keys].concat();
        found.extend(texts(at(table, &keys)).into_iter().map(str::to_owned));
    }
    // Settings that name packages where they lie.
    for keys in [
        ["hatch", "build", "packages"].as_slice(),
        &["hatch", "build", "targets", "wheel", "packages"],
        &["scikit-build", "wheel", "packages"],
    ] {
        let keys = [&["tool"], keys].concat();
        let packages = texts(at(table, &keys)).into_iter();
        found.extend(
            packages
                .filter_map(|package| package.trim_end_matches('/').rsplit_once('/'))
                .map(|(root, _)| root.to_owned()),
        );
    }
    if let Some(toml::Value::Array(packages)) = at(table, &["tool", "poetry", "packages"]) {
        let from = packages.iter().filter_map(|package| package.get("from")?.as_str());
        found.extend(from.map(str::to_owned));
    }
    if let Some(folders) = at(table, &["tool", "setuptools", "package-dir"]).and_then(toml::Value::as_table) {
        let pairs = folders
            .iter()
            .filter_map(|(package, folder)| Some((package.as_str(), folder.as_str()?)));
        found.extend(pairs.filter_map(|(package, folder)| of_package_dir(package, folder)));
    }
    found
}

/// The root that puts a package (`""`: all of them) in a folder; `None` where its name there is another one.
fn of_package_dir(package: &str, folder: &str) -> Option<String> {
    let inner = package.trim().replace('.', "/");
    let folder = folder.trim().trim_end_matches('/');
    if inner.is_empty() {
        return Some(folder.to_owned());
    }
    let root = folder.strip_suffix(inner.as_str())?;
    (root.is_empty() || root.ends_with('/')).then(|| root.to_owned())
}

/// `package_dir` of `[options]` and `where` of `[options.packages.find]`, in the line of the key or indented below it.
fn of_setup_cfg(text: &str) -> Vec<String> {
    let (mut section, mut key) = ("", "");
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        let mut value = line.trim();
        if value.starts_with('[') && line.starts_with('[') {
            (section, key) = (value, "");
            continue;
        }
        if !line.starts_with([' ', '\t'])
            && let Some((name, rest)) = line.split_once('=')
        {
            (key, value) = (name.trim(), rest.trim());
        }
        match (section, key) {
            _ if value.is_empty() => {}
            ("[options]", "package_dir" | "package-dir") => found.extend(
                value
                    .split_once('=')
                    .and_then(|(package, folder)| of_package_dir(package, folder)),
            ),
            ("[options.packages.find]" | "[options.packages.find_namespace]", "where") => found.push(value.to_owned()),
            _ => {}
        }
    }
    found
}

/// `package_dir={"": "src"}` and `find_packages("src")`, as they are written out.
fn of_setup_py(text: &str) -> Vec<String> {
    struct Calls(Vec<String>);
    impl<'a> Visitor<'a> for Calls {
        fn visit_expr(&mut self, expression: &'a Expr) {
            if let Expr::Call(call) = expression {
                self.0.extend(of_call(call));
            }
            walk_expr(self, expression);
        }
    }
    let Ok(parsed) = ruff_python_parser::parse_module(text) else {
        return Vec::new();
    };
    let mut calls = Calls(Vec::new());
    calls.visit_body(&parsed.syntax().body);
    calls.0
}

fn of_call(call: &ExprCall) -> Vec<String> {
    let literal = |expression: &Expr| {
        expression
            .as_string_literal_expr()
            .map(|it| it.value.to_str().to_owned())
    };
    let name = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    if matches!(name, "find_packages" | "find_namespace_packages") {
        let given = call.arguments.find_argument_value("where", 0);
        return given.and_then(literal).into_iter().collect();
    }
    let Some(Expr::Dict(folders)) = call.arguments.find_keyword("package_dir").map(|keyword| &keyword.value) else {
        return Vec::new();
    };
    let pairs = folders.items.iter();
    pairs
        .filter_map(|item| of_package_dir(&literal(item.key.as_ref()?)?, &literal(&item.value)?))
        .collect()
}

/// Where imports start when nothing says so: `src` and the like when they hold packages but are none.
///
/// A folder without `__init__.py` below which a package with one stands is a root when its own parents are no packages;
/// for flat modules and namespace packages the tree itself serves. A repository of several projects has a root in each of
/// these, as their installation would make one.
fn usual(files: &BTreeSet<&str>, projects: &BTreeSet<&str>) -> Vec<String> {
    let is_package = |folder: &str| files.contains(format!("{folder}/__init__.py").as_str());
    let mut roots: Vec<String> = Vec::new();
    for path in files {
        let Some(folder) = path.strip_suffix("/__init__.py") else {
            continue;
        };
        let Some((parent, _)) = folder.rsplit_once('/') else {
            continue;
        };
        // A namespace package (`namespace/package/__init__.py`) is told from a source folder by its customary names.
        let last = parent.rsplit('/').next().unwrap_or(parent);
        if !is_package(parent)
            && matches!(
                last,
                "src" | "lib" | "python" | "source" | "sources" | "backend" | "app" | "apps"
            )
            && !roots.iter().any(|root| root == parent)
        {
            roots.push(parent.to_owned());
        }
    }
    for path in files {
        // Flat modules in `src/`, without any package.
        if let Some(rest) = path.strip_prefix("src/")
            && !rest.contains('/')
            && !is_package("src")
            && !roots.iter().any(|root| root == "src")
        {
            roots.push("src".to_owned());
        }
    }
    // Django's script puts its own folder first, wherever that is.
    let scripts = files.iter().filter_map(|path| path.strip_suffix("/manage.py"));
    for folder in scripts.filter(|folder| !is_package(folder)) {
        if !roots.iter().any(|root| root == folder) {
            roots.push(folder.to_owned());
        }
    }
    for project in projects.iter().filter(|project| !project.is_empty()) {
        let source = format!("{project}/src");
        let root = if within(files, &source) {
            source
        } else {
            (*project).to_owned()
        };
        if within(files, &root) && !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// Whether a folder below the top with a project's files is one of several projects, and no example, template or test data.
fn is_installable(project: &str, is_package: impl Fn(&str) -> bool) -> bool {
    const OTHERS: [&str; 10] = [
        "tests",
        "test",
        "testing",
        "testdata",
        "fixtures",
        "data",
        "docs",
        "examples",
        "templates",
        "vendor",
    ];
    let mut folders = std::iter::successors(Some(project), |folder| {
        folder.rsplit_once('/').map(|(parent, _)| parent)
    });
    !project.split('/').any(|part| OTHERS.contains(&part)) && !folders.any(is_package)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Roots of a tree of files, where those that declare something have a text.
    fn roots(files: &[(&str, &str)]) -> Vec<String> {
        let names = files
            .iter()
            .map(|(path, _)| *path)
            .filter(|path| path.ends_with(".py"))
            .collect();
        let declaring = files
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .filter(|path| declares(path))
            .collect();
        of(&names, &declaring, &|path| {
            files
                .iter()
                .find(|(it, _)| *it == path)
                .map(|(_, text)| (*text).to_owned())
        })
    }

    /// A package in `src`, which a stray `__init__.py` makes look like a package itself.
    fn stray(name: &str, text: &str) -> Vec<String> {
        roots(&[
            ("src/__init__.py", ""),
            ("src/a/__init__.py", ""),
            ("src/a/b.py", ""),
            (name, text),
        ])
    }

    #[test]
    fn what_a_project_declares_is_a_root_whatever_lies_there() {
        for (name, text) in [
            ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = [\"src\"]\n"),
            ("pyproject.toml", "[tool.setuptools]\npackage-dir = {\"\" = \"src\"}\n"),
            ("pyproject.toml", "[tool.setuptools.package-dir]\na = \"src/a\"\n"),
            (
                "pyproject.toml",
                "[[tool.poetry.packages]]\ninclude = \"a\"\nfrom = \"src\"\n",
            ),
            (
                "pyproject.toml",
                "[tool.hatch.build.targets.wheel]\npackages = [\"src/a\"]\n",
            ),
            ("pyproject.toml", "[tool.hatch.build]\nsources = [\"./src/\"]\n"),
            ("pyproject.toml", "[tool.pdm.build]\npackage-dir = \"src\"\n"),
            ("pyproject.toml", "[build-system]\n[tool.flit.module]\nname = \"a\"\n"),
            ("pyproject.toml", "[build-system]\n[project]\nname = \"A\"\n"),
            ("setup.cfg", "[options]\npackage_dir = =src\n"),
            (
                "setup.cfg",
                "[metadata]\nname = a\n[options]\npackage_dir =\n    = src\npackages = find:\n",
            ),
            ("setup.cfg", "[options.packages.find]\nwhere = src\n"),
            ("setup.py", "setup(packages=find_packages(where='src'))\n"),
            (
                "setup.py",
                "import setuptools\nsetuptools.setup(package_dir={'': 'src'})\n",
            ),
        ] {
            assert_eq!(stray(name, text), ["src", ""], "{name}: {text}");
        }
    }

    #[test]
    fn what_declares_no_folder_of_the_tree_changes_nothing() {
        for (name, text) in [
            ("pyproject.toml", ""),
            ("pyproject.toml", "not [ toml"),
            // Nothing says that it is built and installed: what runs it may import `src.a`.
            ("pyproject.toml", "[project]\nname = \"a\"\n"),
            ("pyproject.toml", "[build-system]\n[project]\nname = \"other\"\n"),
            (
                "pyproject.toml",
                "[tool.setuptools.packages.find]\nwhere = [\"lib\", \"../x\", \"/src\", \"s*\"]\n",
            ),
            ("pyproject.toml", "[tool.setuptools]\npackage-dir = {z = \"src/a\"}\n"),
            (
                "setup.cfg",
                "[options]\npackage_dir =\n    z = src/a\n[other]\nwhere = src\n",
            ),
            (
                "setup.py",
                "setup(package_dir=FOLDERS, packages=find_packages(exclude=['src']))\n",
            ),
        ] {
            assert_eq!(stray(name, text), [""], "{name}: {text}");
        }
    }

    #[test]
    fn a_declared_root_outranks_the_usual_ones_in_it() {
        let files = [
            ("code/app/core/__init__.py", ""),
            ("src/tool/__init__.py", ""),
            ("setup.cfg", "[options]\npackage_dir =\n  =code\n"),
        ];
        assert_eq!(roots(&files), ["code", "src", ""]);
        let inner = [
            (
                "one/pyproject.toml",
                "[tool.setuptools.packages.find]\nwhere = [\"python\"]\n",
            ),
            ("one/python/__init__.py", ""),
            ("one/python/one/__init__.py", ""),
        ];
        assert_eq!(roots(&inner), ["one/python", ""]);
    }
}
