//! The page that sections are written on: indentation, blank lines between sections, columns.

use super::TerminalOptions;
use super::text::{Tone, pad, paint, width, wrap};
use crate::words;
use model::report::FunctionReport;

/// Columns where the terminal does not say.
const USUAL_WIDTH: usize = 100;
/// Columns below which alignment is worth nothing.
const LEAST_WIDTH: usize = 40;
/// A place or name longer than this is not waited for by the others.
const WIDEST_COLUMN: usize = 36;
/// `? NOT VERIFIED`, which nearly every label is shorter than.
const LABEL: usize = 14;

/// Text in the making.
pub(super) struct Page {
    text: String,
    options: TerminalOptions,
    started: bool,
}

impl Page {
    pub(super) fn new(options: TerminalOptions) -> Self {
        Self {
            text: String::new(),
            options,
            started: false,
        }
    }

    pub(super) fn verbose(&self) -> bool {
        self.options.verbose
    }

    pub(super) fn width(&self) -> usize {
        if self.options.width == 0 {
            USUAL_WIDTH
        } else {
            self.options.width.max(LEAST_WIDTH)
        }
    }

    pub(super) fn paint(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.options.color)
    }

    /// Begins a section: a blank line, except at the top.
    pub(super) fn section(&mut self) {
        if self.started {
            self.text.push('\n');
        }
        self.started = true;
    }

    /// One line as it is.
    pub(super) fn line(&mut self, indent: usize, line: &str) {
        self.started = true;
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Text broken at words, its later lines `hang` columns further in.
    pub(super) fn paragraph(&mut self, indent: usize, hang: usize, text: &str, tone: Option<Tone>) {
        let room = self.width().saturating_sub(indent + hang).max(LEAST_WIDTH / 2);
        for (index, line) in wrap(text, room).into_iter().enumerate() {
            let line = tone.map_or(line.clone(), |tone| self.paint(&line, tone));
            self.line(if index == 0 { indent } else { indent + hang }, &line);
        }
    }

    /// Statements before a call; imports are left out unless all is asked for, since `reproduce` and JSON have them.
    pub(super) fn setup(&mut self, indent: usize, statements: &[String]) {
        let verbose = self.verbose();
        for line in statements.iter().flat_map(|statement| statement.lines()) {
            if verbose || !is_import(line) {
                self.line(indent, &super::text::safe(line));
            }
        }
    }

    /// `✗ NEW CRASH`, coloured and filled up so that what follows is aligned.
    pub(super) fn label(&self, mark: &str, words: &str, tone: Tone) -> String {
        let label = format!("{mark} {words}");
        let blanks = LABEL.saturating_sub(width(&label));
        format!("{}{}", self.paint(&label, tone), " ".repeat(blanks + 2))
    }

    /// Columns that a label takes, with the blanks after it.
    pub(super) fn label_width(&self) -> usize {
        LABEL + 2
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// Whether a statement is an import.
pub(super) fn is_import(line: &str) -> bool {
    line.starts_with("import ") || line.starts_with("from ")
}

/// `path:line`, which terminals make clickable.
pub(super) fn place(function: &FunctionReport) -> String {
    format!("{}:{}", super::text::safe(&function.path), function.line)
}

/// The function's name, safe to print.
pub(super) fn name(function: &FunctionReport) -> String {
    super::text::safe(words::name(&function.qualified_name))
}

/// Widths of the place and name columns that fit all of `functions`, within reason.
pub(super) struct Columns {
    place: usize,
    name: usize,
}

impl Columns {
    pub(super) fn of<'a>(functions: impl Iterator<Item = &'a FunctionReport> + Clone) -> Self {
        let widest = |text: fn(&FunctionReport) -> String| {
            functions
                .clone()
                .map(|one| width(&text(one)))
                .filter(|width| *width <= WIDEST_COLUMN)
                .max()
                .unwrap_or(0)
        };
        Self {
            place: widest(place),
            name: widest(name),
        }
    }

    /// Place and name, aligned; `tail` follows them where there is one.
    pub(super) fn row(&self, page: &Page, function: &FunctionReport, tail: &str) -> String {
        let place = pad(&place(function), self.place);
        let name = name(function);
        if tail.is_empty() {
            return format!("{place}  {}", page.paint(&name, Tone::Strong));
        }
        let blanks = " ".repeat(self.name.saturating_sub(width(&name)));
        format!("{place}  {}{blanks}  {tail}", page.paint(&name, Tone::Strong))
    }

    /// Columns that a row takes before its tail.
    pub(super) fn width(&self) -> usize {
        self.place + self.name + 4
    }
}
