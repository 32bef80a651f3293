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

const SHOP: &str = "\
class Item:
    def __init__(self, weight: int):
        self.weight = weight


class Cart:
    def __init__(self, city: str = 'Rome'):
        self.city = city
        self.items = []


def fee(cart: Cart, express: bool):
    return 5 if express else 2


def postage(item: Item):
    return item.weight + 1
";
const CONFTEST: &str = "\
import pytest
from shop import Cart


@pytest.fixture
def cart():
    made = Cart()
    yield made
    made.items.clear()
";
const HELPERS: &str = "\
from shop import Item


def make_item(weight=0):
    return Item(weight)
";
const SHOP_TESTS: &str = "\
from shop import fee, postage

from .helpers import make_item


def test_fee(cart):
    assert fee(cart, False) == 2


def test_postage():
    assert postage(make_item(3)) == 4
";

/// What is kept of a shop whose tests have these helpers.
fn kept_of_shop(conftest: &str, helpers: &str) -> Option<String> {
    let python = python_with_libraries()?;
    let repository = Repository::new(&[
        ("shop.py", SHOP),
        ("tests/__init__.py", ""),
        ("tests/conftest.py", conftest),
        ("tests/helpers.py", helpers),
        ("tests/test_shop.py", SHOP_TESTS),
    ]);
    let after = SHOP
        .replace("5 if express", "7 if express")
        .replace("weight + 1", "weight + 2");
    repository.write(&[("shop.py", &after)]);
    let said = repository.run(&["keep", "--all", "--python", python.to_str().expect("a path")]);
    assert_eq!(said.code, 0, "{said}");
    let text = fs::read_to_string(repository.path().join(FILE)).expect("a file");
    repository.write(&[("shop.py", SHOP)]);
    let mut pytest = Command::new(&python);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider", FILE]);
    pytest.env("PYTHONPATH", ".").env("PYTHONDONTWRITEBYTECODE", "1");
    let output = pytest.current_dir(repository.path()).output().expect("pytest");
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.contains("2 passed"), "{output}\n{text}");
    // Ids depend on the versions, and tell nothing here.
    let ids = text
        .split('_')
        .filter(|part| part.len() > 8 && part.as_bytes()[8] == b'(');
    let ids: Vec<String> = ids.map(|part| part[..8].to_owned()).collect();
    Some(ids.iter().fold(text, |text, id| text.replace(id, "ID")))
}

#[test]
fn fixtures_and_functions_of_the_tests_are_used_where_they_give_the_same() {
    let Some(text) = kept_of_shop(CONFTEST, HELPERS) else {
        return;
    };
    insta::assert_snapshot!("kept_with_helpers", text);
}

#[test]
fn helpers_that_give_something_else_or_do_more_are_not_used() {
    let effects = HELPERS.replace(
        "    return",
        "    import os\n    os_ = os\n    os_.environ['SEEN'] = '1'\n    return",
    );
    let other = CONFTEST.replace("Cart()", "Cart('Oslo')");
    let Some(text) = kept_of_shop(&other, &effects) else {
        return;
    };
    insta::assert_snapshot!("kept_without_helpers", &text);
    let shared = CONFTEST
        .replace("import Cart\n", "import Cart\n\nCART = Cart()\n")
        .replace("made = Cart()", "made = CART");
    assert_eq!(kept_of_shop(&shared, &effects).as_deref(), Some(&*text));
}
