//! Texts that Bash works out although nobody marked them as commands: places in arrays, numbers, prompts.
//!
//! Source: the Bash Reference Manual, "Shell Arithmetic" (values of variables are worked out again), "Arrays", "Controlling the Prompt".

use super::{Effect, EffectKind, Reach, Reversible, UNKNOWN, Walker, shown};

/// Whether a text has a command in it that would run.
fn has_command(text: &str) -> bool {
    text.contains("$(") || text.contains('`')
}

impl Walker<'_> {
    /// A text in which substitutions are made as between double quotes.
    fn substituted(&mut self, text: &str, what: &str) {
        let line = format!(": \"{}\"", text.replace('"', "\\\""));
        self.shell(&line, what, None);
    }

    /// A name that may have a place behind it: `a[$(…)]`.
    pub fn located(&mut self, text: &str) {
        if text.contains('[') && has_command(text) {
            self.substituted(text, "a place in an array");
        }
    }

    /// A text that is worked out as a number, with the variables that it names.
    pub fn counted(&mut self, text: &str) {
        self.located(text);
        if self.state.variables.is_empty() {
            return;
        }
        let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let values: Vec<String> = names
            .filter_map(|name| self.state.variables.get(name).cloned().flatten())
            .filter(|value| value.contains('[') && has_command(value))
            .collect();
        for value in values {
            self.located(&value);
        }
    }

    /// The words of `[[ … ]]` or `test`: some are numbers or places.
    pub fn tested(&mut self, words: &[String]) {
        let counts = |word: &String| matches!(word.as_str(), "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-v");
        if words.iter().any(counts) {
            words.iter().for_each(|word| self.counted(word));
        }
    }

    /// `${name@P}`: a value as a prompt.
    pub(super) fn prompted(&mut self, value: &str) {
        if has_command(value) {
            self.substituted(value, "a prompt");
        }
    }

    /// Variables that a shell runs something of, or finds programs by.
    pub fn assigned(&mut self, name: &str, text: &str) {
        match name {
            "PS0" | "PS1" | "PS2" | "PS3" | "PS4" => self.prompted(text),
            "PROMPT_COMMAND" => {
                self.shell(text, "what a shell runs before each prompt", None);
            }
            "PATH" => {
                let first = text.split(':').next().unwrap_or_default();
                let is_temporary = ["/tmp/", "/var/tmp/", "/dev/shm/"]
                    .iter()
                    .any(|top| first.starts_with(top));
                let is_own = self.path(first).is_some_and(|folder| self.writes_into(&folder));
                // Whoever unpacks a tool has it in `bin`.
                if !first.contains(UNKNOWN) && (is_own || is_temporary && !first.ends_with("/bin")) {
                    let what = format!("programs that are looked for in `{}` first", shown(first));
                    self.effect(Effect::new(EffectKind::Unknown, what, Reversible::No, Reach::Machine));
                }
            }
            _ => {}
        }
    }
}
