//! Which of the differences of a function are told, in which order, and which of them few would mind.

use std::collections::BTreeSet;

use model::{FindingKind, Outcome, Value};

use crate::compare::ANOTHER_ORDER;
use crate::confirm::Confirmed;

/// One example per cause: of differences of one kind with the same cause, the fittest example stays.
pub(crate) fn merge(mut confirmed: Vec<Confirmed>) -> Vec<Confirmed> {
    confirmed.sort_by(|a, b| rank(a).cmp(&rank(b)).then(a.cost.total_cmp(&b.cost)));
    let mut seen = BTreeSet::new();
    confirmed.retain(|it| match it.cause.as_ref().and_then(|cause| cause.place.clone()) {
        Some(place) => seen.insert((it.difference.kind, place)),
        None => true,
    });
    // What only private state shows is worth a line where nothing else shows; so is a stumble over a type, at a place that
    // shows otherwise, too.
    if confirmed.iter().any(|it| !it.difference.private && !is_minor(it)) {
        confirmed.retain(|it| !it.difference.private);
    }
    // So is what an error says where both versions raise it, and that base does not know a new parameter.
    if confirmed.iter().any(|it| !is_minor(it)) {
        confirmed.retain(|it| !is_of_words(it) && !is_of_new_argument(it));
    }
    let place = |it: &Confirmed| it.cause.as_ref().and_then(|cause| cause.place.clone());
    let lesser = |it: &Confirmed| of_types(it) || it.by_accident;
    let told: Vec<_> = confirmed.iter().filter(|it| !lesser(it)).map(place).collect();
    confirmed.retain(|it| !lesser(it) || !told.contains(&place(it)));
    confirmed
}

/// Whether a difference is one that few would mind: it shows on what its parameters do not declare alone, head says
/// something where base stumbled, its objects have an attribute more, an error that both raise is worded otherwise, base raises
/// where it is given what only head has a parameter for, private state alone differs at the beginning, or head makes an integer
/// of what is no number.
pub(crate) fn is_minor(confirmed: &Confirmed) -> bool {
    let lesser = confirmed.contradicts || confirmed.by_accident || confirmed.difference.is_addition();
    let of_input = is_of_new_argument(confirmed) || is_of_beginning(confirmed) || is_of_no_number(confirmed);
    lesser || of_input || is_of_words(confirmed)
}

/// Whether head stumbles over a NaN or an infinity that it is given, as everything does that makes an integer of one.
fn is_of_no_number(confirmed: &Confirmed) -> bool {
    let is_no_number = |value: &Value| matches!(value, Value::Float(float) if !float.is_finite());
    let words = ["cannot convert float", "cannot convert NaN", "cannot convert Infinity"];
    let Outcome::Raised(raised) = &confirmed.head.observation.outcome else {
        return false;
    };
    words.iter().any(|start| raised.message.starts_with(start)) && confirmed.input.any(is_no_number)
}

/// Whether base raises where it is given an argument that only head has a parameter for, or that it says it did not expect.
fn is_of_new_argument(confirmed: &Confirmed) -> bool {
    let Outcome::Raised(raised) = &confirmed.base.observation.outcome else {
        return false;
    };
    let is_named = |(name, _): &(String, Value)| raised.message.contains(&format!("'{name}'"));
    let is_unexpected = raised.class == "TypeError" && raised.message.contains("unexpected");
    confirmed.new_argument || is_unexpected && confirmed.input.kwargs.iter().any(is_named)
}

/// Whether only private state differs after a call that was given no data: how an object begins is its class's own business,
/// while what it keeps of what it was given is what its other methods answer with.
fn is_of_beginning(confirmed: &Confirmed) -> bool {
    let is_data = |value: &Value| {
        matches!(
            value,
            Value::Str(_) | Value::Bytes(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(..)
        )
    };
    confirmed.difference.private && confirmed.before.is_empty() && !confirmed.input.any(is_data)
}

/// Whether both versions raise an error of one class, which says something else.
fn is_of_words(confirmed: &Confirmed) -> bool {
    match (&confirmed.base.observation.outcome, &confirmed.head.observation.outcome) {
        (Outcome::Raised(base), Outcome::Raised(head)) => base.class == head.class && base.message != head.message,
        _ => false,
    }
}

fn rank(confirmed: &Confirmed) -> (bool, bool, bool, bool, FindingKind) {
    (
        is_minor(confirmed),
        confirmed.difference.private,
        confirmed.difference.what == ANOTHER_ORDER,
        of_types(confirmed),
        confirmed.difference.kind,
    )
}

/// Whether head stumbles over the type of a value, as it would over any of a type that it is not made for.
fn of_types(confirmed: &Confirmed) -> bool {
    let stumbles = |class: &str| ["TypeError", "AttributeError"].contains(&class);
    confirmed.difference.kind == FindingKind::NewCrash
        && matches!(&confirmed.head.observation.outcome, Outcome::Raised(raised) if raised.depth > 0 && stumbles(&raised.class))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Difference, Step};
    use languages::python::wire::decode::Record;
    use model::{Input, Observed, Raised, Symbol};

    fn confirmed(private: bool, input: Input, base: Outcome) -> Confirmed {
        let difference = Difference {
            kind: FindingKind::Changed,
            path: vec![Step::Result],
            what: String::new(),
            private,
        };
        Confirmed::new(
            difference,
            input,
            Record::of(base),
            Record::of(Outcome::Returned(Observed::None)),
        )
    }

    fn raised(class: &str, message: &str) -> Outcome {
        Outcome::Raised(Raised {
            class: class.to_owned(),
            bases: Vec::new(),
            message: message.to_owned(),
            place: None,
            depth: 1,
        })
    }

    #[test]
    fn private_state_at_the_beginning_is_minor_and_what_is_kept_of_data_is_not() {
        let given = |args: Vec<Value>| Input {
            receiver: Some(Value::call(Symbol::new("a", "C"), args)),
            ..Input::default()
        };
        let returned = || Outcome::Returned(Observed::None);
        assert!(is_minor(&confirmed(
            true,
            given(vec![Value::Bool(true), Value::List(vec![])]),
            returned()
        )));
        assert!(!is_minor(&confirmed(true, given(vec![Value::Int(10)]), returned())));
        assert!(!is_minor(&confirmed(false, given(vec![]), returned())));
    }

    #[test]
    fn an_integer_made_of_no_number_is_minor() {
        let is_minor = |float: f64, message: &str| {
            let input = Input {
                args: vec![Value::List(vec![Value::Float(float)])],
                ..Input::default()
            };
            let mut one = confirmed(false, input, Outcome::Returned(Observed::None));
            one.head = Record::of(raised("ValueError", message));
            super::is_minor(&one)
        };
        assert!(is_minor(f64::NAN, "cannot convert float NaN to integer"));
        assert!(is_minor(f64::INFINITY, "cannot convert float infinity to integer"));
        assert!(!is_minor(f64::NAN, "no amount"));
        assert!(!is_minor(1.5, "cannot convert float NaN to integer"));
    }

    #[test]
    fn an_argument_that_base_did_not_expect_is_minor_by_its_name() {
        let input = Input {
            kwargs: vec![("cache".to_owned(), Value::Bool(false))],
            ..Input::default()
        };
        let is_minor = |class, message| is_minor(&confirmed(false, input.clone(), raised(class, message)));
        assert!(is_minor(
            "TypeError",
            "unexpected keyword arguments: dict_keys(['cache'])"
        ));
        assert!(is_minor("TypeError", "f() got an unexpected keyword argument 'cache'"));
        assert!(!is_minor("TypeError", "f() got an unexpected keyword argument 'size'"));
        assert!(!is_minor("ValueError", "unexpected 'cache'"));
    }
}
