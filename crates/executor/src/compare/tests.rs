use super::*;
use proptest::prelude::*;

fn returned(value: Observed) -> Observation {
    Observation::of(Outcome::Returned(value))
}

fn raised(class: &str, message: &str) -> Observation {
    let raised = Raised {
        class: class.into(),
        bases: vec![],
        message: message.into(),
        place: None,
        depth: 1,
    };
    Observation {
        outcome: Outcome::Raised(raised),
        ..returned(Observed::None)
    }
}

fn differ(a: &Observation, b: &Observation) -> Option<Difference> {
    compare(a, b, &Mask::default(), &Folders::default())
}

fn object(id: u32, state: &[(&str, Observed)]) -> Observed {
    let state = state
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    Observed::Object {
        class: "m.C".into(),
        id,
        items: None,
        state,
    }
}

#[test]
fn types_count_and_floats_agree_to_ten_digits() {
    assert!(differ(&returned(Observed::Int(1)), &returned(Observed::Bool(true))).is_some());
    assert!(differ(&returned(Observed::Float(0.1 + 0.2)), &returned(Observed::Float(0.3))).is_none());
    assert!(differ(&returned(Observed::Float(0.0)), &returned(Observed::Float(-0.0))).is_some());
    assert!(
        differ(
            &returned(Observed::Float(f64::NAN)),
            &returned(Observed::Float(f64::NAN))
        )
        .is_none()
    );
}

#[test]
fn kinds_follow_from_the_two_outcomes() {
    let kind = |a: &Observation, b: &Observation| differ(a, b).map(|difference| difference.kind);
    let one = returned(Observed::Int(1));
    let error = raised("ValueError", "x");
    let hang = Observation {
        outcome: Outcome::TimedOut,
        ..one.clone()
    };
    assert_eq!(kind(&one, &error), Some(FindingKind::NewCrash));
    assert_eq!(kind(&error, &one), Some(FindingKind::LostError));
    assert_eq!(kind(&one, &hang), Some(FindingKind::NewHang));
    assert_eq!(kind(&hang, &one), None);
    assert_eq!(kind(&error, &raised("KeyError", "x")), Some(FindingKind::Changed));
}

#[test]
fn folders_are_the_same_in_bytes_too() {
    let folders = Folders {
        same: vec![("/c/base".to_owned(), "/c/head".to_owned(), "<scratch>")],
        ..Folders::default()
    };
    let of = |text: &str| returned(Observed::Bytes(text.as_bytes().to_vec()));
    let differ = |one: &str, other: &str| compare(&of(one), &of(other), &Mask::default(), &folders).is_some();
    assert!(!differ("/c/base/x", "/c/head/x"));
    assert!(differ("/c/base/x", "/c/head/y"));
}

#[test]
fn messages_are_compared_without_addresses_and_places() {
    let differ = |one: &str, other: &str| differ(&raised("ValueError", one), &raised("ValueError", other)).is_some();
    assert!(!differ(
        "bad <a.B object at 0x7f0000000001>",
        "bad <a.B object at 0x7f0000000002>"
    ));
    assert!(differ("bad 'a'", "worse 'a'"));
    // Both versions were given the same.
    assert!(differ("bad 'a' at 3", "bad 'bc' at 14"));
}

#[test]
fn a_renamed_private_attribute_is_no_difference_and_a_public_one_is() {
    let old = returned(object(0, &[("_a", Observed::Int(1)), ("x", Observed::Int(2))]));
    let new = returned(object(0, &[("_b", Observed::Int(1)), ("x", Observed::Int(2))]));
    assert_eq!(differ(&old, &new), None);
    let public = returned(object(0, &[("_a", Observed::Int(1)), ("y", Observed::Int(2))]));
    assert!(differ(&old, &public).is_some());
}

#[test]
fn private_state_alone_is_marked_so() {
    let old = returned(object(0, &[("_a", Observed::Int(1))]));
    let new = returned(object(0, &[("_a", Observed::Int(2))]));
    assert!(differ(&old, &new).is_some_and(|difference| difference.private));
}

#[test]
fn which_object_comes_back_is_told() {
    let pair = Observed::List(vec![
        object(0, &[("x", Observed::Int(1))]),
        object(1, &[("x", Observed::Int(1))]),
    ]);
    let with = |result| Observation {
        after: Some(pair.clone()),
        ..returned(result)
    };
    assert_eq!(differ(&with(Observed::Again(0)), &with(Observed::Again(0))), None);
    let both = |first, second| with(Observed::Tuple(vec![first, second]));
    let old = both(Observed::Again(0), Observed::Again(0));
    let new = both(Observed::Again(0), Observed::Again(1));
    assert!(differ(&old, &new).is_some());
    let old = with(Observed::Again(0));
    let new = with(Observed::Again(1));
    assert!(differ(&old, &new).is_some());
}

#[test]
fn a_masked_place_hides_what_stands_there_and_no_more() {
    let mut mask = Mask::default();
    mask.add(&[Step::Result, Step::Item(0)]);
    let list = |x, y| {
        returned(Observed::List(vec![
            Observed::Tuple(vec![Observed::Int(x)]),
            Observed::Int(y),
        ]))
    };
    let folders = Folders::default();
    assert!(compare(&list(1, 1), &list(2, 1), &mask, &folders).is_none());
    let mut by_key = Mask::default();
    by_key.add(&[Step::Result, Step::Key("a".into())]);
    let dict = |x| returned(Observed::Dict(vec![(Observed::Str("b".into()), Observed::Int(x))]));
    assert!(compare(&dict(1), &dict(2), &by_key, &folders).is_some());
}

#[test]
fn texts_that_name_our_folders_are_known() {
    let folders = Folders {
        same: vec![("/tmp/run-1/base".to_owned(), "/tmp/run-1/head".to_owned(), "<tree>")],
        ..Folders::default()
    };
    assert!(folders.are_in("tmp/run-1/base/x.py") && folders.are_in("see /tmp/run-1/head"));
    assert!(!folders.are_in("base") && !folders.are_in(""));
    assert!(!Folders::default().are_in("/"));
}

#[test]
fn folders_and_addresses_are_neutral() {
    let folders = Folders {
        same: vec![("/base".into(), "/head".into(), "<tree>")],
        ..Folders::default()
    };
    let text = |text: &str| returned(Observed::Str(text.into()));
    assert!(compare(&text("/base/a.py"), &text("/head/a.py"), &Mask::default(), &folders).is_none());
    assert!(
        differ(
            &text("<C object at 0x7f0011223344>"),
            &text("<C object at 0x7f0055667788>")
        )
        .is_none()
    );
    assert!(differ(&text("a"), &text("b")).is_some());
}

#[test]
fn where_a_traceback_points_is_no_behaviour() {
    let text = |line: u32, source: &str| {
        let text = format!("Traceback:\n  File \"/t/a.py\", line {line}, in f\n    {source}\nValueError: x\n");
        Observation {
            errors: text,
            ..returned(Observed::None)
        }
    };
    assert!(differ(&text(3, "raise E"), &text(14, "raise  E")).is_none());
    let other = Observation {
        errors: "KeyError: x\n".into(),
        ..text(3, "raise E")
    };
    assert!(differ(&text(3, "raise E"), &other).is_some());
}

#[test]
fn order_alone_can_be_told_from_content() {
    let list = |items: &[i64]| returned(Observed::List(items.iter().copied().map(Observed::Int).collect()));
    let alike = |a: &Observation, b: &Observation| same_up_to_order(a, b, &Mask::default(), &Folders::default());
    assert!(alike(&list(&[1, 2]), &list(&[2, 1])));
    assert!(!alike(&list(&[1, 2]), &list(&[1, 3])));
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(numbers: Vec<f64>, words: Vec<String>) {
        let value = Observed::Dict(words.into_iter().map(|word| (Observed::Str(word), Observed::List(numbers.iter().copied().map(Observed::Float).collect()))).collect());
        prop_assert_eq!(differ(&returned(value.clone()), &returned(value)), None);
    }
}

#[test]
fn how_private_state_is_built_is_no_difference_but_its_values_are() {
    let with = |value: Observed| returned(object(0, &[("_kept", value)]));
    let private = |a: Observed, b: Observed| differ(&with(a), &with(b)).map(|difference| difference.private);
    assert_eq!(private(Observed::Int(1), Observed::Int(2)), Some(true));
    assert_eq!(
        private(Observed::List(vec![]), Observed::List(vec![Observed::None])),
        Some(true)
    );
    assert_eq!(private(Observed::None, Observed::Named("m._none".into())), None);
    assert_eq!(private(Observed::List(vec![]), Observed::Tuple(vec![])), None);
    let inner = |names: &[&str]| {
        object(
            1,
            &names.iter().map(|name| (*name, Observed::Int(1))).collect::<Vec<_>>(),
        )
    };
    assert_eq!(private(inner(&["a"]), inner(&["a", "b"])), None);
}

#[test]
fn a_class_that_moved_inside_its_package_is_the_same() {
    let named = |a: &str, b: &str| {
        differ(
            &returned(Observed::Named(a.into())),
            &returned(Observed::Named(b.into())),
        )
    };
    assert_eq!(named("shop.cart.Item", "shop.items.Item"), None);
    assert!(named("shop.cart.Item", "shop.cart.Thing").is_some());
    assert!(named("shop.cart.Item", "other.cart.Item").is_some());
    assert!(differ(&raised("shop.a.Error", "x"), &raised("shop.b.Error", "x")).is_none());
}

#[test]
fn how_far_an_iterator_was_drawn_is_no_difference() {
    let after = |items: Vec<Observed>| Observation {
        after: Some(Observed::List(vec![Observed::Drained {
            class: "list_iterator".into(),
            items,
            end: "end".into(),
        }])),
        ..returned(Observed::None)
    };
    assert_eq!(differ(&after(vec![Observed::Int(0)]), &after(vec![])), None);
}

#[test]
fn the_indentation_of_a_docstring_is_no_difference() {
    let with = |text: &str| returned(object(0, &[("__doc__", Observed::Str(text.into()))]));
    assert_eq!(
        differ(&with(" Flips.\n\n    More."), &with("Flips.\n\n  More.\n")),
        None
    );
    assert!(differ(&with("Flips."), &with("Turns.")).is_some());
}

#[test]
fn private_attributes_of_a_stand_in_are_nobodys() {
    let stand_in = |kept: i64| {
        let Observed::Object { id, items, state, .. } = object(0, &[("_kept", Observed::Int(kept))]) else {
            unreachable!("it was made so")
        };
        returned(Observed::Object {
            class: "types.SimpleNamespace".into(),
            id,
            items,
            state,
        })
    };
    assert_eq!(differ(&stand_in(1), &stand_in(2)), None);
}

#[test]
fn an_attribute_more_counts_least() {
    let one = returned(object(0, &[("a", Observed::Int(1))]));
    let more = |a| returned(object(0, &[("a", Observed::Int(a)), ("b", Observed::None)]));
    let added = differ(&one, &more(1)).expect("it is not dropped");
    assert!(added.is_addition() && !added.private);
    assert!(!differ(&more(1), &one).expect("an attribute less").is_addition());
    assert!(!differ(&one, &more(2)).expect("another value").is_addition());
    // The walk goes on behind it.
    let list = |first: Observed, last| returned(Observed::List(vec![first, Observed::Int(last)]));
    let (plain, grown) = (object(0, &[]), object(0, &[("b", Observed::None)]));
    let found = differ(&list(plain.clone(), 1), &list(grown.clone(), 2)).expect("a difference");
    assert_eq!(found.path, [Step::Result, Step::Item(1)]);
    let mut printed = returned(grown);
    printed.output = "x".into();
    assert_eq!(differ(&returned(plain), &printed).expect("output").path, [Step::Output]);
}

#[test]
fn names_that_a_module_gains_are_no_difference() {
    let module = |pairs: &[(&str, Observed)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (Observed::Str((*name).into()), value.clone()));
        returned(Observed::Dict(pairs.collect()))
    };
    let names = |names: &[&str]| Observed::List(names.iter().map(|name| Observed::Str((*name).into())).collect());
    let base = module(&[
        ("A", Observed::Int(1)),
        ("f", Observed::Named("m.f".into())),
        ("__all__", names(&["A"])),
    ]);
    let told = |head: &Observation| {
        let (known, added) = without_additions(&base, public_data(head.clone()));
        (differ(&public_data(base.clone()), &known).is_some(), added)
    };
    let all = ("__all__", names(&["A", "B"]));
    let (a, b) = (("A", Observed::Int(1)), ("B", Observed::Int(2)));
    assert_eq!(
        told(&module(&[a.clone(), b.clone(), all.clone()])),
        (false, vec!["B".to_owned()])
    );
    assert!(told(&module(&[b.clone(), all.clone()])).0, "one is gone");
    assert!(
        told(&module(&[a.clone(), ("__all__", names(&["A", "f"]))])).0,
        "`f` was there, and not exported"
    );
    assert!(
        told(&module(&[a, ("f", Observed::Int(1)), all])).0,
        "another thing of a name that was there"
    );
    // Modules below a package are exported, and are no globals that are looked at.
    let package = module(&[("A", Observed::Int(1)), ("__all__", names(&["A", "below"]))]);
    let (known, _) = without_additions(&package, public_data(package.clone()));
    assert_eq!(differ(&public_data(package), &known), None);
}
