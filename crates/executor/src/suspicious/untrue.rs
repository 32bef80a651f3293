//! An example of the docstring that is not true, or a result of another type than is declared.

use languages::python::promise::{Probe, Promise};
use languages::python::wire::decode::Record;
use model::{CallKind, Input, Observed, Outcome, Target};

use super::{Suspect, Suspicion};
use crate::duo::Lost;
use crate::live::Live;

/// The simplest input whose result is not of the type that is declared for it.
pub(super) fn result(tried: &[(Probe, Record)], suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    let broken = tried
        .iter()
        .filter_map(|(probe, record)| match &record.observation.outcome {
            Outcome::Returned(value) if probe.is_sure && !probe.is_odd && !record.cut => {
                promise.broken_result(value).map(|broken| (probe, record, broken))
            }
            _ => None,
        });
    let (probe, record, (written, line)) = broken.min_by_key(|(probe, ..)| probe.input.size())?;
    Some(Suspicion {
        record: record.clone(),
        said: format!("-> {written}"),
        cause: format!("line {line} declares `-> {written}`, which leaves no room for this result"),
        place: Some(suspect.at(line)),
        ..suspect.call(&probe.input)
    })
}

/// The first example of its docstring that is not true.
///
/// # Errors
/// When a session is lost.
pub(super) fn example(
    live: &mut Live<'_, '_>,
    suspect: &Suspect<'_>,
    promise: &Promise<'_>,
) -> Result<Option<Suspicion>, Lost> {
    if !promise.has_examples() {
        return Ok(None);
    }
    let examples = Target {
        call: CallKind::Docstring,
        ..suspect.way.target.clone()
    };
    let mut suspicion = Suspicion::of(examples, Input::default());
    let Some(record) = suspicion.run(live.duo())? else {
        return Ok(None);
    };
    let Some(untrue) = Untrue::of(&record) else {
        return Ok(None);
    };
    let name = suspect.way.target.qualified_name.rsplit('.').next().unwrap_or_default();
    // What only prepares the others is no word about the function.
    if !untrue.source.contains(name) || untrue.want.is_empty() || plain(&untrue.want) == plain(&untrue.got) {
        return Ok(None);
    }
    let line = promise.line_of_docstring(untrue.line);
    suspicion.said = untrue.want;
    suspicion.cause = format!("line {line} of its docstring says otherwise");
    suspicion.call = Some((untrue.source, untrue.got));
    suspicion.place = Some(suspect.at(line));
    suspicion.record = record;
    Ok(Some(suspicion))
}

/// A text without what colours it in a terminal, which is written only where there is one.
fn plain(text: &str) -> String {
    let escaped = ["\\x1b", "\\x1B", "\\033", "\\u001b"];
    let text = escaped
        .iter()
        .fold(text.to_owned(), |text, written| text.replace(written, "\x1b"));
    anstream::adapter::strip_str(&text).to_string()
}

/// An example that is not true.
struct Untrue {
    line: u32,
    source: String,
    want: String,
    got: String,
}

impl Untrue {
    fn of(record: &Record) -> Option<Self> {
        let Outcome::Returned(Observed::Tuple(parts)) = &record.observation.outcome else {
            return None;
        };
        let [
            Observed::Str(how),
            Observed::Int(line),
            Observed::Str(source),
            Observed::Str(want),
            Observed::Str(got),
        ] = parts.as_slice()
        else {
            return None;
        };
        let trimmed = |text: &String| text.trim().to_owned();
        Some(Self {
            line: u32::try_from(*line).ok()?,
            source: trimmed(source),
            want: trimmed(want),
            got: match how.as_str() {
                "raised" => format!("raises {}", got.trim()),
                _ => trimmed(got),
            },
        })
    }
}
