//! Who defines a name and who uses a definition, over a whole project; files are outlined when first needed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::outline::{Function, Outline};
use super::uses::Uses;
use super::words::Words;
use crate::python::project::{Parsed, Project};

/// Files outlined at most while looking for users of one name: very common names match everywhere.
const MOST_FILES: usize = 400;
/// A method name with more definitions than this says little about its receiver.
const RARE: usize = 4;

/// What sort of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefinitionKind {
    /// A function or method.
    Function,
    /// A class.
    Class,
    /// A variable of a module or class.
    Variable,
    /// A module.
    Module,
}

/// Something that the project defines.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Definition {
    /// The file.
    pub path: String,
    /// Dotted name in it; `<module>` for a module.
    pub name: String,
    /// What sort of thing it is.
    pub kind: DefinitionKind,
}

/// A piece of code that uses a definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller {
    /// Whether only the name of an attribute matched: the receiver is unknown.
    pub weak: bool,
    /// The file.
    pub path: String,
    /// Qualified name of the function or class that uses it; `<module>` for module-level code.
    pub name: String,
}

/// The definitions of a project and their users.
pub struct Index {
    project: Arc<Project>,
    outlines: Mutex<HashMap<String, Option<Arc<Outline>>>>,
    words: OnceLock<Words>,
    answers: Mutex<HashMap<String, Answers>>,
}

/// What names of one file stand for.
type Answers = HashMap<String, Option<Definition>>;

impl Index {
    /// An index over `project`.
    pub fn new(project: Arc<Project>) -> Self {
        Self {
            project,
            outlines: Mutex::default(),
            words: OnceLock::new(),
            answers: Mutex::default(),
        }
    }

    /// The project.
    pub fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// The outline of a file; none when it is not there or cannot be parsed.
    pub fn outline(&self, path: &str) -> Option<Arc<Outline>> {
        if let Some(known) = self.outlines.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return known.clone();
        }
        // Parsed apart from the project, which keeps what it parses: an outline needs its tree no longer.
        let read = || self.project.has(path).then(|| self.project.read(path).ok()).flatten();
        let parsed = read().and_then(|bytes| Parsed::new(path, &self.project.module_name(path), bytes).ok());
        let outline = parsed.map(|parsed| Arc::new(Outline::of(&parsed)));
        self.outlines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path.to_owned(), outline.clone());
        outline
    }

    /// Paths of files that hold any of `words` (whole identifiers), those nearest to `path` first, bounded; and whether that is all.
    pub fn files_with(&self, words: &[&str], path: &str) -> (Vec<String>, bool) {
        let mut found = self.words().files_with(words);
        found.sort_by_key(|other| std::cmp::Reverse(shared_folders(path, other)));
        let complete = found.len() <= MOST_FILES;
        found.truncate(MOST_FILES);
        (found.into_iter().map(str::to_owned).collect(), complete)
    }

    /// How many functions or methods are called `name`, by text.
    pub fn definitions_named(&self, name: &str) -> usize {
        self.words().definitions(name)
    }

    /// The answer to a question about a file, asked once.
    pub(super) fn remembered(
        &self,
        path: &str,
        question: &str,
        answer: impl FnOnce() -> Option<Definition>,
    ) -> Option<Definition> {
        let known = |answers: &HashMap<String, Answers>| answers.get(path)?.get(question).cloned();
        if let Some(known) = known(&self.answers.lock().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let found = answer();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers
            .entry(path.to_owned())
            .or_default()
            .insert(question.to_owned(), found.clone());
        found
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(&self.project))
    }

    /// Everything that uses `definition`, strong edges first.
    pub fn callers(&self, definition: &Definition) -> Vec<Caller> {
        let mut wanted = Wanted::of(self, definition);
        let (files, _) = self.files_with(&[&wanted.word], &definition.path);
        let mut callers = BTreeSet::new();
        let mut renamed = BTreeSet::new();
        for path in &files {
            let Some(outline) = self.outline(path) else { continue };
            renamed.extend(
                outline
                    .imports
                    .iter()
                    .filter(|import| import.name.as_deref() == Some(&wanted.word) && import.binds != wanted.word)
                    .map(|import| import.binds.clone()),
            );
            self.callers_in(&outline, &wanted, &mut callers);
        }
        wanted.renamed = renamed.into_iter().take(3).collect();
        for name in &wanted.renamed {
            let (more, _) = self.files_with(&[name], &definition.path);
            for path in more.iter().filter(|path| !files.contains(path)) {
                let Some(outline) = self.outline(path) else { continue };
                self.callers_in(&outline, &wanted, &mut callers);
            }
        }
        callers
            .into_iter()
            .filter(|caller| (&caller.path, &caller.name) != (&definition.path, &definition.name))
            .collect()
    }

    fn callers_in(&self, outline: &Outline, wanted: &Wanted, callers: &mut BTreeSet<Caller>) {
        let mut add = |name: &str, weak: bool| {
            callers.insert(Caller {
                weak,
                path: outline.path.clone(),
                name: name.to_owned(),
            });
        };
        if let Some((outer, word)) = wanted.definition.name.rsplit_once(".<locals>.") {
            if outline.path == wanted.definition.path {
                let users = nested_users(outline, outer, word);
                users.for_each(|function| add(&function.qualified_name, false));
            }
            return;
        }
        let site = Site {
            outline,
            aliases: wanted.aliases(outline),
        };
        for function in &outline.functions {
            if let Some(weak) = self.edge(&site, class_of(outline, function), &function.uses, wanted) {
                add(&function.qualified_name, weak);
            }
        }
        for class in &outline.classes {
            if let Some(weak) = self.edge(&site, Some(&class.qualified_name), &class.uses, wanted) {
                add(&class.qualified_name, weak);
            }
        }
        let mut statements = outline.statements.iter().filter(|statement| !statement.is_script);
        if statements.any(|statement| self.edge(&site, None, &statement.uses, wanted).is_some()) {
            add("<module>", false);
        }
    }

    /// Whether `uses` reach what is wanted: `Some(false)` surely, `Some(true)` by an attribute's name alone.
    fn edge(&self, site: &Site<'_>, class: Option<&str>, uses: &Uses, wanted: &Wanted) -> Option<bool> {
        let outline = site.outline;
        let word = wanted.word.as_str();
        let may = |chain: &&String| {
            let mut parts = chain.split('.');
            let first = parts.next().unwrap_or_default();
            wanted.is_called(first) || site.aliases.contains(first) || parts.any(|part| wanted.is_called(part))
        };
        let resolved = |chain: &String| {
            self.resolve(&outline.path, chain)
                .is_some_and(|found| wanted.is(&found))
        };
        if uses.globals.iter().filter(may).any(resolved) {
            return Some(false);
        }
        if let Some(class) = class {
            let own = uses
                .own
                .iter()
                .map(|chain| chain.split('.').next().unwrap_or_default())
                .any(|part| part == word);
            let wants_member = || {
                self.member(&outline.path, class, word)
                    .is_some_and(|found| wanted.is(&found))
            };
            if own && (wants_member() || wanted.overrides(self, &outline.path, class)) {
                return Some(false);
            }
            if uses.inherited.contains(word)
                && self
                    .inherited(&outline.path, class, word)
                    .is_some_and(|found| wanted.is(&found))
            {
                return Some(false);
            }
        }
        (wanted.is_member && wanted.rare && wanted.mentioned(uses)).then_some(true)
    }
}

/// A file that is looked through.
struct Site<'a> {
    outline: &'a Outline,
    /// Names in it that may stand for what is wanted.
    aliases: HashSet<&'a str>,
}

/// The class on whose objects a function runs, for nested functions that of their outermost one.
pub(super) fn class_of<'a>(outline: &'a Outline, function: &'a Function) -> Option<&'a str> {
    match &function.outermost {
        Some(outer) => outline.function(outer)?.class.as_deref(),
        None => function.class.as_deref(),
    }
}

/// Functions at or inside `outer` that use its nested function `word`.
fn nested_users<'a>(outline: &'a Outline, outer: &'a str, word: &'a str) -> impl Iterator<Item = &'a Function> {
    let inside = move |name: &str| {
        name.strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(".<locals>."))
    };
    let uses =
        move |function: &&Function| function.uses.nested.contains(word) || function.uses.attributes.contains(word);
    outline
        .functions
        .iter()
        .filter(move |function| inside(&function.qualified_name))
        .filter(uses)
}

/// What is looked for among uses.
struct Wanted {
    definition: Definition,
    /// Modules whose import under another name may hide the word.
    modules: Vec<String>,
    /// The word that stands where it is used.
    word: String,
    /// Other names that modules re-export it under.
    renamed: Vec<String>,
    /// Whether it is reached through a receiver.
    is_member: bool,
    rare: bool,
}

impl Wanted {
    fn of(index: &Index, definition: &Definition) -> Self {
        let name = definition.name.trim_end_matches(".setter").trim_end_matches(".deleter");
        let mut parts: Vec<&str> = name.split('.').collect();
        let mut target = definition.clone();
        name.clone_into(&mut target.name);
        if matches!(
            parts.last(),
            Some(&("__init__" | "__new__" | "__post_init__" | "__init_subclass__"))
        ) && parts.len() > 1
        {
            parts.pop();
            target = Definition {
                path: definition.path.clone(),
                name: parts.join("."),
                kind: DefinitionKind::Class,
            };
        }
        let is_module = definition.kind == DefinitionKind::Module;
        let module = index.project.module_name(&definition.path);
        let word = if is_module {
            module.rsplit('.').next().unwrap_or_default().to_owned()
        } else {
            (*parts.last().unwrap_or(&"")).to_owned()
        };
        let is_member = parts.len() > 1 && target.kind != DefinitionKind::Class;
        let rare = is_member && !is_dunder(&word) && index.definitions_named(&word) <= RARE;
        Self {
            definition: target,
            modules: vec![module],
            word,
            renamed: Vec::new(),
            is_member,
            rare,
        }
    }

    fn is(&self, found: &Definition) -> bool {
        found.path == self.definition.path && found.name == self.definition.name
    }

    fn aliases<'a>(&self, outline: &'a Outline) -> HashSet<&'a str> {
        let fits = |import: &&super::outline::Import| {
            import.binds == "*"
                || import.name.as_deref().is_some_and(|name| self.is_called(name))
                || self.modules.contains(&import.module)
        };
        outline
            .imports
            .iter()
            .filter(fits)
            .map(|import| import.binds.as_str())
            .collect()
    }

    fn is_called(&self, name: &str) -> bool {
        name == self.word || self.renamed.iter().any(|other| other == name)
    }

    fn mentioned(&self, uses: &Uses) -> bool {
        let last = |chain: &String| chain.rsplit('.').next() == Some(&self.word) && chain.contains('.');
        uses.attributes.contains(&self.word)
            || uses.attribute_stores.contains(&self.word)
            || uses.globals.iter().any(last)
            || uses.own.iter().any(last)
    }

    /// Whether the class that it belongs to derives from `class`: a call on `self` there may reach it.
    fn overrides(&self, index: &Index, path: &str, class: &str) -> bool {
        self.definition
            .name
            .rsplit_once('.')
            .is_some_and(|(own, _)| index.derives_from(&self.definition.path, own, path, class))
    }
}

/// `__name__`.
pub(super) fn is_dunder(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

fn shared_folders(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count()
}
