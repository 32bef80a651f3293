//! The inputs on which the versions differ: the best few of each class.

use std::collections::BTreeMap;

use model::Input;

use crate::Validity;
use crate::likelihood::likelihood;
use crate::shape::Subject;
use crate::technique::Technique;

const PER_CLASS: usize = 12;
const CLASSES: usize = 64;

/// An input on which the two versions differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Witness {
    /// The input.
    pub input: Input,
    /// The class of the difference, as the feedback said.
    pub class: u64,
    /// What base made of it.
    pub validity: Validity,
    /// See [`likelihood`](crate::likelihood()).
    pub likelihood: f64,
    /// How unfit it is as an example: less is better.
    pub cost: f64,
    /// How many inputs had been tried before it.
    pub tried: u64,
    /// What made it.
    pub technique: Technique,
}

/// How unfit an input is as an example, whatever becomes of it: one that is ten times less likely must be a good deal shorter.
pub fn unfitness(input: &Input, likelihood: f64) -> f64 {
    input.size() as f64 - 25.0 * likelihood.max(1e-9).log10()
}

/// How unfit an input is as an example: unlikely, without a normal result, or long.
fn cost(input: &Input, validity: Validity, likelihood: f64) -> f64 {
    let ending = match validity {
        Validity::Returned => 0.0,
        Validity::Raised => 40.0,
        Validity::Invalid => 200.0,
        Validity::NotMade | Validity::Unusable => 400.0,
    };
    ending + unfitness(input, likelihood)
}

/// What a witness adds to those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The first one of its class.
    Class,
    /// The best example of its class so far.
    Example,
    /// Nothing in particular.
    Nothing,
}

/// The best witnesses of each class.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witnesses {
    classes: BTreeMap<u64, Vec<Witness>>,
    ranked: Vec<Witness>,
    stale: bool,
}

impl Witnesses {
    /// Notes a witness, and tells what it adds.
    pub fn note(
        &mut self,
        subject: &Subject,
        input: &Input,
        class: u64,
        validity: Validity,
        (tried, technique): (u64, Technique),
    ) -> News {
        let is_new = !self.classes.contains_key(&class);
        if is_new && self.classes.len() >= CLASSES {
            return News::Nothing;
        }
        let likelihood = likelihood(subject, input);
        let cost = cost(input, validity, likelihood);
        let kept = self.classes.entry(class).or_default();
        let place = kept.partition_point(|witness| witness.cost <= cost);
        if place < PER_CLASS {
            kept.insert(
                place,
                Witness {
                    input: input.clone(),
                    class,
                    validity,
                    likelihood,
                    cost,
                    tried,
                    technique,
                },
            );
            kept.truncate(PER_CLASS);
            self.stale = true;
        }
        match place {
            _ if is_new => News::Class,
            0 => News::Example,
            _ => News::Nothing,
        }
    }

    /// Brings [`Witnesses::ranked`] up to date.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.ranked = self.classes.values().flatten().cloned().collect();
            self.ranked.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        }
    }

    /// All that are kept, the best first.
    pub fn ranked(&self) -> &[Witness] {
        &self.ranked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Value;

    #[test]
    fn keeps_the_best_of_each_class() {
        let mut witnesses = Witnesses::default();
        let subject = Subject::default();
        for size in (0..40).rev() {
            let input = Input {
                args: vec![Value::List(vec![Value::Int(1); size])],
                ..Input::default()
            };
            let validity = if size == 0 {
                Validity::Invalid
            } else {
                Validity::Returned
            };
            let news = witnesses.note(&subject, &input, size as u64 % 2, validity, (0, Technique::Generation));
            assert_eq!(news == News::Class, size >= 38);
        }
        witnesses.settle();
        assert_eq!(witnesses.ranked().len(), 2 * PER_CLASS);
        assert_eq!(witnesses.ranked()[0].input.args, [Value::List(vec![Value::Int(1)])]);
    }
}
