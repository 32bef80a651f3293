//! `counterproof accept`: a finding is written down as wanted, for review.

use std::fs;
use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use camino::{Utf8Path, Utf8PathBuf};

use crate::accepted::{Entry, File, PATH};
use crate::args::AcceptArgs;
use crate::error::{CliError, print};
use crate::files::write_whole;
use crate::records::place::Place;
use crate::settings;
use crate::versions::Cache;

/// Writes the finding into the repository's file of accepted ones.
///
/// # Errors
/// When there is no such finding, no repository, nobody to name, or the file cannot be read or written.
pub fn run(args: &AcceptArgs) -> Result<u8, CliError> {
    settings::refuse_agents("accept a difference")?;
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(CliError::Usage(
            "the reason is empty: say with --reason why this difference is wanted, for whoever reviews it".to_owned(),
        ));
    }
    let top = top()?;
    let entry = entry(args, reason, &top)?;
    let path = top.join(PATH);
    let unusable = |wrong: String| CliError::Usage(format!("{PATH} {wrong}. Nothing was changed"));
    let mut file = match fs::read(&path) {
        Ok(bytes) => File::parse(&bytes).map_err(|wrong| unusable(format!("cannot be read, {wrong}: mend it")))?,
        Err(error) if error.kind() == ErrorKind::NotFound => File::default(),
        Err(error) => return Err(unusable(format!("cannot be read: {error}"))),
    };
    let told = format!(
        "{} {} of {} is accepted in {PATH}",
        entry.id, entry.qualified_name, entry.path
    );
    let fact = crate::records::acceptance(
        &entry.id,
        &format!("{}::{}", entry.path, entry.qualified_name),
        &entry.reason,
        &entry.who,
    );
    file.add(entry);
    let text = file
        .text()
        .map_err(|wrong| unusable(format!("cannot be written: {wrong}")))?;
    write_whole(&path, text.as_bytes())
        .map_err(|error| unusable(format!("cannot be written: {error}; make it writable")))?;
    print(&format!(
        "{told}: commit it with the change. Until it is merged, checks of this change show the finding as pending."
    ))?;
    if let Some(kept) = keep(&top, fact)? {
        print(&kept)?;
    }
    if git(&top, &["check-ignore", "--quiet", PATH]).is_some() {
        print(&format!(
            "Git ignores {PATH} here: take it out of .gitignore, or it counts nowhere."
        ))?;
    }
    Ok(0)
}

/// Puts the acceptance into the ledger, where there is one that this machine may write to.
fn keep(top: &Utf8Path, fact: Vec<u8>) -> Result<Option<String>, CliError> {
    let (place, _) = Place::of_repository(top)?;
    if place.unchecked().ok().flatten().is_none() {
        return Ok(None);
    }
    let now = jiff::Timestamp::now();
    let kept = || -> Result<u64, CliError> {
        let (ledger, _) = place.open_to_append(now)?;
        let key = crate::records::keys::own(None)?;
        let record = ledger::NewRecord {
            kind: model::RecordKind::Acceptance,
            by: key.public().id().to_string(),
            subject: model::Subject::default(),
            payload: Some(fact),
        };
        crate::records::append(&ledger, record, now)
    };
    Ok(Some(match kept() {
        Ok(index) => format!("entry {index} of the ledger says so."),
        Err(error) => format!("It is not in the ledger: {error}"),
    }))
}

fn entry(args: &AcceptArgs, reason: &str, top: &Utf8Path) -> Result<Entry, CliError> {
    let cache = Cache::open(&settings::cache_folder())?;
    let unknown = || {
        CliError::Usage(format!(
            "there is no finding {} in the cache: run `counterproof check` again, it prints the ids",
            args.finding
        ))
    };
    let stored = cache.check_of(&args.finding).ok_or_else(unknown)?;
    // What is written down travels: it is taken from the report, which holds no secrets.
    let report = stored.report(stored.exit);
    if let Some(concern) = report.concerns.iter().find(|concern| concern.id == args.finding) {
        return Ok(Entry {
            id: concern.id.clone(),
            path: concern.path.clone(),
            qualified_name: concern.function.clone(),
            kind: None,
            call: String::new(),
            was: String::new(),
            now: concern.text.clone(),
            reason: reason.to_owned(),
            who: who(top)?,
            date: date(SystemTime::now()),
        });
    }
    let all = report.functions.iter().flat_map(|function| {
        let findings = function.findings.iter();
        findings.map(move |finding| (function, finding))
    });
    let (function, finding) = all
        .into_iter()
        .find(|(_, finding)| finding.id == args.finding)
        .ok_or_else(unknown)?;
    let example = &finding.example;
    let aspect = example
        .aspect
        .as_ref()
        .map_or_else(String::new, |aspect| format!("{aspect}: "));
    Ok(Entry {
        id: finding.id.clone(),
        path: function.path.clone(),
        qualified_name: function.qualified_name.clone(),
        kind: Some(finding.kind),
        call: example.call.clone(),
        was: format!("{aspect}{}", example.base),
        now: format!("{aspect}{}", example.head),
        reason: reason.to_owned(),
        who: who(top)?,
        date: date(SystemTime::now()),
    })
}

/// The top of the repository that we are in.
fn top() -> Result<Utf8PathBuf, CliError> {
    let here = Utf8PathBuf::from(".");
    git(&here, &["rev-parse", "--show-toplevel"])
        .map(Utf8PathBuf::from)
        .ok_or_else(|| {
            CliError::Usage(
                "this folder is in no git repository: run `counterproof accept` where the change is".to_owned(),
            )
        })
}

/// Every address under which git would commit in a folder: of the repository and of the user.
pub fn addresses(folder: &Utf8Path) -> Vec<String> {
    let all = git(folder, &["config", "--get-all", "user.email"]).unwrap_or_default();
    let told = git(folder, &["var", "GIT_COMMITTER_IDENT"]).unwrap_or_default();
    let told = told.split_once('<').and_then(|(_, rest)| rest.split('>').next());
    all.lines().chain(told).map(str::to_owned).collect()
}

/// Who works here, as git knows them.
///
/// # Errors
/// When git does not know.
pub fn who(top: &Utf8Path) -> Result<String, CliError> {
    let of = |key| git(top, &["config", "--get", key]).filter(|value| !value.is_empty());
    match (of("user.name"), of("user.email")) {
        (Some(name), Some(email)) => Ok(format!("{name} <{email}>")),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (None, None) => Err(CliError::Usage(
            "git does not know who you are: set `git config user.name` and `user.email`, the entry names who accepted"
                .to_owned(),
        )),
    }
}

/// What git answers in a line, where it does not refuse.
fn git(folder: &Utf8Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches('\n').to_owned())
}

/// The day of a time in UTC, as ISO 8601 writes it; the algorithm is `civil_from_days` of Howard Hinnant's
/// "chrono-Compatible Low-Level Date Algorithms".
fn date(time: SystemTime) -> String {
    let days = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 86_400);
    // Years that begin in March end with the day that some lack; 400 of them repeat.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", day - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_day_is_written_as_everybody_reads_it() {
        assert_eq!(date(UNIX_EPOCH), "1970-01-01");
        let day = |days: u64| date(UNIX_EPOCH + Duration::from_secs(days * 86_400 + 86_399));
        assert_eq!(
            (day(20_781).as_str(), day(19_782).as_str()),
            ("2026-11-24", "2024-02-29")
        );
        assert_eq!(
            (day(11_016).as_str(), day(20_818).as_str()),
            ("2000-02-29", "2026-12-31")
        );
    }
}
