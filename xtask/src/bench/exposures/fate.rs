//! What a report says of a vulnerability that the change brings in. It is read as plain JSON, so that kinds of findings that
//! this version does not know are read as well.

use super::entries::Entry;
use serde_json::Value;

/// The kind of finding that says that something is exposed.
const EXPOSURE: &str = "new_exposure";

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// One of its functions has a finding, or a note names a weakness there: the exposure itself, if that is said.
    Shown {
        /// Whether it is told as an exposure.
        as_exposure: bool,
        /// Kinds of all findings there, and the words of the first that counts most.
        told: String,
    },
    /// Only other functions have findings.
    Elsewhere(String),
    /// Its functions are called the same, or nothing was claimed of them.
    NotShown(String),
    /// The report does not name its functions.
    Absent,
    /// There is no report.
    NotRun(String),
}

impl Fate {
    /// A word, and what there is to say.
    pub fn told(&self) -> (&'static str, &str) {
        match self {
            Self::Shown {
                as_exposure: true,
                told,
            } => ("exposure", told),
            Self::Shown { told, .. } => ("shown", told),
            Self::Elsewhere(text) => ("elsewhere", text),
            Self::NotShown(text) => ("not shown", text),
            Self::Absent => ("not listed", "the report does not name its functions"),
            Self::NotRun(text) => ("not run", text),
        }
    }
}

/// Judges one entry.
pub fn of(report: &Value, entry: &Entry) -> Fate {
    let functions: Vec<&Value> = report["functions"].as_array().into_iter().flatten().collect();
    let (own, others): (Vec<&Value>, Vec<&Value>) =
        functions.into_iter().partition(|function| is_named(function, entry));
    let findings: Vec<&Value> = own.iter().copied().flat_map(findings_of).collect();
    let exposed: Vec<&Value> = own.iter().copied().flat_map(exposures).collect();
    if let Some(first) = exposed.first().or(findings.first()) {
        let mut kinds: Vec<&str> = findings.iter().map(|finding| kind(finding)).collect();
        kinds.dedup();
        return Fate::Shown {
            as_exposure: !exposed.is_empty(),
            told: format!("[{}] {}", kinds.join(", "), example(first)),
        };
    }
    let said: Vec<String> = own.iter().map(|function| state(function)).collect();
    let elsewhere: Vec<&&Value> = others
        .iter()
        .filter(|function| findings_of(function).next().is_some())
        .collect();
    if let Some(first) = elsewhere.first() {
        let finding = findings_of(first).next().map(example).unwrap_or_default();
        return Fate::Elsewhere(format!(
            "{} others, as {} ({finding}); its own: [{}]",
            elsewhere.len(),
            text(&first["qualified_name"]),
            said.join("; ")
        ));
    }
    match own.is_empty() {
        true => Fate::Absent,
        false => Fate::NotShown(said.join("; ")),
    }
}

/// What a report says that is an alarm: a new exposure, or a note that names a weakness.
pub fn alarms(report: &Value) -> Vec<String> {
    let functions = report["functions"].as_array().into_iter().flatten();
    let told = |function: &Value, one: &Value| {
        format!(
            "{}::{}: {}",
            text(&function["path"]),
            text(&function["qualified_name"]),
            example(one)
        )
    };
    let of_functions = functions.flat_map(|function| exposures(function).map(move |one| told(function, one)));
    of_functions
        .chain(notes(report).map(|note| format!("{}: {}", text(&note["path"]), example(note))))
        .collect()
}

fn findings_of(function: &Value) -> impl Iterator<Item = &Value> {
    function["findings"].as_array().into_iter().flatten()
}

/// Findings of the kind, and notes of the function that name a weakness.
fn exposures(function: &Value) -> impl Iterator<Item = &Value> {
    findings_of(function)
        .filter(|finding| kind(finding) == EXPOSURE)
        .chain(notes(function))
}

/// Notes of a report or a function that name a weakness by its number: whatever list they stand in, but for findings.
fn notes(of: &Value) -> impl Iterator<Item = &Value> {
    let lists = of.as_object().into_iter().flatten();
    lists
        .filter(|(name, _)| *name != "findings" && *name != "functions")
        .flat_map(|(_, list)| list.as_array().into_iter().flatten())
        .filter(|note| !note["cwe"].is_null())
}

/// Whether the entry names this function, or one around it.
fn is_named(function: &Value, entry: &Entry) -> bool {
    let (path, own) = (text(&function["path"]), text(&function["qualified_name"]));
    entry.changed.iter().any(|changed| {
        let (file, name) = changed.split_once("::").unwrap_or_default();
        let within = own
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(".<locals>."));
        file == path && within
    })
}

fn kind(finding: &Value) -> &str {
    text(&finding["kind"])
}

/// A finding or a note in one line.
fn example(of: &Value) -> String {
    let example = &of["example"];
    if example.is_null() {
        return text(&of["text"]).to_owned();
    }
    let weakness = of["cwe"]
        .as_u64()
        .map(|number| format!(" CWE-{number}"))
        .unwrap_or_default();
    format!(
        "{}{weakness}: {}  was {}  now {}",
        kind(of),
        text(&example["call"]),
        text(&example["base"]),
        text(&example["head"])
    )
}

/// What is known of a function without a finding.
fn state(function: &Value) -> String {
    let name = text(&function["qualified_name"]);
    match function["reason"].as_str() {
        Some(reason) => format!("{name}: {reason}"),
        None => format!("{name}: {}, {} inputs", text(&function["status"]), function["inputs"]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(name: &str, findings: &Value) -> Value {
        json!({"notes": ["a plain one"], "functions": [
            {"path": "a.py", "qualified_name": name, "status": "same", "inputs": 7, "findings": findings}
        ]})
    }

    fn entry() -> Entry {
        Entry {
            changed: vec!["a.py::f".into(), "a.py::<module>".into()],
            ..Entry::default()
        }
    }

    #[test]
    fn an_exposure_is_told_from_any_other_finding_by_its_kind() {
        let finding =
            |kind: &str| json!([{"kind": kind, "cwe": 22, "example": {"call": "f(0)", "base": "1", "head": "2"}}]);
        for (name, findings, expected) in [
            ("f", finding("new_exposure"), "exposure"),
            ("f.<locals>.g", finding("changed"), "shown"),
            ("fg", finding("changed"), "elsewhere"),
            ("f", json!([]), "not shown"),
            ("g", json!([]), "not listed"),
        ] {
            assert_eq!(of(&report(name, &findings), &entry()).told().0, expected, "{name}");
        }
    }

    #[test]
    fn notes_that_name_a_weakness_are_alarms_and_plain_ones_are_not() {
        let mut report = report("f", &json!([]));
        assert_eq!(alarms(&report), [""; 0]);
        report["functions"][0]["notices"] = json!([{"cwe": 295, "text": "verify=False"}]);
        assert_eq!(alarms(&report), ["a.py::f: verify=False"]);
        assert_eq!(of(&report, &entry()).told().0, "exposure");
        report["dependencies"] = json!([{"cwe": 1357, "path": "setup.py", "text": "is new"}]);
        assert_eq!(alarms(&report).len(), 2);
    }
}
