//! Accepted findings: what is written down, and what a check makes of it.

use std::fs;

use serde_json::Value;

use crate::support::{Repository, Said, function};

const FILE: &str = ".counterproof/accepted.toml";
const BEFORE: &str = "def first(items: list):\n    if not items:\n        return None\n    return items[0]\n";
const AFTER: &str = "def first(items: list):\n    return items[0]\n";

/// A repository with a change that is not committed, and somebody who works there.
fn changed() -> Repository {
    let repository = Repository::new(&[("cart.py", BEFORE)]);
    repository.git(&["config", "user.name", "Ann"]);
    repository.git(&["config", "user.email", "ann@example.invalid"]);
    repository.write(&[("cart.py", AFTER)]);
    repository
}

fn ids(report: &Value, name: &str) -> Vec<String> {
    let findings = function(report, name)["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|one| one["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn accept(repository: &Repository, id: &str) -> Said {
    repository.run(&["accept", id, "--reason", "callers never pass an empty cart"])
}

/// Accepts everything that the working tree shows.
fn accept_all(repository: &Repository) -> Vec<String> {
    let ids = ids(&repository.json(&["check"]), "first");
    for id in &ids {
        let said = accept(repository, id);
        assert_eq!(said.code, 0, "{said}");
    }
    ids
}

#[test]
fn a_change_that_accepts_itself_is_pending_until_it_is_merged() {
    let repository = changed();
    let ids = accept_all(&repository);
    let file = fs::read_to_string(repository.path().join(FILE)).expect("a file");
    for part in [
        "version = 1",
        &ids[0],
        "path = \"cart.py\"",
        "qualified_name = \"first\"",
        "kind = \"new_crash\"",
        "call = \"first([])\"",
        "was = \"None\"",
        "now = \"raises IndexError",
        "reason = \"callers never pass an empty cart\"",
        "who = \"Ann <ann@example.invalid>\"",
        "date = \"20",
    ] {
        assert!(file.contains(part), "{part} in\n{file}");
    }
    let report = repository.json(&["check", "--require-verified"]);
    assert_eq!(
        (&report["exit"], &report["cached"]),
        (&Value::from(1), &Value::from(true)),
        "{report:#}"
    );
    let acceptance = &function(&report, "first")["findings"][0]["acceptance"];
    assert_eq!(acceptance["state"], "pending");
    assert_eq!(acceptance["reason"], "callers never pass an empty cart");
    assert_eq!(acceptance["who"], "Ann <ann@example.invalid>");
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 1, "{said}");
    assert!(
        said.out.contains("NEW CRASH") && said.out.contains("pending acceptance: callers"),
        "{said}"
    );
    // Merged without the change that it is about: from then on base knows it.
    repository.git(&["add", FILE]);
    repository.git(&["commit", "--quiet", "--message", "accepted"]);
    let said = repository.run(&["check", "--base", "HEAD", "--require-verified"]);
    assert_eq!(said.code, 0, "{said}");
    let line = format!("{} accepted: cart.py:1", ids.len());
    assert!(said.out.contains(&line) && !said.out.contains("NEW CRASH"), "{said}");
    assert!(said.out.contains("no difference but what was accepted"), "{said}");
    let report = repository.json(&["check", "--base", "HEAD"]);
    assert_eq!(
        function(&report, "first")["findings"][0]["acceptance"]["state"],
        "accepted"
    );
    assert_eq!(report["exit"], 0);
    // Another change of the same function is another finding.
    repository.write(&[("cart.py", &BEFORE.replace("None", "0"))]);
    let said = repository.run(&["check", "--base", "HEAD"]);
    assert!(said.code == 1 && !said.out.contains("accepted"), "{said}");
}

#[test]
fn a_later_change_of_what_a_function_uses_is_a_new_finding() {
    let using = "from rates import RATE\n\n\ndef price(weight: int):\n    return weight + RATE\n";
    let rate = |number: u8| format!("RATE = {number}\n");
    let repository = Repository::new(&[("shop.py", using), ("rates.py", &rate(5))]);
    let after = |number| {
        repository.write(&[("rates.py", &rate(number))]);
        ids(&repository.json(&["check"]), "price")
    };
    let first = after(6);
    assert!(!first.is_empty());
    assert!(
        after(7).iter().all(|id| !first.contains(id)),
        "the text of price is the same each time"
    );
    assert_eq!(after(6), first);
}

#[test]
fn entries_are_sorted_whatever_the_order_they_came_in() {
    let repository = changed();
    let text = format!("{BEFORE}\n\ndef last(items: list):\n    return items[-1]\n");
    repository.write(&[("cart.py", &text)]);
    repository.commit("more");
    repository.write(&[("cart.py", &text.replace("None", "0").replace("[-1]", "[-1] or 1"))]);
    let report = repository.json(&["check", "--base", "HEAD"]);
    let mut all = ids(&report, "last");
    all.extend(ids(&report, "first"));
    let of = |order: &[String]| {
        order.iter().for_each(|id| assert_eq!(accept(&repository, id).code, 0));
        let text = fs::read_to_string(repository.path().join(FILE)).expect("a file");
        fs::remove_file(repository.path().join(FILE)).expect("gone");
        text
    };
    let one = of(&all);
    all.reverse();
    assert_eq!(of(&all), one);
    assert!(one.find("\"first\"") < one.find("\"last\""), "{one}");
}

#[test]
fn what_cannot_be_accepted_is_told_in_a_line() {
    let repository = changed();
    let id = ids(&repository.json(&["check"]), "first").remove(0);
    let refused = |said: Said, named: &str| {
        assert_eq!(said.code, 2, "{said}");
        assert!(said.err.contains(named), "{named}: {said}");
        assert!(!repository.path().join(FILE).exists());
    };
    refused(accept(&repository, "00000000"), "no finding 00000000");
    refused(repository.run(&["accept", &id]), "--reason");
    refused(repository.run(&["accept", &id, "--reason", "  "]), "reason is empty");
    repository.git(&["config", "--unset", "user.name"]);
    repository.git(&["config", "--unset", "user.email"]);
    refused(accept(&repository, &id), "git does not know who you are");
    let outside = repository
        .command(&["accept", &id, "--reason", "x"])
        .current_dir(repository.path().join(".."))
        .output();
    let outside = outside.expect("the binary runs");
    assert_eq!(outside.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&outside.stderr).contains("no git repository"));
}

#[test]
fn a_file_that_cannot_be_read_is_never_taken_for_an_acceptance() {
    let repository = changed();
    let id = ids(&repository.json(&["check"]), "first").remove(0);
    repository.write(&[(FILE, "version = 1\n[[finding]]\nid = 3\n")]);
    let said = repository.run(&["check"]);
    assert!(said.code == 2 && said.err.contains("line 3"), "{said}");
    let said = accept(&repository, &id);
    assert!(said.code == 2 && said.err.contains("Nothing was changed"), "{said}");
    repository.git(&["add", FILE]);
    repository.git(&["commit", "--quiet", "--message", "broken"]);
    fs::remove_file(repository.path().join(FILE)).expect("gone");
    let said = repository.run(&["check", "--base", "HEAD"]);
    assert!(said.code == 1 && said.out.contains("of base cannot be read"), "{said}");
}
