//! Which of the project's own tests may reach what changed: those whose files import a changed module, directly or by way of
//! others, the ones that mention a changed name first; and which tests the change itself edits or deletes.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::syntax::{Function, Index, Outline, is_test, words_of};
use model::{Change, EditedTest, FileStatus, FunctionKind, PlannedTest, TestFile, TestPlan};

/// How many of the project's tests are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that may reach what changed.
    Impacted,
    /// All of them.
    All,
}

/// A changed name that a file mentions counts as much as so many steps of imports.
const MENTIONED: u32 = 20;
/// Importing a changed module itself.
const IMPORTED: u32 = 8;

/// Plans the project's own tests for a change.
pub fn tests(change: &Change, base: &Index, head: &Index, reach: Reach) -> TestPlan {
    let changed = changed(change);
    if changed.is_empty() && reach == Reach::Impacted {
        return TestPlan::default();
    }
    let edits = Edits::new(change, base, head);
    let names = names(change);
    let suites: Vec<&str> = head
        .project()
        .paths()
        .filter(|path| is_test(path) && path.ends_with(".py"))
        .collect();
    let distances = distances(head, &suites, &changed);
    let mut files: Vec<TestFile> = suites
        .into_iter()
        .filter_map(|path| {
            let nearness = match distances.get(path) {
                Some(steps) => IMPORTED.saturating_sub((*steps).min(IMPORTED - 1)),
                None if reach == Reach::All || edits.files.contains(path) => 0,
                None => return None,
            };
            file(&*head.outline(path)?, head, &names, nearness)
        })
        .collect();
    files.sort_by(|a, b| b.nearness.cmp(&a.nearness).then(a.path.cmp(&b.path)));
    TestPlan {
        files,
        edited: edits.tests,
    }
}

/// Whether a change holds anything that tests could reach: then there may be some to plan.
pub fn may_have_tests(change: &Change, reach: Reach) -> bool {
    reach == Reach::All || !changed(change).is_empty()
}

/// Python files of head in which something changed that is not proved the same, tests among them.
fn changed(change: &Change) -> BTreeSet<&str> {
    let functions = change.functions.iter().filter(|function| !function.proved_same);
    let functions = functions.map(|function| function.path.as_str());
    let files = change.unverified.iter().map(|file| file.path.as_str());
    functions.chain(files).filter(|path| path.ends_with(".py")).collect()
}

/// Last parts of the names of changed functions, with the places of those functions in the change.
fn names(change: &Change) -> BTreeMap<&str, Vec<usize>> {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, function) in change.functions.iter().enumerate() {
        if function.proved_same || function.kind == FunctionKind::Module {
            continue;
        }
        names.entry(telling(&function.qualified_name)).or_default().push(at);
    }
    names
}

/// The part of a function's name that tells it: the last one, or, of what every class has (`__init__`), its class.
pub(crate) fn telling(qualified_name: &str) -> &str {
    let mut parts = qualified_name.rsplit('.').filter(|part| *part != "<locals>");
    let own = parts.next().unwrap_or_default();
    if own.starts_with("__") {
        parts.next().unwrap_or(own)
    } else {
        own
    }
}

/// A file with its tests; none where it has none.
fn file(outline: &Outline, index: &Index, names: &BTreeMap<&str, Vec<usize>>, nearness: u32) -> Option<TestFile> {
    let text = index.project().read(&outline.path).ok()?;
    let mut all: BTreeSet<&str> = BTreeSet::new();
    let tests: Vec<PlannedTest> = outline
        .functions
        .iter()
        .filter(|function| is_one(outline, function))
        .map(|function| {
            let own = slice(&text, function.span.start, function.span.end);
            let mut mentions = BTreeSet::new();
            for word in words_of(own) {
                if let Some((name, functions)) = names.get_key_value(word) {
                    all.insert(name);
                    mentions.extend(functions.iter().copied());
                }
            }
            PlannedTest {
                id: id(&outline.path, function),
                mentions: mentions.into_iter().collect(),
            }
        })
        .collect();
    let mentioned = u32::try_from(all.len()).unwrap_or(u32::MAX);
    (!tests.is_empty()).then(|| TestFile {
        path: outline.path.clone(),
        tests,
        nearness: nearness + mentioned.saturating_mul(MENTIONED),
    })
}

/// Whether a function is a test, as pytest and unittest name them unless they are told otherwise.
fn is_one(outline: &Outline, function: &Function) -> bool {
    let by_name = function.name.starts_with("test") && function.outermost.is_none();
    by_name
        && match &function.class {
            None => matches!(function.kind, FunctionKind::Function),
            Some(class) => outline
                .class(class)
                .is_some_and(|class| class.name.starts_with("Test") || class.bases.iter().any(|base| base != "object")),
        }
}

fn id(path: &str, function: &Function) -> String {
    format!("{path}::{}", function.qualified_name.replace('.', "::"))
}

fn slice(text: &[u8], start: usize, end: usize) -> &str {
    text.get(start..end)
        .and_then(|part| std::str::from_utf8(part).ok())
        .unwrap_or_default()
}

/// How many imports lie between each file that leads to one of `wanted` and the nearest of them, for `suites` and what they lead to.
fn distances(index: &Index, suites: &[&str], wanted: &BTreeSet<&str>) -> BTreeMap<String, u32> {
    let mut importers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut waiting: Vec<String> = suites.iter().map(|path| (*path).to_owned()).collect();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop() {
        for other in imported(index, &path) {
            if seen.insert(other.clone()) {
                waiting.push(other.clone());
            }
            importers.entry(other).or_default().push(path.clone());
        }
    }
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    let mut layer: Vec<String> = wanted.iter().map(|path| (*path).to_owned()).collect();
    let mut steps = 0;
    while !layer.is_empty() {
        layer.retain(|path| !found.contains_key(path));
        layer.sort_unstable();
        layer.dedup();
        found.extend(layer.iter().map(|path| (path.clone(), steps)));
        layer = layer
            .iter()
            .flat_map(|path| importers.get(path).into_iter().flatten().cloned())
            .collect();
        steps += 1;
    }
    found
}

/// What a file imports, of the project's own files, and the set-up beside it.
fn imported(index: &Index, path: &str) -> BTreeSet<String> {
    let Some(outline) = index.outline(path) else {
        return BTreeSet::new();
    };
    let project = index.project();
    let mut found = BTreeSet::new();
    for import in &outline.imports {
        let inner = import.name.as_ref().map(|name| format!("{}.{name}", import.module));
        for module in inner.into_iter().chain(std::iter::once(import.module.clone())) {
            // Importing a module imports the packages that it is in.
            let mut part = module.as_str();
            loop {
                found.extend(project.path_of(part).map(str::to_owned));
                match part.rsplit_once('.') {
                    Some((package, _)) => part = package,
                    None => break,
                }
            }
        }
    }
    // Set-up beside it runs whenever it does.
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        let conftest = format!("{above}/conftest.py");
        found.extend(project.has(&conftest).then_some(conftest));
        folder = above;
    }
    found.extend(project.has("conftest.py").then(|| "conftest.py".to_owned()));
    found.remove(path);
    found
}

/// What the change does to the tests themselves.
struct Edits {
    /// Files in head that serve tests and differ.
    files: BTreeSet<String>,
    tests: Vec<EditedTest>,
}

impl Edits {
    fn new(change: &Change, base: &Index, head: &Index) -> Self {
        let mut edits = Self {
            files: BTreeSet::new(),
            tests: Vec::new(),
        };
        let serving = |path: &str| is_test(path) && path.ends_with(".py");
        let files: Vec<(String, Option<&str>)> = change
            .files
            .iter()
            .filter(|file| serving(&file.path) && file.status != FileStatus::Added)
            .filter(|file| !change.layout_only.contains(&file.path))
            .map(|file| {
                let before = file.base_path.clone().unwrap_or_else(|| file.path.clone());
                (
                    before,
                    (file.status != FileStatus::Removed).then_some(file.path.as_str()),
                )
            })
            .collect();
        let elsewhere = Elsewhere::new(change, head);
        for (before, after) in &files {
            let Some(was) = base.outline(before) else { continue };
            let is = after.and_then(|path| head.outline(path));
            edits.files.extend(after.map(str::to_owned));
            edits.file(base, head, &was, is.as_deref(), &elsewhere);
        }
        edits
    }

    fn file(&mut self, base: &Index, head: &Index, was: &Outline, is: Option<&Outline>, elsewhere: &Elsewhere) {
        let Ok(text) = base.project().read(&was.path) else {
            return;
        };
        let helped = is.is_some_and(|is| support(was) != support(is));
        for function in was.functions.iter().filter(|function| is_one(was, function)) {
            let before = slice(&text, function.span.start, function.span.end).to_owned();
            let now = is.and_then(|is| is.function(&function.qualified_name).map(|now| (is, now)));
            let edited = match now {
                Some((_, now)) if same(function, now) && !helped => continue,
                Some((is, now)) => EditedTest {
                    id: id(&was.path, function),
                    before,
                    after: head
                        .project()
                        .read(&is.path)
                        .ok()
                        .map(|text| slice(&text, now.span.start, now.span.end).to_owned()),
                    by_helper: same(function, now),
                },
                None if elsewhere.has(function) => continue,
                None => EditedTest {
                    id: id(&was.path, function),
                    before,
                    after: None,
                    by_helper: false,
                },
            };
            self.tests.push(edited);
        }
    }
}

/// Whether two tests are written the same.
fn same(one: &Function, other: &Function) -> bool {
    one.code == other.code && one.signature == other.signature && one.decorators == other.decorators
}

/// What the tests of a file use beside themselves, without its imports.
fn support(outline: &Outline) -> Vec<(String, String)> {
    let helpers = outline
        .functions
        .iter()
        .filter(|function| !is_one(outline, function))
        .map(|function| {
            let form = (&function.code, &function.signature, &function.decorators);
            (function.qualified_name.clone(), format!("{form:?}"))
        });
    let classes = outline.classes.iter().map(|class| {
        let form = (&class.code, &class.base_list, &class.decorators);
        (class.qualified_name.clone(), format!("{form:?}"))
    });
    let statements = outline
        .statements
        .iter()
        .map(|statement| (String::new(), format!("{:?}", statement.code)));
    // A class or a helper more is no edit of what the tests use: what is looked for is what was there.
    helpers.chain(classes).chain(statements).collect()
}

/// Tests of head in files that differ: one that only moved there is neither edited nor deleted.
struct Elsewhere {
    forms: BTreeSet<(String, String)>,
}

impl Elsewhere {
    fn new(change: &Change, head: &Index) -> Self {
        let files = change
            .files
            .iter()
            .filter(|file| file.status != FileStatus::Removed && is_test(&file.path));
        let outlines = files.filter_map(|file| head.outline(&file.path));
        let forms = outlines
            .flat_map(|outline| outline.functions.iter().map(form).collect::<Vec<_>>())
            .collect();
        Self { forms }
    }

    fn has(&self, function: &Function) -> bool {
        self.forms.contains(&form(function))
    }
}

fn form(function: &Function) -> (String, String) {
    (
        function.name.clone(),
        format!("{:?} {:?}", function.code, function.signature),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{change, changed, index};
    use model::{FileChange, Reason};

    const CART: (&str, &str) = ("cart.py", "from money import rounded\n\n\ndef days(n):\n    return n\n");
    const MONEY: (&str, &str) = ("money.py", "def rounded(n):\n    return n\n");

    fn of(name: &str) -> model::FunctionChange {
        changed("money.py", name, FunctionKind::Function, Reason::Code)
    }

    #[test]
    fn files_that_mention_a_changed_name_come_first_and_others_that_lead_there_after_them() {
        let index = index(&[
            CART,
            MONEY,
            (
                "tests/test_a.py",
                "from cart import days\n\n\ndef test_days():\n    assert days(1) == 1\n",
            ),
            (
                "tests/test_b.py",
                "import money\n\n\nclass TestMoney:\n    def test_it(self):\n        money.rounded(1)\n\n    def helper(self):\n        pass\n",
            ),
            ("tests/test_c.py", "def test_nothing():\n    pass\n"),
        ]);
        let change = change(vec![of("rounded")]);
        let plan = tests(&change, &index, &index, Reach::Impacted);
        let paths: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["tests/test_b.py", "tests/test_a.py"]);
        assert_eq!(plan.files[0].tests.len(), 1);
        assert_eq!(plan.files[0].tests[0].id, "tests/test_b.py::TestMoney::test_it");
        assert_eq!(plan.files[0].tests[0].mentions, [0]);
        let all = tests(&change, &index, &index, Reach::All);
        assert_eq!(all.files.len(), 3);
    }

    #[test]
    fn tests_that_the_change_edits_or_deletes_are_told() {
        let before = "LIMIT = 3\n\n\ndef test_kept():\n    assert 1\n\n\ndef test_edited():\n    assert 2\n\n\ndef test_gone():\n    assert 3\n\n\ndef test_moved():\n    assert 4\n";
        let after = "LIMIT = 3\n\n\ndef test_kept():\n    assert 1\n\n\n@skip\ndef test_edited():\n    assert 2\n";
        let base = index(&[MONEY, ("test_x.py", before)]);
        let head = index(&[
            MONEY,
            ("test_x.py", after),
            ("test_y.py", "def test_moved():\n    assert 4\n"),
        ]);
        let file = |path: &str, status| FileChange {
            path: path.to_owned(),
            base_path: None,
            status,
        };
        let mut change = change(vec![of("rounded")]);
        change.files = vec![
            file("test_x.py", FileStatus::Changed),
            file("test_y.py", FileStatus::Added),
        ];
        let edited = tests(&change, &base, &head, Reach::Impacted).edited;
        let told: Vec<(&str, bool)> = edited
            .iter()
            .map(|test| (test.id.as_str(), test.after.is_some()))
            .collect();
        assert_eq!(
            told,
            [("test_x.py::test_edited", true), ("test_x.py::test_gone", false)]
        );
        assert!(edited.iter().all(|test| !test.by_helper));
    }

    #[test]
    fn an_edited_constant_edits_all_tests_beside_it() {
        let base = index(&[MONEY, ("test_x.py", "LIMIT = 3\n\n\ndef test_a():\n    assert LIMIT\n")]);
        let head = index(&[MONEY, ("test_x.py", "LIMIT = 4\n\n\ndef test_a():\n    assert LIMIT\n")]);
        let mut change = change(vec![of("rounded")]);
        change.files = vec![FileChange {
            path: "test_x.py".to_owned(),
            base_path: None,
            status: FileStatus::Changed,
        }];
        let edited = tests(&change, &base, &head, Reach::Impacted).edited;
        assert!(edited.len() == 1 && edited[0].by_helper, "{edited:?}");
    }
}
