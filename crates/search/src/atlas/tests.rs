use std::collections::BTreeSet;

use super::*;

fn atlas(subject: &Subject) -> Atlas {
    Atlas::new(subject, Switches::without(&BTreeSet::new()))
}

#[test]
fn unions_become_flat_and_add_up() {
    let mut subject = Subject::default();
    let [int, text] = [Shape::Int, Shape::Str].map(|shape| subject.add(shape));
    let inner = subject.add(Shape::Union(vec![(1.0, int), (1.0, text)]));
    let outer = subject.add(Shape::Union(vec![(1.0, inner), (f64::NAN, int)]));
    let atlas = atlas(&subject);
    let Shape::Union(options) = atlas.shape(outer) else {
        panic!("no union")
    };
    assert_eq!(options.len(), 2);
    assert!((options.iter().map(|(weight, _)| weight).sum::<f64>() - 1.0).abs() < 1e-3);
}

#[test]
fn a_union_of_itself_alone_is_nothing() {
    let mut subject = Subject::default();
    let id = ShapeId(0);
    subject.add(Shape::Union(vec![(1.0, id)]));
    assert_eq!(*atlas(&subject).shape(id), Shape::None);
}

#[test]
fn recursion_and_heights_are_known() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let tree = ShapeId(2);
    let branch = subject.add(Shape::Tuple(vec![tree, tree]));
    subject.add(Shape::Union(vec![(1.0, int), (1.0, branch)]));
    let endless = ShapeId(3);
    subject.add(Shape::Tuple(vec![endless]));
    let atlas = atlas(&subject);
    assert!(atlas.is_recursive(tree));
    assert_eq!(atlas.height(branch), 1);
    assert_eq!(atlas.height(tree), 0);
    assert_eq!(atlas.height(endless), u32::MAX);
}

#[test]
fn a_value_finds_its_alternative() {
    let mut subject = Subject::default();
    let [int, text] = [Shape::Int, Shape::Str].map(|shape| subject.add(shape));
    let [ints, texts] = [int, text].map(|of| subject.add(Shape::List(of)));
    let either = subject.add(Shape::Union(vec![(1.0, ints), (1.0, texts)]));
    let atlas = atlas(&subject);
    let value = Value::List(vec![Value::Str("a".into())]);
    assert_eq!(atlas.resolve(either, &value, &[]), Some(texts));
    assert_eq!(atlas.resolve(either, &Value::Int(1), &[]), None);
}

#[test]
fn unknown_shapes_heed_the_name() {
    let mut subject = Subject::default();
    let shape = subject.add(Shape::Any);
    for name in ["flag", "zyzzyva"] {
        subject.parameters.push(Parameter {
            name: name.into(),
            kind: ParameterKind::Positional,
            shape,
            default: None,
            optional: false,
            keys: vec![],
        });
    }
    let atlas = atlas(&subject);
    let weight = |root: usize| match atlas.shape(atlas.roots[root].shapes[0]) {
        Shape::Union(options) => options
            .iter()
            .find(|(_, option)| *atlas.shape(*option) == Shape::Bool)
            .map(|(weight, _)| *weight),
        _ => None,
    };
    assert!(weight(0) > weight(1));
}
