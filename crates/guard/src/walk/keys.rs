//! Where keys and credentials go on a line: into variables, words and pipes.
//!
//! What they are is never told, not even where their file can be read: it would stand in reasons and logs. A mark behind [`UNKNOWN`] says whence
//! a part of a word comes.

use super::{UNKNOWN, Walker};

/// Stands behind [`UNKNOWN`] where a file of keys was read.
pub const FROM_KEYS: char = '\u{fff9}';
/// Stands behind [`UNKNOWN`] where a variable has the name of a key.
pub const FROM_NAME: char = '\u{fffa}';

impl Walker<'_> {
    /// Notes that a program or a variable gets what a file of keys holds.
    pub fn takes(&mut self, file: &str) {
        self.taken.push(file.to_owned());
    }

    /// A file of keys that the line has read, and may hand on in what cannot be told.
    pub fn taken(&self) -> Option<&str> {
        self.taken.last().map(String::as_str)
    }

    /// How many times the line has read such a file.
    pub(super) fn times_taken(&self) -> usize {
        self.taken.len()
    }

    /// Notes that a variable holds what such a file holds.
    pub fn holds(&mut self, variable: &str) {
        self.held.insert(variable.to_owned());
    }

    /// Notes that what goes into a pipe is what such a file holds.
    pub fn hands_on(&mut self) {
        self.handed = self.taken.last().cloned();
    }

    /// Whether what is read here comes from such a file.
    pub fn reads_keys(&self) -> bool {
        self.upstream
            .iter()
            .any(|word| crate::commands::is_secret_file(self, word))
    }

    /// What stands for a variable that is not told.
    pub(super) fn untold(&self, name: &str) -> String {
        let given = name.parse::<usize>().ok().and_then(|number| {
            let arguments = self.state.arguments.as_ref()?;
            arguments.get(number.checked_sub(1)?)
        });
        if self.held.contains(name) || given.is_some_and(|arg| arg.text.contains(FROM_KEYS)) {
            format!("{UNKNOWN}{FROM_KEYS}")
        } else if crate::commands::is_secret_name(name) {
            format!("{UNKNOWN}{FROM_NAME}")
        } else {
            UNKNOWN.to_string()
        }
    }
}
