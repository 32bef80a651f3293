//! What comes out differently in the two versions when an input is made, before anything is called.

use model::{Observation, Observed, Outcome};

use crate::compare::{self, Folders, Mask, Step};

/// Places in which two versions of an input are looked at.
const MOST_PLACES: usize = 24;

/// An input that the two versions make otherwise.
pub(super) struct Made {
    /// What differs for whoever looks at it.
    public: Mask,
    /// Private attributes that differ.
    private: Vec<Vec<Step>>,
    base: Observation,
    head: Observation,
}

impl Made {
    /// Nothing where both versions make the same.
    pub fn of(base: Observation, head: Observation, folders: &Folders) -> Option<Self> {
        let (mut public, mut private, mut all) = (Mask::default(), Vec::new(), Mask::default());
        for _ in 0..MOST_PLACES {
            let Some(difference) = compare::compare(&base, &head, &all, folders) else {
                break;
            };
            match difference.private {
                true => {
                    let path = to_private(&difference.path);
                    all.add(&path);
                    private.push(path);
                }
                false => {
                    all.add(&difference.path);
                    public.add(&difference.path);
                }
            }
        }
        (!all.is_empty()).then_some(Self {
            public,
            private,
            base,
            head,
        })
    }

    /// What is set aside of the records of a call with it: what anybody can see that it was made otherwise, and of private
    /// attributes those that the call left as they were made in both versions. What a call does to the others is its own.
    pub fn mask(&self, base: &Observation, head: &Observation) -> Mask {
        let mut mask = self.public.clone();
        let is_left = |made: &Observation, after: &Observation, path: &[Step]| {
            let value = at(made, path);
            value.is_some() && (after.after.is_none() || value == at(after, path))
        };
        for path in &self.private {
            if is_left(&self.base, base, path) && is_left(&self.head, head, path) {
                mask.add(path);
            }
        }
        mask
    }
}

/// A path up to its first private attribute.
fn to_private(path: &[Step]) -> Vec<Step> {
    let is_private = |step: &Step| matches!(step, Step::Attribute(name) if name.starts_with('_'));
    let length = path.iter().position(is_private).map_or(path.len(), |at| at + 1);
    path[..length].to_vec()
}

/// The value at the end of a path, as far as attributes and places lead.
pub(crate) fn at<'o>(observation: &'o Observation, path: &[Step]) -> Option<&'o Observed> {
    let (first, rest) = path.split_first()?;
    let mut value = match (first, &observation.after, &observation.outcome) {
        (Step::After(at), Some(Observed::List(parts)), _) => parts.get(*at)?,
        (Step::Result, _, Outcome::Returned(value)) => value,
        _ => return None,
    };
    for step in rest {
        value = match (step, value) {
            (Step::Attribute(name), Observed::Object { state, .. }) => {
                state.iter().find(|(other, _)| other == name).map(|(_, value)| value)?
            }
            (Step::Item(at), Observed::List(items) | Observed::Tuple(items)) => items.get(*at)?,
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(n: i64, log: &[i64]) -> Observation {
        let log = log.iter().map(|one| Observed::Int(*one)).collect();
        let state = vec![
            ("_log".to_owned(), Observed::List(log)),
            ("_n".to_owned(), Observed::Int(n)),
        ];
        let object = Observed::Object {
            class: "m.Counter".to_owned(),
            id: 0,
            items: None,
            state,
        };
        Observation {
            after: Some(Observed::List(vec![object])),
            ..Observation::of(Outcome::Returned(Observed::None))
        }
    }

    fn differs(made: &Made, base: &Observation, head: &Observation) -> bool {
        let folders = Folders::default();
        compare::compare(base, head, &made.mask(base, head), &folders).is_some()
    }

    #[test]
    fn private_state_that_a_call_leaves_alone_is_the_makers() {
        let folders = Folders::default();
        assert!(Made::of(counter(0, &[]), counter(0, &[]), &folders).is_none());
        let made = Made::of(counter(0, &[]), counter(1, &[]), &folders).unwrap();
        assert!(
            !differs(&made, &counter(0, &[5]), &counter(1, &[5])),
            "it does the same beside it"
        );
        assert!(differs(&made, &counter(0, &[5]), &counter(1, &[6])));
        assert!(
            differs(&made, &counter(5, &[]), &counter(11, &[])),
            "it writes there itself"
        );
    }
}
