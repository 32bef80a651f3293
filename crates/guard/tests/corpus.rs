//! Commands with what should be said to them: `corpus/`.

use std::path::Path;

use counterproof_guard::{Decision, NoFiles, Surroundings, command};

/// A line of the corpus.
struct Labelled {
    decision: Decision,
    why: String,
    command: String,
    place: String,
}

fn corpus() -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut all = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
    {
        let text = std::fs::read_to_string(path).expect("a text");
        let mut heading: Option<(Decision, String)> = None;
        for (at, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.file_name().unwrap_or_default().to_string_lossy(), at + 1);
            let told = [
                ("deny", Decision::Deny),
                ("ask", Decision::Ask),
                ("allow", Decision::Allow),
            ]
            .into_iter()
            .find_map(|(word, decision)| Some((decision, line.strip_prefix(&format!("# {word}: "))?.to_owned())));
            match (told, &heading) {
                (Some(told), _) => heading = Some(told),
                (None, Some((decision, why))) if !line.is_empty() => all.push(Labelled {
                    decision: *decision,
                    why: why.clone(),
                    command: unescaped(line),
                    place,
                }),
                (None, None) => panic!("{place}: a command without a heading"),
                _ => {}
            }
        }
    }
    all
}

/// `\n` is an end of line, `\\` a backslash before one.
fn unescaped(line: &str) -> String {
    line.replace("\\\\\\n", "\\\n")
        .replace("\\n", "\n")
        .replace("%s\n", "%s\\n")
        .replace("%d\n", "%d\\n")
}

fn place() -> Surroundings<'static> {
    Surroundings {
        home: "/home/ada".to_owned(),
        branch: Some("feature".to_owned()),
        default_branch: Some("main".to_owned()),
        ..Surroundings::bare("/code/shop", &NoFiles)
    }
}

#[test]
fn every_command_is_judged_as_its_label_says() {
    let place = place();
    let wrong: Vec<String> = corpus()
        .iter()
        .filter_map(|one| {
            let judged = command(&one.command, &place);
            (judged.decision != one.decision).then(|| {
                format!(
                    "{} {} instead of {} ({}): {:?}\n    {}",
                    one.place,
                    judged.decision.word(),
                    one.decision.word(),
                    one.why,
                    one.command,
                    judged.reason
                )
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} are judged otherwise:\n{}",
        wrong.len(),
        corpus().len(),
        wrong.join("\n")
    );
}

#[test]
fn what_is_not_allowed_says_why_in_one_sentence() {
    let place = place();
    for one in corpus() {
        let judged = command(&one.command, &place);
        if judged.decision > Decision::Allow {
            assert!(
                judged.reason.len() > 30 && !judged.reason.contains('\n'),
                "{}: {}",
                one.place,
                judged.reason
            );
        } else {
            assert!(judged.reason.is_empty(), "{}: {}", one.place, judged.reason);
        }
    }
}
