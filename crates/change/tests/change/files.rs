//! Files that are not compared in meaning are always said.

use crate::support::{Repository, between, write};

fn unverified(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
    between(old, new)
        .unverified
        .iter()
        .map(|file| format!("{}: {}", file.path, file.reason))
        .collect()
}

#[test]
fn other_files_are_listed_with_their_reasons() {
    let files = [
        ("a.js", ""),
        ("data/rates.csv", ""),
        ("requirements.txt", ""),
        ("README.md", ""),
        ("test_a.py", ""),
        ("t/mail.html", ""),
    ];
    let old: Vec<(&str, &str)> = files.iter().map(|(path, _)| (*path, "old")).collect();
    let new: Vec<(&str, &str)> = files.iter().map(|(path, _)| (*path, "new")).collect();
    assert_eq!(
        unverified(&old, &new),
        [
            "README.md: documentation",
            "a.js: another language: JavaScript",
            "data/rates.csv: data file",
            "requirements.txt: dependency pins",
            "t/mail.html: template",
            "test_a.py: test code",
        ]
    );
}

#[test]
fn sources_that_cannot_be_read() {
    let found = unverified(
        &[("a.py", "def f(: pass\n"), ("b.py", "x = 1\n"), ("c.py", "x = 1\n")],
        &[("a.py", "x = 1\n"), ("b.py", "x = = 1\n"), ("c.py", "x = 1\n")],
    );
    assert!(found[0].starts_with("a.py: syntax error in base, line 1"), "{found:?}");
    assert!(found[1].starts_with("b.py: syntax error in head, line 1"), "{found:?}");
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(old.path(), "a.py", "x = 1\n");
    write(new.path(), "a.py", [b'x', b'=', b'"', 0xff, b'"']);
    write(old.path(), "big.py", "x = 1\n");
    write(new.path(), "big.py", "x = 1\n".repeat(400_000));
    let (change, _) = counterproof_change::of_folders(old.path(), new.path(), &[]).unwrap();
    let reasons: Vec<&str> = change.unverified.iter().map(|file| file.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "is not UTF-8 (byte 3), in head",
            "is too large to read (2400000 bytes), in head"
        ]
    );
}

#[test]
fn folders_leave_out_caches_and_environments() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, text) in [(old.path(), "1"), (new.path(), "2")] {
        write(folder, "__pycache__/a.pyc", text);
        write(folder, ".venv/pyvenv.cfg", text);
        write(folder, ".venv/lib/x.py", text);
        write(folder, ".git/HEAD", text);
    }
    let (change, pair) = counterproof_change::of_folders(old.path(), new.path(), &[]).unwrap();
    assert!(change.files.is_empty());
    assert_eq!(pair.base.tree, pair.head.tree);
}

#[test]
fn two_hundred_reformatted_files_are_layout_alone() {
    let function = |n: usize, quote: char| {
        format!(
            "def f{n}(a, b):\n    if a > {n}:\n        return {{{quote}k{quote}: [a, b, {n}]}}\n    return sum(x * {n} for x in b)\n\n\n"
        )
    };
    let file = |quote: char| (0..60).map(|n| function(n, quote)).collect::<String>();
    let repository = Repository::new();
    for (quote, comment) in [('\'', ""), ('"', "# reformatted\n")] {
        for n in 0..200 {
            repository.write(
                &format!("package/m{n}.py"),
                format!("{comment}N = {n}\n{}", file(quote)),
            );
        }
        repository.commit(&[]);
    }
    let (change, _) = repository.range("HEAD~1..HEAD").unwrap();
    assert_eq!((change.layout_only.len(), change.functions.len()), (200, 0));
}
