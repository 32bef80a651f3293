//! What a report says can be read, pasted and run again.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Repository, function};

/// The id of a function's first finding.
fn id(report: &Value, name: &str) -> String {
    let id = function(report, name)["findings"][0]["id"].as_str();
    id.unwrap_or_else(|| panic!("no finding of {name} in {report:#}"))
        .to_owned()
}

/// A virtual environment beside the project, with a module in it that no other interpreter has.
fn environment(repository: &Repository) -> String {
    let folder = repository.path().join("../environment");
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&folder)
        .status()
        .expect("python runs");
    assert!(made.success());
    let packages = Command::new(folder.join("bin/python"))
        .args(["-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"])
        .output()
        .expect("python runs");
    let packages = String::from_utf8(packages.stdout).expect("UTF-8");
    fs::write(
        std::path::Path::new(packages.trim()).join("only_there.py"),
        "STEP = 1\n",
    )
    .expect("a module");
    folder.join("bin/python").to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_finding_is_run_again_with_the_interpreter_of_its_check() {
    let text = "import only_there\n\n\ndef f(x):\n    return x + only_there.STEP\n";
    let repository = Repository::new(&[("a.py", text)]);
    let python = environment(&repository);
    repository.write(&[("a.py", &text.replace("x +", "x -"))]);
    let id = id(&repository.json(&["check", "--python", &python]), "f");
    let again = repository.run(&["reproduce", &id]);
    assert_eq!(again.code, 1, "{again}");
    assert!(again.out.contains("The two versions differ."), "{again}");
    let other = repository.run(&["reproduce", &id, "--python", "python3"]);
    assert_eq!(other.code, 3, "{other}");
    assert!(
        other.err.contains("only_there") && other.err.contains("--python") && !other.out.contains("do not differ"),
        "{other}"
    );
}

#[test]
fn an_import_that_fails_is_reproduced() {
    let text = "def f(x):\n    return x\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[("a.py", &format!("import math\nmath.taus\n\n\n{text}"))]);
    let report = repository.json(&["check"]);
    let found = report["functions"].as_array().expect("functions");
    let id = found.iter().find_map(|function| function["findings"][0]["id"].as_str());
    let again = repository.run(&["reproduce", id.expect("a finding")]);
    assert_eq!(again.code, 1, "{again}");
    assert!(again.out.contains("AttributeError"), "{again}");
}

#[test]
fn what_differs_is_what_is_reproduced() {
    let text = "class Box:\n    def __init__(self, size):\n        self.size = size\n\n    def grow(self, by):\n        self.size = self.size + by\n\n\ndef fill(items):\n    items.append(1)\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[(
        "a.py",
        &text
            .replace("self.size + by", "self.size - by")
            .replace("append(1)", "append(2)"),
    )]);
    let report = repository.json(&["check"]);
    for (name, aspect) in [("Box.grow", "the object afterwards"), ("fill", "argument 1 afterwards")] {
        let again = repository.run(&["reproduce", &id(&report, name)]);
        assert_eq!(again.code, 1, "{again}");
        let lines: Vec<&str> = again.out.lines().filter(|line| line.contains(aspect)).collect();
        assert_eq!(lines.len(), 2, "{again}");
        let (base, head) = (lines[0].trim_start(), lines[1].trim_start());
        assert_ne!(base.strip_prefix("base"), head.strip_prefix("head"), "{again}");
    }
}
