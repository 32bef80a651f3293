//! What a check shows.

use serde_json::Value;

use crate::support::{Repository, checked, files, filters, function, status};

const CART_BEFORE: &str = "\
LIMIT = 30


class Item:
    def __init__(self, weight):
        self.weight = weight


def days(items, express):
    result = 1 if express else 5
    for item in items:
        if item.weight > LIMIT:
            result += 2
    return result


def first(items):
    if not items:
        return None
    return items[0]


def parse(text):
    if not text.isdigit():
        raise ValueError('no number: %r' % text)
    return int(text)


def rounded(value, step):
    whole, rest = divmod(value, step)
    return whole * step


def kept(a, b):
    return a + b


def gone():
    return 1
";

const CART_AFTER: &str = "\
LIMIT = 30


class Item:
    def __init__(self, weight):
        self.weight = weight


def days(items, express):
    result = 1 if express else 5
    for item in items:
        if item.weight > LIMIT:
            result -= 2
    return result


def first(items):
    return items[0]


def parse(text):
    if not text.isdigit():
        return 0
    return int(text)


def rounded(value, step):
    quotient, remainder = divmod(value, step)
    return quotient * step


def kept(a, b):
    return a + b


def doubled(number):
    return number * 2
";

#[test]
fn every_changed_function_has_a_status() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let report = repository.json(&["check"]);
    assert_eq!(report["exit"], 1);
    assert_eq!(status(&report, "days"), "changed");
    assert_eq!(status(&report, "first"), "new_crash");
    assert_eq!(status(&report, "parse"), "lost_error");
    assert_eq!(status(&report, "rounded"), "same");
    assert_eq!(function(&report, "rounded")["strength"], "proved");
    assert_eq!(status(&report, "doubled"), "new");
    assert_eq!(status(&report, "gone"), "removed");
    let functions = report["functions"].as_array().expect("functions");
    assert!(
        !functions.iter().any(|function| function["qualified_name"] == "kept"),
        "what did not change is not listed"
    );
}

#[test]
fn the_terminal_shows_the_examples() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let said = repository.run(&["check", "--verbose"]);
    insta::with_settings!({filters => filters()}, { insta::assert_snapshot!(said.to_string()) });
}

#[test]
fn an_example_is_small_and_true() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let report = repository.json(&["check"]);
    let example = &function(&report, "first")["findings"][0]["example"];
    assert_eq!(example["call"], "first([])");
    assert_eq!(example["base"], "None");
    assert!(
        example["head"]
            .as_str()
            .is_some_and(|text| text.starts_with("raises IndexError")),
        "{example}"
    );
    assert_eq!(function(&report, "days")["findings"][0]["cause_place"]["line"], 13);
}

#[test]
fn layout_and_comments_are_no_change_and_start_no_python() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x+1\n")]);
    repository.write(&[(
        "a.py",
        "# A comment.\ndef f(x):\n\n    return (\n        x + 1\n    )\n",
    )]);
    let said = repository.run(&["check", "--python", "/nowhere/python"]);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.out.contains("layout"), "{said}");
}

#[test]
fn a_constant_reaches_the_functions_that_use_it() {
    let repository = Repository::new(&[("a.py", "LIMIT = 3\n\n\ndef over(x):\n    return x > LIMIT\n")]);
    repository.write(&[("a.py", "LIMIT = 4\n\n\ndef over(x):\n    return x > LIMIT\n")]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "over"), "changed", "{report:#}");
}

#[test]
fn two_revisions_and_two_folders_give_the_same_findings() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("cart.py", CART_AFTER)]);
    repository.commit("second");
    let by_range = repository.json(&["check", "main..feature"]);
    repository.write(&[("old/cart.py", CART_BEFORE), ("new/cart.py", CART_AFTER)]);
    let by_folders = repository.json(&["check", "--trees", "old", "new"]);
    for name in ["days", "first", "parse", "rounded", "doubled", "gone"] {
        assert_eq!(status(&by_range, name), status(&by_folders, name), "{name}");
    }
}

#[test]
fn staged_looks_at_the_index_alone() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x + 1\n")]);
    repository.write(&[("a.py", "def f(x):\n    return x + 2\n")]);
    repository.git(&["add", "--all"]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    assert_eq!(status(&repository.json(&["check", "--staged"]), "f"), "changed");
    assert_eq!(repository.json(&["check"])["functions"], Value::Array(Vec::new()));
}

#[test]
fn the_repository_is_not_touched() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER), ("untracked.txt", "mine")]);
    let before = repository.git(&["count-objects", "-v"]);
    repository.json(&["check"]);
    assert_eq!(repository.git(&["count-objects", "-v"]), before);
    assert_eq!(
        repository.git(&["status", "--porcelain"]),
        " M cart.py\n?? untracked.txt\n"
    );
    assert!(!repository.path().join("__pycache__").exists());
}

#[test]
fn a_second_check_answers_from_evidence() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let first = repository.json(&["check"]);
    let second = repository.json(&["check"]);
    assert_eq!(first["cached"], false);
    assert_eq!(second["cached"], true);
    assert_eq!(first["functions"], second["functions"]);
}

#[test]
fn a_spoilt_cache_is_not_trusted() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let first = repository.json(&["check"]);
    for file in files(&repository.cache())
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("evidence"))
    {
        let mut bytes = std::fs::read(&file).expect("an entry");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::remove_file(&file).expect("removable");
        std::fs::write(&file, bytes).expect("writable");
    }
    let second = repository.json(&["check"]);
    assert_eq!(second["cached"], false);
    assert_eq!(status(&first, "first"), status(&second, "first"));
}

#[test]
fn the_report_keeps_to_its_schema() {
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    let report = repository.json(&["check"]);
    let schema: Value = serde_json::from_str(&repository.run(&["schema", "report"]).out).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn state_between_calls_is_behaviour() {
    let before = "seen = []\n\n\ndef add(x):\n    seen.append(x)\n    return len(seen)\n";
    let after = "seen = []\n\n\ndef add(x):\n    seen.append(x)\n    return min(len(seen), 1)\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "add"), "changed", "{report:#}");
    assert!(
        function(&report, "add")["findings"][0]["example"]["setup"]
            .to_string()
            .contains("add("),
        "{report:#}"
    );
}

#[test]
fn what_two_runs_of_one_version_differ_in_is_no_finding() {
    let before = "import os, time, random\n\n\ndef token(n):\n    a = (os.getpid(), id(object()), random.random(), time.time())\n    return hash(a), n + 1\n";
    let after = "import os, time, random\n\n\ndef token(n):\n    b = (os.getpid(), id(object()), random.random(), time.time(), 1)\n    return hash(b), n + 1\n";
    let report = checked(before, after);
    assert!(
        ["same", "not_verified"].contains(&status(&report, "token")),
        "{report:#}"
    );
}

#[test]
fn a_hang_is_found_and_the_run_goes_on() {
    let before = "def count(n):\n    while n > 0:\n        n -= 1\n    return n\n\n\ndef other(n):\n    return n + 1\n";
    let after = "def count(n):\n    while n != 0:\n        n -= 1\n    return n\n\n\ndef other(n):\n    return n + 2\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "count"), "new_hang", "{report:#}");
    assert_eq!(status(&report, "other"), "changed", "{report:#}");
}

#[test]
fn the_end_of_the_interpreter_is_a_finding_and_the_run_goes_on() {
    let before = "import os\n\n\ndef stop(n):\n    return n\n\n\ndef other(n):\n    return n + 1\n";
    let after = "import os\n\n\ndef stop(n):\n    if n == 3:\n        os._exit(4)\n    return n\n\n\ndef other(n):\n    return n + 2\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "stop"), "new_crash", "{report:#}");
    assert_eq!(status(&report, "other"), "changed", "{report:#}");
}

#[test]
fn an_import_that_fails_in_head_alone_is_a_finding() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    repository.write(&[(
        "a.py",
        "import math\n\nprint(math.taus)\n\n\ndef f(x):\n    return x + 1\n",
    )]);
    let report = repository.json(&["check"]);
    assert_eq!(report["exit"], 1, "{report:#}");
    assert!(report.to_string().contains("AttributeError"), "{report:#}");
    let statuses: Vec<&str> = report["functions"]
        .as_array()
        .expect("functions")
        .iter()
        .filter_map(|function| function["status"].as_str())
        .collect();
    assert!(
        statuses.contains(&"new_crash") && !statuses.contains(&"same"),
        "{report:#}"
    );
}

#[test]
fn a_method_a_property_and_a_private_helper_are_exercised() {
    let before = "class Account:\n    def __init__(self, balance):\n        self.balance = balance\n\n    def withdraw(self, amount):\n        if amount > self.balance:\n            raise ValueError('too much')\n        self.balance -= amount\n        return self.balance\n\n    @property\n    def empty(self):\n        return self.balance == 0\n\n\ndef _half(n):\n    return n // 2\n\n\ndef quarter(n):\n    return _half(_half(n))\n";
    let after = before
        .replace("amount > self.balance", "amount >= self.balance")
        .replace("self.balance == 0", "self.balance <= 0")
        .replace("n // 2", "n / 2");
    let report = checked(before, &after);
    assert_eq!(status(&report, "Account.withdraw"), "new_crash", "{report:#}");
    assert_eq!(status(&report, "Account.empty"), "changed", "{report:#}");
    assert_eq!(status(&report, "_half"), "changed", "{report:#}");
}

#[test]
fn a_closure_is_shown_through_its_caller() {
    let before =
        "def scale(factor):\n    def inner(x):\n        return x * factor\n    return [inner(i) for i in range(3)]\n";
    let after = before.replace("x * factor", "x + factor");
    let report = checked(before, &after);
    let functions = report["functions"].as_array().expect("functions");
    assert!(
        functions.iter().any(|function| function["status"] == "changed"),
        "{report:#}"
    );
}

#[test]
fn a_dataclass_field_that_becomes_a_class_variable_breaks_the_constructor() {
    let before = "from dataclasses import dataclass\nfrom typing import ClassVar\n\n\n@dataclass\nclass Point:\n    x: int\n    y: int = 0\n";
    let after = before.replace("y: int", "y: ClassVar[int]");
    let report = checked(before, &after);
    assert_eq!(report["exit"], 1, "{report:#}");
}

#[test]
fn effects_are_compared() {
    let before = "def save(name):\n    with open('report.txt', 'w') as file:\n        file.write('name: ' + name)\n    return True\n";
    let after = before.replace("'name: ' + name", "'Name: ' + name");
    let report = checked(before, &after);
    assert_eq!(status(&report, "save"), "changed_effect", "{report:#}");
}

#[test]
fn a_generator_and_a_coroutine_are_run_to_their_end() {
    let before = "def evens(n):\n    for i in range(min(n, 50)):\n        if i % 2 == 0:\n            yield i\n\n\nasync def twice(n):\n    return n * 2\n";
    let after = before
        .replace("i % 2 == 0", "i % 2 == 0 and i != 4")
        .replace("n * 2", "n + n + 1");
    let report = checked(before, &after);
    assert_eq!(status(&report, "evens"), "changed", "{report:#}");
    assert_eq!(status(&report, "twice"), "changed", "{report:#}");
}

#[test]
fn what_is_not_understood_is_listed() {
    let repository = Repository::new(&[
        ("a.py", "x = 1\n"),
        ("data.json", "{}"),
        ("page.html", "<p>"),
        ("app.js", "1"),
        ("requirements.txt", "toolz==1.0.0\n"),
    ]);
    repository.write(&[
        ("data.json", "{\"a\": 1}"),
        ("page.html", "<b>"),
        ("app.js", "2"),
        ("requirements.txt", "toolz==1.1.0\n"),
    ]);
    let report = repository.json(&["check"]);
    let listed: Vec<&str> = report["unverified"]
        .as_array()
        .expect("files")
        .iter()
        .filter_map(|file| file["path"].as_str())
        .collect();
    for path in ["data.json", "page.html", "app.js", "requirements.txt"] {
        assert!(listed.contains(&path), "{path}: {report:#}");
    }
}

#[test]
fn a_path_narrows_the_check() {
    let repository = Repository::new(&[
        ("a.py", "def f(x):\n    return x\n"),
        ("b.py", "def g(x):\n    return x\n"),
    ]);
    repository.write(&[
        ("a.py", "def f(x):\n    return x + 1\n"),
        ("b.py", "def g(x):\n    return x + 1\n"),
    ]);
    let report = repository.json(&["check", "a.py"]);
    assert_eq!(report["functions"].as_array().map(Vec::len), Some(1), "{report:#}");
}

#[test]
fn a_renamed_private_attribute_is_the_same() {
    let before = "class Box:\n    def __init__(self, size):\n        self._size = size\n\n    def area(self):\n        return self._size * self._size\n";
    let after = before.replace("_size", "_side");
    let report = checked(before, &after);
    for function in report["functions"].as_array().expect("functions") {
        assert_eq!(function["status"], "same", "{function:#}");
    }
}

#[test]
fn head_that_is_slower_by_an_order_is_told() {
    let before = "def total(n):\n    n = min(abs(n), 2000)\n    return n * (n + 1) // 2\n";
    let after = "def total(n):\n    n = min(abs(n), 2000)\n    result = 0\n    for i in range(n + 1):\n        for _ in range(i):\n            result += 1\n    return result\n";
    let report = checked(before, after);
    let kinds: Vec<&str> = function(&report, "total")["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"slower"), "{report:#}");
}

#[test]
fn every_interpreter_of_the_machine_shows_the_same() {
    // `cargo xtask test` names all it finds; run by itself, `cargo test` has `python3` alone.
    let named = std::env::var("COUNTERPROOF_TEST_PYTHONS").unwrap_or_else(|_| "python3".to_owned());
    let repository = Repository::new(&[("cart.py", CART_BEFORE)]);
    repository.write(&[("cart.py", CART_AFTER)]);
    for python in std::env::split_paths(&named) {
        let report = repository.json(&["check", "--python", python.to_str().expect("UTF-8")]);
        for (name, expected) in [
            ("days", "changed"),
            ("first", "new_crash"),
            ("parse", "lost_error"),
            ("rounded", "same"),
        ] {
            assert_eq!(
                status(&report, name),
                expected,
                "{name} under {}: {report:#}",
                python.display()
            );
        }
    }
}

#[test]
fn a_module_is_not_the_same_where_its_version_or_a_private_table_differs() {
    let repository = Repository::new(&[("a.py", "__version__ = '1'\n"), ("b.py", "_TABLE = {1: 2}\n")]);
    repository.write(&[("a.py", "__version__ = '2'\n"), ("b.py", "_TABLE = {1: 3}\n")]);
    let report = repository.json(&["check"]);
    let statuses: Vec<&str> = report["functions"]
        .as_array()
        .expect("functions")
        .iter()
        .filter_map(|function| function["status"].as_str())
        .collect();
    assert!(
        statuses.contains(&"changed") && statuses.contains(&"not_verified"),
        "{report:#}"
    );
    assert!(!statuses.contains(&"same"), "{report:#}");
}

#[test]
fn what_compiles_to_the_same_code_is_proved() {
    let before = "\
def hour(days):
    return days * (24 * 60 * 60)


class Clock:
    def tick(self, now):
        def step():
            return now + (2 * 30)
        return step() if now >= 0 else 0


def spent(days):
    return hour(days) + 24 * 60


def other(days):
    return days * (24 * 60)


def named(days):
    seconds = locals()
    return seconds['days'] * (24 * 60)
";
    let repository = Repository::new(&[("clock.py", before)]);
    let after = before
        .replace("24 * 60 * 60", "86400")
        .replace("2 * 30", "60")
        .replace("hour(days) + 24 * 60", "hour(days) + 1440")
        .replace("days * (24 * 60)", "days * 1441")
        .replace("['days'] * (24 * 60)", "['days'] * 1440");
    repository.write(&[("clock.py", &after)]);
    let report = repository.json(&["check"]);
    let strength = |name: &str| function(&report, name)["strength"].clone();
    assert_eq!(strength("hour"), "proved");
    assert_eq!(strength("Clock.tick.<locals>.step"), "proved");
    assert_eq!(strength("spent"), "proved", "what it calls is proved, too");
    assert_eq!(status(&report, "other"), "changed");
    assert_ne!(strength("named"), "proved", "it reads the names of its own variables");
}

#[test]
fn what_must_be_verified_and_is_not_has_an_exit_code_of_its_own() {
    let before = "def f(n):\n    return n + 1\n\n\ndef g(n):\n    raise TypeError(n)\n";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[(
        "a.py",
        &before
            .replace("n + 1", "1 + n")
            .replace("raise TypeError(n)", "raise TypeError(str(n))"),
    )]);
    let usual = repository.run(&["check"]);
    assert_eq!(usual.code, 0, "{usual}");
    let strict = repository.run(&["check", "--require-verified"]);
    assert_eq!(strict.code, 3, "{strict}");
    repository.write(&[("a.py", &before.replace("n + 1", "n + 2").replace("(n)\n", "(str(n))\n"))]);
    let found = repository.run(&["check", "--require-verified"]);
    assert_eq!(found.code, 1, "a finding outranks what is not verified: {found}");
}

#[test]
fn what_the_budget_cut_off_is_said() {
    let functions = |change: &str| -> String {
        (0..300)
            .map(|n| {
                format!("def f{n}(text):\n    return [part{change} for part in text.split() if len(part) > {n}]\n\n\n")
            })
            .collect()
    };
    let repository = Repository::new(&[("a.py", &functions(""))]);
    repository.write(&[("a.py", &functions(".strip()"))]);
    let checked = repository.run(&["check", "--budget", "1s"]);
    assert!(
        checked
            .out
            .contains("of 300 functions not reached within the budget of 1 s"),
        "{checked}"
    );
}

#[test]
fn the_harness_is_compiled_once() {
    let repository = Repository::new(&[("a.py", "def f(n):\n    return n + 1\n")]);
    repository.write(&[("a.py", "def f(n):\n    return n + 2\n")]);
    repository.json(&["check"]);
    let folders = std::fs::read_dir(repository.cache().join("v1")).expect("a cache");
    let harness = folders
        .flatten()
        .find(|entry| entry.file_name().to_string_lossy().starts_with("harness-"))
        .expect("a harness")
        .path();
    let names = |folder: &std::path::Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    };
    assert!(names(&harness).iter().any(|name| name.starts_with("compiled-")));
    let compiled = names(&harness.join("counterproof_harness/__pycache__"));
    assert!(
        compiled
            .iter()
            .any(|name| name.starts_with("parent.") && name.ends_with(".pyc")),
        "{compiled:?}"
    );
}

#[test]
fn what_a_change_says_to_a_broken_input_is_told_and_a_stumble_for_another_is_not() {
    let before = "def first(text):\n    return text.casefold()[0]\n\n\ndef second(text):\n    head = text.strip()\n    return head[1] + text[0]\n";
    let after = "def first(text):\n    if not isinstance(text, str):\n        raise TypeError('a text is needed')\n    return text.casefold()[0]\n\n\ndef second(text):\n    start = text[0]\n    return text.strip()[1] + start\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "first"), "changed", "{report:#}");
    let example = &function(&report, "first")["findings"][0]["example"];
    assert!(example["head"].to_string().contains("a text is needed"), "{report:#}");
    assert_eq!(status(&report, "second"), "same", "{report:#}");
}

#[test]
fn a_difference_that_does_not_show_again_hides_no_other() {
    // Head counts its calls: after forty of them it differs, which no short story shows.
    let before = "def f(x: int):\n    return x\n\n\ndef g(x: int):\n    return x\n";
    let after = "calls = []\n\n\ndef f(x: int):\n    calls.append(x)\n    if len(calls) > 40:\n        return x + 1\n    if x == 7919:\n        raise KeyError(x)\n    return x\n\n\ndef g(x: int):\n    calls.append(x)\n    if len(calls) > 40:\n        return x + 1\n    return x\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "f"), "new_crash", "{report:#}");
    let call = function(&report, "f")["findings"][0]["example"]["call"].to_string();
    assert!(call.contains("7919"), "{report:#}");
    assert_eq!(status(&report, "g"), "not_verified", "{report:#}");
}

#[test]
fn the_same_is_said_where_every_changed_line_has_run() {
    let before =
        "def f(x: int):\n    total = x + 1\n    if hash((x, 'a', 1)) == 12345:\n        total -= 1\n    return total\n";
    let after = "def f(x: int):\n    total = 1 + x\n    if hash((x, 'a', 1)) == 12345:\n        total = total - 2\n    return total\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "f"), "not_verified", "{report:#}");
    let reason = function(&report, "f")["reason"].to_string();
    assert!(
        reason.contains("only 1 of its 2 changed lines were reached") && reason.contains("not line 4"),
        "{reason}"
    );
}

#[test]
fn what_uses_a_line_that_never_ran_is_not_the_same() {
    let before = "def _price(n: int):\n    total = n + 1\n    if hash((n, 'a', 1)) == 12345:\n        total -= 1\n    return total\n\n\ndef cart(n: int):\n    return _price(n) * 2\n";
    let after = "def _price(n: int):\n    total = 1 + n\n    if hash((n, 'a', 1)) == 12345:\n        total = total - 2\n    return total\n\n\ndef cart(n: int):\n    return _price(n) * 2\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "cart"), "not_verified", "{report:#}");
    let reason = function(&report, "cart")["reason"].to_string();
    assert!(
        reason.contains("line 4 of _price, which it uses, was not reached"),
        "{reason}"
    );
}

#[test]
fn a_line_that_only_broken_inputs_reach_says_nothing() {
    // Whatever reaches line 4 cannot be subscripted: base stumbles there each time.
    let before = "def f(x: int):\n    total = x + 1\n    if x > 3:\n        total = x['a']\n    return total\n";
    let after = "def f(x: int):\n    total = x + 1\n    if x > 3:\n        total = x['b']\n    return total\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "f"), "not_verified", "{report:#}");
    let reason = function(&report, "f")["reason"].to_string();
    assert!(
        reason.contains("its changed line 4 was not reached by those of"),
        "{reason}"
    );
}

#[test]
fn a_stumble_that_is_mended_is_told_where_the_types_are_not_to_blame() {
    let before = "import re\n\n\ndef head(s: str):\n    return re.match('[a-z]+', s).group(0)\n\n\ndef first(x):\n    return x.lower()[:1]\n";
    let after = "import re\n\n\ndef head(s: str):\n    m = re.match('[a-z]+', s)\n    return m.group(0) if m else ''\n\n\ndef first(x):\n    return x.lower()[:1] if hasattr(x, 'lower') else str(x).lower()[:1]\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "head"), "lost_error", "{report:#}");
    assert_eq!(status(&report, "first"), "same", "{report:#}");
}

#[test]
fn a_public_constant_of_a_class_is_behaviour_and_a_private_one_is_not() {
    let before = "class A:\n    LIMIT = 3\n    _cap = 3\n\n\nclass B:\n    _cap = 3\n\n    def go(self, n: int):\n        return n\n";
    let after = "class A:\n    LIMIT = 4\n    _cap = 3\n\n\nclass B:\n    _cap = 4\n\n    def go(self, n: int):\n        return n\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "A"), "changed", "{report:#}");
    let example = &function(&report, "A")["findings"][0]["example"];
    assert_eq!(example["call"], "vars(A)", "{report:#}");
    assert_eq!(status(&report, "B"), "same", "{report:#}");
}

#[test]
fn what_only_a_kept_hash_makes_differ_hides_nothing() {
    let class = "class Text:\n    def __init__(self, v):\n        self.v = v\n        self._hash = hash(v)\n\n\n";
    let before = format!("{class}def make(s: str):\n    return Text(s.strip())\n");
    let after = format!("{class}def make(s: str):\n    return Text(s.lstrip())\n");
    let report = checked(&before, &after);
    assert_eq!(status(&report, "make"), "changed", "{report:#}");
}

#[test]
fn on_a_clean_default_branch_the_last_commit_is_checked_and_it_says_so() {
    let repository = Repository::new(&[("a.py", "def f(n: int):\n    return n\n")]);
    assert!(repository.run(&["check"]).out.contains("Nothing differs"));
    repository.write(&[("a.py", "def f(n: int):\n    return n + 1\n")]);
    repository.commit("two");
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "f"), "changed", "{report:#}");
    assert_eq!(report["head"]["name"], "HEAD", "{report:#}");
    assert!(
        report["notes"].to_string().contains("the last commit was checked"),
        "{report:#}"
    );
}

#[test]
fn an_error_over_a_value_is_lost_whatever_else_base_takes() {
    // Base takes nothing at all; a key that is missing is no matter of types.
    let before = "def f(name: str):\n    return {}[name]\n";
    let after = "def f(name: str):\n    return {}.get(name)\n";
    let report = checked(before, after);
    assert_eq!(status(&report, "f"), "lost_error", "{report:#}");
    let minor = &function(&report, "f")["findings"][0]["minor"];
    assert_ne!(minor, &serde_json::Value::Bool(true), "{report:#}");
}
