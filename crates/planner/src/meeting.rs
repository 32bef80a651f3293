//! Where two changes meet: functions of one whose behaviour the other may have a part in.
//!
//! By names, from what the other change touched up to whatever mentions it, and to whatever mentions that: a call is not told from
//! another use, nor one `run` from another, so that more meets than really does. What is looked up by a name that is put together
//! at run time is missed, as it is by whatever plans by names.

use std::collections::BTreeSet;

use languages::python::syntax::{Index, words_of};
use model::{Change, FunctionKind};

use crate::suites::telling;

/// Names that are followed at most; beyond, the two are taken to meet everywhere.
const MOST: usize = 3_000;
/// Endings of files that say nothing to a program.
const SILENT: [&str; 6] = [".md", ".rst", ".txt", ".adoc", ".pyi", ".gitignore"];

/// Places in `ours.functions` that `theirs` may have a part in, over the versions that hold both changes; all of them where names
/// cannot tell.
pub fn meeting(ours: &Change, theirs: &[&Change], versions: &[&Index]) -> BTreeSet<usize> {
    let all = || (0..ours.functions.len()).collect();
    let Some(touched) = touched(theirs) else {
        return all();
    };
    if touched.is_empty() {
        return BTreeSet::new();
    }
    let mut names = touched.clone();
    for index in versions {
        match users(index, &touched) {
            Some(users) => names.extend(users),
            None => return all(),
        }
    }
    let meets = |at: &usize| {
        let function = &ours.functions[*at];
        match function.kind {
            // Code at module level mentions what it likes; it is looked at whole.
            FunctionKind::Module | FunctionKind::Class => true,
            _ => function.qualified_name.rsplit('.').any(|part| names.contains(part)),
        }
    };
    (0..ours.functions.len()).filter(meets).collect()
}

/// Names that the changes touched; none where something differs that has no name.
fn touched(changes: &[&Change]) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for change in changes {
        let is_silent = |path: &str| SILENT.iter().any(|ending| path.ends_with(ending));
        if change.unverified.iter().any(|file| !is_silent(&file.path)) {
            return None;
        }
        // Data that programs read at run time.
        let is_data = |path: &str| !path.ends_with(".py") && !is_silent(path);
        if change.files.iter().any(|file| is_data(&file.path)) {
            return None;
        }
        for function in &change.functions {
            if function.kind == FunctionKind::Module {
                return None;
            }
            names.insert(telling(&function.qualified_name).to_owned());
            // A class that lies in another one is reached by that, too.
            let mut above = function
                .qualified_name
                .rsplit('.')
                .filter(|part| *part != "<locals>")
                .skip(1);
            names.extend(
                above
                    .next()
                    .filter(|_| function.kind == FunctionKind::Class)
                    .map(str::to_owned),
            );
        }
    }
    Some(names)
}

/// Names of all functions that mention any of these names, or what mentions them, and so on; none where there are too many.
fn users(index: &Index, names: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    let mut known = names.clone();
    let mut fresh: Vec<String> = names.iter().cloned().collect();
    while !fresh.is_empty() {
        let words: Vec<&str> = fresh.iter().map(String::as_str).collect();
        let (files, is_all) = index.files_with(&words, "");
        if !is_all || known.len() > MOST {
            return None;
        }
        let wanted: BTreeSet<&str> = words.iter().copied().collect();
        let mut found = BTreeSet::new();
        for path in &files {
            found.extend(users_in(index, path, &wanted)?);
        }
        fresh = found.into_iter().filter(|name| !known.contains(name)).collect();
        known.extend(fresh.iter().cloned());
    }
    Some(known)
}

/// Names of functions of a file that mention one of these, and of what its module binds where it mentions one itself.
fn users_in(index: &Index, path: &str, wanted: &BTreeSet<&str>) -> Option<BTreeSet<String>> {
    // A file that cannot be read may hold anything.
    let outline = index.outline(path)?;
    let text = index.project().read(path).ok()?;
    let mentions = |start: usize, end: usize| {
        let part = text.get(start..end).and_then(|part| std::str::from_utf8(part).ok());
        part.is_none_or(|part| words_of(part).any(|word| wanted.contains(word)))
    };
    let mut found = BTreeSet::new();
    for function in &outline.functions {
        if mentions(function.span.start, function.span.end) {
            found.insert(telling(&function.qualified_name).to_owned());
            found.extend(function.qualified_name.rsplit('.').next().map(str::to_owned));
        }
    }
    for statement in &outline.statements {
        if statement
            .uses
            .globals
            .iter()
            .any(|name| words_of(name).any(|word| wanted.contains(word)))
        {
            found.extend(statement.binds.iter().cloned());
        }
    }
    // Another name for the same.
    for import in &outline.imports {
        if import.name.as_deref().is_some_and(|name| wanted.contains(name)) {
            found.insert(import.binds.clone());
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{change, changed, index};
    use model::Reason;

    const FILES: [(&str, &str); 3] = [
        (
            "money.py",
            "def net(x):\n    return x\n\ndef gross(x):\n    return net(x) * 2\n",
        ),
        (
            "cart.py",
            "from money import gross as price\n\ndef total(x):\n    return price(x)\n\ndef days(x):\n    return x + 1\n",
        ),
        ("log.py", "def note(x):\n    return str(x)\n"),
    ];

    fn code(path: &str, name: &str) -> model::FunctionChange {
        changed(path, name, FunctionKind::Function, Reason::Code)
    }

    #[test]
    fn changes_meet_where_one_uses_what_the_other_touched() {
        let index = index(&FILES);
        let ours = change(vec![code("cart.py", "total"), code("cart.py", "days")]);
        let meets = |path: &str, name: &str| meeting(&ours, &[&change(vec![code(path, name)])], &[&index]);
        // By way of `gross`, which is called by another name.
        assert_eq!(meets("money.py", "net"), BTreeSet::from([0]));
        assert_eq!(meets("log.py", "note"), BTreeSet::new());
        assert_eq!(meets("cart.py", "days"), BTreeSet::from([1]));
    }

    #[test]
    fn what_has_no_name_meets_everything() {
        let index = index(&FILES);
        let ours = change(vec![code("cart.py", "total"), code("cart.py", "days")]);
        let module = change(vec![changed("log.py", "<module>", FunctionKind::Module, Reason::Code)]);
        assert_eq!(meeting(&ours, &[&module], &[&index]).len(), 2);
        let mut data = change(Vec::new());
        data.files.push(model::FileChange {
            path: "prices.json".to_owned(),
            base_path: None,
            status: model::FileStatus::Changed,
        });
        assert_eq!(meeting(&ours, &[&data], &[&index]).len(), 2);
        let mut document = change(Vec::new());
        document.files.push(model::FileChange {
            path: "README.md".to_owned(),
            base_path: None,
            status: model::FileStatus::Changed,
        });
        assert!(meeting(&ours, &[&document], &[&index]).is_empty());
    }
}
