//! What sort of file it is, where it is no Python source that can be run.

use languages::python::syntax::is_test;

/// What to do with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileSort {
    /// Python source: compared in meaning.
    Source,
    /// Listed, with this reason.
    Unverified(String),
}

/// Why Python sources that hold tests are not verified.
pub(crate) const TEST_CODE: &str = "test code";

/// Sorts a file by its path.
pub(crate) fn classify(path: &str) -> FileSort {
    let name = path.rsplit('/').next().unwrap_or(path);
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    if is_pins(&lower, path) {
        return unverified("dependency pins");
    }
    if is_test(path) {
        return unverified(if ending == "py" { TEST_CODE } else { "test data" });
    }
    match ending {
        "py" if lower == "setup.py" => unverified("dependency pins and build: setup.py"),
        "py" if path.starts_with("docs/") || path.starts_with("doc/") => unverified("documentation"),
        "py" => FileSort::Source,
        _ => unverified(&reason(path, &lower, ending)),
    }
}

/// Why a file other than Python source is not verified.
fn reason(path: &str, lower: &str, ending: &str) -> String {
    if path
        .split('/')
        .any(|part| part.ends_with(".dist-info") || part.ends_with(".egg-info"))
    {
        return "metadata of the installed package".to_owned();
    }
    if is_documentation(path, lower, ending) {
        return "documentation".to_owned();
    }
    if is_automation(path, lower) {
        return "configuration of tools".to_owned();
    }
    if let Some(language) = language(ending) {
        return format!("another language: {language}");
    }
    match ending {
        "pyi" => "type stub".to_owned(),
        "ipynb" => "notebook".to_owned(),
        "pyx" | "pxd" | "pxi" => "Cython source: it is compiled before it runs".to_owned(),
        "j2" | "jinja" | "jinja2" | "tmpl" | "tpl" | "mako" | "html" | "htm" | "xhtml" => "template".to_owned(),
        "csv" | "tsv" | "json" | "jsonl" | "yaml" | "yml" | "toml" | "xml" | "ini" | "cfg" | "conf" | "txt" | "dat"
        | "env" | "po" | "properties" | "proto" => "data file".to_owned(),
        "png" | "jpg" | "jpeg" | "gif" | "ico" | "webp" | "pdf" | "zip" | "gz" | "bz2" | "xz" | "whl" | "so"
        | "pyd" | "dll" | "dylib" | "pkl" | "pickle" | "npy" | "npz" | "parquet" | "sqlite" | "db" | "mo" | "ttf"
        | "woff" | "woff2" | "bin" | "exe" | "jar" => "binary file".to_owned(),
        _ => "not Python source".to_owned(),
    }
}

fn unverified(reason: &str) -> FileSort {
    FileSort::Unverified(reason.to_owned())
}

fn is_pins(lower: &str, path: &str) -> bool {
    matches!(
        lower,
        "pyproject.toml"
            | "poetry.lock"
            | "uv.lock"
            | "pdm.lock"
            | "pixi.lock"
            | "pixi.toml"
            | "pylock.toml"
            | "setup.cfg"
            | "pipfile"
            | "pipfile.lock"
            | "environment.yml"
            | "environment.yaml"
            | "conda-lock.yml"
            | ".python-version"
            | "runtime.txt"
    ) || lower.ends_with(".txt")
        && (lower.contains("requirements")
            || lower.contains("constraints")
            || path.split('/').any(|part| part == "requirements"))
}

fn is_documentation(path: &str, lower: &str, ending: &str) -> bool {
    let stem = lower.split('.').next().unwrap_or(lower);
    matches!(ending, "md" | "rst" | "adoc" | "markdown")
        || path
            .split('/')
            .rev()
            .skip(1)
            .any(|folder| matches!(folder, "docs" | "doc"))
        || matches!(
            stem,
            "readme"
                | "license"
                | "licence"
                | "copying"
                | "changelog"
                | "changes"
                | "history"
                | "news"
                | "authors"
                | "contributors"
                | "contributing"
                | "notice"
                | "code_of_conduct"
                | "security"
        ) && matches!(
            ending,
            "" | "txt" | "md" | "rst" | "readme" | "license" | "licence" | "copying" | "authors" | "changelog"
        )
        || matches!(
            lower,
            ".gitignore" | ".gitattributes" | ".mailmap" | "codeowners" | ".editorconfig" | "citation.cff"
        )
}

fn is_automation(path: &str, lower: &str) -> bool {
    path.starts_with(".github/")
        || path.starts_with(".counterproof/")
        || path.starts_with(".circleci/")
        || path.starts_with(".gitlab/")
        || matches!(
            lower,
            ".gitlab-ci.yml"
                | ".travis.yml"
                | "appveyor.yml"
                | ".appveyor.yml"
                | "azure-pipelines.yml"
                | ".pre-commit-config.yaml"
                | "tox.ini"
                | ".coveragerc"
                | ".flake8"
                | "mypy.ini"
                | ".pylintrc"
                | "pytest.ini"
                | "codecov.yml"
                | ".codecov.yml"
                | ".readthedocs.yml"
                | ".readthedocs.yaml"
                | "ruff.toml"
                | ".ruff.toml"
                | "justfile"
                | "makefile"
                | "manifest.in"
                | "counterproof.toml"
        )
}

fn language(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "js" | "mjs" | "cjs" | "jsx" => "JavaScript",
        "ts" | "tsx" => "TypeScript",
        "rs" => "Rust",
        "c" | "h" => "C",
        "cc" | "cpp" | "cxx" | "hpp" | "hh" => "C++",
        "go" => "Go",
        "java" => "Java",
        "kt" => "Kotlin",
        "rb" => "Ruby",
        "php" => "PHP",
        "cs" => "C#",
        "swift" => "Swift",
        "sql" => "SQL",
        "sh" | "bash" | "zsh" | "fish" => "shell",
        "ps1" | "bat" | "cmd" => "Windows shell",
        "lua" => "Lua",
        "r" => "R",
        "f" | "f90" | "f95" => "Fortran",
        "cu" => "CUDA",
        "css" | "scss" | "less" | "sass" => "style sheet",
        "vue" | "svelte" => "JavaScript",
        "tf" | "hcl" => "HCL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_why_a_file_is_not_run() {
        for (path, wanted) in [
            ("requirements-dev.txt", "dependency pins"),
            ("pyproject.toml", "dependency pins"),
            ("requirements/base.txt", "dependency pins"),
            ("tests/test_cart.py", "test code"),
            ("cart/test_money.py", "test code"),
            ("cart/conftest.py", "test code"),
            ("tests/data/a.json", "test data"),
            ("web/app.ts", "another language: TypeScript"),
            ("rates.csv", "data file"),
            ("templates/mail.html", "template"),
            ("README", "documentation"),
            ("README.md", "documentation"),
            ("docs/conf.py.txt", "documentation"),
            ("docs/conf.py", "documentation"),
            ("LICENSE.txt", "documentation"),
            (".github/workflows/ci.yml", "configuration of tools"),
            ("a/b.ipynb", "notebook"),
            ("a/b.pyi", "type stub"),
            ("logo.png", "binary file"),
            ("Dockerfile", "not Python source"),
        ] {
            assert_eq!(classify(path), FileSort::Unverified(wanted.to_owned()), "{path}");
        }
        assert_eq!(classify("cart/money.py"), FileSort::Source);
        assert_eq!(classify("contest.py"), FileSort::Source);
        assert_eq!(classify("latest.py"), FileSort::Source);
    }
}
