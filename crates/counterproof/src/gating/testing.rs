//! `gate test`: a policy tried on recorded cases, so that a change of it is tested like code.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use model::gate_input::GateInput;
use model::{RecordKind, RuleState, Ruling, Verdict};
use serde::{Deserialize, Serialize};

use super::{facts, papers};
use crate::accepted::FOLDER;
use crate::args::{MergeArgs, TestArgs};
use crate::check::{here, top_of};
use crate::config;
use crate::error::{self, CliError};
use crate::records::place::Place;

/// Version of the form of a case.
const SCHEMA: &str = "counterproof.gate-case/1";

/// What was asked once, and what the answer is to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    schema: String,
    /// What it shows.
    name: String,
    expect: Expected,
    input: GateInput,
}

/// The answer that is expected; rules that are not named may answer what they like.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    ruling: Ruling,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rules: BTreeMap<String, RuleState>,
}

/// Tries the policy of the working tree on recorded cases.
///
/// # Errors
/// When the policy or a case cannot be read, or there is no case.
pub fn run(args: &TestArgs) -> Result<u8, CliError> {
    let root = top_of(&here()?);
    if let Some(path) = &args.record {
        return record(path, args);
    }
    let policy = policy(&root)?;
    let mut said = String::new();
    let (mut all, mut wrong) = (0, 0);
    for path in cases(&root, &args.cases)? {
        let case = read(&path)?;
        let differences = differences(&gate::decide(&policy, &case.input), &case.expect);
        all += 1;
        let _ = match differences.as_slice() {
            [] => writeln!(said, "✓ {path}: {}", case.name),
            differences => {
                wrong += 1;
                writeln!(said, "✗ {path}: {}: {}", case.name, differences.join("; "))
            }
        };
    }
    if args.ledger {
        let (tried, differing) = on_ledger(&root, &policy, &mut said)?;
        all += tried;
        wrong += differing;
    }
    if all == 0 {
        // A test of nothing has shown nothing.
        return Err(CliError::Usage(format!(
            "there is no case in {FOLDER}cases/: `counterproof gate test --record {FOLDER}cases/NAME.json` makes one of the change at hand, \
             `--ledger` takes the verdicts of the ledger"
        )));
    }
    let _ = writeln!(said, "\n{} of {all} as expected", all - wrong);
    error::print(&said)?;
    Ok(u8::from(wrong > 0))
}

/// The policy as it is being edited.
fn policy(root: &Utf8Path) -> Result<gate::Policy, CliError> {
    let path = root.join(config::NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(CliError::Usage(format!("{path} cannot be read: {error}"))),
    };
    let (_, policy) = config::with_policy(&text).map_err(|why| CliError::Usage(format!("{}, {why}", config::NAME)))?;
    Ok(policy)
}

fn cases(root: &Utf8Path, named: &[Utf8PathBuf]) -> Result<Vec<Utf8PathBuf>, CliError> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let folder = root.join(FOLDER).join("cases");
    let entries = match folder.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(CliError::Usage(format!("{folder} cannot be read: {error}"))),
    };
    let mut paths: Vec<Utf8PathBuf> = entries
        .filter_map(Result::ok)
        .map(camino::Utf8DirEntry::into_path)
        .filter(|path| path.extension() == Some("json"))
        .collect();
    paths.sort();
    Ok(paths)
}

fn read(path: &Utf8Path) -> Result<Case, CliError> {
    let wrong = |why: &dyn std::fmt::Display| CliError::Usage(format!("{path} is no case: {why}"));
    let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
    let case: Case = serde_json::from_slice(&bytes).map_err(|error| wrong(&error))?;
    if case.schema != SCHEMA {
        return Err(wrong(&format!(
            "its schema is {:?}, and this reads {SCHEMA}",
            case.schema
        )));
    }
    Ok(case)
}

/// What an answer is and should not be.
fn differences(verdict: &Verdict, expected: &Expected) -> Vec<String> {
    let mut differences = Vec::new();
    if verdict.ruling != expected.ruling {
        differences.push(format!("{} and not {}", verdict.ruling.word(), expected.ruling.word()));
    }
    for (name, state) in &expected.rules {
        match verdict.rules.iter().find(|result| result.rule == *name) {
            None => differences.push(format!("the policy has no rule `{name}`")),
            Some(result) if result.state != *state => {
                differences.push(format!(
                    "`{name}` is {} and not {}: {}",
                    word(result.state),
                    word(*state),
                    result.text
                ));
            }
            Some(_) => {}
        }
    }
    differences
}

fn word(state: RuleState) -> String {
    let value = serde_json::to_value(state).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('_', " ")
}

/// Past verdicts, given again by the policy at hand: what would have been answered otherwise.
fn on_ledger(root: &Utf8Path, policy: &gate::Policy, said: &mut String) -> Result<(usize, usize), CliError> {
    let (place, _) = Place::of_repository(root)?;
    let kept = papers::kept(&place, Timestamp::now());
    kept.trusted()?;
    let (mut tried, mut differing) = (0, 0);
    for (index, _) in kept
        .records
        .iter()
        .filter(|(_, record)| record.kind == RecordKind::Verdict)
    {
        let Ok(Some(sealed)) = kept.sealed(*index) else {
            continue;
        };
        let before = sealed.verdict();
        let input = sealed
            .input
            .and_then(|input| serde_json::from_value::<GateInput>(input).ok());
        let Some((before, input)) = before.zip(input) else {
            continue;
        };
        tried += 1;
        let now = gate::decide(policy, &input);
        if now.ruling != before.ruling {
            differing += 1;
            let why: Vec<&str> = now
                .rules
                .iter()
                .filter(|result| result.state.ruling() == now.ruling && now.ruling != Ruling::Pass)
                .map(|result| result.rule.as_str())
                .collect();
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(": {}", gate::words::and(&why))
            };
            let _ = writeln!(
                said,
                "✗ ledger {index}: it was {} and would be {}{why}",
                before.ruling.word(),
                now.ruling.word()
            );
        }
    }
    let _ = writeln!(
        said,
        "{} {} of the ledger given again: {differing} would be another",
        if differing == 0 { "✓" } else { "✗" },
        gate::words::count(tried, "verdict", "verdicts")
    );
    Ok((tried, differing))
}

/// Writes the change at hand down as a case, with the answer that it gets now.
fn record(path: &Utf8Path, args: &TestArgs) -> Result<u8, CliError> {
    let merge = MergeArgs {
        range: args.range.clone(),
        ..MergeArgs::default()
    };
    let asked = facts::of_merge(&here()?, &merge)?;
    let verdict = gate::decide(&asked.judging.policy, &asked.input);
    let case = Case {
        schema: SCHEMA.to_owned(),
        name: path.file_stem().unwrap_or("case").replace(['-', '_'], " "),
        expect: Expected {
            ruling: verdict.ruling,
            rules: verdict
                .rules
                .iter()
                .filter(|result| result.state.ruling() != Ruling::Pass)
                .map(|result| (result.rule.clone(), result.state))
                .collect(),
        },
        input: asked.input,
    };
    let text = serde_json::to_string_pretty(&case).unwrap_or_default();
    if let Some(folder) = path.parent().filter(|folder| !folder.as_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| CliError::Usage(format!("{folder} cannot be made: {error}")))?;
    }
    std::fs::write(path, text + "\n").map_err(|error| CliError::Usage(format!("{path} cannot be written: {error}")))?;
    error::print(&format!("{path}: {} is expected\n", verdict.ruling.word()))?;
    Ok(0)
}
