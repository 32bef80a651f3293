//! The listing of an export, written entry by entry.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Format, Row};
use crate::checkpoint::Checkpoint;

const COLUMNS: [&str; 20] = [
    "index",
    "time",
    "clock",
    "kind",
    "by",
    "base_tree",
    "tree",
    "commit",
    "service",
    "environment",
    "artifact",
    "incident",
    "about",
    "payload",
    "payload_digest",
    "payload_size",
    "judged",
    "verdict",
    "persons",
    "more",
];

/// Name of the listing.
pub fn file(format: Format) -> &'static str {
    match format {
        Format::Json => "records.json",
        Format::Csv => "records.csv",
        Format::EuAiAct => "eu-ai-act.json",
    }
}

pub fn begin(output: &mut impl Write, format: Format, checkpoint: &Checkpoint) -> io::Result<()> {
    match format {
        Format::Json => write!(output, "["),
        Format::Csv => write!(output, "{}\r\n", COLUMNS.join(",")),
        Format::EuAiAct => {
            let mut head = json!({
                "schema": "counterproof.eu-ai-act/1",
                "regulation": "Regulation (EU) 2024/1689",
                "ledger": checkpoint.origin(),
                "until": checkpoint.time().to_string(),
                "articles": {
                    "12(1)": "events are recorded automatically; each entry below is one",
                    "12(2)": "events that show risks, and that monitoring needs: kinds incident_opened, incident_linked, incident_closed, override, retraction, trend",
                    "12(3)(a)": "the period of each use: `period`",
                    "12(3)(d)": "the natural persons involved in the verification of results (article 14(5)): `persons`",
                    "19(1)": "providers keep the logs for at least six months: `retention`",
                    "26(6)": "deployers keep the logs for at least six months: `retention`",
                },
                "retention": {
                    "minimum": "P6M",
                    "entries": "are kept for ever",
                    "payloads": "are deleted six months after their entry at the earliest, unless expressly asked for, each with an entry of kind redaction",
                },
            })
            .to_string();
            // The entries follow, one a line, before the object ends.
            head.pop();
            write!(output, "{head},\"entries\":[")
        }
    }
}

pub fn row(output: &mut impl Write, format: Format, row: &Row<'_>) -> io::Result<()> {
    let comma = if row.index == 0 { "" } else { "," };
    match format {
        Format::Json => write!(output, "{comma}\n{}", full(row)),
        Format::Csv => {
            let cells: Vec<String> = cells(row).iter().map(|cell| quoted(cell)).collect();
            write!(output, "{}\r\n", cells.join(","))
        }
        Format::EuAiAct => write!(output, "{comma}\n{}", use_of(row)),
    }
}

pub fn end(output: &mut impl Write, format: Format) -> io::Result<()> {
    match format {
        Format::Json => writeln!(output, "\n]"),
        Format::Csv => Ok(()),
        Format::EuAiAct => writeln!(output, "\n]}}"),
    }
}

fn full(row: &Row<'_>) -> Value {
    let reading = &row.reading;
    let more: Map<String, Value> = reading
        .more
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into()))
        .collect();
    json!({
        "index": row.index,
        "record": row.record,
        "payload": row.payload,
        "started": reading.started.map(|time| time.to_string()),
        "judged": reading.judged,
        "verdict": reading.verdict,
        "persons": reading.persons,
        "more": more,
    })
}

fn use_of(row: &Row<'_>) -> Value {
    let (record, reading) = (row.record, &row.reading);
    json!({
        "index": row.index,
        "event": record.kind,
        "period": {
            "start": reading.started.unwrap_or(record.clock.unwrap_or(record.time)).to_string(),
            "end": record.clock.unwrap_or(record.time).to_string(),
        },
        "recorded": record.time.to_string(),
        "recorded_by": record.by,
        "judged": reading.judged,
        "subject": record.subject,
        "verdict": reading.verdict,
        "persons": reading.persons,
        "payload": row.payload,
    })
}

fn cells(row: &Row<'_>) -> [String; COLUMNS.len()] {
    let (record, reading) = (row.record, &row.reading);
    let (subject, payload) = (&record.subject, record.payload.as_ref());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let kind = json!(record.kind).as_str().unwrap_or_default().to_owned();
    let more: Map<String, Value> = reading
        .more
        .iter()
        .map(|(name, text)| (name.clone(), text.clone().into()))
        .collect();
    [
        row.index.to_string(),
        record.time.to_string(),
        record.clock.map(|time| time.to_string()).unwrap_or_default(),
        kind,
        record.by.clone(),
        text(&subject.base_tree),
        text(&subject.tree),
        text(&subject.commit),
        text(&subject.service),
        text(&subject.environment),
        text(&subject.artifact),
        text(&subject.incident),
        subject.about.map(|about| about.to_string()).unwrap_or_default(),
        row.payload.to_owned(),
        payload.map(|payload| payload.digest.clone()).unwrap_or_default(),
        payload.map(|payload| payload.size.to_string()).unwrap_or_default(),
        text(&reading.judged),
        text(&reading.verdict),
        reading.persons.join("; "),
        if more.is_empty() {
            String::new()
        } else {
            Value::from(more).to_string()
        },
    ]
}

fn quoted(cell: &str) -> String {
    // What begins like a formula would be one in a spreadsheet, and payloads hold what anybody wrote.
    let guarded = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if guarded.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_are_no_formulas() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(quoted("=HYPERLINK(1,2)"), "\"'=HYPERLINK(1,2)\"");
    }
}
