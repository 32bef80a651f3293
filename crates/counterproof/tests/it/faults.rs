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
