//! Answers, read with the path of each field at hand.

use jiff::Timestamp;
use serde_json::Value;

use crate::Error;

/// A value of an answer, with where it stands.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    url: &'a str,
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// The whole answer of an address.
    pub fn whole(url: &'a str, value: &'a Value) -> Self {
        Self {
            url,
            path: String::new(),
            value,
        }
    }

    fn wrong(&self, wrong: &str) -> Error {
        Error::Form {
            url: self.url.to_owned(),
            field: if self.path.is_empty() {
                "it"
            } else {
                self.path.trim_start_matches('.')
            }
            .to_owned(),
            wrong: wrong.to_owned(),
        }
    }

    /// A field that must be there; it may be null.
    pub fn at(&self, name: &str) -> Result<Self, Error> {
        let path = format!("{}.{name}", self.path);
        let fields = self.value.as_object().ok_or_else(|| self.wrong("is no object"))?;
        let inner = Self {
            url: self.url,
            path,
            value: fields.get(name).unwrap_or(&Value::Null),
        };
        match fields.contains_key(name) {
            true => Ok(inner),
            false => Err(inner.wrong("is missing")),
        }
    }

    /// A field that may be missing or null.
    pub fn maybe(&self, name: &str) -> Option<Self> {
        self.at(name).ok().filter(|field| !field.value.is_null())
    }

    /// The elements of a list.
    pub fn items(&self) -> Result<impl Iterator<Item = Self>, Error> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("is no list"))?;
        let (url, path) = (self.url, self.path.clone());
        Ok(items.iter().enumerate().map(move |(index, value)| Self {
            url,
            path: format!("{path}[{index}]"),
            value,
        }))
    }

    /// A text.
    pub fn text(&self) -> Result<&'a str, Error> {
        self.value.as_str().ok_or_else(|| self.wrong("is no text"))
    }

    /// A whole number that is not negative.
    pub fn number(&self) -> Result<u64, Error> {
        self.value.as_u64().ok_or_else(|| self.wrong("is no number"))
    }

    /// True or false.
    pub fn truth(&self) -> Result<bool, Error> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong("is neither true nor false"))
    }

    /// A moment, as RFC 3339 writes it.
    pub fn time(&self) -> Result<Timestamp, Error> {
        self.text()?.parse().map_err(|_| self.wrong("is no time"))
    }

    /// An id of a commit, as hex.
    pub fn commit(&self) -> Result<String, Error> {
        let id = self.text()?;
        match is_commit(id) {
            true => Ok(id.to_owned()),
            false => Err(self.wrong("is no id of a commit")),
        }
    }
}

/// Whether it is an id of a commit: 40 or 64 hex digits.
pub(crate) fn is_commit(id: &str) -> bool {
    matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
