//! What counts as a difference of a function, and of which one.

use crate::support::{Repository, checked, function, status};

#[test]
fn a_logger_that_an_object_keeps_is_known_by_its_name() {
    let before = "\
import logging

log = logging.getLogger('shop')


class Cart:
    def __init__(self, items):
        self.log = log
        self.items = list(items)


def cart(items: list, name: str):
    return Cart(items + [name])


def named(name: str):
    return logging.getLogger('shop.' + name)


def quiet(level: int):
    other = logging.getLogger('quiet')
    other.setLevel(abs(level))
    return other
";
    // Another logger hangs in the hierarchy; `cart` is only written otherwise.
    let after = before
        .replace("'shop')\n", "'shop')\nlogging.getLogger('shop.more').setLevel(3)\n")
        .replace("items + [name]", "[*items, name]")
        .replace("'shop.' + name", "'shop.' + name.strip()")
        .replace("abs(level)", "abs(level) + 1");
    let report = checked(before, &after);
    assert_eq!(status(&report, "cart"), "same", "{report:#}");
    assert_eq!(status(&report, "named"), "changed", "another name: {report:#}");
    assert_eq!(status(&report, "quiet"), "changed", "another level: {report:#}");
}

#[test]
fn syntax_of_another_python_is_no_finding_and_says_which_is_needed() {
    // No Python compiles this, but our own parser reads it: so does the syntax of a Python to come look.
    let new = "nonlocal n\n\n\ndef f(n):\n    return n + 1\n";
    let old = "def f(n):\n    return n\n";
    let project = "[project]\nname = 'a'\nrequires-python = '>=3.99'\n";
    for (project, told) in [(project, "asks for Python >=3.99"), ("", "newer Python")] {
        let repository = Repository::new(&[("a.py", new), ("pyproject.toml", project)]);
        repository.write(&[("a.py", old)]);
        let report = repository.json(&["check"]);
        let reason = function(&report, "f")["reason"].as_str().unwrap_or_default().to_owned();
        assert!(reason.contains(told) && reason.contains("--python PATH"), "{report:#}");
        repository.commit("old");
        repository.write(&[("a.py", new)]);
        let report = repository.json(&["check", "--base", "HEAD"]);
        let is_finding = report["exit"] == 1;
        assert_eq!(is_finding, project.is_empty(), "{report:#}");
    }
}

#[test]
fn an_object_that_cannot_be_built_is_the_reason() {
    let before = "\
class Endless:
    def __init__(self, n):
        self.inner = Endless(n)

    def f(self, n: int):
        return n + 1
";
    let report = checked(before, &before.replace("n + 1", "n + 2"));
    let reason = function(&report, "Endless.f")["reason"].as_str().unwrap_or_default();
    assert!(
        reason.starts_with("no object to call it on could be built in ") && reason.contains("Endless: RecursionError"),
        "{report:#}"
    );
}

#[test]
fn what_is_only_added_is_no_difference_of_a_module_and_the_least_of_an_object() {
    let before = "\
LIMIT = 3


class Box:
    def __init__(self, width: int):
        self.width = width
        self.size = width * 2
";
    let after = before.replace("LIMIT = 3\n", "LIMIT = 3\nMORE = 4\n").replace(
        "        self.size = width * 2\n",
        "        self.size = width * 2 if width < 9 else 0\n        self.label = None\n",
    );
    let report = checked(before, &after);
    let module = function(&report, "<module>");
    assert_eq!(module["status"], "same", "{report:#}");
    assert!(
        module["notes"].to_string().contains("adds public names: MORE"),
        "{report:#}"
    );
    let init = function(&report, "Box.__init__");
    let first = &init["findings"][0]["example"];
    assert!(first["base"].to_string().contains("size=18"), "{report:#}");
    let alone = before.replace("= width * 2\n", "= width * 2\n        self.label = None\n");
    assert_eq!(
        status(&checked(before, &alone), "Box.__init__"),
        "changed",
        "not dropped"
    );
}

#[test]
fn an_exception_that_says_nothing_is_named_alone() {
    let before = "\
class Shut:
    def __init__(self):
        assert not self.__class__

    def size(self):
        return 1
";
    let report = checked(before, &before.replace("return 1", "return 2"));
    let reason = function(&report, "Shut.size")["reason"].as_str().unwrap().to_owned();
    assert!(reason.ends_with("Shut: AssertionError"), "{reason}");
}

#[test]
fn a_version_that_differs_ranks_below_all_else() {
    let before = "\
__version__ = '2.2.0'
LIMIT = 3


def agent(name: str):
    return name + '/' + __version__


def limit(n: int):
    return min(n, LIMIT)
";
    let minor = |report: &serde_json::Value, name: &str| function(report, name)["findings"][0]["minor"] == true;
    let release = before.replace("2.2.0", "2.3.0");
    let report = checked(before, &release);
    assert!(minor(&report, "<module>") && minor(&report, "agent"), "{report:#}");
    let report = checked(before, &release.replace("LIMIT = 3", "LIMIT = 4"));
    assert!(!minor(&report, "<module>"), "it has another one: {report:#}");
    assert!(!minor(&report, "limit") && minor(&report, "agent"), "{report:#}");
}

#[test]
fn a_crash_on_what_the_parameters_do_not_declare_ranks_below() {
    let before = "\
def label(n=0, width=3):
    return str(n).rjust(width)
";
    // Texts and infinities were taken, too, and cannot be any more; what numbers give differs.
    let report = checked(before, &before.replace("str(n)", "str(int(n) + 1)"));
    let label = function(&report, "label");
    assert_eq!(label["status"], "changed", "{report:#}");
    let findings = label["findings"].as_array().expect("findings");
    let kinds: Vec<_> = findings.iter().map(|one| (&one["kind"], &one["minor"])).collect();
    assert_eq!(kinds[0].0, "changed", "{report:#}");
    assert!(
        kinds
            .iter()
            .any(|(kind, minor)| *kind == "new_crash" && **minor == true),
        "{report:#}"
    );
    // A crash on a declared type stays the gravest.
    let crash = before.replace(
        "return str",
        "if n > 5:\n        raise ValueError(n)\n    return '.' + str",
    );
    let report = checked(before, &crash);
    assert_eq!(status(&report, "label"), "new_crash", "{report:#}");
}

#[test]
fn a_difference_is_told_of_a_function_that_ran() {
    // `rare` is reached through `read` alone, and seldom, while `read` differs on nearly every text.
    let before = "\
def read(text: str):
    if text.startswith('rare: ') and len(text) > 9 and text[7] == '~':
        def rare():
            return text.upper() + '!'
        return rare()
    return common(text)


def common(text: str):
    return text.strip() + '.'
";
    let after = before.replace("+ '!'", "+ '?'").replace("+ '.'", "+ ','");
    let report = checked(before, &after);
    assert_eq!(status(&report, "common"), "changed", "{report:#}");
    let rare = function(&report, "read.<locals>.rare");
    for finding in rare["findings"].as_array().expect("findings") {
        assert!(finding["example"].to_string().contains("rare: "), "{report:#}");
    }
    assert!(
        rare["status"] == "not_verified" || rare["findings"].to_string().contains("rare: "),
        "{report:#}"
    );
}

#[test]
fn what_makes_an_object_otherwise_does_not_stand_for_what_a_method_does() {
    let before = "\
class Text:
    def __init__(self, text: str, size=8):
        self.size = size
        self.text = text

    def append(self, more: str):
        self.text += more
";
    let repository = Repository::new(&[("a.py", before)]);
    let after = before
        .replace("size=8", "size=None")
        .replace("+= more", "+= more.strip()");
    repository.write(&[("a.py", &after)]);
    let report = repository.json(&["check"]);
    let finding = &function(&report, "Text.append")["findings"][0];
    let shown = |part: &str| finding["example"][part].as_str().expect("text").to_owned();
    assert!(shown("base").starts_with("….text: "), "{report:#}");
    // Run again, it is this difference that is told, not the constructor's, which comes first.
    let said = repository.run(&["reproduce", finding["id"].as_str().expect("an id")]);
    assert_eq!(said.code, 1, "{said}");
    assert!(
        said.out.contains(&format!("the object afterwards: {}", shown("base"))),
        "{said}"
    );
}

#[test]
fn what_base_says_to_an_argument_it_does_not_know_ranks_below() {
    let before = "\
def total(numbers: list, **options):
    if options:
        raise TypeError('unexpected keyword arguments: %r' % list(options))
    return sum(numbers)
";
    let after = "\
def total(numbers: list, scale: int = 1, **options):
    if options:
        raise TypeError('unexpected keyword arguments: %r' % list(options))
    return sum(numbers) * scale
";
    let report = checked(before, after);
    let findings = function(&report, "total")["findings"]
        .as_array()
        .expect("findings")
        .clone();
    assert!(
        !findings.is_empty() && findings.iter().all(|one| one["minor"] == true),
        "{report:#}"
    );
    // Beside what differs for those who call it as they did, it is not told at all.
    let report = checked(before, &after.replace("* scale", "* scale + 1"));
    let findings = function(&report, "total")["findings"]
        .as_array()
        .expect("findings")
        .clone();
    let calls: Vec<_> = findings
        .iter()
        .map(|one| one["example"]["call"].as_str().unwrap_or_default())
        .collect();
    assert!(
        !calls.is_empty() && calls.iter().all(|call| !call.contains("scale")),
        "{report:#}"
    );
}

#[test]
fn what_a_constructor_keeps_shows_where_it_is_read() {
    let before = "\
class Pair:
    def __init__(self, one: int, other: int):
        self._first = lambda: one
        self._size = 2 if other else 1

    def first(self):
        return self._first() * 2

    def size(self):
        return self._size
";
    // A function that is kept is not looked into: what it gives shows where `first` calls it.
    let after = before.replace("lambda: one", "lambda: other");
    let report = checked(before, &after);
    assert_eq!(status(&report, "Pair.__init__"), "changed", "{report:#}");
    let call = &function(&report, "Pair.__init__")["findings"][0]["example"]["call"];
    assert!(
        call.as_str().is_some_and(|call| call.ends_with(".first()")),
        "{report:#}"
    );
    let same = before.replace("lambda: one", "lambda: one + 0");
    let report = checked(before, &same);
    assert_ne!(status(&report, "Pair.__init__"), "changed", "{report:#}");
}

#[test]
fn a_missing_value_that_the_change_provides_for_is_a_proper_input() {
    let before = "\
class Block:
    def __init__(self, items):
        self.items = items


def names(block: Block):
    found = []
    for item in block.items:
        found.append(str(item))
    return found
";
    let provided = before.replace("block.items:", "(block.items or []):");
    let report = checked(before, &provided);
    assert_eq!(status(&report, "names"), "lost_error", "{report:#}");
    assert!(function(&report, "names")["findings"][0]["minor"] != true, "{report:#}");
    // A rewrite that takes more is none.
    let rewritten = before.replace(
        "for item in block.items:",
        "if not block.items:\n        return []\n    for item in block.items:",
    );
    let report = checked(before, &rewritten);
    assert_eq!(status(&report, "names"), "same", "{report:#}");
}

#[test]
fn what_base_stumbles_over_on_a_line_that_is_gone_is_told() {
    let before = "\
from datetime import timedelta


def seconds(period):
    if isinstance(period, timedelta):
        period = timedelta.total_seconds()
    return str(period)


SEEN = set()


def noted(number: int, text: str):
    SEEN[number] = text
    return len(SEEN)


def shout(text):
    return text.upper() + '!'


def kept(text):
    end = '!'
    return text.upper() + end
";
    let after = before
        .replace("timedelta.total", "period.total")
        .replace("return text.upper() + '!'", "return str(text).upper() + '!'")
        .replace("SEEN[number] = text", "SEEN.add(number)")
        .replace("end = '!'", "end = '!' * 1");
    let report = checked(before, &after);
    let told = |name: &str| {
        let findings = function(&report, name)["findings"].as_array().expect("findings");
        findings
            .iter()
            .map(|one| (one["kind"].as_str().expect("a kind").to_owned(), one["minor"] == true))
            .collect::<Vec<_>>()
    };
    // A class that the function asks for is one that it is to take; any other may be none.
    assert_eq!(told("seconds"), [("lost_error".to_owned(), false)], "{report:#}");
    // So is one over something that was not given at all.
    assert_eq!(told("noted"), [("lost_error".to_owned(), false)], "{report:#}");
    assert_eq!(status(&report, "shout"), "same", "{report:#}");
    assert_eq!(status(&report, "kept"), "same", "{report:#}");
}
