//! A Seatbelt profile for macOS, written against its documentation and **untried**: nobody here had a Mac.
//!
//! `sandbox-exec` takes a profile in a small Scheme; the last matching rule wins. It is deprecated by name but is what
//! macOS itself and browsers rest on.

use camino::Utf8Path;

use crate::Policy;

/// The profile for a policy.
pub fn profile(policy: &Policy) -> String {
    let mut rules = vec![
        "(version 1)".to_owned(),
        "(deny default)".to_owned(),
        "(deny network*)".to_owned(),
        "(allow process-fork)".to_owned(),
        "(allow signal (target same-sandbox))".to_owned(),
        "(allow sysctl-read)".to_owned(),
        "(allow mach-lookup (global-name \"com.apple.system.logger\"))".to_owned(),
        // Names of files may be asked for (an interpreter looks its way up to the root), contents not.
        "(allow file-read-metadata)".to_owned(),
        "(allow file-read* (literal \"/\"))".to_owned(),
        "(allow file-write-data (literal \"/dev/null\"))".to_owned(),
        "(allow file-read* (subpath \"/usr/lib\") (subpath \"/System/Library\") (subpath \"/dev/fd\"))".to_owned(),
    ];
    rules.extend(
        policy
            .readable
            .iter()
            .map(|path| format!("(allow file-read* {})", beneath(path))),
    );
    for path in &policy.executable {
        rules.push(format!(
            "(allow process-exec {0}) (allow file-read* {0})",
            beneath(path)
        ));
    }
    rules.extend(
        policy
            .writable
            .iter()
            .map(|path| format!("(allow file-read* file-write* {})", beneath(path))),
    );
    rules.join("\n")
}

/// A filter for a path and what lies beneath it.
fn beneath(path: &Utf8Path) -> String {
    let quoted = path.as_str().replace('\\', "\\\\").replace('"', "\\\"");
    format!("(subpath \"{quoted}\")")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denies_by_default_and_quotes_paths() {
        let policy = Policy {
            readable: vec!["/a \"b\"".into()],
            executable: vec!["/usr/bin/python3".into()],
            writable: vec!["/scratch".into()],
            memory_bytes: 0,
            cpu_seconds: 0,
            file_bytes: 0,
            open_files: 0,
            loopback: false,
            without: Vec::new(),
        };
        let profile = profile(&policy);
        assert!(profile.starts_with("(version 1)\n(deny default)"));
        assert!(profile.contains(r#"(allow file-read* (subpath "/a \"b\""))"#));
        assert!(profile.contains(r#"file-write* (subpath "/scratch")"#));
        assert_eq!(profile.matches('(').count(), profile.matches(')').count());
    }
}
