//! System-call rules for the whole contained program, by seccomp.

use crate::filter;

/// Applies the rules to this process for good.
///
/// The network is left open to a program that has one of its own, whose loopback is up; so are changes of modes, owners, times
/// and attributes of files where all that is not the program's is mounted read-only. Gives why not, where they were to be.
pub fn apply(loopback: &Option<Result<(), String>>, metadata: &Result<(), String>) -> Result<Vec<String>, String> {
    let program = filter::program_filter(matches!(loopback, Some(Ok(()))), metadata.is_ok())
        .ok_or("there are no system-call rules for this kind of machine")?;
    seccompiler::apply_filter(&program)
        .map_err(|error| format!("the kernel refused the system-call rules: {error}"))?;
    let gap = loopback.as_ref().and_then(|raised| raised.as_ref().err());
    Ok(gap
        .map(|why| format!("the machine's own network stays refused: {why}"))
        .into_iter()
        .chain(
            metadata
                .as_ref()
                .err()
                .map(|why| format!("modes, owners and times of files cannot be changed at all: {why}")),
        )
        .collect())
}
