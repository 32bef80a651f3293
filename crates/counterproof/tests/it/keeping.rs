//! Examples that become tests of the project.

use std::fs;
use std::process::Command;

use crate::support::{Repository, function, python_with_libraries};

const FILE: &str = "tests/test_kept.py";
const BEFORE: &str = "\
def days(n, express):
    if express:
        return 1
    return n + 2


def tidy(rows: list):
    rows.sort()


def half(n: int):
    if n < 0:
        raise ValueError(f'negative: {n}')
    return n / 2
";

fn changed() -> Repository {
    let repository = Repository::new(&[
        ("cart.py", BEFORE),
        ("tests/test_cart.py", "def test_it():\n    assert \"a\"\n"),
    ]);
    let after = BEFORE
        .replace("return 1", "return 2")
        .replace("rows.sort()", "rows.sort(reverse=True)")
        .replace("negative:", "below zero:");
    repository.write(&[("cart.py", &after)]);
    repository
}

#[test]
fn what_is_kept_passes_on_what_was_and_fails_on_what_is() {
    let Some(python) = python_with_libraries() else { return };
    let python = python.to_str().expect("a path");
    let repository = changed();
    let said = repository.run(&["keep", "--all", "--python", python]);
    assert_eq!(said.code, 0, "{said}");
    let text = fs::read_to_string(repository.path().join(FILE)).expect("a file");
    for part in [
        "import pytest\n\nfrom cart import days, half, tidy\n",
        "    assert days(0, True) == 1\n",
        "    assert argument_1 == [",
        "    with pytest.raises(ValueError) as raised:\n        half(-1)\n    assert str(raised.value) == \"negative: -1\"\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    // By the project's own runner, without anything of ours.
    let run = || {
        let mut pytest = Command::new(python);
        pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", FILE]);
        pytest.env("PYTHONPATH", ".").env("PYTHONDONTWRITEBYTECODE", "1");
        let output = pytest.current_dir(repository.path()).output().expect("pytest");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(run().contains("3 failed"), "{}", run());
    let after = fs::read_to_string(repository.path().join("cart.py")).expect("code");
    repository.write(&[("cart.py", BEFORE)]);
    assert!(run().contains("3 passed"), "{}", run());
    repository.write(&[("cart.py", &after)]);
    let again = repository.run(&["keep", "--all", "--python", python]);
    assert!(again.out.contains("is in tests/test_kept.py already"), "{again}");
    assert_eq!(fs::read_to_string(repository.path().join(FILE)).expect("a file"), text);
}

#[test]
fn the_new_behaviour_is_kept_where_it_is_wanted() {
    let Some(python) = python_with_libraries() else { return };
    let python = python.to_str().expect("a path");
    let repository = changed();
    let report = repository.json(&["check", "--python", python]);
    let id = function(&report, "days")["findings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let said = repository.run(&["keep", &id, "--head"]);
    assert_eq!(said.code, 0, "{said}");
    let text = fs::read_to_string(repository.path().join(FILE)).expect("a file");
    assert!(
        text.contains("    assert days(0, True) == 2\n") && !text.contains("tidy"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_kept_leaves_nothing_behind() {
    let repository = changed();
    let unknown = repository.run(&["keep", "nothing1"]);
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.err.contains("run `counterproof check` again"), "{unknown}");
    let neither = repository.run(&["keep"]);
    assert_eq!(neither.code, 2, "{neither}");
    assert!(!repository.path().join(FILE).exists());
    let Some(python) = python_with_libraries() else { return };
    let python = python.to_str().expect("a path");
    let effects = "import os\n\n\ndef write(path: str):\n    os.remove('a')\n";
    repository.write(&[("cart.py", BEFORE), ("disk.py", effects)]);
    repository.commit("all");
    repository.write(&[("disk.py", &effects.replace("'a'", "'b'"))]);
    let said = repository.run(&["keep", "--all", "--python", python]);
    assert!(
        said.out.contains("not kept: ") || said.out.contains("no finding to keep"),
        "{said}"
    );
    assert!(!repository.path().join(FILE).exists());
}
