//! What a report says can be read, pasted and run again.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Repository, checked, function};

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

/// What a finding's script prints in a version that lies in `tree`.
fn scripted(repository: &Repository, id: &str, tree: &str) -> String {
    let script = repository.run(&["reproduce", id, "--format", "python"]);
    assert_eq!(script.code, 0, "{script}");
    let path = repository.path().join("../script.py");
    fs::write(&path, &script.out).expect("the script");
    let output = Command::new("python3")
        .arg("-B")
        .arg(&path)
        .arg(repository.path().join(tree))
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{output:?}\n{}", script.out);
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_script_prints_what_differs() {
    let text = "\
LIMIT = 3


class Box:
    __slots__ = ('size', 'owner')

    def __init__(self, size):
        self.size = size

    def grow(self, by):
        self.size = self.size + by


class Made:
    def __repr__(self):
        return object.__repr__(self)


def fill(items):
    items.append(1)


def make(number):
    made = Made()
    made.number = number + 1
    return made
";
    let changed = text
        .replace("LIMIT = 3", "LIMIT = 4")
        .replace("self.size + by", "self.size - by")
        .replace("append(1)", "append(2)")
        .replace("number + 1", "number + 2");
    let repository = Repository::bare_folder();
    repository.write(&[("old/a.py", text), ("new/a.py", &changed)]);
    let report = repository.json(&["check", "--trees", "old", "new"]);
    for (name, part) in [
        ("Box.grow", "the object afterwards: Box(size="),
        ("fill", "argument 1 afterwards: ["),
        ("make", "Made(number="),
        ("<module>", "LIMIT = "),
    ] {
        let id = id(&report, name);
        let (old, new) = (scripted(&repository, &id, "old"), scripted(&repository, &id, "new"));
        assert!(old.contains(part) && new.contains(part), "{old}\n{new}");
        assert_ne!(old, new, "{name}");
        assert!(!old.contains("0x"), "{old}");
    }
}

#[test]
fn a_script_prints_the_part_that_differs_before_a_long_whole() {
    let before = "\
class Part:
    def __init__(self, n):
        self.size = n


class Box:
    def __init__(self, n):
        self.others = list(range(100))
        self.parts = {'inner': [Part(0), Part(n)]}


def box(n: int):
    return Box(n * 2)
";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", &before.replace("n * 2", "n * 2 + 1"))]);
    repository.write(&[
        ("old/a.py", before),
        ("new/a.py", &before.replace("n * 2", "n * 2 + 1")),
    ]);
    let id = id(&repository.json(&["check"]), "box");
    let (old, new) = (scripted(&repository, &id, "old"), scripted(&repository, &id, "new"));
    assert!(old.starts_with("result.parts['inner'][1].size: 0\n"), "{old}");
    assert!(new.starts_with("result.parts['inner'][1].size: 1\n"), "{new}");
}

#[test]
fn a_new_function_is_shown_by_calls_that_reach_it() {
    let before = "def scale(factor):\n    return factor\n";
    let after = "def scale(factor):\n    def inner(x):\n        return 'inner %r' % x\n    if factor == 3:\n        return inner(factor)\n    return factor\n";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", after)]);
    let report = repository.json(&["check"]);
    let inner = function(&report, "scale.<locals>.inner");
    assert_eq!(inner["status"], "new", "{inner:#}");
    assert_eq!(inner["called_through"], "scale", "{inner:#}");
    let examples = inner["examples"].as_array().expect("examples");
    assert!(!examples.is_empty(), "{inner:#}");
    for example in examples {
        assert!(example["outcome"].to_string().contains("inner"), "{inner:#}");
        assert_eq!(example["setup"][0], "from a import scale", "{inner:#}");
    }
    let said = repository.run(&["check"]);
    let new = said.out.split("+ NEW").nth(1).expect("a new function");
    assert!(new.contains("reached by calling scale"), "{said}");
}

#[test]
fn a_new_function_is_shown_by_what_it_is_for() {
    let before = "import re\n";
    let after = "\
import re


def unique(name: str, taken: set[str]):
    if not name:
        return None
    if name in taken:
        return name + '_1'
    return name
";
    let report = checked(before, after);
    let unique = function(&report, "unique");
    let outcomes: Vec<&str> = unique["examples"]
        .as_array()
        .expect("examples")
        .iter()
        .map(|example| example["outcome"].as_str().unwrap())
        .collect();
    assert!(outcomes.contains(&"None"), "{unique:#}");
    assert!(outcomes.iter().any(|it| it.ends_with("_1'")), "{unique:#}");
    assert!(
        outcomes.iter().any(|it| it.starts_with('\'') && !it.ends_with("_1'")),
        "a line each: {unique:#}"
    );
    for example in unique["examples"].as_array().unwrap() {
        assert!(example["call"].as_str().unwrap().starts_with("unique('"), "{unique:#}");
    }
}

#[test]
fn an_example_is_of_the_types_that_are_declared_where_one_is() {
    let before = "def seen(text: str):\n    return not text\n";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", &before.replace("not text", "not text or text in ('b', 1)"))]);
    let report = repository.json(&["check"]);
    let call = &function(&report, "seen")["findings"][0]["example"]["call"];
    assert_eq!(call, "seen('b')");
}

#[test]
fn a_new_function_that_is_not_reached_is_not_verified() {
    let before = "def scale(factor):\n    return factor\n";
    let after = "def scale(factor):\n    def inner(x):\n        return x\n    if factor is scale and factor != scale:\n        return inner(factor)\n    return factor\n";
    let report = checked(before, after);
    let inner = function(&report, "scale.<locals>.inner");
    assert_eq!(inner["status"], "not_verified", "{inner:#}");
    assert!(inner["reason"].to_string().contains("did not reach it"), "{inner:#}");
}

#[test]
fn what_differs_can_be_seen() {
    let text = "\
from fractions import Fraction


class Box:
    def __init__(self, size):
        self.size = size

    def same(self):
        return self


def half(number):
    return Fraction(int(number), 3)


def check(number):
    if number > 3:
        raise ValueError('details below:\\n' + 'an integer is wanted here')
    return number
";
    let changed = text
        .replace("return self\n", "return Box(self.size)\n")
        .replace("(number), 3)", "(number), 5)")
        .replace("an integer", "a number");
    let report = checked(text, &changed);
    let sides = |name: &str| {
        let example = &function(&report, name)["findings"][0]["example"];
        let side = |side: &str| example[side].as_str().expect("a text").to_owned();
        (side("base"), side("head"))
    };
    let (base, head) = sides("Box.same");
    assert_eq!(base, "the object itself");
    assert!(head.starts_with("Box(size="), "{head}");
    let (base, head) = sides("half");
    assert!(base.starts_with("Fraction(") && !base.contains("(("), "{base}");
    assert_ne!(base, head);
    let (base, head) = sides("check");
    assert!(
        base.contains("an integer") && head.contains("a number"),
        "{base}\n{head}"
    );
}

#[test]
fn our_own_folders_are_not_shown() {
    let text = "import os\n\n\ndef save(name):\n    if name:\n        open(os.path.join('..', 'up'), 'w')\n    return 1\n\n\ndef where(n):\n    return n, os.path.dirname(os.getcwd())\n";
    let changed = text.replace("'up'", "'down'").replace("return n,", "return n + 1,");
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[("a.py", &changed)]);
    let report = repository.json(&["check"]);
    let example = |name: &str| function(&report, name)["findings"][0]["example"].to_string();
    assert!(
        example("save").contains("write <scratch>/../up (refused)"),
        "{report:#}"
    );
    assert!(example("where").contains("'<scratch>/..'"), "{report:#}");
    let cache = repository.cache().display().to_string();
    assert!(!report.to_string().contains(&cache), "{report:#}");
    let again = repository.run(&["reproduce", &id(&report, "where")]);
    assert!(again.out.contains("'<scratch>/..'"), "{again}");
}

#[test]
fn what_a_module_says_before_it_ends_the_program_is_the_reason() {
    let text = "import sys\n\ntry:\n    import surely_not_installed\nexcept ImportError:\n    print('a.py needs an extra: pip install a[cli]', file=sys.stderr)\n    sys.exit(1)\n\n\ndef f(x):\n    return x\n";
    let repository = Repository::new(&[("a.py", text)]);
    repository.write(&[("a.py", &text.replace("return x", "return x + 1"))]);
    let report = repository.json(&["check"]);
    let reason = function(&report, "f")["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("SystemExit: 1") && reason.contains("pip install a[cli]"),
        "{reason}"
    );
}

#[test]
fn a_script_shows_long_patterns_and_has_what_was_laid_over() {
    let text = "\
import re
from importlib.metadata import version

VERSION = version('own-surely-not-installed')
WORDS = re.compile('|'.join('word%d' % n for n in range(100)))


def pattern(name: str):
    return re.compile('|'.join(name + '%d' % n for n in range(100)))


def matched(name: str):
    return re.match('(a*)(.*)', 'a' * 60 + name)
";
    let project = "[project]\nname = 'own-surely-not-installed'\nversion = '3.2'\n";
    let files = |text: &str| {
        [
            ("pyproject.toml", project.to_owned()),
            ("own/__init__.py", text.to_owned()),
        ]
    };
    let repository = Repository::new(&[]);
    let write = |folder: &str, text: &str| {
        for (path, text) in files(text) {
            repository.write(&[(&format!("{folder}/{path}"), &text)]);
        }
    };
    write("old", text);
    write("new", &text.replace("100)", "99)").replace("+ name)", "+ name + 'b')"));
    let report = repository.json(&["check", "--trees", "old", "new"]);
    for name in ["<module>", "pattern", "matched"] {
        let id = id(&report, name);
        let (base, head) = (scripted(&repository, &id, "old"), scripted(&repository, &id, "new"));
        assert!(!base.contains("raises") && base != head, "{name}:\n{base}\n{head}");
    }
}
