//! From a used name to what it stands for in the project.

use std::collections::{BTreeSet, HashSet};

use super::index::{Definition, DefinitionKind, Index};
use super::outline::Outline;

/// Places looked at for one question at most.
const MOST: usize = 200;

/// Places looked at already: looking again would find nothing, and circles end.
#[derive(Default)]
struct Seen(HashSet<(String, String)>);

impl Seen {
    /// Whether a place is new.
    fn enter(&mut self, path: &str, what: &str) -> bool {
        self.0.len() < MOST && self.0.insert((path.to_owned(), what.to_owned()))
    }
}

impl Index {
    /// What the dotted chain `chain` stands for at module level of the file `path`: the deepest part that the project defines.
    pub fn resolve(&self, path: &str, chain: &str) -> Option<Definition> {
        self.remembered(path, chain, || self.global(path, chain, &mut Seen::default()))
    }

    /// What `name` stands for on instances of the class `class` of the file `path`, its bases included.
    pub fn member(&self, path: &str, class: &str, name: &str) -> Option<Definition> {
        let question = format!("{class}>{name}");
        self.remembered(path, &question, || {
            self.member_at(path, class, name, &mut Seen::default())
        })
    }

    /// What `super().name` stands for in a method of `class`.
    pub fn inherited(&self, path: &str, class: &str, name: &str) -> Option<Definition> {
        self.through_bases(path, class, name, &mut Seen::default())
    }

    /// The bases of a class that the project defines, as definitions.
    pub fn bases(&self, path: &str, class: &str) -> Vec<Definition> {
        self.bases_at(path, class, &mut Seen::default())
    }

    fn bases_at(&self, path: &str, class: &str, seen: &mut Seen) -> Vec<Definition> {
        let Some(outline) = self.outline(path) else {
            return Vec::new();
        };
        let Some(class) = outline.class(class) else {
            return Vec::new();
        };
        let resolved = class.bases.iter().filter_map(|base| self.global(path, base, seen));
        resolved.filter(|found| found.kind == DefinitionKind::Class).collect()
    }

    /// Whether `class` is, or derives from, `ancestor`.
    pub fn derives_from(&self, path: &str, class: &str, ancestor_path: &str, ancestor: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![(path.to_owned(), class.to_owned())];
        while let Some(next) = open.pop() {
            if next.0 == ancestor_path && next.1 == ancestor {
                return true;
            }
            if seen.len() < 100 && seen.insert(next.clone()) {
                open.extend(
                    self.bases(&next.0, &next.1)
                        .into_iter()
                        .map(|base| (base.path, base.name)),
                );
            }
        }
        false
    }

    fn global(&self, path: &str, chain: &str, seen: &mut Seen) -> Option<Definition> {
        if !seen.enter(path, chain) {
            return None;
        }
        let outline = self.outline(path)?;
        let (root, rest) = chain
            .split_once('.')
            .map_or((chain, None), |(root, rest)| (root, Some(rest)));
        self.defined(&outline, root, rest, seen)
            .or_else(|| self.imported(&outline, root, rest, seen))
    }

    fn defined(&self, outline: &Outline, root: &str, rest: Option<&str>, seen: &mut Seen) -> Option<Definition> {
        let path = &outline.path;
        if outline.class(root).is_some() {
            return Some(self.in_class(path, root, rest, seen));
        }
        if outline.function(root).is_some() {
            return Some(definition(path, root, DefinitionKind::Function));
        }
        let statement = outline.binding(root).last()?;
        // A method of a module-level instance: `cart = Cart()`, then `cart.total()`.
        if let (Some(rest), Some(class)) = (rest, &statement.instance_of)
            && let Some(found) = self.global(path, class, seen)
            && found.kind == DefinitionKind::Class
            && let Some(member) = self.member_at(
                &found.path,
                &found.name,
                rest.split('.').next().unwrap_or_default(),
                seen,
            )
        {
            return Some(member);
        }
        Some(definition(path, root, DefinitionKind::Variable))
    }

    fn in_class(&self, path: &str, class: &str, rest: Option<&str>, seen: &mut Seen) -> Definition {
        let whole = definition(path, class, DefinitionKind::Class);
        let Some(rest) = rest else { return whole };
        let (name, deeper) = rest
            .split_once('.')
            .map_or((rest, None), |(name, deeper)| (name, Some(deeper)));
        match self.member_at(path, class, name, seen) {
            Some(found) if found.kind == DefinitionKind::Class && deeper.is_some() => {
                self.in_class(&found.path, &found.name, deeper, seen)
            }
            Some(found) => found,
            None => whole,
        }
    }

    fn member_at(&self, path: &str, class: &str, name: &str, seen: &mut Seen) -> Option<Definition> {
        if !seen.enter(path, &format!("{class}>{name}")) {
            return None;
        }
        let outline = self.outline(path)?;
        let inside = format!("{class}.{name}");
        if outline.function(&inside).is_some() {
            return Some(definition(path, &inside, DefinitionKind::Function));
        }
        if outline.class(&inside).is_some() {
            return Some(definition(path, &inside, DefinitionKind::Class));
        }
        if outline
            .class(class)?
            .statements
            .iter()
            .any(|statement| statement.binds.contains(name))
        {
            return Some(definition(path, &inside, DefinitionKind::Variable));
        }
        self.through_bases(path, class, name, seen)
    }

    fn through_bases(&self, path: &str, class: &str, name: &str, seen: &mut Seen) -> Option<Definition> {
        self.bases_at(path, class, seen)
            .into_iter()
            .filter(|base| (base.path.as_str(), base.name.as_str()) != (path, class))
            .find_map(|base| self.member_at(&base.path, &base.name, name, seen))
    }

    fn imported(&self, outline: &Outline, root: &str, rest: Option<&str>, seen: &mut Seen) -> Option<Definition> {
        for import in outline.imports.iter().rev().filter(|import| import.binds == root) {
            let whole = match (&import.name, rest) {
                (None, None) => import.module.clone(),
                (None, Some(rest)) => format!("{}.{rest}", import.module),
                (Some(name), None) => format!("{}.{name}", import.module),
                (Some(name), Some(rest)) => format!("{}.{name}.{rest}", import.module),
            };
            if let Some(found) = self.absolute(&whole, seen) {
                return Some(found);
            }
        }
        let chain = rest.map_or_else(|| root.to_owned(), |rest| format!("{root}.{rest}"));
        outline
            .imports
            .iter()
            .filter(|import| import.binds == "*")
            .find_map(|import| {
                let path = self.project().path_of(&import.module)?.to_owned();
                (path != outline.path)
                    .then(|| self.global(&path, &chain, seen))
                    .flatten()
            })
    }

    /// `package.module.name.attribute`: the longest module that is there, and what it says of the rest.
    fn absolute(&self, whole: &str, seen: &mut Seen) -> Option<Definition> {
        let ends = whole
            .match_indices('.')
            .map(|(at, _)| at)
            .chain([whole.len()])
            .collect::<Vec<_>>();
        for end in ends.into_iter().rev() {
            let Some(path) = self.project().path_of(&whole[..end]).map(str::to_owned) else {
                continue;
            };
            let Some(rest) = whole.get(end + 1..) else {
                return Some(definition(&path, "<module>", DefinitionKind::Module));
            };
            if let Some(found) = self.global(&path, rest, seen) {
                return Some(found);
            }
        }
        None
    }
}

fn definition(path: &str, name: &str, kind: DefinitionKind) -> Definition {
    Definition {
        path: path.to_owned(),
        name: name.to_owned(),
        kind,
    }
}
