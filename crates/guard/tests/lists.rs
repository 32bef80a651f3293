//! The lists that others wrote: what was found by them stays mended. They tell nothing of what the guard does on what nobody has seen.

use counterproof_guard as guard;
use guard::{Decision, Files, Surroundings};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    want: String,
    command: String,
    why: String,
    /// Why it is judged otherwise, and known to be.
    open: Option<String>,
}

/// Files that some lines are about.
struct OfTheLists;

impl Files for OfTheLists {
    fn read(&self, path: &str) -> Option<String> {
        self.exists(path)
            .then(|| "def test_pay(): assert pay() == 1\n".to_owned())
    }

    fn exists(&self, path: &str) -> bool {
        ["/code/shop/src/app.py", "/code/shop/tests/test_pay.py"].contains(&path)
    }
}

#[test]
fn what_was_missed_is_mended() {
    let files = OfTheLists;
    let place = Surroundings {
        home: "/home/ada".to_owned(),
        branch: Some("feature".to_owned()),
        default_branch: Some("main".to_owned()),
        ..Surroundings::bare("/code/shop", &files)
    };
    let lists = [
        include_str!("lists/second.jsonl"),
        include_str!("lists/third.jsonl"),
        include_str!("lists/fourth.jsonl"),
        include_str!("lists/fifth.jsonl"),
    ];
    let (mut wrong, mut all) = (Vec::new(), 0);
    for text in lists.iter().flat_map(|list| list.lines()) {
        let line: Line = serde_json::from_str(text).expect("a line of JSON");
        let judgement = guard::command(&line.command, &place);
        all += 1;
        let holds = (judgement.decision == Decision::Allow) == (line.want == "allow");
        if holds != line.open.is_none() {
            wrong.push(format!(
                "{} is {:?} ({}): {}",
                line.want, judgement.decision, line.why, line.command
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {all}:\n{}", wrong.len(), wrong.join("\n"));
}
