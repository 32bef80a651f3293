//! The labelled commands of the guard, as benches and fuzzing take them.

use crate::shell::{self, Result};

/// A line of the corpus, and what is right for it.
pub struct Labelled {
    /// `allow`, `ask` or `deny`.
    pub decision: String,
    /// The line.
    pub command: String,
}

/// All of them, in an order that stays.
pub fn read() -> Result<Vec<Labelled>> {
    let folder = shell::root().join("crates/guard/corpus");
    let mut all = Vec::new();
    for path in shell::files(&folder)? {
        if path.extension().is_none_or(|end| end != "txt") {
            continue;
        }
        let mut decision = String::new();
        for line in shell::read(&path)?.lines() {
            let heading = ["allow", "ask", "deny"]
                .into_iter()
                .find(|word| line.starts_with(&format!("# {word}: ")));
            match heading {
                Some(word) => word.clone_into(&mut decision),
                None if !line.is_empty() => all.push(Labelled {
                    decision: decision.clone(),
                    command: unescaped(line),
                }),
                None => {}
            }
        }
    }
    Ok(all)
}

/// As the corpus is written: `\\n` is an end of line, but for formats of `printf`.
fn unescaped(line: &str) -> String {
    line.replace("\\\\\\n", "\\\n")
        .replace("\\n", "\n")
        .replace("%s\n", "%s\\n")
        .replace("%d\n", "%d\\n")
}
