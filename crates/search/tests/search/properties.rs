//! What holds for every subject, whatever the runs say.

use std::collections::HashSet;

use counterproof_search::{
    ClassId, ClassShape, Feedback, Options, Parameter, ParameterKind, Search, Shape, ShapeId, Subject, Technique,
    Token, Validity, likelihood,
};
use model::{Input, Symbol, Value};
use proptest::prelude::*;

const SHAPES: u32 = 8;

fn any_shape() -> impl Strategy<Value = Shape> {
    let id = || (0..SHAPES + 1).prop_map(ShapeId);
    prop_oneof![
        Just(Shape::Any),
        Just(Shape::None),
        Just(Shape::Bool),
        Just(Shape::Int),
        Just(Shape::Float),
        Just(Shape::Str),
        Just(Shape::Bytes),
        id().prop_map(Shape::List),
        proptest::collection::vec(id(), 0..3).prop_map(Shape::Tuple),
        id().prop_map(Shape::TupleOf),
        id().prop_map(Shape::Set),
        id().prop_map(Shape::FrozenSet),
        (id(), id()).prop_map(|(key, of)| Shape::Dict(key, of)),
        proptest::collection::vec(("[a-c]", id(), any::<bool>()), 0..3).prop_map(Shape::Record),
        (0u32..3).prop_map(|class| Shape::Object(ClassId(class))),
        proptest::collection::vec(id(), 0..3).prop_map(|args| Shape::Make {
            callee: Symbol::new("m", "make"),
            args
        }),
        id().prop_map(Shape::Callable),
        id().prop_map(Shape::Iterator),
        Just(Shape::OneOf(vec![Value::Int(3), Value::Str("three".into())])),
        proptest::collection::vec((0.0f64..2.0, id()), 0..4).prop_map(Shape::Union),
    ]
}

fn any_parameter(kinds: &'static [ParameterKind]) -> impl Strategy<Value = Parameter> {
    let default = proptest::option::of(Just(Value::Int(42)));
    (
        "[a-z]{1,5}",
        proptest::sample::select(kinds),
        0..SHAPES,
        default,
        any::<bool>(),
    )
        .prop_map(|(name, kind, shape, default, optional)| {
            let keys = vec!["k1".into(), "k2".into()];
            Parameter {
                name,
                kind,
                shape: ShapeId(shape),
                default,
                optional,
                keys,
            }
        })
}

fn any_class() -> impl Strategy<Value = ClassShape> {
    const KINDS: &[ParameterKind] = &[ParameterKind::Positional, ParameterKind::Keyword];
    let parameters = proptest::collection::vec(any_parameter(KINDS), 0..3);
    (parameters, proptest::collection::vec(0..SHAPES, 0..3), any::<bool>()).prop_map(
        |(parameters, attributes, inverse)| {
            let attributes: Vec<_> = ["next", "prev", "other"]
                .into_iter()
                .map(String::from)
                .zip(attributes.into_iter().map(ShapeId))
                .collect();
            let inverse = if inverse {
                vec![("next".into(), "prev".into())]
            } else {
                vec![]
            };
            ClassShape {
                make: Symbol::new("m", "Class"),
                parameters,
                attributes,
                inverse,
            }
        },
    )
}

fn any_subject() -> impl Strategy<Value = Subject> {
    const KINDS: &[ParameterKind] = &[
        ParameterKind::Positional,
        ParameterKind::Positional,
        ParameterKind::Keyword,
        ParameterKind::Rest,
        ParameterKind::KeywordRest,
    ];
    let shapes = proptest::collection::vec(any_shape(), SHAPES as usize);
    let classes = proptest::collection::vec(any_class(), 2);
    let parameters = proptest::collection::vec(any_parameter(KINDS), 0..4);
    (
        shapes,
        classes,
        parameters,
        proptest::option::of((0..SHAPES).prop_map(ShapeId)),
    )
        .prop_map(|(shapes, mut classes, mut parameters, receiver)| {
            classes[1].make = Symbol::new("m", "Other");
            // As a language has it: at most one rest of each kind, names differ.
            let mut seen = HashSet::new();
            parameters.retain(|parameter| seen.insert(parameter.name.clone()));
            let mut rests = HashSet::new();
            parameters.retain(|parameter| match parameter.kind {
                ParameterKind::Rest | ParameterKind::KeywordRest => rests.insert(format!("{:?}", parameter.kind)),
                _ => true,
            });
            let tokens = [
                Value::Int(7),
                Value::Str("a-b".into()),
                Value::Tuple(vec![Value::Int(1)]),
            ];
            let tokens = tokens.map(|value| Token { value, changed: false }).into();
            Subject {
                pumps: Vec::new(),
                methods: Vec::new(),
                shapes,
                classes,
                parameters,
                receiver,
                tokens,
                seeds: vec![],
            }
        })
}

/// Whether nodes exist where they are mentioned, makes look backwards, and keys and members can be hashed and differ.
fn is_sound(input: &Input) -> Result<(), String> {
    let count = input.nodes.len();
    let plain = input
        .receiver
        .iter()
        .chain(&input.args)
        .chain(input.kwargs.iter().map(|(_, value)| value));
    for value in plain {
        is_sound_value(value, count)?;
    }
    for (index, node) in input.nodes.iter().enumerate() {
        is_sound_value(&node.make, index)?;
        node.links
            .iter()
            .try_for_each(|(_, link)| is_sound_value(link, count))?;
    }
    let mut names = HashSet::new();
    if input.kwargs.iter().all(|(name, _)| names.insert(name)) {
        Ok(())
    } else {
        Err("a keyword twice".into())
    }
}

fn is_sound_value(value: &Value, limit: usize) -> Result<(), String> {
    let keys: Vec<&Value> = match value {
        Value::Node(index) if *index as usize >= limit => return Err(format!("node {index} of {limit}")),
        Value::Set(items) | Value::FrozenSet(items) => items.iter().collect(),
        Value::Dict(pairs) => pairs.iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    };
    let mut seen = HashSet::new();
    if let Some(key) = keys.into_iter().find(|key| !key.is_hashable() || !seen.insert(*key)) {
        return Err(format!("{key:?} is a bad key"));
    }
    value
        .children()
        .into_iter()
        .try_for_each(|child| is_sound_value(child, limit))
}

/// Feedback that depends on the input alone, so that two searches can be told the same.
fn answer(input: &Input) -> Feedback {
    let size = input.size();
    let validity = match size % 5 {
        0 => Validity::Invalid,
        1 => Validity::Raised,
        2 if size > 100 => Validity::NotMade,
        _ => Validity::Returned,
    };
    let mut feedback = Feedback::of(validity);
    feedback.new_coverage = u32::from(size.is_multiple_of(11));
    feedback.new_changed_coverage = u32::from(size.is_multiple_of(33));
    feedback.difference = size.is_multiple_of(7).then_some(size % 3);
    feedback.slow = size > 400;
    if size.is_multiple_of(13) {
        feedback.hints = vec![
            Value::Str("hint".into()),
            Value::Int(4711),
            Value::Int(7),
            Value::List(vec![Value::Node(0)]),
        ];
    }
    feedback
}

fn batches(subject: &Subject, options: Options, count: usize) -> Vec<Input> {
    let mut search = Search::new(subject, options);
    let mut all = Vec::new();
    for _ in 0..count {
        let batch = search.next_batch();
        let feedback: Vec<Feedback> = batch.iter().map(answer).collect();
        all.extend(batch.iter().cloned());
        search.learn(batch, &feedback);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn inputs_are_sound_and_never_given_twice(subject in any_subject(), seed in any::<u64>()) {
        let inputs = batches(&subject, Options { seed, ..Options::default() }, 8);
        for input in &inputs {
            prop_assert_eq!(is_sound(input), Ok(()), "{:?}", input);
            let likelihood = likelihood(&subject, input);
            prop_assert!((0.0..=1.0).contains(&likelihood));
        }
        let distinct: HashSet<&Input> = inputs.iter().collect();
        prop_assert_eq!(distinct.len(), inputs.len());
        prop_assert_eq!(inputs.iter().all(|input| input.receiver.is_some()), subject.receiver.is_some() || inputs.is_empty());
    }

    #[test]
    fn the_same_seed_gives_the_same_inputs(subject in any_subject(), seed in any::<u64>()) {
        let [first, second] = [(); 2].map(|()| batches(&subject, Options { seed, ..Options::default() }, 5));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn every_technique_can_be_left_out(subject in any_subject(), without in proptest::sample::select(&Technique::ALL[..])) {
        let options = Options { without: [without].into(), ..Options::default() };
        for input in batches(&subject, options, 5) {
            prop_assert_eq!(is_sound(&input), Ok(()));
        }
    }
}

#[test]
fn nothing_to_choose_means_one_input() {
    let subject = Subject::default();
    let mut search = Search::new(&subject, Options::default());
    let batch = search.next_batch();
    assert_eq!(batch, [Input::default()]);
    search.learn(batch, &[Feedback::of(Validity::Returned)]);
    assert!(search.next_batch().is_empty());
    assert!(search.exhausted() && search.saturated());
}

#[test]
fn a_finite_space_is_exhausted_completely() {
    let mut subject = Subject::default();
    let truth = subject.add(Shape::Bool);
    let letters = subject.add(Shape::OneOf(["a", "b", "c"].map(|text| Value::Str(text.into())).into()));
    let pair = subject.add(Shape::Tuple(vec![truth, letters]));
    for (name, shape) in [("q", pair), ("r", truth)] {
        let kind = ParameterKind::Positional;
        subject.parameters.push(Parameter {
            name: name.into(),
            kind,
            shape,
            default: None,
            optional: false,
            keys: vec![],
        });
    }
    let mut search = Search::new(&subject, Options::default());
    let mut all = HashSet::new();
    loop {
        let batch = search.next_batch();
        if batch.is_empty() {
            break;
        }
        all.extend(batch.iter().cloned());
        let feedback = vec![Feedback::of(Validity::Returned); batch.len()];
        search.learn(batch, &feedback);
    }
    assert_eq!(all.len(), 12);
}

#[test]
fn seeds_come_first_and_without_news_it_saturates() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let kind = ParameterKind::Positional;
    subject.parameters.push(Parameter {
        name: "q".into(),
        kind,
        shape: int,
        default: None,
        optional: false,
        keys: vec![],
    });
    let seed = Input {
        args: vec![Value::Int(123_456)],
        ..Input::default()
    };
    subject.seeds = vec![seed.clone(), seed.clone()];
    let mut search = Search::new(&subject, Options::default());
    let mut first = true;
    while !search.saturated() {
        let batch = search.next_batch();
        let mut feedback = vec![Feedback::of(Validity::Returned); batch.len()];
        if std::mem::take(&mut first) {
            assert_eq!(batch[0], seed);
            feedback[0].new_coverage = 3;
        }
        search.learn(batch, &feedback);
    }
    let statistics = search.statistics();
    assert_eq!(statistics.techniques[&Technique::Seeds].tried, 1);
    assert_eq!((statistics.coverage, statistics.new_coverage), (3, 1));
    assert!((2048..4096).contains(&statistics.tried), "{}", statistics.tried);
}

#[test]
fn what_others_ran_can_be_told_too() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let kind = ParameterKind::Positional;
    subject.parameters.push(Parameter {
        name: "q".into(),
        kind,
        shape: int,
        default: None,
        optional: false,
        keys: vec![],
    });
    let mut search = Search::new(&subject, Options::default());
    let foreign = Input {
        args: vec![Value::Int(0)],
        ..Input::default()
    };
    search.learn(
        vec![foreign.clone()],
        &[Feedback {
            difference: Some(9),
            ..Feedback::of(Validity::Returned)
        }],
    );
    assert_eq!(search.witnesses()[0].input, foreign);
    assert!(!search.next_batch().contains(&foreign));
}
