//! What goes from one command to another by other ways than a pipe.

use super::{Input, Walker, described};
use crate::shell::tree::{Command, Part, RedirectKind};

impl Walker<'_> {
    /// `<&5`: what the line has opened before. Which number it has is not kept, so all that is open is read.
    pub(super) fn duplicated(&mut self, number: &str) {
        if self.made.opened.is_empty() || matches!(number, "0" | "1" | "2" | "-") {
            return;
        }
        let told: Option<Vec<&str>> = self
            .made
            .opened
            .iter()
            .map(|input| match input {
                Input::Known(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        self.input = match told {
            Some(texts) => Input::Known(texts.concat()),
            None => Input::Unknown("what a file holds that was opened before".to_owned()),
        };
    }

    /// `> >(program)`: the program reads what was printed.
    pub(super) fn handed_on(&mut self, command: &Command, output: Option<&str>) {
        for redirect in &command.redirects {
            let [Part::Process(script)] = redirect.target.parts.as_slice() else {
                continue;
            };
            if !matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append) {
                continue;
            }
            let printed = match output {
                Some(text) => Input::Known(text.to_owned()),
                None => Input::Unknown(described(command)),
            };
            let (state, before) = (self.state.clone(), std::mem::replace(&mut self.input, printed));
            self.captured(true, |walker| walker.script(script));
            (self.state, self.input) = (state, before);
        }
    }
}
