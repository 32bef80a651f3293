//! The report as workflow commands, which GitHub shows as annotations beside the changed lines.

use crate::groups::{self, Shown, by_key};
use crate::tell::{self, Level};
use crate::terminal::{cut, safe};
use crate::words;
use model::report::{CheckReport, ConcernReport, FunctionReport, Status, TestReport};

/// Annotations of one level that GitHub shows of a step.
const MOST: usize = 10;
/// Characters of one message.
const MESSAGE: usize = 4_000;
/// Characters of one reason in the summary.
const REASON: usize = 200;
/// Reasons in the summary.
const REASONS: usize = 10;

/// One line for each annotation; nothing where there is nothing to say.
pub fn text(report: &CheckReport) -> String {
    let mut all: Vec<Annotation> = Vec::new();
    all.extend(groups::of(report, false).iter().map(|group| of_group(group)));
    all.extend(crate::concerns::counting(report).map(of_concern));
    let tests = tell::tests_to_act_on(report);
    all.extend(tests.iter().map(|(level, word, test)| of_test(*level, word, test)));
    let open = report.functions.iter().filter(|one| one.status == Status::NotVerified);
    all.extend(open.map(of_open));
    let (mut shown, left) = shown(all, !in_summary(report).is_empty());
    shown.extend(summary(report, &left));
    shown.iter().map(Annotation::line).collect()
}

/// One annotation.
struct Annotation {
    level: Level,
    /// Where, if anywhere.
    place: Option<(String, Option<u32>)>,
    title: String,
    message: String,
}

impl Annotation {
    fn line(&self) -> String {
        let command = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some((path, line)) = &self.place {
            properties.push(format!("file={}", property(&safe(path))));
            properties.extend(line.map(|line| format!("line={}", line.max(1))));
        }
        properties.push(format!("title={}", property(&self.title)));
        let message = data(&cut(&self.message, MESSAGE));
        format!("::{command} {}::{message}\n", properties.join(","))
    }
}

/// Escapes a message, as GitHub's toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, as GitHub's toolkit does.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn of_group(group: &[Shown]) -> Annotation {
    let (function, finding) = group[0];
    let (path, line) = tell::place(function, finding);
    let mut lines = tell::finding(function, finding);
    for (other, same) in &group[1..] {
        let place = format!("{}:{}", safe(&other.path), other.line);
        lines.push(format!(
            "also shows in {} ({place}), {}",
            tell::name(other),
            safe(&same.id)
        ));
    }
    Annotation {
        level: tell::level(finding),
        place: Some((path.to_owned(), Some(line))),
        title: tell::title(function, finding),
        message: lines.join("\n"),
    }
}

fn of_test(level: Level, word: &str, test: &TestReport) -> Annotation {
    let place = test.place.as_ref().map_or((test.path.clone(), None), |place| {
        (place.path.clone(), Some(place.line))
    });
    let mut lines = vec![format!("{} in {}", tell::test_name(test), safe(&test.path))];
    lines.extend(tell::test_story(test));
    Annotation {
        level,
        place: Some(place),
        title: format!("{word} {}", tell::test_name(test)),
        message: lines.join("\n"),
    }
}

fn of_concern(concern: &ConcernReport) -> Annotation {
    Annotation {
        level: Level::Warning,
        place: Some((concern.path.clone(), Some(concern.line))),
        title: format!("{} {}", crate::concerns::HEADING, words::cwe(concern.cwe)),
        message: format!("{}\n{}", crate::concerns::line(concern), safe(&concern.id)),
    }
}

fn of_open(function: &FunctionReport) -> Annotation {
    Annotation {
        level: Level::Note,
        place: Some((function.path.clone(), Some(function.line))),
        title: format!("NOT VERIFIED {}", tell::name(function)),
        message: tell::reason(function),
    }
}

/// What GitHub shows of `all`, and how many of each level it would not; one notice is kept free for the summary where there
/// will be one.
fn shown(all: Vec<Annotation>, summary: bool) -> (Vec<Annotation>, Vec<(Level, usize)>) {
    const LEVELS: [Level; 3] = [Level::Error, Level::Warning, Level::Note];
    let number = |level| all.iter().filter(|one| one.level == level).count();
    let has_summary = summary || LEVELS.iter().any(|level| number(*level) > MOST);
    let room = |level| MOST - usize::from(has_summary && level == Level::Note);
    let left = LEVELS.map(|level| (level, number(level).saturating_sub(room(level))));
    let mut taken = LEVELS.map(|_| 0);
    let kept = all.into_iter().filter(|one| {
        taken[one.level as usize] += 1;
        taken[one.level as usize] <= room(one.level)
    });
    let kept = kept.collect();
    (kept, left.into_iter().filter(|(_, number)| *number > 0).collect())
}

/// What has no line to stand at: files, tests that were set aside or not run, remarks.
fn in_summary(report: &CheckReport) -> Vec<String> {
    let mut lines = Vec::new();
    for (reason, files) in by_key(&report.unverified, |file| file.reason.as_str()) {
        let number = words::count(files.len() as u64, "file");
        lines.push(format!("NOT VERIFIED: {number}: {}", cut(&safe(reason), REASON)));
    }
    let notes: Vec<(&str, &TestReport)> = report
        .tests
        .iter()
        .filter_map(|one| match tell::test(one.status) {
            Some((Level::Note, word)) => Some((word, one)),
            _ => None,
        })
        .collect();
    for ((word, reason), tests) in by_key(&notes, |(word, test)| (*word, test.text.as_str())) {
        let number = words::count(tests.len() as u64, "test");
        lines.push(format!("{word}: {number}: {}", cut(&safe(reason), REASON)));
    }
    lines.extend(tell::remarks(report).iter().map(|line| cut(line, REASON)));
    lines
}

/// One notice about all that has none of its own.
fn summary(report: &CheckReport, left: &[(Level, usize)]) -> Option<Annotation> {
    let noun = |level| match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut lines: Vec<String> = left
        .iter()
        .map(|(level, number)| {
            format!(
                "{} not shown here",
                words::count(*number as u64, &format!("more {}", noun(*level)))
            )
        })
        .collect();
    let others = in_summary(report);
    lines.extend(others.iter().take(REASONS).cloned());
    if others.len() > REASONS {
        lines.push(words::count((others.len() - REASONS) as u64, "more remark"));
    }
    (!lines.is_empty()).then(|| Annotation {
        level: Level::Note,
        place: None,
        title: "counterproof".to_owned(),
        message: lines.join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{change, evidence, full_report, function, report, seen};
    use model::Verification;

    #[test]
    fn one_of_each() {
        insta::assert_snapshot!(text(&full_report()));
    }

    #[test]
    fn escaping_is_that_of_the_toolkit() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }

    #[test]
    fn no_more_than_github_shows_and_the_rest_is_counted() {
        let open = |index| seen(index, Verification::NotVerified("needs a socket".to_owned()));
        let many = |number: usize| {
            let functions = (0..number).map(|at| function("a.py", &format!("f{at}"), 3)).collect();
            text(&report(&change(functions), &evidence((0..number).map(open).collect())))
        };
        assert_eq!(many(10).matches("::notice ").count(), 10);
        assert!(!many(10).contains("not shown"));
        let all = many(25);
        assert_eq!(all.matches("::notice ").count(), 10, "{all}");
        assert!(
            all.contains("title=counterproof::16 more notices not shown here"),
            "{all}"
        );
    }

    #[test]
    fn nothing_to_say_is_nothing() {
        assert_eq!(text(&report(&change(vec![]), &evidence(vec![]))), "");
    }
}
