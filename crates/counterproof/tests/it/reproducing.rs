//! What was found can be run again: by its id, and by a script that needs nothing but Python.

use serde_json::Value;

use crate::support::{Repository, function};

/// The id of the first finding of a function.
fn id_of(report: &Value, name: &str) -> String {
    let id = function(report, name)["findings"][0]["id"].as_str();
    id.unwrap_or_else(|| panic!("no finding: {report:#}")).to_owned()
}

/// What the script of a finding prints with the tree as it is.
fn printed(repository: &Repository, id: &str) -> String {
    let script = repository.run(&["reproduce", id, "--format", "python"]).out;
    let path = repository.path().join("script.py");
    std::fs::write(&path, &script).expect("the script");
    let output = std::process::Command::new("python3")
        .arg(&path)
        .arg(repository.path())
        .output()
        .expect("python runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}\n{script}");
    printed
}

#[test]
fn a_finding_can_be_reproduced_and_scripted() {
    let before = "def first(items):\n    if not items:\n        return None\n    return items[0]\n";
    let repository = Repository::new(&[("cart.py", before)]);
    repository.write(&[("cart.py", "def first(items):\n    return items[0]\n")]);
    let id = id_of(&repository.json(&["check"]), "first");
    let again = repository.run(&["reproduce", &id]);
    assert_eq!(again.code, 1, "{again}");
    assert!(
        again.out.contains("first([])") && again.out.contains("IndexError"),
        "{again}"
    );
    assert!(printed(&repository, &id).contains("IndexError"));
    let story = repository.run(&["check", "--explain", &id]);
    assert!(
        story.out.contains("first([])") && story.out.contains("fresh interpreter"),
        "{story}"
    );
}

#[test]
fn a_script_shows_warnings_without_the_place_in_the_code() {
    let before = "import warnings\n\n\ndef read(text: str):\n    return text.strip()\n";
    let after = before.replace("    return", "    warnings.warn('give lines')\n    return");
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", &after)]);
    let id = id_of(&repository.json(&["check"]), "read");
    let told = "on standard error: UserWarning: give lines";
    assert!(printed(&repository, &id).contains(told));
    repository.write(&[("a.py", before)]);
    assert!(!printed(&repository, &id).contains(told));
}

#[test]
fn a_finding_deep_inside_an_object_is_kept_like_any_other() {
    let before = "\
class Node:
    def __init__(self, inner, value):
        self.inner = inner
        self.value = value


def chain(value: int):
    node = Node(None, value)
    for _ in range(30):
        node = Node([node], 0)
    return node
";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", &before.replace("Node(None, value)", "Node(None, value + 1)"))]);
    let id = id_of(&repository.json(&["check"]), "chain");
    let again = repository.run(&["reproduce", &id]);
    assert_eq!(again.code, 1, "{again}");
}

#[test]
fn a_script_tells_an_object_from_its_equal_and_what_a_file_in_memory_holds() {
    let before = "\
class Number:
    def __init__(self, n: int = 0):
        self.n = n

    def __copy__(self):
        return self


def fill(out, text: str):
    out.write(text)
    out.write('')
";
    let after = before
        .replace("return self", "return self.__class__(self.n)")
        .replace("write(text)", "write(text + ')')");
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", &after)]);
    let report = repository.json(&["check"]);
    let ids = ["Number.__copy__", "fill"].map(|name| id_of(&report, name));
    let now = ids.each_ref().map(|id| printed(&repository, id));
    repository.write(&[("a.py", before)]);
    let then = ids.each_ref().map(|id| printed(&repository, id));
    assert!(then[0].contains("the result is ['the object']"), "{then:?}");
    assert!(now[0].contains("the result is another object"), "{now:?}");
    assert!(now[1].contains(")', position="), "{now:?}");
    assert!(!then[1].contains(")', position="), "{then:?}");
}
