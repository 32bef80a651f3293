//! What the surroundings of a call answer when it asks them: variables, the time, processes, servers, databases, files, typed lines.
//!
//! Nothing real is asked. An answer is part of an input, so that it is searched, made smaller, printed and replayed as arguments are.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Value;

/// Something that a call asks its surroundings for.
///
/// Processes, requests and queries are numbered from 1 in the order in which a call starts them. One without an answer of its own
/// is answered as the last one before it that has any; without that, by success and nothing to tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// The variable of this name: a text, or `None` for one that is not set though it usually is.
    Environment(String),
    /// The time, as a `datetime` of the time zone that every call runs in (UTC).
    Time,
    /// How a process ends: its return code, negative for a signal; `None` where there is no such program.
    ProcessCode(u32),
    /// What a process prints: text or bytes; anything else is written as JSON.
    ProcessOutput(u32),
    /// What a process prints to standard error, likewise.
    ProcessErrors(u32),
    /// The status of a server's response; `None` where there is no connection.
    ResponseStatus(u32),
    /// The body of a response: text or bytes; anything else is written as JSON.
    ResponseBody(u32),
    /// The headers of a response: a dictionary of texts.
    ResponseHeaders(u32),
    /// What a query finds: a list of rows, each a tuple or a dictionary by column.
    Rows(u32),
    /// The content of the file of this name, which the code names itself: relative to the folder that the call runs in, or from
    /// `~/` on. Text or bytes; anything else is written as JSON.
    File(String),
    /// What is typed: the whole of standard input, as text.
    Typed,
}

impl Asked {
    /// Its number among those of its kind, from 1, where they are numbered.
    pub fn number(&self) -> Option<u32> {
        match self {
            Self::ProcessCode(number)
            | Self::ProcessOutput(number)
            | Self::ProcessErrors(number)
            | Self::ResponseStatus(number)
            | Self::ResponseBody(number)
            | Self::ResponseHeaders(number)
            | Self::Rows(number) => Some(*number),
            _ => None,
        }
    }

    /// Kind and rest of its form as text, which [`FromStr`] reads.
    fn parts(&self) -> (&'static str, String) {
        let number = || self.number().unwrap_or_default().to_string();
        match self {
            Self::Environment(name) => ("environment", name.clone()),
            Self::Time => ("time", String::new()),
            Self::ProcessCode(_) => ("process-code", number()),
            Self::ProcessOutput(_) => ("process-output", number()),
            Self::ProcessErrors(_) => ("process-errors", number()),
            Self::ResponseStatus(_) => ("response-status", number()),
            Self::ResponseBody(_) => ("response-body", number()),
            Self::ResponseHeaders(_) => ("response-headers", number()),
            Self::Rows(_) => ("rows", number()),
            Self::File(name) => ("file", name.clone()),
            Self::Typed => ("typed", String::new()),
        }
    }
}

/// One word for the kind, a space, and the name or number: how the search and the harness call it.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (kind, rest) if rest.is_empty() => f.write_str(kind),
            (kind, rest) => write!(f, "{kind} {rest}"),
        }
    }
}

/// A text that names nothing that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAsked;

impl FromStr for Asked {
    type Err = NotAsked;

    fn from_str(text: &str) -> Result<Self, NotAsked> {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        let number = || rest.parse().map_err(|_| NotAsked);
        let name = || (!rest.is_empty()).then(|| rest.to_owned()).ok_or(NotAsked);
        Ok(match kind {
            "environment" => Self::Environment(name()?),
            "time" => Self::Time,
            "process-code" => Self::ProcessCode(number()?),
            "process-output" => Self::ProcessOutput(number()?),
            "process-errors" => Self::ProcessErrors(number()?),
            "response-status" => Self::ResponseStatus(number()?),
            "response-body" => Self::ResponseBody(number()?),
            "response-headers" => Self::ResponseHeaders(number()?),
            "rows" => Self::Rows(number()?),
            "file" => Self::File(name()?),
            "typed" => Self::Typed,
            _ => return Err(NotAsked),
        })
    }
}

/// What the surroundings answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What is asked for.
    pub to: Asked,
    /// What is answered.
    pub value: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_without_answers_is_written_as_ever() {
        let mut input = crate::Input::default();
        assert_eq!(
            format!("{input:?}"),
            "Input { receiver: None, args: [], kwargs: [], nodes: [] }"
        );
        input.world.push(Answer {
            to: Asked::Time,
            value: Value::None,
        });
        assert!(format!("{input:?}").contains("world: [Answer"));
    }

    #[test]
    fn reads_back_what_it_writes() {
        let all = [
            Asked::Environment("HOME DIR".into()),
            Asked::Time,
            Asked::ProcessCode(1),
            Asked::ProcessOutput(2),
            Asked::ProcessErrors(3),
            Asked::ResponseStatus(1),
            Asked::ResponseBody(1),
            Asked::ResponseHeaders(1),
            Asked::Rows(4),
            Asked::File("~/.config/x.json".into()),
            Asked::Typed,
        ];
        for asked in all {
            assert_eq!(asked.to_string().parse(), Ok(asked));
        }
        assert_eq!("rows".parse::<Asked>(), Err(NotAsked));
        assert_eq!("environment ".parse::<Asked>(), Err(NotAsked));
    }
}
