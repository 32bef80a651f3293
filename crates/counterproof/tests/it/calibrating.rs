//! Weights of the risk score, fitted to a repository's own history.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{Repository, said};

const DAY: i64 = 86_400;
/// 2025-01-01.
const FIRST: i64 = 1_735_689_600;

/// Puts commits on top of `main`: when, the message, and how many lines their file has.
fn import(repository: &Repository, commits: &[(i64, String, String, usize)]) {
    let mut stream = String::new();
    let tip = repository.git(&["rev-parse", "main"]);
    for (number, (time, message, path, lines)) in commits.iter().enumerate() {
        let text: String = (0..*lines).map(|line| format!("x{line} = 1\n")).collect();
        let _ = write!(
            stream,
            "commit refs/heads/main\ncommitter Ada <ada@example.com> {time} +0000\ndata {}\n{message}\n",
            message.len()
        );
        if number == 0 {
            let _ = writeln!(stream, "from {}", tip.trim());
        }
        let _ = write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
    }
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet", "--force"])
        .current_dir(repository.path())
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(stream.as_bytes()).expect("it is read");
    drop(input);
    assert!(child.wait().expect("it ends").success());
    repository.git(&["reset", "--quiet", "--hard", "main"]);
}

/// A history in which small changes are mended soon after, unlike what the published weights take for usual.
fn with_history(changes: i64) -> Repository {
    let repository = Repository::bare_folder();
    repository.git(&["init", "--quiet", "--initial-branch=main"]);
    repository.write(&[("a.py", "x = 1\n")]);
    repository.git(&["add", "--all"]);
    let date = format!("--date=@{} +0000", FIRST - DAY);
    repository.git(&["commit", "--quiet", "--message", "first", &date]);
    let is_small = |number: i64| number % 5 == 0;
    let mut made = Vec::new();
    for number in 0..changes {
        let lines = if is_small(number) { 3 } else { 80 };
        let time = FIRST + number * 600;
        made.push((time, format!("Change {number}"), format!("m{number}.py"), lines));
        let earlier = number - 3;
        if earlier >= 0 && is_small(earlier) {
            made.push((time + 60, "Fix a bug".to_owned(), format!("m{earlier}.py"), 1));
        }
    }
    made.push((FIRST + 200 * DAY, "Much later".to_owned(), "notes.py".to_owned(), 1));
    import(&repository, &made);
    repository
}

#[test]
fn weights_follow_what_became_of_past_changes() {
    let repository = with_history(300);
    let (exit, text) = said(repository.command(&["gate", "calibrate", "--json"]));
    assert_eq!(exit, 0, "{text}");
    let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let weight = told["weights"]["lines_added"].as_f64().expect("a weight");
    assert!(
        weight < 0.4 && told["is_better"] == true,
        "small changes fail here: {text}"
    );
    let (exit, text) = said(repository.command(&["gate", "calibrate"]));
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("[risk]\nbias = "), "{text}");
    // What is printed is a policy.
    let policy = text.split("\n\n").nth(1).expect("a section");
    repository.write(&[("counterproof.toml", policy)]);
    repository.commit("Weights");
    repository.write(&[("b.py", "y = 2\n")]);
    repository.commit("A change");
    let (exit, text) = said(repository.command(&["gate", "explain", "HEAD~1..HEAD"]));
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("weights fitted to "), "{text}");
}

#[test]
fn too_little_history_is_told() {
    let repository = with_history(20);
    let (exit, text) = said(repository.command(&["gate", "calibrate"]));
    assert_eq!(exit, 3, "{text}");
    assert!(
        text.contains("changes to learn from, and 100 are needed; the published weights stay"),
        "{text}"
    );
}
