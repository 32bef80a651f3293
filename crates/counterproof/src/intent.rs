//! What a change says that it means to do: trailers of its commits, and `--intent`.

use camino::Utf8Path;
use change::{HistoryRequest, PastCommit, history};
use model::report::{DeclaredChange, Intent};

use crate::error::CliError;

/// The trailer, in lower case, as both spell it.
const TRAILERS: [&str; 2] = ["behavior-change", "behaviour-change"];
/// Words for "nothing changes".
const NONE: [&str; 3] = ["none", "refactor", "refactoring"];
/// Characters of a commit's id that are shown.
const ID: usize = 8;

/// What options say.
///
/// # Errors
/// When one of them says neither.
pub fn by_option(options: &[String]) -> Result<Intent, CliError> {
    let mut intent = Intent::default();
    for option in options {
        if !take(&mut intent, option, "--intent") {
            return Err(CliError::Usage(format!(
                "`--intent {option}` says nothing of a change: write `--intent refactor`, or `--intent \"cart.days: what it does now\"`"
            )));
        }
    }
    Ok(settled(intent))
}

/// What the commits of a change say besides, and what of it cannot be read.
///
/// That nothing changes holds where each commit says so: what others change is not theirs to say. An option goes before it.
pub fn of(ends: (Option<String>, Option<String>), folder: &Utf8Path, mut intent: Intent) -> (Intent, Vec<String>) {
    let mut notes = Vec::new();
    if intent.none.is_some() {
        return (intent, notes);
    }
    let mut by_all = None;
    for commit in commits(&ends, folder) {
        let by = format!("commit {}", commit.id.chars().take(ID).collect::<String>());
        let mut own = Intent::default();
        for says in said(&commit) {
            if !take(&mut own, says, &by) {
                notes.push(format!(
                    "Behavior-Change of {by} cannot be read, `{says}`: write `none`, or `cart.days: what it does now`"
                ));
            }
        }
        by_all = match by_all {
            None => Some(own.none),
            Some(before) => Some(before.filter(|_| own.none.is_some())),
        };
        intent.declared.append(&mut own.declared);
    }
    intent.none = by_all.flatten();
    (settled(intent), notes)
}

fn settled(mut intent: Intent) -> Intent {
    if !intent.declared.is_empty() {
        intent.none = None;
    }
    intent
}

/// Commits between both versions.
fn commits((base, head): &(Option<String>, Option<String>), folder: &Utf8Path) -> Vec<PastCommit> {
    let Some(base) = base else {
        return Vec::new();
    };
    let head = head.as_deref().unwrap_or("HEAD");
    let request = HistoryRequest {
        range: Some(format!("{base}..{head}")),
        all_parents: true,
        ..HistoryRequest::default()
    };
    // Where git does not tell, nobody said anything: a declaration never makes a finding less.
    history(folder.as_std_path(), &request).unwrap_or_default()
}

/// What its trailers say.
fn said(commit: &PastCommit) -> impl Iterator<Item = &str> {
    let named = commit.trailers.iter().filter_map(|line| line.split_once(':'));
    named
        .filter(|(key, _)| TRAILERS.contains(&key.trim().to_lowercase().as_str()))
        .map(|(_, value)| value.trim())
}

/// Takes one statement in; false where it is none.
fn take(intent: &mut Intent, says: &str, by: &str) -> bool {
    if NONE.contains(&says.to_lowercase().as_str()) {
        intent.none.get_or_insert_with(|| by.to_owned());
        return true;
    }
    let Some((name, says)) = says.split_once(':') else {
        return false;
    };
    let (name, says) = (name.trim(), says.trim());
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    if says.is_empty() || !name.split('.').all(is_part) {
        return false;
    }
    intent.declared.push(DeclaredChange {
        name: name.to_owned(),
        says: says.to_owned(),
        by: by.to_owned(),
        seen: false,
    });
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_says_nothing_changes_or_what_does() {
        let of = |options: &[&str]| by_option(&options.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["refactor"]).expect("an intent").none.as_deref(), Some("--intent"));
        let intent = of(&["none", "cart.days: a day more"]).expect("an intent");
        assert_eq!((intent.none, intent.declared[0].name.as_str()), (None, "cart.days"));
        for wrong in ["", "feature", "cart.days:", "two words: x", ": x"] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
    }
}
