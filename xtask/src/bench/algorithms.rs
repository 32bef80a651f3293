//! `cargo xtask bench algorithms`: small algorithms with one fault each; how many of the faults are caught.

use super::checking::Checker;
use super::options::Options;
use super::summary::Summary;
use crate::shell::{self, Result};
use model::report::{CheckReport, FunctionReport, Status};

/// What became of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// A function with the fault has a finding, and this is its example.
    Caught(String),
    /// Only a function that uses the faulty one has a finding.
    CaughtInUser(String),
    /// It was called the same.
    Missed(String),
    /// Nothing was claimed, for this reason.
    NotVerified(String),
    /// The report does not speak of it.
    Absent,
}

/// What it takes.
pub const USAGE: &str = "  --budget SECONDS    of the whole check (20)\n  -- ARGUMENTS        for `counterproof check`";

/// How many of the faults must be caught, of a hundred.
const TARGET: usize = 90;

/// Checks all pairs at once, as one change, and prints what became of each.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let checker = Checker {
        binary,
        python: "python3".into(),
        seconds: options.number("budget", 20)?,
        more: options.for_check.clone(),
    };
    options.done()?;
    let folder = shell::root().join("benches/algorithms");
    let ran = checker.trees(&folder.join("base"), &folder.join("head"))?;
    let fates: Vec<(String, Fate)> = names()?
        .into_iter()
        .map(|name| (name.clone(), fate(&ran.report, &name)))
        .collect();
    fates.iter().for_each(|(name, fate)| println!("{}", line(name, fate)));
    println!("{}", totals(&fates, ran.wall, ran.cpu));
    Ok(summary(&fates, ran.wall))
}

fn summary(fates: &[(String, Fate)], wall: f64) -> Summary {
    let caught = fates.iter().filter(|(_, fate)| matches!(fate, Fate::Caught(_))).count();
    let mut summary = Summary::default();
    summary.judge(
        "small algorithms with one fault each",
        format!("{caught} of {} caught in {wall:.1} s", fates.len()),
        format!("{TARGET} %"),
        caught * 100 >= fates.len() * TARGET,
    );
    summary
}

/// Names of the algorithms, from the files of the base.
fn names() -> Result<Vec<String>> {
    let folder = shell::root().join("benches/algorithms/base");
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let name = |path: std::path::PathBuf| {
        path.to_str()?
            .strip_suffix(".py")?
            .rsplit('/')
            .next()
            .map(str::to_owned)
    };
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| name(entry.path())).collect();
    names.sort();
    Ok(names)
}

/// What the report says about the algorithm `name`.
fn fate(report: &CheckReport, name: &str) -> Fate {
    let path = format!("{name}.py");
    let all: Vec<&FunctionReport> = report
        .functions
        .iter()
        .filter(|function| function.path == path)
        .collect();
    let faulty: Vec<&FunctionReport> = all.iter().copied().filter(|function| was_edited(function)).collect();
    // A table at module level may be reported only by the functions that use it.
    let faulty = if faulty.is_empty() { &all } else { &faulty };
    if let Some(example) = faulty.iter().find_map(|function| example(function)) {
        return Fate::Caught(example);
    }
    if let Some(example) = all.iter().find_map(|function| example(function)) {
        return Fate::CaughtInUser(example);
    }
    match faulty.iter().find(|function| function.status == Status::NotVerified) {
        Some(function) => Fate::NotVerified(function.reason.clone().unwrap_or_default()),
        None => faulty
            .first()
            .map_or(Fate::Absent, |function| Fate::Missed(effort(function))),
    }
}

/// Whether it counts as changed for what it is, not only for what it uses.
fn was_edited(function: &FunctionReport) -> bool {
    function
        .changed_because
        .iter()
        .any(|reason| !reason.starts_with("it uses "))
}

/// The example of its first finding.
pub(super) fn example(function: &FunctionReport) -> Option<String> {
    let example = &function.findings.first()?.example;
    Some(format!("{}  was {}  now {}", example.call, example.base, example.head))
}

/// How hard a function was looked at.
pub(super) fn effort(function: &FunctionReport) -> String {
    let branches = function
        .branches_reached
        .map(|share| format!(", {} of {} branches", share.reached, share.all));
    let faults = function
        .faults_noticed
        .map(|share| format!(", {} of {} faults", share.reached, share.all));
    format!(
        "{} of {} inputs{}{}",
        function.useful_inputs,
        function.inputs,
        branches.unwrap_or_default(),
        faults.unwrap_or_default()
    )
}

fn line(name: &str, fate: &Fate) -> String {
    let (word, text) = match fate {
        Fate::Caught(example) => ("caught", example.as_str()),
        Fate::CaughtInUser(example) => ("in user only", example.as_str()),
        Fate::Missed(effort) => ("missed", effort.as_str()),
        Fate::NotVerified(reason) => ("not verified", reason.as_str()),
        Fate::Absent => ("absent", "the report does not name it"),
    };
    format!("{name:<24} {word:<13} {}", text.chars().take(160).collect::<String>())
}

fn totals(fates: &[(String, Fate)], wall: f64, cpu: Option<f64>) -> String {
    let count = |wanted: fn(&Fate) -> bool| fates.iter().filter(|(_, fate)| wanted(fate)).count();
    let cpu = cpu.map_or(String::new(), |cpu| format!(", {cpu:.1} s CPU"));
    format!(
        "{} of {} caught; {} only in a user of the faulty function, {} missed, {} not verified, {} absent; {wall:.1} s wall{cpu}",
        count(|fate| matches!(fate, Fate::Caught(_))),
        fates.len(),
        count(|fate| matches!(fate, Fate::CaughtInUser(_))),
        count(|fate| matches!(fate, Fate::Missed(_))),
        count(|fate| matches!(fate, Fate::NotVerified(_))),
        count(|fate| matches!(fate, Fate::Absent)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A report with functions given as path, reason, status and whether there is a finding.
    fn report(functions: &[(&str, &str, &str, bool)]) -> CheckReport {
        let revision = serde_json::json!({"name": "x", "tree": "0", "commit": null});
        let finding = serde_json::json!({
            "id": "f", "kind": "changed", "cause": "", "example": {"call": "f(0)", "base": "1", "head": "2"}
        });
        let function = |(path, because, status, found): &(&str, &str, &str, bool)| {
            let findings = if *found { vec![finding.clone()] } else { vec![] };
            serde_json::json!({
                "path": path, "qualified_name": "f", "line": 1, "status": status, "reason": "no way in",
                "changed_because": [because], "inputs": 7, "useful_inputs": 7, "findings": findings
            })
        };
        let functions: Vec<_> = functions.iter().map(function).collect();
        serde_json::from_value(serde_json::json!({
            "schema": model::report::SCHEMA, "tool_version": "0", "base": revision, "head": revision, "exit": 0,
            "seconds": 0.0, "cached": false, "interpreter": null, "functions": functions, "unverified": [],
            "layout_only": [], "missing_layers": [], "notes": []
        }))
        .unwrap()
    }

    #[test]
    fn only_the_faulty_function_counts() {
        let (edited, user) = ("its code differs", "it uses `f` of a.py, which changed");
        for (functions, expected) in [
            (
                vec![("a.py", edited, "changed", true)],
                Fate::Caught("f(0)  was 1  now 2".into()),
            ),
            (
                vec![("a.py", user, "changed", true)],
                Fate::Caught("f(0)  was 1  now 2".into()),
            ),
            (
                vec![("a.py", edited, "same", false), ("a.py", user, "changed", true)],
                Fate::CaughtInUser("f(0)  was 1  now 2".into()),
            ),
            (
                vec![("a.py", edited, "same", false)],
                Fate::Missed("7 of 7 inputs".into()),
            ),
            (
                vec![("a.py", edited, "not_verified", false)],
                Fate::NotVerified("no way in".into()),
            ),
            (vec![("b.py", edited, "changed", true)], Fate::Absent),
        ] {
            assert_eq!(fate(&report(&functions), "a"), expected);
        }
    }

    /// Names of the files of one side.
    fn files(side: &str) -> BTreeSet<String> {
        let folder = shell::root().join("benches/algorithms").join(side);
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn every_algorithm_has_one_fault_in_one_line() {
        let base = files("base");
        assert_eq!(base, files("head"));
        assert!(base.len() >= 40);
        for file in base {
            let text =
                |side: &str| shell::read(&shell::root().join("benches/algorithms").join(side).join(&file)).unwrap();
            let (base, head) = (text("base"), text("head"));
            assert_eq!(base.lines().count(), head.lines().count(), "{file}");
            let faults = base
                .lines()
                .zip(head.lines())
                .filter(|(one, other)| one != other)
                .count();
            assert_eq!(faults, 1, "{file}");
        }
    }
}
