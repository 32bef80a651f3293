//! Which alternatives of the shapes make the base return: learnt for each parameter alone, and for all of them together.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use model::{Input, Node, Value};

use crate::Validity;
use crate::atlas::Atlas;
use crate::digest::Digest;
use crate::draft::views;
use crate::random::Random;
use crate::shape::{Shape, ShapeId};

const COMBINATIONS: usize = 48;
/// After so many tries without any success an alternative is left to chance.
const TRIES: f64 = 12.0;
/// Old experience fades: what works together with one parameter changes as the others settle.
const MEMORY: f64 = 400.0;

/// One alternative chosen at the top of a root (level 0) or right below it (level 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Choice {
    root: u16,
    level: u8,
    shape: ShapeId,
    option: u16,
}

#[derive(Clone, Copy, Debug, Default)]
struct Arm {
    good: f64,
    tried: f64,
}

impl Arm {
    fn note(&mut self, worth: f64) {
        self.good += worth;
        self.tried += 1.0;
        if self.tried > MEMORY {
            self.good /= 2.0;
            self.tried /= 2.0;
        }
    }

    /// Good until proved otherwise.
    fn worth(&self) -> f64 {
        (self.good + 1.0) / (self.tried + 2.0)
    }
}

/// Choices that have been seen to work together.
#[derive(Clone, Debug)]
struct Combination {
    choices: Vec<Choice>,
    arm: Arm,
}

/// What was learnt.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bandit {
    arms: HashMap<Choice, Arm, BuildHasherDefault<Digest>>,
    combinations: Vec<Combination>,
}

impl Bandit {
    /// How much an alternative's weight counts, from 0 to 1.
    pub fn worth(&self, root: u16, level: u8, shape: ShapeId, option: usize) -> f64 {
        let choice = Choice {
            root,
            level,
            shape,
            option: option as u16,
        };
        self.arms.get(&choice).map_or(0.5, Arm::worth)
    }

    /// A combination that worked, the better ones more often.
    pub fn combination(&self, random: &mut Random) -> Option<&[Choice]> {
        let pair = [random.pick(&self.combinations)?, random.pick(&self.combinations)?];
        let [first, second] = pair.map(|combination| combination.arm.worth());
        Some(&pair[usize::from(second > first)].choices)
    }

    /// What a combination says about a place.
    pub fn told(choices: &[Choice], root: u16, level: u8, shape: ShapeId) -> Option<usize> {
        let same = |choice: &&Choice| choice.root == root && choice.level == level && choice.shape == shape;
        choices.iter().find(same).map(|choice| usize::from(choice.option))
    }

    /// Learns from how an input went.
    pub fn learn(&mut self, atlas: &Atlas, openness: usize, input: &Input, validity: Validity) {
        let worth = match validity {
            Validity::Returned => 1.0,
            Validity::Raised => 0.4,
            Validity::Invalid | Validity::NotMade => 0.0,
            Validity::Unusable => return,
        };
        let choices = choices(atlas, openness, input);
        for choice in &choices {
            self.arms.entry(*choice).or_default().note(worth);
        }
        match self
            .combinations
            .iter_mut()
            .find(|combination| combination.choices == choices)
        {
            Some(combination) => combination.arm.note(worth),
            None if worth > 0.5 && !choices.is_empty() => self.add(choices),
            None => {}
        }
    }

    /// Whether an input takes an alternative that was tried often and never worked, while others did.
    pub fn is_hopeless(&self, atlas: &Atlas, openness: usize, input: &Input) -> bool {
        let failed = |choice: &Choice| {
            self.arms
                .get(choice)
                .is_some_and(|arm| arm.tried >= TRIES && arm.good == 0.0)
        };
        !self.combinations.is_empty() && choices(atlas, openness, input).iter().any(failed)
    }

    fn add(&mut self, choices: Vec<Choice>) {
        let combination = Combination {
            choices,
            arm: Arm { good: 1.0, tried: 1.0 },
        };
        if self.combinations.len() < COMBINATIONS {
            self.combinations.push(combination);
            return;
        }
        let by_worth = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
        let worths = self
            .combinations
            .iter()
            .map(|combination| combination.arm.worth())
            .enumerate();
        if let Some((worst, _)) = worths.min_by(by_worth) {
            self.combinations[worst] = combination;
        }
    }
}

/// The alternatives that the values of an input are of.
fn choices(atlas: &Atlas, openness: usize, input: &Input) -> Vec<Choice> {
    let mut choices = Vec::new();
    for (root, _, value) in views(atlas, input).unwrap_or_default() {
        let shape = atlas.roots[root].shapes[openness];
        if choices.iter().any(|choice: &Choice| usize::from(choice.root) == root) {
            // Further values of a rest are of the first one's alternative, by and large.
            continue;
        }
        note(atlas, &input.nodes, (root as u16, 0), shape, value, &mut choices);
    }
    choices
}

fn note(
    atlas: &Atlas,
    nodes: &[Node],
    (root, level): (u16, u8),
    shape: ShapeId,
    value: &Value,
    into: &mut Vec<Choice>,
) {
    let mut concrete = shape;
    if let Shape::Union(options) = atlas.shape(shape) {
        let Some(option) = options
            .iter()
            .position(|(_, option)| atlas.fits(*option, value, nodes, 3))
        else {
            return;
        };
        into.push(Choice {
            root,
            level,
            shape,
            option: option as u16,
        });
        concrete = options[option].1;
    }
    // Calls are another matter: what their arguments may be is learnt from instances.
    let nested = level == 0 && !matches!(value, Value::Call { .. } | Value::Str(_));
    if let Some((index, child)) = first_part(value).filter(|_| nested) {
        note(atlas, nodes, (root, 1), atlas.part(concrete, index, value), child, into);
    }
}

/// The part that tells most about the others: the first element, or the first value of a dictionary.
fn first_part(value: &Value) -> Option<(usize, &Value)> {
    match value {
        Value::List(items)
        | Value::Tuple(items)
        | Value::Set(items)
        | Value::FrozenSet(items)
        | Value::Iterator(items) => items.first().map(|item| (0, item)),
        Value::Dict(pairs) => pairs.first().map(|(_, value)| (1, value)),
        Value::Returns(value) => Some((0, value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shape::{Parameter, ParameterKind, Subject};
    use crate::technique::Switches;

    #[test]
    fn learns_what_works_alone_and_together() {
        let mut subject = Subject::default();
        let [int, text] = [Shape::Int, Shape::Str].map(|shape| subject.add(shape));
        let shape = subject.add(Shape::Union(vec![(1.0, int), (1.0, text)]));
        let kind = ParameterKind::Positional;
        let parameter = Parameter {
            name: "q".into(),
            kind,
            shape,
            default: None,
            optional: false,
            keys: vec![],
        };
        subject.parameters = vec![parameter.clone(), parameter];
        let atlas = Atlas::new(&subject, Switches::without(&BTreeSet::new()));
        let mut bandit = Bandit::default();
        let both = |a: Value, b: Value| Input {
            args: vec![a, b],
            ..Input::default()
        };
        for n in 0..50 {
            bandit.learn(
                &atlas,
                0,
                &both(Value::Int(n), Value::Str("a".into())),
                Validity::Returned,
            );
            bandit.learn(&atlas, 0, &both(Value::Int(n), Value::Int(n)), Validity::Invalid);
        }
        assert!(bandit.worth(1, 0, shape, 1) > 0.9);
        assert!(bandit.worth(1, 0, shape, 0) < 0.1);
        let mut random = Random::new(1);
        let choices = bandit.combination(&mut random).expect("one worked");
        assert_eq!(Bandit::told(choices, 0, 0, shape), Some(0));
        assert_eq!(Bandit::told(choices, 1, 0, shape), Some(1));
    }
}
