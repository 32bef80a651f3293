//! What the machine is, and what it has spent.

use crate::shell;
use nix::sys::resource::UsageWho;
use std::process::Command;
use std::time::Duration;

/// CPU seconds of all children that have ended and were waited for, and of their children. Only Linux tells.
pub fn children_cpu_seconds() -> Option<f64> {
    // The kernel counts in ticks of 1/100 s for user space, on every architecture.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold blanks; it ends at the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Fields 16 and 17 of the whole line, cutime and cstime; the line here begins with field 3.
    Some((ticks(13)? + ticks(14)?) / TICKS)
}

/// CPU time of all children that have ended and were waited for, finer than [`children_cpu_seconds`].
pub fn children_cpu() -> Result<Duration, String> {
    cpu(UsageWho::RUSAGE_CHILDREN)
}

/// CPU time of this process itself, which others on the machine do not stretch as they do the time on the clock.
pub fn own_cpu() -> Result<Duration, String> {
    cpu(UsageWho::RUSAGE_SELF)
}

fn cpu(who: UsageWho) -> Result<Duration, String> {
    let usage = nix::sys::resource::getrusage(who);
    let usage = usage.map_err(|error| format!("the system does not tell what was used: {error}"))?;
    let of = |time: nix::sys::time::TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    };
    Ok(of(usage.user_time()) + of(usage.system_time()))
}

/// The most memory that any child which was waited for had at once, in megabytes; their own children count as well.
pub fn children_peak_megabytes() -> Option<f64> {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).ok()?;
    // Linux counts in units of 1024 bytes.
    u32::try_from(usage.max_rss())
        .ok()
        .map(|units| f64::from(units) * 1024.0 / 1e6)
}

/// The machine and the day, in one line.
pub fn described() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = memory_gigabytes().map_or(String::new(), |size| format!(", {size:.0} GB of memory"));
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    let day = shell::output(Command::new("date").arg("+%Y-%m-%d")).unwrap_or_default();
    format!(
        "{cores} cores of {model}{memory}, {}, load {load} at the end",
        day.trim()
    )
}

fn memory_gigabytes() -> Option<f64> {
    let text = field("/proc/meminfo", "MemTotal")?;
    let units: f64 = text.trim_end_matches(" kB").parse().ok()?;
    Some(units * 1024.0 / 1e9)
}

/// The value after `name` and a colon in a file of the kernel.
fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
