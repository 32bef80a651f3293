//! Options and operands of a program.

use crate::walk::Arg;

/// Arguments, told apart.
#[derive(Debug, Default)]
pub struct Options<'r> {
    flags: Vec<(String, Option<String>)>,
    /// What is no option.
    pub operands: Vec<&'r Arg>,
    /// What stands after `--`, which is among the operands, too.
    pub after: Vec<&'r Arg>,
}

impl<'r> Options<'r> {
    /// Reads arguments; `valued` are the options that take the next word.
    pub fn of(args: &'r [Arg], valued: &[&str]) -> Self {
        let mut options = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let text = arg.text.as_str();
            if text == "--" {
                options.after = rest.clone().collect();
                options.operands.extend(rest.by_ref());
            } else if let Some(long) = text.strip_prefix("--") {
                match long.split_once('=') {
                    Some((name, value)) => options.flags.push((format!("--{name}"), Some(value.to_owned()))),
                    None if valued.contains(&text) => {
                        let value = rest.next().map(|arg| arg.text.clone());
                        options.flags.push((text.to_owned(), value));
                    }
                    None => options.flags.push((text.to_owned(), None)),
                }
            } else if text.len() > 1 && text.starts_with('-') {
                options.short(text, valued, &mut rest);
            } else {
                options.operands.push(arg);
            }
        }
        options
    }

    /// `-rf`, `-n5`, `-n 5`; some programs have long names behind one dash.
    fn short(&mut self, text: &str, valued: &[&str], rest: &mut std::slice::Iter<'r, Arg>) {
        if let Some((name, value)) = text.split_once('=')
            && name.len() > 2
        {
            self.flags.push((name.to_owned(), Some(value.to_owned())));
            return;
        }
        if valued.contains(&text) {
            let value = rest.next().map(|arg| arg.text.clone());
            self.flags.push((text.to_owned(), value));
            return;
        }
        if text.len() > 2 {
            self.flags.push((text.to_owned(), None));
        }
        for (at, c) in text[1..].char_indices() {
            let name = format!("-{c}");
            if valued.contains(&name.as_str()) {
                let value = &text[1 + at + c.len_utf8()..];
                let value = if value.is_empty() {
                    rest.next().map(|arg| arg.text.clone())
                } else {
                    Some(value.to_owned())
                };
                self.flags.push((name, value));
                return;
            }
            self.flags.push((name, None));
        }
    }

    /// Whether one of these is there.
    pub fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// Whether one of these is there and not switched off (`--flag=false`).
    pub fn is_on(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|(name, value)| {
            names.contains(&name.as_str())
                && value
                    .as_deref()
                    .is_none_or(|value| !matches!(value, "false" | "0" | "none"))
        })
    }

    /// The last value of one of these.
    pub fn value(&self, names: &[&str]) -> Option<&str> {
        self.flags
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_deref())
            .next_back()
    }

    /// All values of these.
    pub fn values<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'s str> {
        self.flags
            .iter()
            .filter(move |(name, _)| names.contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_deref())
    }

    /// All options as they were given.
    pub fn all(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.flags.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// The text of an operand.
    pub fn operand(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", |arg| arg.text.as_str())
    }
}
