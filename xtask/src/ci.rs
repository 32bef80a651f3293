//! `cargo xtask ci`: what continuous integration runs.

use crate::shell::{self, Result};
use crate::test;

/// Formatting, clippy, tests; the first that fails ends it.
pub fn run() -> Result<()> {
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    shell::run(shell::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    test::run()
}
