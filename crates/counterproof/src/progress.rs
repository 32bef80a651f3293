//! Progress on standard error, and the wish to stop.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::attended;

/// A spinner on a terminal, a line for whoever attends to it, silence elsewhere.
pub struct Spinner {
    bar: Option<ProgressBar>,
    stopped: Arc<AtomicBool>,
}

impl Spinner {
    /// A spinner that shows nothing until something takes longer than a moment.
    pub fn new(stopped: Arc<AtomicBool>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(
                ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, stopped }
    }

    fn say(&self, text: String) {
        if attended::is_attended() {
            // Names come from the project: one line stays one line.
            let line = text.replace(char::is_control, " ");
            let _ = writeln!(std::io::stderr(), "{}{line}", attended::PROGRESS);
        }
        if let Some(bar) = &self.bar {
            bar.set_message(text);
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl executor::Progress for Spinner {
    fn function(&self, done: usize, all: usize, name: &str) {
        self.say(format!("{}/{all} {name}", done + 1));
    }

    fn stage(&self, name: &str) {
        self.say(name.to_owned());
    }

    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
