//! Values of words.

use super::{Arg, FROM_KEYS, UNKNOWN, Walker};
use crate::shell::tree::{Form, Part, Word};

/// A field that is being put together.
#[derive(Default)]
struct Field {
    arg: Arg,
    /// Whether it is there though it is empty.
    is_there: bool,
}

impl Walker<'_> {
    /// The fields that a word makes.
    pub(super) fn fields(&mut self, word: &Word) -> Vec<Arg> {
        let mut fields = Vec::new();
        let mut field = Field::default();
        for (at, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text, quoted } => {
                    field.is_there = true;
                    if *quoted {
                        field.arg.text.push_str(text);
                        continue;
                    }
                    field.arg.glob |= text.contains(['*', '?', '[']);
                    let text = if at == 0 { self.tilde(text) } else { text.clone() };
                    field.arg.text.push_str(&text);
                }
                Part::Variable { name, quoted, form }
                    if matches!(name.as_str(), "@" | "*") && matches!(form, Form::Plain) =>
                {
                    self.all_arguments(name == "@" && *quoted, &mut field, &mut fields);
                }
                Part::Variable {
                    name,
                    quoted,
                    form: Form::Other(index),
                } if self.all_of(name, index).is_some() => {
                    let values = self.all_of(name, index).unwrap_or_default();
                    self.given(&values, *quoted, &mut field, &mut fields);
                }
                part => {
                    let quoted = match part {
                        Part::Variable { quoted, .. } | Part::Substitution { quoted, .. } => *quoted,
                        _ => true,
                    };
                    let value = self.part(part);
                    if quoted {
                        field.is_there = true;
                        field.arg.text.push_str(&value);
                    } else {
                        let parting = self.state.variables.get("IFS").cloned().flatten();
                        split(&value, parting.as_deref().unwrap_or(" \t\n"), &mut field, &mut fields);
                    }
                }
            }
        }
        if field.is_there {
            fields.push(field.arg);
        }
        fields
    }

    fn all_arguments(&mut self, apart: bool, field: &mut Field, fields: &mut Vec<Arg>) {
        let Some(arguments) = self.state.arguments.clone() else {
            field.is_there = true;
            field.arg.text.push(UNKNOWN);
            return;
        };
        self.given(&arguments, apart, field, fields);
    }

    /// All values of an array, for `${name[@]}`.
    fn all_of(&self, name: &str, index: &Word) -> Option<Vec<Arg>> {
        let index = index.literal()?;
        matches!(index.as_str(), "[@]" | "[*]")
            .then(|| self.state.arrays.get(name).cloned().flatten())
            .flatten()
    }

    fn given(&self, arguments: &[Arg], apart: bool, field: &mut Field, fields: &mut Vec<Arg>) {
        for (at, argument) in arguments.iter().enumerate() {
            if at > 0 {
                if field.is_there {
                    fields.push(std::mem::take(&mut field.arg));
                }
                *field = Field::default();
            }
            if apart {
                field.is_there = true;
                field.arg.text.push_str(&argument.text);
            } else {
                split(&argument.text, " \t\n", field, fields);
            }
        }
    }

    /// A word as one text, without fields being told apart.
    pub(super) fn joined(&mut self, word: &Word) -> Arg {
        let mut arg = Arg::default();
        for (at, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text, quoted } => {
                    if !quoted && at == 0 {
                        let text = self.tilde(text);
                        arg.text.push_str(&text);
                    } else {
                        arg.text.push_str(text);
                    }
                    arg.glob |= !quoted && text.contains(['*', '?', '[']);
                }
                part => {
                    let value = self.part(part);
                    arg.text.push_str(&value);
                }
            }
        }
        arg
    }

    fn tilde(&self, text: &str) -> String {
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", self.place.home),
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("/home/{rest}"),
            _ => text.to_owned(),
        }
    }

    fn part(&mut self, part: &Part) -> String {
        let unknown = || UNKNOWN.to_string();
        match part {
            Part::Text { text, .. } => text.clone(),
            Part::Variable { name, form, .. } => match self.form(name, form) {
                Some(value) => value,
                None => self.untold(name),
            },
            Part::Substitution { script, .. } => {
                let state = self.state.clone();
                let taken = self.times_taken();
                let output = self.captured(true, |walker| walker.script(script));
                self.state = state;
                if self.times_taken() > taken {
                    return format!("{UNKNOWN}{FROM_KEYS}");
                }
                output.map_or_else(unknown, |text| text.trim_end_matches('\n').to_owned())
            }
            Part::Process(script) => {
                let state = self.state.clone();
                self.captured(true, |walker| walker.script(script));
                self.state = state;
                unknown()
            }
            Part::Arithmetic(word) => {
                let inside = self.joined(word);
                self.counted(&inside.text);
                number(&inside.text).unwrap_or_else(unknown)
            }
        }
    }

    fn form(&mut self, name: &str, form: &Form) -> Option<String> {
        let value = if name.is_empty() { None } else { self.value(name) };
        match form {
            Form::Plain => value,
            Form::Default { word, assigns } => {
                let default = self.joined(word);
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    return Some(value);
                }
                let default = default.is_known().then_some(default.text);
                if *assigns {
                    self.state.variables.insert(name.to_owned(), default.clone());
                }
                default
            }
            Form::Alternative(word) => {
                let other = self.joined(word);
                match value {
                    Some(value) if value.is_empty() => Some(String::new()),
                    Some(_) if other.is_known() => Some(other.text),
                    _ => None,
                }
            }
            Form::Slice(word) => {
                let bounds = self.joined(word);
                slice(&value?, &bounds.text)
            }
            Form::Other(word) => {
                let index = self.joined(word).text;
                if index == "@P" {
                    self.prompted(&value?);
                    return None;
                }
                let index: usize = index.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
                let values = self.state.arrays.get(name)?.as_ref()?;
                values.get(index).map(|arg| arg.text.clone())
            }
        }
    }

    /// The value of a variable, as far as it is told.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.state.variables.get(name) {
            return value.clone();
        }
        if let Ok(number) = name.parse::<usize>() {
            let arguments = self.state.arguments.as_ref()?;
            return match number {
                0 => None,
                number => Some(
                    arguments
                        .get(number - 1)
                        .map(|arg| arg.text.clone())
                        .unwrap_or_default(),
                )
                .filter(|text| !text.contains(UNKNOWN)),
            };
        }
        if self.on != super::On::Here {
            return (name == "IFS").then(|| " \t\n".to_owned());
        }
        match name {
            "IFS" => Some(" \t\n".to_owned()),
            "HOME" => Some(self.place.home.clone()),
            "PWD" => self.state.folder.clone(),
            "TMPDIR" => Some(
                self.place
                    .variables
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| "/tmp".to_owned()),
            ),
            "#" => self
                .state
                .arguments
                .as_ref()
                .map(|arguments| arguments.len().to_string()),
            name => self.place.variables.get(name).cloned(),
        }
    }
}

/// Adds a value of which these characters part fields.
fn split(value: &str, parting: &str, field: &mut Field, fields: &mut Vec<Arg>) {
    for c in value.chars() {
        if parting.contains(c) {
            if field.is_there {
                fields.push(std::mem::take(&mut field.arg));
                *field = Field::default();
            }
        } else {
            field.is_there = true;
            field.arg.glob |= matches!(c, '*' | '?' | '[');
            field.arg.text.push(c);
        }
    }
}

/// `offset` or `offset:length` of a text, where they are plain numbers.
fn slice(value: &str, bounds: &str) -> Option<String> {
    let (offset, length) = match bounds.split_once(':') {
        Some((offset, length)) => (offset, Some(length)),
        None => (bounds, None),
    };
    let chars: Vec<char> = value.chars().collect();
    let offset: i64 = offset.trim().parse().ok()?;
    let start = if offset < 0 {
        chars.len().checked_sub(usize::try_from(-offset).ok()?)?
    } else {
        usize::try_from(offset).ok()?.min(chars.len())
    };
    let end = match length {
        None => chars.len(),
        Some(length) => match length.trim().parse::<i64>().ok()? {
            length if length < 0 => chars.len().checked_sub(usize::try_from(-length).ok()?)?,
            length => start.saturating_add(usize::try_from(length).ok()?).min(chars.len()),
        },
    };
    Some(chars.get(start..end)?.iter().collect())
}

/// A plain number; what has to be worked out is not told.
fn number(text: &str) -> Option<String> {
    text.trim().parse::<i64>().ok().map(|number| number.to_string())
}
