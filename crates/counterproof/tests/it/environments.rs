//! Where the interpreter, its packages and the modules of each version come from.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Repository, function, status};

/// What an interpreter prints.
fn ask(python: &Path, question: &str) -> String {
    let output = Command::new(python)
        .args(["-c", question])
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Says why a test has nothing to look at on this machine.
fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

const NEEDS_MORE_THAN_GIT: &str = "\
from importlib.metadata import version

from pkg._version import VERSION
from pkg import _json


def label(n):
    return VERSION + str(n)


def distribution(n):
    return version('pkgdist') + str(n)


def quoted(text):
    return _json.encode_basestring_ascii(str(text)) + 'a'
";

/// A repository whose package needs a generated module, an extension and metadata that git does not hold; `None` where the
/// interpreter has no extension in a file of its own that could stand for a built one.
fn needs_more_than_git() -> Option<Repository> {
    let extension = ask(
        Path::new("python3"),
        "import _json; print(getattr(_json, '__file__', ''))",
    );
    if !extension.ends_with(".so") {
        skip("this interpreter has no extension in a file of its own");
        return None;
    }
    let repository = Repository::new(&[
        (".gitignore", "/pkg/_version.py\n*.so\n*.egg-info/\n"),
        ("pkg/__init__.py", ""),
        ("pkg/core.py", NEEDS_MORE_THAN_GIT),
        ("pkg/_json.c", "int answer = 1;\n"),
        ("plain.py", "def plain(n):\n    return n + 1\n"),
        ("setup.py", "# setup\n"),
    ]);
    repository.write(&[
        ("pkg/_version.py", "VERSION = '7'\n"),
        (
            "pkgdist.egg-info/PKG-INFO",
            "Metadata-Version: 2.1\nName: pkgdist\nVersion: 1.2\n",
        ),
        (
            "pkg/core.py",
            &NEEDS_MORE_THAN_GIT
                .replace("str(n)", "str(n) + '!'")
                .replace("+ 'a'", "+ 'b'"),
        ),
        ("plain.py", "def plain(n):\n    return n + 2\n"),
    ]);
    let name = Path::new(&extension).file_name().expect("a name");
    fs::copy(&extension, repository.path().join("pkg").join(name)).expect("a copy");
    Some(repository)
}

#[test]
fn what_git_does_not_hold_is_laid_over_both_versions_and_named() {
    let Some(repository) = needs_more_than_git() else {
        return;
    };
    let report = repository.json(&["check"]);
    let example = |name: &str, side: &str| function(&report, name)["findings"][0]["example"][side].clone();
    assert_eq!(example("label", "base"), "'70'");
    assert_eq!(example("label", "head"), "'70!'");
    assert_eq!(example("distribution", "base"), "'1.20'");
    assert_eq!(status(&report, "quoted"), "changed", "{report:#}");
    let notes = report["notes"].to_string();
    for name in [
        "pkg/_version.py",
        "pkg/_json.",
        "pkgdist.egg-info/PKG-INFO",
        "laid over both",
    ] {
        assert!(notes.contains(name), "{name}: {notes}");
    }
}

#[test]
fn an_extension_whose_sources_changed_is_not_verified() {
    let Some(repository) = needs_more_than_git() else {
        return;
    };
    repository.write(&[
        ("pkg/_json.c", "int answer = 2;\n"),
        // The same code under another name for the parameter: proved, but for the extension.
        ("pkg/core.py", &NEEDS_MORE_THAN_GIT.replace("(text)", "(words)")),
    ]);
    let report = repository.json(&["check"]);
    let quoted = function(&report, "quoted");
    assert_eq!(quoted["status"], "not_verified", "{report:#}");
    let reason = quoted["reason"].as_str().expect("a reason");
    for part in ["pkg._json", "pkg/_json.c", "--trees"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert_eq!(status(&report, "plain"), "changed", "what does not need it is checked");
    assert!(report["unverified"].to_string().contains("pkg/_json.c"), "{report:#}");
}
