//! `.counterproof/accepted.toml`: differences that somebody wanted. It is reviewed with the change that needs it, and counts for
//! later ones.

use change::{Pair, Side};
use model::FindingKind;
use model::report::{Acceptance, AcceptanceState};
use serde::{Deserialize, Serialize};

use crate::error::CliError;

/// Where it is, from the top of the repository.
pub const PATH: &str = ".counterproof/accepted.toml";
/// The folder of it: what lies there is ours, and no part of the program that is checked.
pub const FOLDER: &str = ".counterproof/";
/// Version of the form; another one is not read.
const FORMAT: u32 = 1;
const HEADING: &str = "\
# Differences in behaviour that were accepted. `counterproof accept FINDING --reason \"…\"` writes this file; review it as code.
";

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    version: u32,
    #[serde(default)]
    finding: Vec<Entry>,
}

/// One accepted difference. All but the id is for the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The finding's id, which depends on both versions of the function and on what differs.
    pub id: String,
    /// The function's file.
    pub path: String,
    /// Its dotted name.
    pub qualified_name: String,
    /// What kind of difference; nothing for what is told by syntax alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<FindingKind>,
    /// The call that shows it.
    pub call: String,
    /// What it did.
    pub was: String,
    /// What it does.
    pub now: String,
    /// Why that is wanted.
    pub reason: String,
    /// Who accepted it.
    pub who: String,
    /// On which day (UTC).
    pub date: String,
}

impl Default for File {
    fn default() -> Self {
        Self {
            version: FORMAT,
            finding: Vec::new(),
        }
    }
}

impl File {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is none: the line and what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let file: Self = toml::from_str(text).map_err(|error| crate::config::line_and_message(text, &error))?;
        if file.version == FORMAT {
            Ok(file)
        } else {
            Err(format!(
                "it is of version {}, and this program reads version {FORMAT}",
                file.version
            ))
        }
    }

    /// Takes an entry in, in place of one of the same finding.
    pub fn add(&mut self, entry: Entry) {
        self.finding.retain(|other| other.id != entry.id);
        self.finding.push(entry);
        let order = |entry: &Entry| (entry.path.clone(), entry.qualified_name.clone(), entry.id.clone());
        self.finding.sort_by_key(order);
    }

    /// The file as it is written.
    ///
    /// # Errors
    /// When it cannot be put into TOML.
    pub fn text(&self) -> Result<String, String> {
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        Ok(format!("{HEADING}{text}"))
    }

    fn acceptance(&self, id: &str, state: AcceptanceState) -> Option<Acceptance> {
        let entry = self.finding.iter().find(|entry| entry.id == id)?;
        Some(Acceptance {
            state,
            reason: entry.reason.clone(),
            who: entry.who.clone(),
        })
    }
}

/// What was accepted in both versions of a change.
#[derive(Debug, Default)]
pub struct Accepted {
    base: File,
    head: File,
    /// Why base's file does not count.
    pub note: Option<String>,
}

impl Accepted {
    /// Reads both versions' files. One of base that is broken counts as none, so that a change can mend it.
    ///
    /// # Errors
    /// When head's is broken.
    pub fn of(pair: &Pair) -> Result<Self, CliError> {
        let head = read(&pair.head)
            .map_err(|wrong| CliError::Usage(format!("{PATH} cannot be read, {wrong}: mend it, or take it out")))?;
        let (base, note) = match read(&pair.base) {
            Ok(base) => (base, None),
            Err(wrong) => {
                let note = format!("{PATH} of base cannot be read, {wrong}: nothing in it counts as accepted");
                (File::default(), Some(note))
            }
        };
        Ok(Self { base, head, note })
    }

    /// Whether and how a finding is accepted. What the change itself adds is pending: it does not judge itself.
    pub fn acceptance(&self, id: &str) -> Option<Acceptance> {
        let before = self.base.acceptance(id, AcceptanceState::Accepted);
        before.or_else(|| self.head.acceptance(id, AcceptanceState::Pending))
    }

    /// Whether a finding counts no more.
    pub fn is_accepted(&self, id: &str) -> bool {
        self.base.acceptance(id, AcceptanceState::Accepted).is_some()
    }
}

fn read(side: &Side) -> Result<File, String> {
    let Some(entry) = side.entry(PATH) else {
        return Ok(File::default());
    };
    let bytes = side.read(&entry.id).map_err(|error| error.to_string())?;
    File::parse(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, id: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            path: path.to_owned(),
            qualified_name: "f".to_owned(),
            kind: Some(FindingKind::NewCrash),
            call: "f('a\\'b')".to_owned(),
            was: "1".to_owned(),
            now: "raises \"E\"".to_owned(),
            reason: "two\nlines".to_owned(),
            who: "Ann <a@example.invalid>".to_owned(),
            date: "2026-11-24".to_owned(),
        }
    }

    #[test]
    fn entries_are_sorted_and_read_back_whatever_the_order_they_came_in() {
        let of = |order: [(&str, &str); 3]| {
            let mut file = File::default();
            order.into_iter().for_each(|(path, id)| file.add(entry(path, id)));
            file.text().expect("TOML")
        };
        let text = of([("b.py", "1"), ("a.py", "3"), ("a.py", "2")]);
        assert_eq!(text, of([("a.py", "2"), ("a.py", "3"), ("b.py", "1")]));
        let file = File::parse(text.as_bytes()).expect("a file");
        let ids: Vec<&str> = file.finding.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["2", "3", "1"]);
        assert_eq!(file.finding[2], entry("b.py", "1"));
    }

    #[test]
    fn an_entry_replaces_the_one_of_the_same_finding() {
        let mut file = File::default();
        file.add(entry("a.py", "1"));
        file.add(Entry {
            reason: "better".to_owned(),
            ..entry("a.py", "1")
        });
        assert_eq!((file.finding.len(), file.finding[0].reason.as_str()), (1, "better"));
    }

    #[test]
    fn base_accepts_and_a_change_that_accepts_itself_is_pending() {
        let file = |id| {
            let mut file = File::default();
            file.add(entry("a.py", id));
            file
        };
        let accepted = Accepted {
            base: file("1"),
            head: file("2"),
            note: None,
        };
        let state = |id| accepted.acceptance(id).map(|acceptance| acceptance.state);
        assert_eq!(state("1"), Some(AcceptanceState::Accepted));
        assert_eq!(state("2"), Some(AcceptanceState::Pending));
        assert_eq!(state("3"), None);
        assert!(accepted.is_accepted("1") && !accepted.is_accepted("2"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(File::parse(b"version = 2\n").is_err_and(|wrong| wrong.contains("version 2")));
        assert!(File::parse(b"version = 1\n[[finding]]\nid = 3\n").is_err_and(|wrong| wrong.starts_with("line 3")));
    }
}
