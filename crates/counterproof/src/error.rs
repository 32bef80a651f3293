//! The one place where an error becomes text and an exit code.

use std::io::Write;
use std::process::ExitCode;

/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// Nothing could be verified.
pub const NOTHING_VERIFIED: u8 = 3;
/// Ended by Ctrl-C, as shells count it.
pub const INTERRUPTED: u8 = 130;

/// Why a command cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// What was typed or configured does not make sense.
    #[error("{0}")]
    Usage(String),
    /// The two versions cannot be had.
    #[error(transparent)]
    Change(#[from] change::Error),
    /// The cache cannot be used at all.
    #[error("{0}")]
    Cache(String),
    /// No version can be run.
    #[error("{0}")]
    NotRunnable(String),
    /// The ledger cannot be had, or cannot be written to.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The result could not be written.
    #[error("failed to write the result: {0}")]
    Output(#[from] std::io::Error),
    /// Ctrl-C.
    #[error("interrupted: nothing was left behind")]
    Interrupted,
}

impl CliError {
    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Change(_) => USAGE,
            Self::Cache(_) | Self::NotRunnable(_) | Self::Output(_) | Self::Ledger(_) => NOTHING_VERIFIED,
            Self::Interrupted => INTERRUPTED,
        }
    }

    /// Prints the error, with what mends it, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if let Self::Output(error) = self
            && error.kind() == std::io::ErrorKind::BrokenPipe
        {
            // Whoever read the result has seen enough.
            return ExitCode::SUCCESS;
        }
        let _ = writeln!(std::io::stderr(), "counterproof: {self}");
        ExitCode::from(self.code())
    }
}

/// Says in one line that something of our own went wrong; who catches the panic says what it means for the check.
pub fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(|at| format!(" ({}:{})", at.file(), at.line()));
    let what = panic.payload_as_str().unwrap_or("no message");
    let _ = writeln!(
        std::io::stderr(),
        "counterproof: internal error, a defect of Counterproof that is worth a report: {what}{}",
        place.unwrap_or_default()
    );
}

/// Writes a remark to standard error; that nobody hears it is no error.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "counterproof: {text}");
}

/// Writes a result to standard output.
///
/// # Errors
/// When it cannot be written whole.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}
