//! Functions that take a parameter more: calls that base takes, too, are compared, and what the new one does is shown.

use serde_json::Value;

use crate::support::{Repository, function, status};

const BASE: &str = "\
def price(amount, currency='EUR'):
    return f'{amount} {currency}'


def slug(text):
    return '-'.join(text.lower().split())


def share(total, people):
    return total // people


def label(name, count):
    return name * count


def often(name, count):
    return name * count


class Cart:
    def __init__(self, owner):
        self.owner = owner
        self.items = {}

    def add(self, name, count=1):
        self.items[name] = self.items.get(name, 0) + count
";

const HEAD: &str = "\
def price(amount, currency='EUR', *, rounded=False):
    if rounded:
        amount = round(amount)
    return f'{amount} {currency}'


def slug(text, limit=None):
    words = text.lower().split()
    if limit is not None:
        words = words[:limit]
    return '-'.join(words) + '.'


def share(total, people, fair=False):
    if fair:
        return totl / people
    return total // people


def label(name, count, loud=False):
    if loud or sum(str(name).encode()) == 1234567891:
        name = str(name).upper()
    return name * count


def often(name, count, *, word=None):
    if word is not None and sum(str(word).encode()) == 1234567891:
        name = str(name).upper()
    return name * count


class Cart:
    def __init__(self, owner):
        self.owner = owner
        self.items = {}

    def add(self, name, count=1, replace=False):
        if replace:
            self.items[name] = count
            return
        self.items[name] = self.items.get(name, 0) + count
";

fn calls(report: &Value, name: &str) -> Vec<String> {
    let examples = function(report, name)["examples"].as_array();
    let call = |one: &Value| one["call"].as_str().expect("a call").to_owned();
    examples.map(|all| all.iter().map(call).collect()).unwrap_or_default()
}

#[test]
fn a_new_argument_is_shown_and_the_rest_compared() {
    let repository = Repository::new(&[("shop.py", BASE)]);
    repository.write(&[("shop.py", HEAD)]);
    let report = repository.json(&["check", "--budget", "60s"]);
    for name in ["price", "Cart.add"] {
        assert_eq!(status(&report, name), "same", "{report:#}");
    }
    for (name, argument) in [
        ("price", "rounded=True"),
        ("slug", "limit="),
        ("Cart.add", "replace=True"),
    ] {
        let calls = calls(&report, name);
        let passes = |call: &String| call.contains(argument);
        assert!(!calls.is_empty() && calls.iter().all(passes), "{name}: {calls:?}");
    }
    let added = &function(&report, "Cart.add");
    assert_eq!(added["new_parameters"], serde_json::json!(["replace"]));
    let left = added["examples"][0]["beside"].as_str().unwrap_or_default();
    assert!(left.starts_with("leaves .items {"), "{added:#}");
    assert_eq!(
        status(&report, "slug"),
        "changed",
        "what it does without the new argument"
    );
    // What goes wrong with it alone.
    assert_eq!(status(&report, "share"), "suspicious", "{report:#}");
    let said = function(&report, "share")["findings"][0]["example"]["head"].as_str();
    assert!(said.is_some_and(|said| said.contains("totl")), "{report:#}");
}

#[test]
fn what_the_new_argument_alone_reaches_has_to_have_run() {
    let repository = Repository::new(&[("shop.py", BASE)]);
    repository.write(&[("shop.py", HEAD)]);
    let report = repository.json(&["check", "--budget", "60s", "--verbose"]);
    // Calls that base takes may reach it, too.
    assert_eq!(status(&report, "label"), "not_verified", "{report:#}");
    let reason = |name: &str| {
        function(&report, name)["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        !reason("label").contains("for calls with it alone"),
        "{}",
        reason("label")
    );
    assert_eq!(status(&report, "often"), "not_verified", "{report:#}");
    assert!(
        reason("often")
            .starts_with("the same for calls without its new `word`, and changed line 28, for calls with it alone"),
        "{}",
        reason("often")
    );
}
