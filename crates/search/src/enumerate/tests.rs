use std::collections::{BTreeSet, HashSet};

use model::Symbol;

use super::*;
use crate::atlas::Atlas;
use crate::bandit::Bandit;
use crate::graph::is_sound;
use crate::instances::Instances;
use crate::knowledge::Limits;
use crate::shape::{ClassId, ClassShape, Parameter, Shape, ShapeId, Subject};
use crate::technique::Switches;
use crate::tokens::Dictionary;

fn all(subject: &Subject) -> Vec<Input> {
    let switches = Switches::without(&BTreeSet::new());
    let know = Knowledge {
        atlas: Atlas::new(subject, switches),
        dictionary: Dictionary::new(subject),
        bandit: Bandit::default(),
        instances: Instances::default(),
        limits: Limits::WIDE,
        switches,
        openness: 0,
        reach: 6,
        widening: 0,
    };
    let mut enumerator = Enumerator::new(&know);
    std::iter::from_fn(|| enumerator.next(&know)).collect()
}

fn take(subject: &mut Subject, shapes: &[ShapeId]) {
    for shape in shapes {
        let kind = ParameterKind::Positional;
        subject.parameters.push(Parameter {
            name: "q".into(),
            kind,
            shape: *shape,
            default: None,
            optional: false,
            keys: vec![],
        });
    }
}

#[test]
fn no_parameter_means_one_input() {
    assert_eq!(all(&Subject::default()), [Input::default()]);
}

#[test]
fn finite_spaces_are_covered() {
    let mut subject = Subject::default();
    let truth = subject.add(Shape::Bool);
    let pair = subject.add(Shape::Tuple(vec![truth, truth]));
    take(&mut subject, &[truth, pair]);
    let inputs: HashSet<Input> = all(&subject).into_iter().collect();
    assert_eq!(inputs.len(), 8);
}

#[test]
fn combinations_come_once_and_small_first() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let list = subject.add(Shape::List(int));
    take(&mut subject, &[list, int]);
    let inputs = all(&subject);
    assert_eq!(inputs[0].args, [Value::List(vec![]), Value::Int(0)]);
    let distinct: HashSet<&Input> = inputs.iter().collect();
    assert_eq!(distinct.len(), inputs.len());
    assert!(inputs.len() > 1000, "{}", inputs.len());
    let early = inputs[..300]
        .iter()
        .any(|input| input.args[0] == Value::List(vec![Value::Int(0), Value::Int(1)]));
    assert!(early);
}

#[test]
fn objects_come_alone_and_in_chains() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let object = subject.add(Shape::Object(ClassId(0)));
    let none = subject.add(Shape::None);
    let link = subject.add(Shape::Union(vec![(1.0, object), (1.0, none)]));
    let kind = ParameterKind::Positional;
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Node"),
        parameters: vec![Parameter {
            name: "v".into(),
            kind,
            shape: int,
            default: None,
            optional: false,
            keys: vec![],
        }],
        attributes: vec![("next".into(), link)],
        inverse: vec![],
    });
    take(&mut subject, &[object, link]);
    let inputs = all(&subject);
    assert!(inputs.iter().all(is_sound));
    assert!(inputs.iter().any(|input| input.nodes.len() == 1));
    assert!(inputs.iter().any(|input| input.nodes.len() >= 3));
}
