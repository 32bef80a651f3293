//! System-call filters, as programs for the kernel's classic BPF machine.
//!
//! `seccompiler` builds filters out of rules, but can say neither "a number from 0x4000_0000 on" (the x32 twins of all
//! calls, which a list of forbidden calls would leave open) nor two different refusals in one program. So the programs
//! are assembled here, from decision trees small enough to read, and tested by a machine that interprets them.

mod assemble;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod program;
#[cfg(all(test, target_os = "linux"))]
mod tests;

/// Stands for the process' own number in [`child_filter`]: whoever installs the filter replaces it (it occurs as the
/// four bytes of the last word of an instruction, in the machine's own byte order).
pub const PID_PLACEHOLDER: u32 = 0x7FED_C0DE;

/// The filter that a forked child installs right before its first call: no new processes or programs, no signals to
/// others, no limits changed. Array of `struct sock_filter` in the machine's byte order; empty where the system or the
/// kind of machine has none. In it [`PID_PLACEHOLDER`] is to be replaced by the child's own number.
pub fn child_filter() -> Vec<u8> {
    #[cfg(target_os = "linux")]
    return child::rules().map(|rules| assemble::bytes(&rules)).unwrap_or_default();
    #[cfg(not(target_os = "linux"))]
    return Vec::new();
}

/// The filter for the whole contained program; with `loopback`, it may use the network that it finds, and with `metadata` change
/// modes, owners, times and attributes of files.
#[cfg(target_os = "linux")]
pub fn program_filter(loopback: bool, metadata: bool) -> Option<Vec<seccompiler::sock_filter>> {
    let instructions = program::rules(loopback, metadata)?;
    let convert = |at: &assemble::Instruction| seccompiler::sock_filter {
        code: at.code,
        jt: at.jt,
        jf: at.jf,
        k: at.k,
    };
    Some(instructions.iter().map(convert).collect())
}
