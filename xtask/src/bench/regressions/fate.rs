//! What the report of a pair of releases says about one documented regression.

use super::entries::Entry;
use model::report::{CheckReport, FunctionReport, Status};

/// What became of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// One of its functions has a finding.
    Caught {
        /// Kind of the gravest finding, as the report writes it.
        kind: String,
        /// Its example.
        example: String,
    },
    /// Only other functions have findings: how many, and the first.
    Elsewhere(String),
    /// Its functions are said to be the same.
    Missed(String),
    /// Nothing was claimed of its functions, for this reason.
    NotVerified(String),
    /// The report lists none of its functions, and no difference.
    Absent,
    /// There is no report.
    NotRun(String),
}

impl Fate {
    /// A word, and what there is to say.
    pub fn told(&self) -> (&'static str, String) {
        match self {
            Self::Caught { kind, example } => ("caught", format!("{kind}: {example}")),
            Self::Elsewhere(text) => ("caught elsewhere", text.clone()),
            Self::Missed(text) => ("missed", text.clone()),
            Self::NotVerified(text) => ("not verified", text.clone()),
            Self::Absent => ("not listed", "the report does not name its functions".to_owned()),
            Self::NotRun(text) => ("not run", text.replace('\n', " / ")),
        }
    }

    /// Whether it was caught as the kind of difference that is documented.
    pub fn is_of_kind(&self, wanted: &str) -> bool {
        matches!(self, Self::Caught { kind, .. } if kind == wanted)
    }
}

/// Judges one entry.
pub fn of(report: &CheckReport, entry: &Entry) -> Fate {
    let own: Vec<&FunctionReport> = report
        .functions
        .iter()
        .filter(|function| is_named(function, entry))
        .collect();
    if let Some((kind, example)) = own.iter().find_map(|function| finding(function)) {
        return Fate::Caught { kind, example };
    }
    let said = own
        .iter()
        .map(|function| state(function))
        .collect::<Vec<_>>()
        .join("; ");
    let others: Vec<&FunctionReport> = report
        .functions
        .iter()
        .filter(|function| !function.findings.is_empty())
        .collect();
    if let Some(first) = others.first() {
        let example = finding(first)
            .map(|(kind, example)| format!("{kind}: {example}"))
            .unwrap_or_default();
        let name = &first.qualified_name;
        return Fate::Elsewhere(format!(
            "{} others, as {name} ({example}); its own: [{said}]",
            others.len()
        ));
    }
    if own.is_empty() {
        return Fate::Absent;
    }
    if own.iter().any(|function| function.status == Status::NotVerified) {
        return Fate::NotVerified(said);
    }
    Fate::Missed(said)
}

/// Whether the entry names this function, or one around it.
fn is_named(function: &FunctionReport, entry: &Entry) -> bool {
    let (module, called) = entry.function.split_once(':').unwrap_or_default();
    let package = module.split('.').next().unwrap_or_default();
    let in_package = function
        .path
        .split('/')
        .next()
        .is_some_and(|first| first.trim_end_matches(".py") == package);
    let is_changed = |name: &String| {
        let (path, name) = name.split_once("::").unwrap_or_default();
        path == function.path && is_within(&function.qualified_name, name)
    };
    entry.changed.iter().any(is_changed) || (in_package && is_within(&function.qualified_name, called))
}

fn is_within(name: &str, around: &str) -> bool {
    name == around
        || name
            .strip_prefix(around)
            .is_some_and(|rest| rest.starts_with(".<locals>."))
}

fn finding(function: &FunctionReport) -> Option<(String, String)> {
    let finding = function.findings.first()?;
    let example = &finding.example;
    let kind = serde_json::to_value(finding.kind).ok()?.as_str()?.to_owned();
    Some((
        kind,
        format!("{}  was {}  now {}", example.call, example.base, example.head),
    ))
}

/// What is known of a function without a finding.
fn state(function: &FunctionReport) -> String {
    let name = &function.qualified_name;
    match (&function.reason, function.status) {
        (Some(reason), _) => format!("{name}: {reason}"),
        (None, Status::Same) => format!("{name}: same on {} inputs", function.inputs),
        (None, status) => format!("{name}: {status:?}, {} inputs", function.inputs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_with_what_is_inside_them() {
        let entry = Entry {
            function: "pack:Thing.run".into(),
            changed: vec!["pack/core.py::helper".into()],
            ..Entry::default()
        };
        let function = |path: &str, name: &str| -> FunctionReport {
            serde_json::from_value(serde_json::json!({
                "path": path, "qualified_name": name, "line": 1, "status": "same", "changed_because": [],
                "inputs": 0, "useful_inputs": 0, "findings": []
            }))
            .unwrap()
        };
        for (path, name, expected) in [
            ("pack/core.py", "helper", true),
            ("pack/core.py", "helper.<locals>.inner", true),
            ("pack/other.py", "helper", false),
            ("pack/anywhere.py", "Thing.run", true),
            ("elsewhere/core.py", "Thing.run", false),
            ("pack/core.py", "helpers", false),
        ] {
            assert_eq!(is_named(&function(path, name), &entry), expected, "{path} {name}");
        }
    }
}
