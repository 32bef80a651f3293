//! What a function can reach inside the project, by name.

use std::collections::BTreeSet;

use super::index::{Definition, DefinitionKind, Index};
use super::uses::Uses;

/// Definitions looked at, at most.
const MOST: usize = 400;

/// What a piece of code can reach inside the project.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Definitions reached by name, itself not among them.
    pub definitions: BTreeSet<Definition>,
    /// Attributes read on unknown receivers on the way.
    pub attributes: BTreeSet<String>,
    /// Whether anything on the way reads frames, source, code objects or tracebacks.
    pub inspection: bool,
    /// Whether anything on the way uses names that cannot be told.
    pub dynamic: bool,
    /// Whether nothing was left out.
    pub complete: bool,
}

impl Index {
    /// Definitions that a piece of code of the file `path`, in the class `class`, uses directly.
    pub fn used(&self, path: &str, class: Option<&str>, uses: &Uses) -> BTreeSet<Definition> {
        let mut found: BTreeSet<Definition> = uses
            .globals
            .iter()
            .filter_map(|chain| self.resolve(path, chain))
            .collect();
        if let Some(class) = class {
            let own = uses
                .own
                .iter()
                .chain(&uses.own_stores)
                .filter_map(|chain| self.member(path, class, chain.split('.').next().unwrap_or_default()));
            found.extend(own);
            found.extend(
                uses.inherited
                    .iter()
                    .filter_map(|name| self.inherited(path, class, name)),
            );
        }
        found
    }

    /// Everything that the function `name` of the file `path` reaches.
    pub fn reach(&self, path: &str, name: &str) -> Reach {
        let mut reach = Reach {
            complete: true,
            ..Reach::default()
        };
        let mut open = vec![Definition {
            path: path.to_owned(),
            name: name.to_owned(),
            kind: DefinitionKind::Function,
        }];
        while let Some(next) = open.pop() {
            if reach.definitions.len() > MOST {
                reach.complete = false;
                break;
            }
            for (class, uses) in self.uses_of(&next) {
                reach.inspection |= uses.markers.inspection;
                reach.dynamic |= uses.markers.dynamic;
                reach.attributes.extend(uses.attributes.iter().cloned());
                let found = self.used(&next.path, class.as_deref(), &uses);
                open.extend(
                    found
                        .into_iter()
                        .filter(|definition| reach.definitions.insert(definition.clone())),
                );
            }
        }
        reach
    }

    /// The uses of a definition, nested functions and (for a class) methods included.
    fn uses_of(&self, definition: &Definition) -> Vec<(Option<String>, Uses)> {
        let Some(outline) = self.outline(&definition.path) else {
            return Vec::new();
        };
        match definition.kind {
            DefinitionKind::Function => {
                let nested = format!("{}.<locals>.", definition.name);
                let class = definition
                    .name
                    .split(".<locals>")
                    .next()
                    .and_then(|outer| outline.function(outer))
                    .and_then(|outer| outer.class.clone());
                let belongs = |name: &str| name == definition.name || name.starts_with(&nested);
                outline
                    .functions
                    .iter()
                    .filter(|function| belongs(&function.qualified_name))
                    .map(|function| (class.clone(), function.uses.clone()))
                    .collect()
            }
            DefinitionKind::Class => outline
                .class(&definition.name)
                .map(|class| (Some(class.qualified_name.clone()), class.uses.clone()))
                .into_iter()
                .chain(
                    outline
                        .methods(&definition.name)
                        .map(|method| (method.class.clone(), method.uses.clone())),
                )
                .collect(),
            DefinitionKind::Variable => match definition.name.rsplit_once('.') {
                Some((class, name)) => {
                    let statements = outline
                        .class(class)
                        .map(|class| class.statements.clone())
                        .unwrap_or_default();
                    statements
                        .into_iter()
                        .filter(|statement| statement.binds.contains(name))
                        .map(|statement| (Some(class.to_owned()), statement.uses))
                        .collect()
                }
                None => outline
                    .binding(&definition.name)
                    .map(|statement| (None, statement.uses.clone()))
                    .collect(),
            },
            DefinitionKind::Module => Vec::new(),
        }
    }
}
