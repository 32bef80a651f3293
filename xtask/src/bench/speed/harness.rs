//! Calls per second of one harness process, as its own driver measures them.

use crate::bench::summary::Summary;
use crate::pythons::Python;
use crate::shell;
use std::process::Command;

/// How lines are observed, and how many calls of a small function that must allow in a second.
const MODES: [(&str, &str, f64); 3] = [
    ("none", "without coverage", 80_000.0),
    ("monitoring", "with `sys.monitoring`", 60_000.0),
    ("settrace", "with `settrace`", 30_000.0),
];

/// Runs the driver under each interpreter.
pub fn measure(pythons: &[Python], summary: &mut Summary) {
    for python in pythons {
        let mut command = Command::new(&python.path);
        command
            .current_dir(shell::root().join("harnesses/python/tests"))
            .arg("speed.py")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let text = match shell::output(&mut command) {
            Ok(text) => text,
            Err(error) => {
                let last = error.lines().last().unwrap_or_default();
                summary.tell(
                    format!("calls a second, Python {}", python.text),
                    format!("not measured: {last}"),
                );
                summary.fail(format!(
                    "the harness' driver failed under Python {}: {last}",
                    python.text
                ));
                continue;
            }
        };
        print!("{text}");
        for (mode, words, target) in MODES {
            if let Some(rate) = rate(&text, mode) {
                summary.judge(
                    format!("calls a second of a small function, Python {}, {words}", python.text),
                    format!("{rate:.0}"),
                    format!("{target:.0}"),
                    rate >= target,
                );
            }
        }
    }
}

/// The mean rate of the small function: `  none  small  123456 calls/s mean, 130000 best`.
fn rate(text: &str, mode: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [first, "small", rate, ..] = words.as_slice() else {
            return None;
        };
        (*first == mode).then(|| rate.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_the_small_function_is_read() {
        let text = "python 3.12.1\n  none        lists       50000 calls/s mean,    51000 best\n  \
                    none        small       90000 calls/s mean,    95000 best\n";
        assert_eq!(rate(text, "none"), Some(90_000.0));
        assert_eq!(rate(text, "settrace"), None);
    }
}
