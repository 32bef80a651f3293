//! Who or what wrote each added line.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Repository;

const NOTES: &str = "refs/notes/ai";
const CLAUDE: &str = "Co-Authored-By: Claude <noreply@anthropic.com>";

/// A note over ranges of a file: each a key and lines.
fn note(commit: &str, file: &str, entries: &[(&str, &str)]) -> String {
    let entries: String = entries
        .iter()
        .map(|(key, lines)| format!("  {key} {lines}\n"))
        .collect();
    let metadata = json!({
        "schema_version": "authorship/3.0.0",
        "git_ai_version": "1.4.5",
        "base_commit_sha": commit,
        "prompts": {},
        "humans": {"h_31dce776f88375": {"author": "Ann <ann@example.com>"}},
        "sessions": {
            "s_c9883b05a2487d": {
                "agent_id": {"tool": "claude", "id": "conv", "model": "claude-sonnet-4-5-20250514"},
                "human_author": "Ann <ann@example.com>"
            }
        }
    });
    format!("{file}\n{entries}---\n{metadata:#}\n")
}

const AI: &str = "s_c9883b05a2487d::t_9f8e7d6c5b4a32";
const ANN: &str = "h_31dce776f88375";

/// Writes a note for `HEAD`.
fn annotate(repository: &Repository, text: &str) {
    fs::write(repository.path().join("../note"), text).expect("a file");
    repository.git(&["notes", "--ref", NOTES, "add", "--force", "--file", "../note", "HEAD"]);
}

fn head(repository: &Repository) -> String {
    repository.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

/// So many lines, each another one.
fn lines(name: &str, count: usize) -> String {
    (1..=count)
        .map(|number| format!("{name}{number} = {number}\n"))
        .collect()
}

/// A branch with a commit that adds ten lines to `a.py` in front of what main has, and a note over eight of them.
fn noted() -> Repository {
    let repository = Repository::new(&[("a.py", &lines("old", 20))]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("a.py", &(lines("new", 10) + &lines("old", 20)))]);
    repository.commit("Ten more");
    annotate(
        &repository,
        &note(&head(&repository), "a.py", &[(AI, "1-4,6-7"), (ANN, "8-9")]),
    );
    repository
}

fn attribution(repository: &Repository, args: &[&str]) -> Value {
    repository.json(&[&["attribution"], args].concat())
}

/// `1-4 ai recorded note`: the runs of a file.
fn runs(report: &Value, path: &str) -> Vec<String> {
    let files = report["files"].as_array().expect("files");
    let file = files.iter().find(|file| file["path"] == path);
    let file = file.unwrap_or_else(|| panic!("no {path} in {report:#}"));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let run = |run: &Value| {
        let author = &run["author"];
        let (kind, confidence, source) = (
            text(&author["kind"]),
            text(&author["confidence"]),
            text(&author["source"]),
        );
        format!("{}-{} {kind} {confidence} {source}", run["start"], run["end"])
    };
    file["runs"].as_array().expect("runs").iter().map(run).collect()
}

fn notes(report: &Value) -> String {
    let notes = report["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(Value::as_str);
    notes.collect::<Vec<_>>().join("\n")
}

/// What is told of the lines of [`noted`].
const RECORDED: [&str; 5] = [
    "1-4 ai recorded note",
    "5-5 unknown none none",
    "6-7 ai recorded note",
    "8-9 human recorded note",
    "10-10 unknown none none",
];

/// A branch of two commits: one with a note, one with a trailer and a file that nobody committed.
fn shop() -> Repository {
    let repository = Repository::new(&[("cart/delivery.py", &lines("old", 20))]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("cart/delivery.py", &(lines("old", 20) + &lines("new", 70)))]);
    repository.commit("Deliver on Sundays");
    let text = note(&head(&repository), "cart/delivery.py", &[(AI, "21-72"), (ANN, "73-80")]);
    annotate(&repository, &text);
    repository.write(&[("cart/money.py", &lines("m", 14))]);
    repository.commit(&format!("Round half to even\n\n{CLAUDE}"));
    repository.write(&[("cart/money.py", &lines("m", 15))]);
    repository
}

#[test]
fn a_page_tells_who_wrote_what() {
    let said = shop().run(&["attribution"]);
    insta::assert_snapshot!("an_attribution", said);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let shown = readme
        .split("<!-- attribution -->\n```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /attribution -->").next());
    assert_eq!(shown, Some(said.out.as_str()), "the README shows what is printed");
}

#[test]
fn each_line_is_told_by_the_best_there_is() {
    let repository = noted();
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), RECORDED);
    assert_eq!(report["lines"], json!({"ai": 6, "human": 2, "mixed": 0, "unknown": 2}));
    let author = &report["files"][0]["runs"][0]["author"];
    assert_eq!(
        (
            author["tool"].as_str(),
            author["model"].as_str(),
            author["commit"].as_str()
        ),
        (
            Some("claude-code"),
            Some("claude-sonnet-4-5-20250514"),
            Some(head(&repository).as_str())
        )
    );
    assert_eq!(report["files"][0]["runs"][3]["author"]["who"], "Ann <ann@example.com>");
    assert_eq!(report["commits"][0]["operator"], "Ann <ann@example.com>");
    assert_eq!(report["schema"], "counterproof.attribution/1");
    // A line that the note leaves out is untracked; the commit's own word is all there is of it.
    repository.git(&[
        "commit",
        "--quiet",
        "--amend",
        "--message",
        &format!("Ten more\n\n{CLAUDE}"),
    ]);
    annotate(&repository, &note(&head(&repository), "a.py", &[(AI, "1-9")]));
    let report = attribution(&repository, &["main..HEAD"]);
    assert_eq!(
        runs(&report, "a.py"),
        ["1-9 ai recorded note", "10-10 ai claimed trailer"]
    );
}

#[test]
fn a_commit_without_a_mark_is_unknown_not_human() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    repository.write(&[("a.py", "x = 1\ny = 2\n")]);
    repository.commit("By hand, or not\n\nReviewed-by: Bob <bob@example.com>");
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["2-2 unknown none none"]);
    assert_eq!(report["commits"][0]["claims"], json!([]));
    assert_eq!(report["commits"][0].get("operator"), None);
}

#[test]
fn trailers_count_in_the_last_paragraph_and_notes_are_asked_for() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    repository.git(&["remote", "add", "origin", "../nowhere"]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("b.py", "b = 1\n")]);
    repository.commit(&format!(
        "Tell of trailers\n\n{CLAUDE}\n\nThat was one, and this is none."
    ));
    repository.write(&[("c.py", "c = 1\n")]);
    repository.commit("Two of them\n\nco-authored-BY: Cursor <cursoragent@cursor.com>\nAssisted-By: Copilot");
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "b.py"), ["1-1 unknown none none"]);
    assert_eq!(runs(&report, "c.py"), ["1-1 ai claimed trailer"]);
    assert_eq!(
        report["files"][1]["runs"][0]["author"]["tool"],
        "cursor + github-copilot"
    );
    assert_eq!(report["commits"][0]["operator"], "Test <test@example.invalid>");
    assert!(
        notes(&report).contains("git fetch origin refs/notes/ai:refs/notes/ai"),
        "{report:#}"
    );
}

#[test]
fn lines_survive_a_rebase_by_which_git_copies_notes() {
    let repository = Repository::new(&[("a.py", &lines("old", 20))]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("a.py", &(lines("old", 20) + &lines("new", 10)))]);
    repository.commit("Ten more");
    let text = note(&head(&repository), "a.py", &[(AI, "21-24,26-27"), (ANN, "28-29")]);
    annotate(&repository, &text);
    repository.git(&["switch", "--quiet", "main"]);
    let heading = "# A heading.\n# Another.\n".to_owned();
    repository.write(&[("a.py", &(heading + &lines("old", 20)))]);
    repository.commit("A heading");
    repository.git(&["switch", "--quiet", "feature"]);
    let copying = format!("notes.rewriteRef={NOTES}");
    repository.git(&["-c", &copying, "rebase", "--quiet", "main"]);
    let report = attribution(&repository, &[]);
    let expected = [
        "23-26 ai recorded note",
        "27-27 unknown none none",
        "28-29 ai recorded note",
        "30-31 human recorded note",
        "32-32 unknown none none",
    ];
    assert_eq!(runs(&report, "a.py"), expected, "{report:#}");
    // Without its commit nobody knows whether lines moved: a claim, as they stand.
    let copy = note("1234567890123456789012345678901234567890", "a.py", &[(AI, "23-24")]);
    annotate(&repository, &copy);
    let report = attribution(&repository, &[]);
    let said = notes(&report);
    assert!(said.contains("was copied from commit 1234567890"), "{said}");
    assert_eq!(
        runs(&report, "a.py"),
        ["23-24 ai claimed note", "25-32 unknown none none"]
    );
}

#[test]
fn lines_survive_a_squash_by_which_git_joins_notes() {
    let repository = noted();
    let again = lines("new", 10) + &lines("old", 20) + &lines("end", 2);
    repository.write(&[("a.py", &again)]);
    repository.commit("Two at the end");
    annotate(&repository, &note(&head(&repository), "a.py", &[(AI, "31-32")]));
    let copying = format!("notes.rewriteRef={NOTES}");
    let mut squash = vec!["-c", &copying, "-c", "sequence.editor=sed -i 2s/^pick/fixup/"];
    squash.extend(["rebase", "--quiet", "--interactive", "main"]);
    repository.git(&squash);
    let report = attribution(&repository, &[]);
    assert_eq!(report["commits"].as_array().expect("commits").len(), 1);
    let runs = runs(&report, "a.py");
    assert_eq!(runs[..5], RECORDED, "{report:#}");
    assert_eq!(runs[5], "31-32 ai recorded note");
}

#[test]
fn what_is_picked_without_its_note_has_its_trailer_or_nothing() {
    let repository = noted();
    repository.write(&[("b.py", "b = 1\n")]);
    repository.commit(&format!("B\n\n{CLAUDE}"));
    repository.git(&["switch", "--quiet", "--create", "other", "main"]);
    repository.write(&[("c.py", "c = 1\n")]);
    repository.commit("C");
    repository.git(&["cherry-pick", "feature~1", "feature"]);
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["1-10 unknown none none"]);
    assert_eq!(runs(&report, "b.py"), ["1-1 ai claimed trailer"]);
}

#[test]
fn later_commits_merges_and_renames_are_followed() {
    let repository = noted();
    repository.git(&["mv", "a.py", "sub file.py"]);
    let moved = "# On top.\n".to_owned() + &lines("new", 10) + &lines("old", 20) + "last = 1\r\n";
    repository.write(&[("sub file.py", &moved)]);
    repository.commit("Move it");
    repository.git(&["switch", "--quiet", "main"]);
    repository.write(&[("c.py", "c = 1\n")]);
    repository.commit("C");
    repository.git(&["switch", "--quiet", "feature"]);
    repository.git(&["merge", "--quiet", "--no-edit", "main"]);
    let report = attribution(&repository, &[]);
    assert_eq!(
        runs(&report, "sub file.py"),
        [
            "1-1 unknown none none",
            "2-5 ai recorded note",
            "6-6 unknown none none",
            "7-8 ai recorded note",
            "9-10 human recorded note",
            "11-11 unknown none none",
            "32-32 unknown none none",
        ]
    );
    assert_eq!(report["files"].as_array().expect("files").len(), 1, "{report:#}");
}

#[test]
fn bad_notes_are_named_and_the_rest_is_read() {
    let repository = noted();
    let text = note(
        &head(&repository),
        "a.py",
        &[(AI, "1-2"), ("someone", "3"), (AI, "90-95"), ("h_00000000000000", "9")],
    );
    annotate(&repository, &format!("gone.py\n  {AI} 1-2\n{text}"));
    let report = attribution(&repository, &[]);
    assert_eq!(
        runs(&report, "a.py"),
        ["1-2 ai recorded note", "3-10 unknown none none"]
    );
    let said = notes(&report);
    for expected in [
        "line 5: expected a key as in",
        "names gone.py (line 2), which is no file of that commit: not believed",
        "names lines 90-95 of a.py (line 6), which has 30: not believed",
        "has no record of the person h_00000000000000: not believed",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    annotate(&repository, "no log at all\n");
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["1-10 unknown none none"]);
    assert!(notes(&report).contains("line 2: expected a line `---`"), "{report:#}");
}

#[test]
fn records_of_agent_trace_are_tied_to_commits_and_checked() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(&[("a.py", &("x = 1\n".to_owned() + &lines("a", 6)))]);
    repository.commit("Six more");
    let record = |revision: Option<String>, ranges: Value| {
        let vcs = revision.map(|revision| json!({"type": "git", "revision": revision}));
        json!({
            "version": "0.1.0", "id": "550e8400-e29b-41d4-a716-446655440000", "timestamp": "2026-01-23T14:30:00Z",
            "tool": {"name": "cursor"}, "vcs": vcs.unwrap_or(Value::Null),
            "files": [{"path": "a.py", "conversations": [{"contributor": {"type": "ai", "model_id": "openai/gpt-4o"}, "ranges": ranges}]}]
        })
    };
    let known = json!([
        {"start_line": 2, "end_line": 2},
        {"start_line": 3, "end_line": 3, "contributor": {"type": "human"}},
        {"start_line": 4, "end_line": 4, "contributor": {"type": "mixed"}},
        {"start_line": 5, "end_line": 5, "content_hash": format!("sha256:{}", "0".repeat(64))},
        {"start_line": 6, "end_line": 6, "contributor": {"type": "unknown"}},
        {"start_line": 60, "end_line": 61}
    ]);
    repository.write(&[("../trace.json", &record(Some(head(&repository)), known).to_string())]);
    let report = attribution(&repository, &["--trace", "../trace.json"]);
    assert_eq!(
        runs(&report, "a.py"),
        [
            "2-2 ai recorded trace",
            "3-3 human recorded trace",
            "4-4 mixed recorded trace",
            "5-7 unknown none none"
        ]
    );
    assert_eq!(report["commits"][0]["claims"][0]["tool"], "cursor");
    let said = notes(&report);
    assert!(said.contains("has another hash than lines 5-5 of a.py"), "{said}");
    assert!(said.contains("names lines 60-61 of a.py, which has 7"), "{said}");
    // What head itself has, of no commit: a claim of its lines.
    let own = record(
        None,
        json!([{"start_line": 7, "end_line": 7, "content_hash": "crc32:00"}]),
    );
    repository.write(&[(".agent-trace/traces.jsonl", &format!("{own}\n{{\n"))]);
    repository.commit("Records");
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["2-6 unknown none none", "7-7 ai claimed trace"]);
    assert!(
        notes(&report).contains(".agent-trace/traces.jsonl, line 2: expected JSON"),
        "{report:#}"
    );
    let said = repository.run(&["attribution", "--trace", "no-such-file"]);
    assert_eq!((said.code, said.err.contains("no-such-file")), (2, true), "{said}");
}

#[test]
fn files_without_lines_are_told() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    fs::write(repository.path().join("b.bin"), [0u8, 255, 0, 1]).expect("a file");
    repository.write(&[
        ("empty", ""),
        ("odd\tname\"\n.py", "a = 1\nb = 2"),
        ("- x.py", "a = 1\n"),
    ]);
    let tip = head(&repository);
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},sub")]);
    repository.git(&["add", "b.bin", "empty", "odd\tname\"\n.py", "./- x.py"]);
    repository.git(&["commit", "--quiet", "--message", &format!("All sorts\n\n{CLAUDE}")]);
    let report = attribution(&repository, &["main..feature"]);
    assert_eq!(runs(&report, "odd\tname\"\n.py"), ["1-2 ai claimed trailer"]);
    assert_eq!(runs(&report, "- x.py"), ["1-1 ai claimed trailer"]);
    let said = notes(&report);
    assert!(said.contains("1 changed file: b.bin: binary"), "{said}");
    assert!(said.contains("1 changed submodule: sub"), "{said}");
    // A second commit on them, so that git blames.
    repository.write(&[
        ("odd\tname\"\n.py", "a = 1\nb = 2\nc = 3\n"),
        ("- x.py", "a = 1\nb = 2\n"),
    ]);
    repository.git(&["commit", "--quiet", "--message", "More", "odd\tname\"\n.py", "./- x.py"]);
    let report = attribution(&repository, &["main..feature"]);
    assert_eq!(
        runs(&report, "odd\tname\"\n.py"),
        ["1-1 ai claimed trailer", "2-3 unknown none none"]
    );
    assert_eq!(
        runs(&report, "- x.py"),
        ["1-1 ai claimed trailer", "2-2 unknown none none"]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_not_utf_8_have_their_lines() {
    use std::os::unix::ffi::OsStrExt;
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let path = repository.path().join(std::ffi::OsStr::from_bytes(b"n\xff.py"));
    for (text, message) in [("a = 1\n", CLAUDE), ("a = 1\nb = 1\n", "No-one: x")] {
        fs::write(&path, text).expect("a file");
        repository.commit(&format!("One\n\n{message}"));
    }
    let report = attribution(&repository, &["HEAD~2..HEAD"]);
    assert_eq!(
        runs(&report, "n\u{fffd}.py"),
        ["1-1 ai claimed trailer", "2-2 unknown none none"]
    );
}

#[test]
fn a_first_commit_a_shallow_clone_and_what_is_not_committed() {
    let repository = Repository::bare_folder();
    repository.git(&["init", "--quiet", "--initial-branch=main"]);
    let said = repository.run(&["attribution"]);
    assert_eq!(said.code, 2, "{said}");
    repository.write(&[("a.py", "x = 1\n")]);
    repository.commit(&format!("First\n\n{CLAUDE}"));
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["1-1 ai claimed trailer"]);
    assert_eq!(report["base"]["name"], "the empty tree");
    repository.write(&[("a.py", "x = 1\ny = 2\n")]);
    let report = attribution(&repository, &[]);
    assert_eq!(runs(&report, "a.py"), ["1-1 ai claimed trailer"]);
    assert!(
        notes(&report).contains("1 file is changed and not committed"),
        "{report:#}"
    );
    repository.commit("Second");
    repository.git(&[
        "clone",
        "--quiet",
        "--depth",
        "1",
        &format!("file://{}", repository.path().display()),
        "../shallow",
    ]);
    let output = repository
        .command(&["attribution"])
        .current_dir(repository.path().join("../shallow"))
        .output();
    let output = output.expect("the binary runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("git fetch --unshallow"), "{error}");
}

#[test]
fn what_was_cut_off_by_a_shallow_clone_is_unknown() {
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    repository.git(&["switch", "--quiet", "--create", "side"]);
    repository.write(&[("b.py", "b = 1\n")]);
    repository.commit(&format!("B\n\n{CLAUDE}"));
    repository.write(&[("c.py", "c = 1\n")]);
    repository.commit(&format!("C\n\n{CLAUDE}"));
    let from = format!("file://{}", repository.path().display());
    repository.git(&[
        "clone",
        "--quiet",
        "--depth",
        "2",
        "--no-single-branch",
        &from,
        "../shallow",
    ]);
    let run = repository
        .command(&["attribution", "origin/main..origin/side", "--format", "json"])
        .current_dir(repository.path().join("../shallow"))
        .output()
        .expect("the binary runs");
    let report: Value = serde_json::from_slice(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    assert_eq!(runs(&report, "c.py"), ["1-1 ai claimed trailer"]);
    assert!(!runs(&report, "b.py").is_empty());
}

#[test]
fn nothing_added_and_no_range_are_said() {
    let repository = Repository::new(&[("a.py", "x = 1\ny = 2\n")]);
    repository.write(&[("a.py", "x = 1\n")]);
    repository.commit("Less");
    let said = repository.run(&["attribution"]);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.out.starts_with("no lines added\n"), "{said}");
    for wrong in ["HEAD", "HEAD..no-such-branch"] {
        let said = repository.run(&["attribution", wrong]);
        assert_eq!(said.code, 2, "{said}");
    }
}
