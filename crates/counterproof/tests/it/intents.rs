//! What a change says that it means to do.

use crate::support::{Repository, filters, function};

const BEFORE: &str = "\
__version__ = '1'


def days(n: int, express: bool):
    if express:
        return 1
    return n + 2


def label(n: int):
    return f'{n} days'
";

fn changed(message: &str) -> Repository {
    let repository = Repository::new(&[("cart.py", BEFORE)]);
    let after = BEFORE
        .replace("n + 2", "n + 3")
        .replace("{n} days", "{n} Days")
        .replace("'1'", "'2'");
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.write(&[("cart.py", &after)]);
    repository.commit(message);
    repository
}

#[test]
fn what_nobody_declared_is_read_first() {
    let repository =
        changed("Be slower\n\nBehavior-Change: cart.label: says Days\nBehavior-Change: cart.gone: is gone");
    let report = repository.json(&["check"]);
    let declared = |name: &str| {
        function(&report, name)["findings"][0]["declared"]
            .as_str()
            .map(str::to_owned)
    };
    assert!(
        declared("label")
            .expect("it is declared")
            .starts_with("says Days (commit ")
    );
    assert_eq!(declared("days"), None);
    assert_eq!(report["exit"], 1);
    assert_eq!(report["intent"]["declared"][1]["seen"], false);
    let said = repository.run(&["check"]);
    insta::with_settings!({filters => filters()}, { insta::assert_snapshot!("declared_ranks_below_undeclared", said) });
}

#[test]
fn under_none_any_difference_is_one_to_act_on() {
    let minor = |report: &serde_json::Value| function(report, "<module>")["findings"][0]["minor"] == true;
    let silent = changed("Tidy").json(&["check"]);
    assert!(minor(&silent) && silent["intent"].is_null());
    let repository = changed("Tidy\n\nBehaviour-Change: none");
    let report = repository.json(&["check"]);
    assert!(!minor(&report), "{report:#}");
    let said = report["notes"][0].as_str().expect("a note");
    assert!(
        said.starts_with("the change says that no behaviour changes (commit "),
        "{said}"
    );
    // Another commit that says nothing may change anything.
    repository.commit("More");
    assert!(repository.json(&["check"])["intent"].is_null());
    let report = repository.json(&["check", "--intent", "refactor"]);
    assert_eq!(report["intent"]["none"], "--intent");
}

#[test]
fn what_says_nothing_is_named() {
    let repository = changed("Tidy\n\nBehavior-Change: perhaps");
    let report = repository.json(&["check"]);
    let note = report["notes"][0].as_str().expect("a note");
    assert!(note.contains("cannot be read, `perhaps`"), "{note}");
    let said = repository.run(&["check", "--intent", "perhaps"]);
    assert_eq!(said.code, 2, "{said}");
}
