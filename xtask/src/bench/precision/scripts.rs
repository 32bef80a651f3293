//! Stand-alone scripts of findings, run by plain Python: contained, but without the harness.

use crate::bench::checking::{Checker, cache, drained, watch};
use crate::shell::{self, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The longest run of a script; an example that does not end runs into it.
const LONGEST: Duration = Duration::from_secs(30);

/// Runs a program without network, on file systems that cannot be written but for one folder in memory.
const CONTAIN: &str = r#"
while read -r _ place _; do mount -o remount,bind,ro "$place" 2>/dev/null; done < /proc/self/mounts
mount -t tmpfs none "$SCRATCH" && exec "$@"
"#;

/// What running a script told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The two versions print different things, and base prints the same twice. Whether these are the words of the finding, where
    /// those are whole.
    Differs(Option<bool>),
    /// They do not: what both print.
    Same(String),
    /// Base does not print the same twice.
    Unsteady(String),
    /// No script can tell: it counts what a plain run does not.
    NotTold(&'static str),
    /// There is no script.
    NoScript(String),
}

/// Runs scripts.
pub struct Runner {
    folder: PathBuf,
}

impl Runner {
    /// Tries the containment first: examples may do anything to the machine.
    pub fn ready() -> Result<Self> {
        let folder = shell::target().join("bench/precision");
        shell::remove_folder(&folder)?;
        shell::make_folder(&folder.join("scratch"))?;
        let runner = Self { folder };
        let mut probe = runner.contained();
        probe.args([
            "sh",
            "-c",
            "touch \"$SCRATCH/x\" && ! touch \"$SCRATCH/../x\" 2>/dev/null",
        ]);
        match shell::works(&mut probe) {
            true => Ok(runner),
            false => {
                Err("scripts run only where `unshare --user --mount --net` works: examples may do anything".to_owned())
            }
        }
    }

    /// Runs the script of a finding on both versions.
    pub fn judge(&self, checker: &Checker, finding: &Value, trees: (&Path, &Path)) -> Result<Verdict> {
        if finding["kind"] == "slower" {
            return Ok(Verdict::NotTold("slower, which is told by counted lines"));
        }
        let mut print = Command::new(&checker.binary);
        print
            .env("COUNTERPROOF_CACHE", cache())
            .current_dir(shell::root())
            .args([
                "reproduce",
                finding["id"].as_str().unwrap_or_default(),
                "--format",
                "python",
            ]);
        let script = match shell::output(&mut print) {
            Ok(script) => script,
            Err(error) => return Ok(Verdict::NoScript(error.replace('\n', " / "))),
        };
        let file = self.folder.join("script.py");
        shell::write(&file, &script)?;
        let base = self.printed(checker, &file, trees.0, "0")?;
        let again = self.printed(checker, &file, trees.0, "1")?;
        let head = self.printed(checker, &file, trees.1, "0")?;
        if base == head {
            return Ok(Verdict::Same(base));
        }
        // What is another each time in base, a hash or an identifier, and never in head, differs as well.
        if base != again
            && !differs_steadily(&base, &again, &head)
            && head != self.printed(checker, &file, trees.1, "1")?
        {
            return Ok(Verdict::Unsteady(format!("{base} / {again}")));
        }
        let example = &finding["example"];
        if !example["aspect"].is_null() {
            return Ok(Verdict::Differs(None));
        }
        Ok(Verdict::Differs(as_shown(&[
            (&example["base"], &base),
            (&example["head"], &head),
        ])))
    }

    /// What the script prints with one version: its words, or how it ended.
    fn printed(&self, checker: &Checker, script: &Path, tree: &Path, seed: &str) -> Result<String> {
        let mut command = self.contained();
        command
            .arg(&checker.python)
            .args([script, tree])
            .env("PYTHONHASHSEED", seed)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("unshare: {error}"))?;
        let (stdout, stderr) = (drained(child.stdout.take()), drained(child.stderr.take()));
        let ended = watch(&mut child, LONGEST);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        let (stdout, stderr) = (
            text(stdout.join().unwrap_or_default()),
            text(stderr.join().unwrap_or_default()),
        );
        if ended.is_err() {
            return Ok(format!("{stdout}\ndoes not end").trim().to_owned());
        }
        match child.wait() {
            Ok(status) if status.success() => Ok(stdout),
            Ok(status) => Ok(format!(
                "{stdout}\n{status}: {}",
                stderr.lines().last().unwrap_or_default()
            )),
            Err(error) => Err(format!("a script was lost: {error}")),
        }
    }

    fn contained(&self) -> Command {
        let scratch = self.folder.join("scratch");
        let mut command = Command::new("unshare");
        command
            .args([
                "--map-root-user",
                "--mount",
                "--net",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-c",
                CONTAIN,
                "sh",
            ])
            .env("SCRATCH", &scratch)
            .env("HOME", &scratch)
            .env("TMPDIR", &scratch)
            .env_remove("PYTHONPATH");
        command
    }
}

/// Whether head prints another line where base prints the same line twice: the part that differs stands on a line of its own, and
/// the whole of an object may hold what comes in another order each time.
fn differs_steadily(base: &str, again: &str, head: &str) -> bool {
    let (base, again, head) = (base.lines(), again.lines(), head.lines());
    let mut others = head.chain(std::iter::repeat(""));
    base.zip(again)
        .zip(&mut others)
        .any(|((base, again), head)| base == again && base != head)
}

/// Whether a script prints the words of the finding; none where those are shortened or in another form.
fn as_shown(sides: &[(&Value, &String)]) -> Option<bool> {
    let mut all = true;
    for (shown, printed) in sides {
        let shown = shown.as_str()?;
        let plain = shown.starts_with("raises ") || is_literal(shown);
        if !plain || shown.contains('…') {
            return None;
        }
        all &= printed.lines().any(|line| line == shown);
    }
    Some(all)
}

/// Numbers, texts, and what holds them: what looks alike in a report and in a script.
fn is_literal(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    (first.is_ascii_digit() || "-'\"[({".contains(first) || ["None", "True", "False"].contains(&text))
        && !text.contains(" of ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_must_be_steady_on_a_line_of_its_own() {
        assert!(differs_steadily(
            "part: 1\n{a, b}",
            "part: 1\n{b, a}",
            "part: 2\n{a, b}"
        ));
        assert!(differs_steadily("1", "1", "2") && differs_steadily("1\nx", "1\nx", "1"));
        assert!(!differs_steadily("{a, b}", "{b, a}", "{c}"));
        assert!(!differs_steadily("part: 1\n{a, b}", "part: 1\n{b, a}", "part: 1\n{c}"));
    }

    #[test]
    fn only_words_that_are_whole_are_compared() {
        let printed = ("1".to_owned(), "raises ValueError: x".to_owned());
        let told = |base: &str, head: &str| {
            let (base, head) = (json!(base), json!(head));
            as_shown(&[(&base, &printed.0), (&head, &printed.1)])
        };
        assert_eq!(told("1", "raises ValueError: x"), Some(true));
        assert_eq!(told("2", "raises ValueError: x"), Some(false));
        assert_eq!(told("1", "raises ValueError: …"), None);
        assert_eq!(told("prints '1'", "2"), None);
    }
}
