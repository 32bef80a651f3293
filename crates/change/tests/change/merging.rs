//! What merging makes of a change, and what is remembered of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use counterproof_change::{Memory, Merge, MergeRequest, Remembered, merge};

use crate::support::Repository;

#[derive(Default)]
struct Map(Mutex<BTreeMap<String, Vec<u8>>>);

impl Map {
    fn keys(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

impl Memory for Map {
    fn recall(&self, key: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(key).cloned()
    }

    fn remember(&self, key: &str, answer: &[u8]) {
        self.0.lock().unwrap().insert(key.to_owned(), answer.to_vec());
    }
}

fn merged(repository: &Repository, remembered: Remembered) -> Merge {
    merge(&MergeRequest {
        repository: repository.path(),
        target: Some("main".to_owned()),
        head: Some("change".to_owned()),
        scratch: repository.scratch().to_owned(),
        remembered,
    })
    .unwrap()
}

/// Two functions on main, of which a branch writes one in other words and changes one.
fn changed() -> Repository {
    let repository = Repository::of(&[(
        "a.py",
        "def f(x):\n    y = (x + 1)\n    return y\n\n\ndef g(x):\n    return x\n",
    )]);
    repository.git(&["switch", "--quiet", "--create", "change"]);
    repository.commit(&[(
        "a.py",
        "def f(x):\n    z = x + 1\n    return (z)\n\n\ndef g(x):\n    return x + 2\n",
    )]);
    repository
}

#[test]
fn what_is_remembered_is_the_same_and_of_objects_alone() {
    let repository = changed();
    let map = Arc::new(Map::default());
    let ask = |remembered: Remembered| {
        let merge = merged(&repository, remembered);
        let authorship = merge.authorship().unwrap().unwrap();
        (
            merge.change.clone(),
            merge.lines.clone(),
            merge.trees().unwrap(),
            authorship,
        )
    };
    let by_map = || Remembered::by(map.clone());
    let anew = ask(Remembered::default());
    let first = ask(by_map());
    let keys = map.keys();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(anew.0.functions.iter().any(|function| function.standalone.is_some()));
    assert_eq!(first, anew);
    assert_eq!(ask(by_map()), anew);
    assert_eq!(map.keys(), keys);
    // A note says who wrote it, and is asked after.
    repository.git(&["notes", "--ref=ai", "add", "-m", "nonsense", "change"]);
    let noted = ask(by_map());
    assert_eq!(map.keys().len(), 4);
    assert_ne!(noted.3.notes, anew.3.notes);
    // Another commit stands for one of these: nothing is taken from what was known.
    let other = repository.git(&["commit-tree", "-m", "another", "main^{tree}"]);
    repository.git(&["replace", "main", &other]);
    let keys = map.keys();
    ask(by_map());
    assert_eq!(map.keys(), keys);
}

#[test]
fn the_target_says_how_files_are_merged_and_what_is_checked_out_does_not() {
    let repository = Repository::of(&[("a.txt", "1\n2\n3\n")]);
    repository.git(&["switch", "--quiet", "--create", "change"]);
    repository.commit(&[("a.txt", "1\nhere\n3\n"), (".gitattributes", "*.txt merge=union\n")]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.commit(&[("a.txt", "1\nthere\n3\n")]);
    repository.git(&["switch", "--quiet", "change"]);
    let conflicts = || merged(&repository, Remembered::default()).conflicts;
    assert_eq!(conflicts(), ["a.txt"]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.commit(&[(".gitattributes", "*.txt merge=union\n")]);
    assert_eq!(conflicts(), [""; 0]);
}
