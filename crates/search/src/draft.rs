//! An input by parameters, as techniques work on it; an [`Input`] by positions and keywords, as it is run.

use model::{Answer, Input, Node, Value};

use crate::atlas::{Atlas, RootKind};
use crate::shape::ParameterKind;

/// What a root was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// Nothing: it is left out.
    Omitted,
    /// A value.
    One(Value),
    /// Values for the rest of the positional arguments.
    Rest(Vec<Value>),
    /// Values for the rest of the keyword arguments.
    Named(Vec<(String, Value)>),
}

impl Given {
    /// All values in it.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let (one, rest, named) = match self {
            Given::Omitted => (None, &[][..], &[][..]),
            Given::One(value) => (Some(value), &[][..], &[][..]),
            Given::Rest(values) => (None, &values[..], &[][..]),
            Given::Named(pairs) => (None, &[][..], &pairs[..]),
        };
        one.into_iter().chain(rest).chain(named.iter().map(|(_, value)| value))
    }

    /// As [`Given::values`], to change them in place.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let (one, rest, named) = match self {
            Given::Omitted => (None, &mut [][..], &mut [][..]),
            Given::One(value) => (Some(value), &mut [][..], &mut [][..]),
            Given::Rest(values) => (None, &mut values[..], &mut [][..]),
            Given::Named(pairs) => (None, &mut [][..], &mut pairs[..]),
        };
        one.into_iter()
            .chain(rest)
            .chain(named.iter_mut().map(|(_, value)| value))
    }
}

/// One thing given for each root, in the order of [`Atlas::roots`], and the objects they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    /// What each root was given.
    pub given: Vec<Given>,
    /// Shared objects.
    pub nodes: Vec<Node>,
}

impl Draft {
    /// The input that this is.
    pub fn assemble(self, atlas: &Atlas) -> Input {
        let mut input = Input {
            nodes: self.nodes,
            ..Input::default()
        };
        let mut gap = false;
        for (given, root) in self.given.into_iter().zip(&atlas.roots) {
            match (root.kind, given) {
                (RootKind::Receiver, Given::One(value)) => input.receiver = Some(value),
                (RootKind::Parameter(ParameterKind::Positional), Given::Omitted) => gap = true,
                (RootKind::Parameter(ParameterKind::Positional), Given::One(value)) if !gap => input.args.push(value),
                (RootKind::Parameter(ParameterKind::Rest), Given::Rest(values)) if !gap => input.args.extend(values),
                (RootKind::Parameter(ParameterKind::World), Given::One(value)) => {
                    input
                        .world
                        .extend(root.name.parse().ok().map(|to| Answer { to, value }));
                }
                (RootKind::Parameter(_), Given::One(value)) => input.kwargs.push((root.name.clone(), value)),
                (RootKind::Parameter(_), Given::Named(pairs)) => input.kwargs.extend(pairs),
                _ => {}
            }
        }
        input
    }

    /// The draft of an input; nothing where the input passes what no parameter takes.
    pub fn of(atlas: &Atlas, input: &Input) -> Option<Draft> {
        let mut draft = Draft {
            given: vec![Given::Omitted; atlas.roots.len()],
            nodes: input.nodes.clone(),
        };
        for (root, name, value) in views(atlas, input)? {
            match (&mut draft.given[root], atlas.roots[root].kind) {
                (Given::Rest(values), _) => values.push(value.clone()),
                (Given::Named(pairs), _) => pairs.push((name.unwrap_or_default().to_owned(), value.clone())),
                (given, RootKind::Parameter(ParameterKind::Rest)) => *given = Given::Rest(vec![value.clone()]),
                (given, RootKind::Parameter(ParameterKind::KeywordRest)) => {
                    *given = Given::Named(vec![(name.unwrap_or_default().to_owned(), value.clone())]);
                }
                (given, _) => *given = Given::One(value.clone()),
            }
        }
        Some(draft)
    }
}

/// A value of an input: the root that takes it, the keyword it is passed by, and itself.
pub(crate) type View<'i> = (usize, Option<&'i str>, &'i Value);

/// Every value of an input with the root that takes it; nothing where one is taken by none.
pub(crate) fn views<'i>(atlas: &Atlas, input: &'i Input) -> Option<Vec<View<'i>>> {
    let mut views = Vec::with_capacity(input.args.len() + input.kwargs.len() + 1);
    let find = |kind: RootKind| atlas.roots.iter().position(|root| root.kind == kind);
    if let Some(value) = &input.receiver {
        views.push((find(RootKind::Receiver)?, None, value));
    }
    let rest = find(RootKind::Parameter(ParameterKind::Rest));
    let mut takers = (0..atlas.roots.len())
        .filter(|index| atlas.roots[*index].kind == RootKind::Parameter(ParameterKind::Positional));
    for value in &input.args {
        views.push((takers.next().or(rest)?, None, value));
    }
    for (name, value) in &input.kwargs {
        let by_name = atlas.roots.iter().position(|root| {
            let kinds = [ParameterKind::Positional, ParameterKind::Keyword].map(RootKind::Parameter);
            root.name == *name && kinds.contains(&root.kind)
        });
        let root = by_name.or_else(|| find(RootKind::Parameter(ParameterKind::KeywordRest)))?;
        views.push((root, Some(name.as_str()), value));
    }
    for Answer { to, value } in &input.world {
        let name = to.to_string();
        let of_world = RootKind::Parameter(ParameterKind::World);
        let root = atlas
            .roots
            .iter()
            .position(|root| root.kind == of_world && root.name == name);
        views.push((root?, None, value));
    }
    Some(views)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shape::{Parameter, Shape, Subject};
    use crate::technique::Switches;

    fn atlas() -> Atlas {
        let mut subject = Subject::default();
        let shape = subject.add(Shape::Int);
        let kinds = [
            ("a", ParameterKind::Positional),
            ("b", ParameterKind::Positional),
            ("rest", ParameterKind::Rest),
            ("k", ParameterKind::Keyword),
            ("more", ParameterKind::KeywordRest),
        ];
        for (name, kind) in kinds {
            let parameter = Parameter {
                name: name.into(),
                kind,
                shape,
                default: None,
                optional: true,
                keys: vec![],
            };
            subject.parameters.push(parameter);
        }
        Atlas::new(&subject, Switches::without(&BTreeSet::new()))
    }

    #[test]
    fn assembles_and_takes_apart() {
        let atlas = atlas();
        let int = Value::Int;
        let draft = Draft {
            given: vec![
                Given::One(int(1)),
                Given::One(int(2)),
                Given::Rest(vec![int(3), int(4)]),
                Given::One(int(5)),
                Given::Named(vec![("z".into(), int(6))]),
            ],
            nodes: vec![],
        };
        let input = draft.clone().assemble(&atlas);
        assert_eq!(input.args, [int(1), int(2), int(3), int(4)]);
        assert_eq!(input.kwargs, [("k".into(), int(5)), ("z".into(), int(6))]);
        assert_eq!(Draft::of(&atlas, &input), Some(draft));
    }

    #[test]
    fn after_a_gap_come_keywords() {
        let atlas = atlas();
        let given = vec![
            Given::Omitted,
            Given::One(Value::Int(2)),
            Given::Rest(vec![Value::Int(3)]),
            Given::Omitted,
            Given::Omitted,
        ];
        let input = Draft { given, nodes: vec![] }.assemble(&atlas);
        assert!(input.args.is_empty());
        assert_eq!(input.kwargs, [("b".into(), Value::Int(2))]);
        assert_eq!(
            Draft::of(&atlas, &input).map(|draft| draft.given[1].clone()),
            Some(Given::One(Value::Int(2)))
        );
    }

    #[test]
    fn what_no_parameter_takes_is_no_draft() {
        let atlas = Atlas::new(&Subject::default(), Switches::without(&BTreeSet::new()));
        let input = Input {
            args: vec![Value::None],
            ..Input::default()
        };
        assert_eq!(Draft::of(&atlas, &input), None);
    }
}
