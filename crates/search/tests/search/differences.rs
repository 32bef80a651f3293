//! The search against pairs of functions with one fault each: found within a few thousand calls, from every seed.

use crate::pairs::{Ended, Version, graphs, hunt, lists, literals, records, takes, texts, unknown};
use counterproof_search::{Feedback, Options, Search, Shape, Subject, Technique, Validity, minimise};
use model::{Input, Value};

/// Expects a witness from each of several seeds, within so many calls.
#[track_caller]
fn expect(subject: &Subject, pair: (Version, Version), calls: u64) -> Input {
    let mut best = None;
    for seed in 0..12 {
        let found = hunt(subject, pair, seed, calls, &[]);
        assert!(found.first.is_some(), "seed {seed}: nothing in {:?}", found.statistics);
        best = found.best;
    }
    best.expect("a witness")
}

fn numbers(subject: &mut Subject) -> counterproof_search::ShapeId {
    let int = subject.add(Shape::Int);
    subject.add(Shape::List(int))
}

#[test]
fn a_binary_search_that_stops_early() {
    let mut subject = Subject::default();
    let items = numbers(&mut subject);
    let int = subject.add(Shape::Int);
    takes(&mut subject, "items", items);
    takes(&mut subject, "wanted", int);
    expect(&subject, (lists::binary_search, lists::binary_search_short), 1000);
}

#[test]
fn a_binary_search_of_which_nothing_is_known() {
    expect(
        &unknown(&["items", "wanted"]),
        (lists::binary_search, lists::binary_search_short),
        3000,
    );
}

#[test]
fn intervals_that_touch() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let pair = subject.add(Shape::Tuple(vec![int, int]));
    let list = subject.add(Shape::List(pair));
    takes(&mut subject, "intervals", list);
    let best = expect(&subject, (lists::merge, lists::merge_strict), 2000);
    assert!(best.size() < 40, "{best:?}");
}

#[test]
fn intervals_of_which_nothing_is_known() {
    expect(&unknown(&["q"]), (lists::merge, lists::merge_strict), 6000);
}

#[test]
fn a_limit_that_only_the_code_names() {
    let mut subject = Subject::default();
    let [int, truth] = [Shape::Int, Shape::Bool].map(|shape| subject.add(shape));
    takes(&mut subject, "q", int);
    takes(&mut subject, "r", truth);
    literals(&mut subject, [Value::Int(31_337)]);
    expect(&subject, (lists::days, lists::days_off_by_one), 500);
    let blind = hunt(
        &subject,
        (lists::days, lists::days_off_by_one),
        1,
        500,
        &[Technique::Literals],
    );
    assert_eq!(blind.first, None);
}

#[test]
fn roman_numbers() {
    let mut subject = unknown(&["q"]);
    literals(
        &mut subject,
        ["I", "V", "X", "L", "C", "D", "M"].map(|letter| Value::Str(letter.into())),
    );
    expect(&subject, (texts::roman, texts::roman_faulty), 2000);
}

#[test]
fn a_tokenizer_with_quotes_and_escapes() {
    let mut subject = Subject::default();
    let shape = subject.add(Shape::Str);
    takes(&mut subject, "line", shape);
    literals(&mut subject, ["\\", "\"", ";"].map(|letter| Value::Str(letter.into())));
    expect(&subject, (texts::split, texts::split_keeping), 3000);
}

#[test]
fn ways_through_a_graph() {
    expect(&graphs::subject(), (graphs::distance, graphs::distance_faulty), 8000);
    expect(&graphs::subject(), (graphs::cyclic, graphs::cyclic_faulty), 3000);
}

#[test]
fn a_record_of_which_only_the_keys_are_known() {
    let mut subject = unknown(&["q"]);
    literals(
        &mut subject,
        [
            Value::Str("quantity".into()),
            Value::Str("unit_price".into()),
            Value::Int(12),
        ],
    );
    expect(&subject, (records::price, records::price_faulty), 6000);
}

#[test]
fn dates_of_a_picky_constructor() {
    expect(&records::dates(), (records::before, records::before_faulty), 12_000);
}

#[test]
fn three_parameters_of_which_nothing_is_known() {
    expect(
        &unknown(&["q", "r", "s"]),
        (records::wrap, records::wrap_faulty),
        10_000,
    );
}

#[test]
fn a_method_of_an_object() {
    expect(&records::stack(), (records::push, records::push_faulty), 2000);
}

#[test]
fn a_magic_number_that_only_runs_show() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    takes(&mut subject, "q", int);
    let mut search = Search::new(&subject, Options::default());
    let told = |input: &Input| {
        let mut feedback = Feedback::of(Validity::Returned);
        feedback.hints = vec![input.args[0].clone(), Value::Int(0xC0_FFEE)];
        feedback.difference = (input.args[0] == Value::Int(0xC0_FFEE)).then_some(1);
        feedback
    };
    while search.witnesses().is_empty() && search.statistics().tried < 500 {
        let batch = search.next_batch();
        let feedback: Vec<Feedback> = batch.iter().map(told).collect();
        search.learn(batch, &feedback);
    }
    assert_eq!(search.witnesses().len(), 1);
    assert_eq!(search.witnesses()[0].technique, Technique::Hints);
}

#[test]
fn equal_versions_show_nothing() {
    let found = hunt(
        &unknown(&["items", "wanted"]),
        (lists::binary_search, lists::binary_search),
        3,
        5000,
        &[],
    );
    assert_eq!(found.first, None);
    assert!(found.statistics.useful() > 500, "{:?}", found.statistics);
}

#[test]
fn wrong_shapes_are_given_up() {
    let mut subject = Subject::default();
    let shape = subject.add(Shape::Bytes);
    takes(&mut subject, "q", shape);
    let found = hunt(&subject, (lists::merge, lists::merge_strict), 1, 12_000, &[]);
    assert!(found.first.is_some(), "{:?}", found.statistics);
    let strict = hunt(
        &subject,
        (lists::merge, lists::merge_strict),
        1,
        12_000,
        &[Technique::Fallback],
    );
    assert_eq!(strict.statistics.useful(), 0);
}

#[test]
fn a_witness_becomes_small() {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let pair = subject.add(Shape::Tuple(vec![int, int]));
    let list = subject.add(Shape::List(pair));
    takes(&mut subject, "intervals", list);
    let best = hunt(&subject, (lists::merge, lists::merge_strict), 7, 4000, &[])
        .best
        .expect("a witness");
    let differs = |input: &Input| {
        let [base, head] = [lists::merge, lists::merge_strict].map(|version| version(input, &mut Vec::new()));
        matches!(base, Ended::Returned(_)) && base != head
    };
    let small = minimise(best, 600, |batch| Ok::<_, ()>(batch.iter().map(differs).collect())).expect("never fails");
    let pair = |a, b| Value::Tuple(vec![Value::Int(a), Value::Int(b)]);
    assert_eq!(small.args, [Value::List(vec![pair(0, 0), pair(0, 0)])]);
}
