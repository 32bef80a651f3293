//! Documents are held against the program.

use std::fs;
use std::path::Path;

use crate::support::Repository;

fn document(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Replaces what differs between machines: counts of inputs and the interpreter.
fn neutral(text: &str) -> String {
    let words = text.lines().map(|line| {
        let line = line.split(" · cpython").next().unwrap_or(line);
        match line.split_once(" inputs") {
            Some((before, after)) => {
                let start = before.rfind(' ').map_or(0, |at| at + 1);
                format!("{}N inputs{after}", &before[..start])
            }
            None => line.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = document("README.md");
    let shown = readme
        .split("<!-- demo -->\n```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /demo -->").next());
    let shown = neutral(shown.expect("the demo's part of the README"));
    let said = Repository::bare_folder().run(&["demo"]);
    assert_eq!(said.code, 1, "{said}");
    assert!(
        neutral(&said.out).starts_with(&shown),
        "README:\n{shown}\n\nprinted:\n{}",
        neutral(&said.out)
    );
}

#[test]
fn every_command_and_option_of_the_readme_exists() {
    let repository = Repository::bare_folder();
    let help = repository.run(&["check", "--help"]).out
        + &repository.run(&["--help"]).out
        + &["reproduce", "hook stop", "install", "accept"]
            .map(|command| {
                let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
                repository.run(&words).out
            })
            .concat();
    let readme = document("README.md");
    let options = readme
        .split(|c: char| c.is_whitespace() || c == '`' || c == ',' || c == ':')
        .filter(|word| word.starts_with("--") && word.len() > 3);
    for option in options {
        let option = option.trim_end_matches(['.', ')', ';']);
        assert!(
            help.contains(option) || ["--release", "--path"].contains(&option),
            "{option} is in the README and not in the help"
        );
    }
}

#[test]
fn the_configuration_in_the_readme_is_accepted() {
    let readme = document("README.md");
    let shown = readme
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a configuration");
    let shown = shown.replace("python = \".venv/bin/python\"", "");
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("counterproof.toml", &shown)]);
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 0, "{said}");
}

#[test]
fn published_schemas_are_the_programs_own() {
    let repository = Repository::bare_folder();
    for (format, file) in [
        ("report", "schemas/check-report.schema.json"),
        ("config", "schemas/counterproof-toml.schema.json"),
    ] {
        assert_eq!(
            repository.run(&["schema", format]).out,
            document(file),
            "{file}: run `cargo xtask schemas`"
        );
    }
}
