//! The part of an observation in which it differs from the other version's.

use model::{Observation, Observed, Outcome};

use crate::compare::{Step, key_text};

/// What stands where the two versions part, in a form for digests: as deep as the path can be followed, so that what differs from
/// run to run beside it stays out.
pub(crate) fn text(observation: &Observation, path: &[Step]) -> String {
    match path.first() {
        Some(Step::After(at)) => match &observation.after {
            Some(Observed::List(items)) => items.get(*at).map_or_else(String::new, |item| follow(item, &path[1..])),
            _ => String::new(),
        },
        Some(Step::Output) => observation.output.clone(),
        Some(Step::Errors) => observation.errors.clone(),
        Some(Step::Effects) => format!("{:?}", observation.effects),
        first => match &observation.outcome {
            Outcome::Returned(value) => follow(value, &path[usize::from(first == Some(&Step::Result))..]),
            Outcome::Raised(raised) => format!("{}: {}", raised.class, raised.message),
            other => format!("{other:?}"),
        },
    }
}

fn follow(value: &Observed, path: &[Step]) -> String {
    let Some((step, rest)) = path.split_first() else {
        return format!("{value:?}");
    };
    let part = match (step, value) {
        (Step::Item(at), Observed::List(items) | Observed::Tuple(items) | Observed::Drained { items, .. }) => {
            items.get(*at)
        }
        (Step::Key(key), Observed::Dict(pairs)) => {
            let mut pairs = pairs.iter();
            pairs.find(|(known, _)| key_text(known) == *key).map(|(_, value)| value)
        }
        (Step::Keys, Observed::Dict(pairs)) => {
            return format!("{:?}", pairs.iter().map(|(key, _)| key).collect::<Vec<_>>());
        }
        (Step::Attribute(name), Observed::Object { state, .. }) => {
            let mut state = state.iter();
            state.find(|(known, _)| known == name).map(|(_, value)| value)
        }
        (_, Observed::Object { items: Some(items), .. }) => return follow(items, path),
        _ => None,
    };
    part.map_or_else(|| format!("{value:?}"), |part| follow(part, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_difference_stays_out() {
        let observed = |noise: i64, value: i64| {
            Observation::of(Outcome::Returned(Observed::Dict(vec![
                (Observed::Str("noise".to_owned()), Observed::Int(noise)),
                (
                    Observed::Str("value".to_owned()),
                    Observed::List(vec![Observed::Int(value)]),
                ),
            ])))
        };
        let key = key_text(&Observed::Str("value".to_owned()));
        let path = [Step::Result, Step::Key(key), Step::Item(0)];
        assert_eq!(text(&observed(1, 7), &path), text(&observed(2, 7), &path));
        assert_ne!(text(&observed(1, 7), &path), text(&observed(1, 8), &path));
        assert_ne!(
            text(&observed(1, 7), &[Step::Result]),
            text(&observed(2, 7), &[Step::Result])
        );
    }
}
