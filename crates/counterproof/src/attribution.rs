//! `counterproof attribution`: who or what wrote each line that a range adds.

use change::{AuthorshipRequest, authorship};

use crate::args::{AttributionArgs, AttributionFormat};
use crate::error::{CliError, print};

/// Tells it of the repository that the current folder is in.
///
/// # Errors
/// When there is no such range, or a file with records cannot be read.
pub fn run(args: &AttributionArgs) -> Result<u8, CliError> {
    let found = authorship(&AuthorshipRequest {
        repository: ".".into(),
        range: args.range.clone(),
        traces: args.trace.iter().map(Into::into).collect(),
    })?;
    print(&match args.format {
        AttributionFormat::Terminal => report::attribution::terminal(&found),
        AttributionFormat::Json => report::attribution::json(&found),
    })?;
    Ok(0)
}
