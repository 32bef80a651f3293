//! How many injected faults the inputs of a "same" notice.

use crate::support::{Repository, function, status};

const BASE: &str = "\
def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def count(n):
    steps = 0
    while n > 0:
        n -= 1
        steps += 1
    return steps


def odd(x):
    if x is None and x == 3:
        return 'never'
    return str(x) + '!'


class Shelf:
    def __init__(self, size):
        self.size = size

    def left(self, taken):
        return max(0, self.size - taken)
";

const HEAD: &str = "\
def clamp(x, low, high):
    if low > x:
        return low
    return high if x > high else x


def count(n):
    steps = 0
    while n > 0:
        n, steps = n - 1, steps + 1
    return steps


def odd(x):
    if x is None and x == 3:
        return 'never'
    return '{}!'.format(x)


class Shelf:
    def __init__(self, size):
        self.size = size

    def left(self, taken):
        left = self.size - taken
        return left if left > 0 else 0
";

#[test]
fn a_same_says_how_many_faults_its_inputs_notice() {
    let repository = Repository::new(&[("shop.py", BASE)]);
    repository.write(&[("shop.py", HEAD)]);
    let report = repository.json(&["check", "--budget", "60s"]);
    let share = |name: &str| {
        assert!(status(&report, name).starts_with("same"), "{name}: {report:#}");
        let share = &function(&report, name)["faults_noticed"];
        let number = |key: &str| share[key].as_u64().expect("a number");
        (number("reached"), number("all"))
    };
    for name in ["clamp", "count", "Shelf.left"] {
        let (noticed, all) = share(name);
        assert!(noticed >= 1 && noticed + 1 >= all, "{name}: {noticed} of {all}");
    }
    // What no input can reach is noticed by none.
    let (noticed, all) = share("odd");
    assert!(noticed >= 1 && noticed + 2 <= all, "{noticed} of {all}");
    let said = repository.run(&["check", "--budget", "60s"]);
    assert!(said.out.contains("would notice"), "{said}");
}

#[test]
fn a_cache_hides_no_fault() {
    let base = "SEEN = {}\n\n\ndef price(n):\n    if n not in SEEN:\n        SEEN[n] = n * 2 + 1\n    return SEEN[n]\n";
    let repository = Repository::new(&[("shop.py", base)]);
    repository.write(&[("shop.py", &base.replace("n * 2 + 1", "1 + n * 2"))]);
    let report = repository.json(&["check", "--budget", "60s"]);
    assert!(status(&report, "price").starts_with("same"), "{report:#}");
    let share = &function(&report, "price")["faults_noticed"];
    let (noticed, all) = (
        share["reached"].as_u64().unwrap_or(0),
        share["all"].as_u64().unwrap_or(0),
    );
    assert!(all >= 5 && noticed + 1 >= all, "{noticed} of {all}");
}

#[test]
fn arguments_and_defaults_are_faults_too() {
    let base = "def cut(text, most=3):\n    return slice_of(text, most)\n\n\ndef slice_of(text, most):\n    return text[:most]\n";
    let repository = Repository::new(&[("shop.py", base)]);
    let head = base.replace(
        "    return slice_of(text, most)",
        "    part = slice_of(text, most)\n    return part",
    );
    repository.write(&[("shop.py", &head)]);
    let report = repository.json(&["check", "--budget", "60s"]);
    let share = &function(&report, "cut")["faults_noticed"];
    // Nothing returned, each argument missing, another default.
    assert_eq!(
        (share["reached"].as_u64(), share["all"].as_u64()),
        (Some(4), Some(4)),
        "{report:#}"
    );
}

#[test]
fn a_caller_that_takes_nothing_gives_one_input_of_many() {
    let base =
        "def total():\n    def add(a, b):\n        part = a * 3 + b\n        return part - 1\n    return add(4, 5)\n";
    let repository = Repository::new(&[("shop.py", base)]);
    repository.write(&[("shop.py", &base.replace("a * 3 + b", "b + a * 3"))]);
    let report = repository.json(&["check", "--budget", "60s"]);
    let strength = |name: &str| {
        function(&report, name)["strength"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(strength("total"), "strong", "{report:#}");
    assert_eq!(strength("total.<locals>.add"), "weak", "{report:#}");
}
