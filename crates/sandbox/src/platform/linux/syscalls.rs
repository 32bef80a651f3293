//! System-call rules for the whole contained program, by seccomp.

use crate::filter;

/// Applies the rules to this process for good.
pub fn apply() -> Result<Vec<String>, String> {
    let program = filter::program_filter().ok_or("there are no system-call rules for this kind of machine")?;
    seccompiler::apply_filter(&program)
        .map_err(|error| format!("the kernel refused the system-call rules: {error}"))?;
    Ok(Vec::new())
}
