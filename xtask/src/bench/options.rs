//! The arguments of a bench: `--name value`, `--name`, and, after `--`, arguments for `counterproof check`.

use crate::shell::Result;
use std::collections::BTreeMap;
use std::str::FromStr;

/// What every bench takes.
pub const EVERYWHERE: &str = "  --binary PATH      measure this program instead of building the release";

/// Arguments that nothing has asked for yet are told as unknown by [`Options::done`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    given: BTreeMap<String, Vec<Option<String>>>,
    /// What goes on to `counterproof check`.
    pub for_check: Vec<String>,
}

impl Options {
    /// Reads `--name value` and `--name`; `--name=value` too.
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut words = arguments.iter().copied().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                options.for_check = words.map(str::to_owned).collect();
                break;
            }
            let name = word
                .strip_prefix("--")
                .ok_or_else(|| format!("`{word}` is not understood: options begin with --"))?;
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (name, words.next_if(|next| !next.starts_with("--"))),
            };
            let values = options.given.entry(name.to_owned()).or_default();
            values.push(value.map(str::to_owned));
        }
        Ok(options)
    }

    /// Sets what was not given.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.given
            .entry(name.to_owned())
            .or_insert_with(|| vec![Some(value.to_owned())]);
        self
    }

    /// The text of an option.
    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        let mut texts = self.texts(name)?;
        match texts.len() {
            0 | 1 => Ok(texts.pop()),
            _ => Err(format!("--{name} is given more than once")),
        }
    }

    /// The texts of an option that may be given more than once, in their order.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>> {
        let given = self.given.remove(name).unwrap_or_default();
        let text = |value: Option<String>| value.ok_or_else(|| format!("--{name} needs a value"));
        given.into_iter().map(text).collect()
    }

    /// The number of an option, or what stands for it.
    pub fn number<T: FromStr>(&mut self, name: &str, default: T) -> Result<T> {
        match self.text(name)? {
            None => Ok(default),
            // A budget may be written as `counterproof check` takes it.
            Some(value) => value
                .trim_end_matches('s')
                .parse()
                .map_err(|_| format!("--{name}: `{value}` is no number")),
        }
    }

    /// Whether an option without a value is there.
    pub fn is(&mut self, name: &str) -> Result<bool> {
        match self.given.remove(name).and_then(|mut values| values.pop()) {
            None => Ok(false),
            Some(None) => Ok(true),
            Some(Some(value)) => Err(format!("--{name} takes no value, and `{value}` follows it")),
        }
    }

    /// Called when all options were asked for.
    pub fn done(&self) -> Result<()> {
        match self.given.keys().next() {
            None => Ok(()),
            Some(name) => Err(format!("--{name} is not known here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_both_forms_and_unknown_ones_told() {
        let mut options = Options::parse(&["--seed", "7", "--all", "--budget=60s", "--", "--no-sandbox"]).unwrap();
        assert!(options.is("all").unwrap());
        assert_eq!(options.number("budget", 20u64), Ok(60));
        assert!(options.done().is_err());
        assert_eq!(options.number("seed", 0u64), Ok(7));
        assert_eq!(options.number("limit", 3usize), Ok(3));
        assert_eq!(options.done(), Ok(()));
        assert_eq!(options.for_check, ["--no-sandbox"]);
        assert!(Options::parse(&["seed"]).is_err());
    }

    #[test]
    fn an_option_may_be_given_more_than_once_where_that_means_something() {
        let both = ["--repository", "a", "--repository=b"];
        let mut options = Options::parse(&both).unwrap();
        assert_eq!(options.texts("repository").unwrap(), ["a", "b"]);
        assert_eq!(options.texts("repository").unwrap(), [""; 0]);
        assert!(Options::parse(&both).unwrap().text("repository").is_err());
    }
}
