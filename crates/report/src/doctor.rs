//! An examination: one screen, and JSON.

use std::fmt::Write;

use model::doctor::{Ailment, Examination, Part, State};

use crate::terminal::{TerminalOptions, safe};
use crate::{json, redact};

/// Ailments of one part that are written out.
const SHOWN: usize = 6;
/// Columns of the longest name of a part.
const NAME: usize = 12;

/// As indented JSON, ended by a newline.
pub fn json(examination: &Examination) -> String {
    redact::text(&json::written(examination)).into_owned()
}

/// The JSON Schema of it, as published in `schemas/doctor-report.schema.json`.
pub fn schema() -> String {
    json::written(&schemars::schema_for!(Examination))
}

/// For a person: a line for each part, below it what is wrong and the one thing that mends it.
pub fn terminal(examination: &Examination, options: &TerminalOptions) -> String {
    let mut text = String::new();
    for part in &examination.parts {
        write_part(&mut text, part, options);
    }
    let mends = examination.parts.iter().filter(|part| part.state == State::Mend);
    let names: Vec<&str> = mends.map(|part| part.name.as_str()).collect();
    let _ = match names.as_slice() {
        [] => writeln!(text, "\n  All is well: `counterproof check` can run here."),
        names => writeln!(text, "\n  To be mended: {}.", names.join(", ")),
    };
    redact::text(&text).into_owned()
}

fn write_part(text: &mut String, part: &Part, options: &TerminalOptions) {
    let (mark, tone) = match part.state {
        State::Well => ("✓", "\u{1b}[32m"),
        State::Note => ("·", ""),
        State::Mend => ("✗", "\u{1b}[31m"),
    };
    let mark = match options.color && !tone.is_empty() {
        true => format!("{tone}{mark}\u{1b}[0m"),
        false => mark.to_owned(),
    };
    let _ = writeln!(text, "  {mark} {:<NAME$} {}", part.name, safe(&part.text));
    for Ailment { what, mend } in part.ailments.iter().take(SHOWN) {
        let _ = writeln!(text, "      {}", safe(what));
        if let Some(mend) = mend {
            let _ = writeln!(text, "        → {}", safe(mend));
        }
    }
    if part.ailments.len() > SHOWN {
        let left = part.ailments.len() - SHOWN;
        let _ = writeln!(text, "      and {left} more (--format json has all)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::doctor::DOCTOR_SCHEMA;

    #[test]
    fn one_screen_says_what_is_wrong_and_what_mends_it() {
        let imports = (0..8).fold(
            Part::new("imports", State::Mend, "41 of 49 modules import"),
            |part, at| {
                part.with(Ailment::new(
                    format!("`import a{at}` fails in 1 module"),
                    "pip install a",
                ))
            },
        );
        let examination = Examination {
            schema: DOCTOR_SCHEMA.to_owned(),
            tool_version: "0".to_owned(),
            parts: vec![
                Part::new("git", State::Well, "main\u{1b}[2J → working tree"),
                imports,
                Part::new("agent", State::Note, "no hook"),
            ],
        };
        let options = TerminalOptions {
            color: false,
            width: 0,
            verbose: false,
        };
        insta::assert_snapshot!(terminal(&examination, &options));
        let read: Examination = serde_json::from_str(&json(&examination)).expect("JSON");
        assert_eq!(read, examination);
        assert!(read.has_mends());
    }
}
