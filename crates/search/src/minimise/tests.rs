use std::convert::Infallible;

use model::{Node, Symbol, Value};
use proptest::prelude::*;

use super::*;
use crate::graph::is_sound;

fn input(values: Vec<Value>) -> Input {
    Input {
        args: values,
        ..Input::default()
    }
}

/// Minimises by a property of one input, and checks what every candidate must be.
fn by(start: Input, property: impl Fn(&Input) -> bool) -> (Input, usize) {
    let mut count = 0;
    let mut size = measure::of(&start);
    let result = minimise(start, 600, |batch| {
        count += batch.len();
        let kept: Vec<bool> = batch.iter().map(&property).collect();
        assert!(
            batch.iter().all(|candidate| measure::of(candidate) < size),
            "not smaller"
        );
        let sizes = batch
            .iter()
            .zip(&kept)
            .filter(|(_, kept)| **kept)
            .map(|(candidate, _)| measure::of(candidate));
        size = sizes.min().unwrap_or(size);
        Ok::<_, Infallible>(kept)
    });
    match result {
        Ok(found) => (found, count),
        Err(never) => match never {},
    }
}

#[test]
fn a_list_shrinks_to_what_matters() {
    let items: Vec<Value> = (0..40).map(|n| Value::Int(n * 37 % 101)).collect();
    let has_large = |input: &Input| match &input.args[..] {
        [Value::List(items)] => items.iter().any(|item| matches!(item, Value::Int(n) if *n >= 50)),
        _ => false,
    };
    let (found, count) = by(input(vec![Value::List(items)]), has_large);
    assert_eq!(found.args, [Value::List(vec![Value::Int(50)])]);
    assert!(count < 200, "{count}");
}

#[test]
fn a_text_shrinks_to_what_matters() {
    let start = input(vec![Value::Str("Hello, wide and wonderful World! 2024".into())]);
    let (found, _) = by(
        start,
        |input| matches!(&input.args[..], [Value::Str(text)] if text.contains(',') && text.len() > 2),
    );
    assert_eq!(found.args.len(), 1);
    let Value::Str(text) = &found.args[0] else {
        panic!("no text")
    };
    assert_eq!(text.len(), 3);
    assert!(text.chars().all(|letter| "a0,".contains(letter)), "{text}");
}

#[test]
fn unused_nodes_and_links_go() {
    let make = |value: i64| Value::Call {
        callee: Symbol::new("m", "N"),
        args: vec![Value::Int(value)],
        kwargs: vec![],
    };
    let node = |value, next| Node {
        make: make(value),
        links: vec![("next".into(), next)],
    };
    let nodes = vec![
        node(5, Value::Node(1)),
        node(6, Value::Node(2)),
        node(7, Value::Node(0)),
        node(8, Value::None),
    ];
    let start = Input {
        args: vec![Value::Node(0)],
        nodes,
        ..Input::default()
    };
    // A cycle must stay.
    let cyclic = |input: &Input| {
        let next = |index: u32| match input.nodes.get(index as usize)?.links.first()?.1 {
            Value::Node(next) => Some(next),
            _ => None,
        };
        let Some(Value::Node(mut at)) = input.args.first().cloned() else {
            return false;
        };
        (0..5).all(|_| next(at).map(|next| at = next).is_some())
    };
    let (found, _) = by(start, cyclic);
    assert!(is_sound(&found));
    assert_eq!(found.nodes.len(), 1, "{found:?}");
    assert_eq!(found.nodes[0].links, [("next".to_owned(), Value::Node(0))]);
}

#[test]
fn stops_at_the_cap_and_passes_errors_on() {
    let start = input(vec![Value::Str("x".repeat(500))]);
    let mut count = 0;
    let result = minimise(start.clone(), 50, |batch| {
        count += batch.len();
        Ok::<_, Infallible>(vec![false; batch.len()])
    });
    assert_eq!((result, count), (Ok(start.clone()), 50));
    assert_eq!(minimise(start, 50, |_| Err("gone")), Err("gone"));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,8}".prop_map(Value::Str),
        proptest::collection::vec(any::<u8>(), 0..6).prop_map(Value::Bytes),
        (0u32..3).prop_map(Value::Node),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Tuple),
            proptest::collection::vec((".{0,3}".prop_map(Value::Str), inner.clone()), 0..3).prop_map(Value::Dict),
            inner.prop_map(|value| Value::Returns(Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn every_step_is_smaller_and_it_ends(values in proptest::collection::vec(any_value(), 0..4), threshold in 0u64..60) {
        let nodes = (0..3).map(|n| Node { make: Value::Int(n), links: vec![("next".into(), Value::Node((n as u32 + 1) % 3))] }).collect();
        let start = Input { args: values, nodes, ..Input::default() };
        let (found, count) = by(start.clone(), |input| input.size() >= threshold && is_sound(input));
        prop_assert!(found.size() <= start.size());
        prop_assert!(count <= 600);
        prop_assert!(is_sound(&found));
    }
}
