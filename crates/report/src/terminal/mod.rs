//! The report as a person reads it: what differs first, then what is not known, then what is the same, each no longer than
//! it has to be. Everything that changed is named or counted; nothing that was not verified reads like a pass.

mod findings;
mod page;
mod rest;
mod suites;
mod summary;
mod text;

use model::report::CheckReport;
use page::Page;
pub(crate) use rest::how_hard;
pub(crate) use summary::{counts, verdict};
pub use text::safe;
pub(crate) use text::{cut, cut_pair};

/// How to write for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to use colours.
    pub color: bool,
    /// Columns to fit into; 0 when not known.
    pub width: usize,
    /// Whether to list everything that is folded otherwise.
    pub verbose: bool,
}

/// The report as text for a terminal, ended by a newline.
pub fn render(report: &CheckReport, options: &TerminalOptions) -> String {
    let mut page = Page::new(*options);
    if let Some(line) = summary::nothing_changed(report) {
        page.line(0, &line);
        return page.finish();
    }
    summary::headline(&mut page, report);
    findings::write(&mut page, report);
    rest::concerns(&mut page, report);
    suites::to_act_on(&mut page, report);
    rest::not_verified(&mut page, report);
    rest::same(&mut page, report);
    rest::new(&mut page, report);
    rest::removed(&mut page, report);
    suites::rest(&mut page, report);
    rest::files(&mut page, report);
    rest::remarks(&mut page, report);
    summary::close(&mut page, report);
    page.finish()
}

#[cfg(test)]
mod tests;
