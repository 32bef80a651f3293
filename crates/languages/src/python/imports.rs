//! What a file imports, wherever in it, and what is loaded with it in the end.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Stmt, StmtImportFrom};

use super::{Parsed, Project};

/// The first of the modules `wanted` that a use of the file `path` may load, its imports' imports included.
///
/// Imports inside functions count: whether they are executed is known only by running. What is imported by a name that is
/// put together at run time is not found.
pub fn loads<'w>(project: &Project, path: &str, wanted: &'w BTreeSet<String>) -> Option<&'w str> {
    let mut seen = BTreeSet::from([path.to_owned()]);
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let own = project.module_name(&path);
        let imported = project.file(&path).map(imported).unwrap_or_default();
        for name in imported
            .iter()
            .map(String::as_str)
            .chain([own.as_str()])
            .flat_map(with_packages)
        {
            if let Some(found) = wanted.get(name) {
                return Some(found);
            }
            if let Some(next) = project.path_of(name)
                && seen.insert(next.to_owned())
            {
                open.push(next.to_owned());
            }
        }
    }
    None
}

/// `a.b.c`, `a.b` and `a`: importing a module imports the packages that it is in.
fn with_packages(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.rsplit_once('.').map(|(package, _)| package))
}

/// Absolute names of the modules that the file imports; `from a import b` may mean the module `a.b`.
fn imported(parsed: &Parsed) -> BTreeSet<String> {
    let package = if parsed.path.ends_with("/__init__.py") || parsed.path == "__init__.py" {
        Some(parsed.module.as_str())
    } else {
        parsed.module.rsplit_once('.').map(|(package, _)| package)
    };
    let mut found = Imported {
        package: package.unwrap_or_default(),
        names: BTreeSet::new(),
    };
    found.visit_body(&parsed.ast.body);
    found.names
}

struct Imported<'a> {
    package: &'a str,
    names: BTreeSet<String>,
}

impl Imported<'_> {
    fn from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |name| name.as_str());
        let mut parts: Vec<&str> = Vec::new();
        if import.level > 0 {
            parts.extend(self.package.split('.').filter(|part| !part.is_empty()));
            parts.truncate((parts.len() + 1).saturating_sub(import.level as usize));
        }
        parts.extend(module.split('.').filter(|part| !part.is_empty()));
        let module = parts.join(".");
        for alias in &import.names {
            let name = alias.name.as_str();
            self.names.insert(if name == "*" {
                module.clone()
            } else if module.is_empty() {
                name.to_owned()
            } else {
                format!("{module}.{name}")
            });
        }
    }
}

impl<'a> Visitor<'a> for Imported<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => self
                .names
                .extend(import.names.iter().map(|alias| alias.name.to_string())),
            Stmt::ImportFrom(import) => self.from(import),
            other => walk_stmt(self, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("src/a/__init__.py", "from . import b\n"),
        ("src/a/b.py", "def f():\n    from .inner.c import g\n"),
        ("src/a/inner/__init__.py", ""),
        ("src/a/inner/c.py", "from ...nothing import x\nfrom .._fast import y\n"),
        ("src/plain/__init__.py", "import os.path\n"),
        ("src/plain/user.py", "import a.inner.c as c\n"),
    ];

    fn found(path: &str) -> Option<String> {
        let project = Project::new(FILES.iter().map(|(path, _)| (*path).to_owned()), |path| {
            let file = FILES.iter().find(|(other, _)| *other == path);
            Ok(file.map(|(_, text)| text.as_bytes().to_vec()).unwrap_or_default())
        });
        loads(&project, path, &BTreeSet::from(["a._fast".to_owned()])).map(str::to_owned)
    }

    #[test]
    fn follows_relative_nested_and_package_imports() {
        for path in [
            "src/a/inner/c.py",
            "src/a/b.py",
            "src/a/__init__.py",
            "src/plain/user.py",
        ] {
            assert_eq!(found(path).as_deref(), Some("a._fast"), "{path}");
        }
        assert_eq!(found("src/plain/__init__.py"), None);
    }
}
