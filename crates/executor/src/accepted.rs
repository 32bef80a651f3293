//! Which changed lines ran on inputs that base accepts. A line that ran only where base stumbles over a broken input was not
//! compared with anything.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Input, Value};

/// Most accepted inputs that are kept.
const MOST: usize = 1024;
/// Most of those that reached something new that are kept in any case.
const MOST_TELLING: usize = 128;

/// Accepted inputs, and the changed lines that others reached before them.
#[derive(Debug, Default)]
pub struct Accepted {
    all: Evenly,
    /// Those of them that take no time to speak of.
    quick: Evenly,
    /// Of the quick ones those that were the first to reach something.
    telling: Vec<Input>,
    doubtful: BTreeSet<u32>,
    /// Types of the inputs on which base returned.
    types: HashSet<u64>,
}

/// Some of many inputs, from everywhere among them.
#[derive(Debug, Default)]
struct Evenly {
    kept: Vec<Input>,
    seen: usize,
    /// Every so many is kept.
    stride: usize,
}

impl Evenly {
    fn note(&mut self, input: &Input) {
        self.stride = self.stride.max(1);
        if self.seen.is_multiple_of(self.stride) {
            self.kept.push(input.clone());
        }
        self.seen += 1;
        if self.kept.len() > MOST {
            let mut at = 0;
            self.kept.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.stride *= 2;
        }
    }
}

impl Accepted {
    /// Takes an input in that base accepts, and on which both versions do the same; whether it took no time to speak of, and
    /// was the first to reach something.
    pub fn note(&mut self, input: &Input, is_quick: bool, is_first: bool) {
        self.all.note(input);
        if is_quick {
            self.quick.note(input);
            if is_first && self.telling.len() < MOST_TELLING {
                self.telling.push(input.clone());
            }
        }
    }

    /// Takes in of what types the parts of an input are on which base returned.
    pub fn note_types(&mut self, input: &Input) {
        self.types.insert(types_of(input));
    }

    /// Whether base returned on an input of the same types.
    pub fn takes(&self, input: &Input) -> bool {
        self.types.contains(&types_of(input))
    }

    /// Notes that a changed line was first reached by an input that base does not accept. Coverage tells of a line once, so
    /// that it is not known yet whether others reached it, too.
    pub fn doubt(&mut self, line: u32) {
        self.doubtful.insert(line);
    }

    /// Takes the changed lines that accepted inputs reached out of doubt.
    pub fn clear(&mut self, reached: impl Iterator<Item = u32>) {
        reached.for_each(|line| {
            self.doubtful.remove(&line);
        });
    }

    /// The lines in doubt.
    pub fn doubtful(&self) -> &BTreeSet<u32> {
        &self.doubtful
    }

    /// Quick inputs: those that were the first to reach something, and then `most` of the others.
    pub fn telling_first(&self, most: usize) -> Vec<Input> {
        let stride = self.quick.kept.len().div_ceil(most).max(1);
        let others = self.quick.kept.iter().step_by(stride);
        let others = others.filter(|one| !self.telling.contains(one));
        self.telling.iter().chain(others).cloned().collect()
    }

    /// The accepted inputs, or a part of them where they are many.
    pub fn inputs(&self) -> &[Input] {
        &self.all.kept
    }
}

/// The types of an input's parts, those of the elements of a container as a set: the values are left out.
fn types_of(input: &Input) -> u64 {
    let mut hasher = DefaultHasher::new();
    input.receiver.iter().for_each(|value| types(value).hash(&mut hasher));
    hasher.write_u8(1);
    input.args.iter().for_each(|value| types(value).hash(&mut hasher));
    for (name, value) in &input.kwargs {
        name.hash(&mut hasher);
        types(value).hash(&mut hasher);
    }
    for node in &input.nodes {
        types(&node.make).hash(&mut hasher);
        node.links.len().hash(&mut hasher);
    }
    hasher.finish()
}

fn types(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(value).hash(&mut hasher);
    match value {
        Value::Call { callee, .. } => callee.hash(&mut hasher),
        Value::Symbol(symbol) => symbol.hash(&mut hasher),
        _ => {}
    }
    let parts: BTreeSet<u64> = value.children().into_iter().map(types).collect();
    parts.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_same_types_are_told_from_others() {
        let of = |value: Value| Input {
            args: vec![value],
            ..Input::default()
        };
        let mut accepted = Accepted::default();
        accepted.note_types(&of(Value::List(vec![Value::Int(1), Value::Int(2)])));
        assert!(accepted.takes(&of(Value::List(vec![Value::Int(0)]))));
        assert!(!accepted.takes(&of(Value::List(vec![Value::None, Value::Int(0)]))));
        assert!(!accepted.takes(&of(Value::Tuple(vec![Value::Int(0)]))));
        assert!(!accepted.takes(&of(Value::Int(0))));
    }
    fn input(number: i64) -> Input {
        Input {
            args: vec![Value::Int(number)],
            ..Input::default()
        }
    }

    #[test]
    fn of_many_inputs_a_part_is_kept_evenly() {
        let mut accepted = Accepted::default();
        (0..5000).for_each(|number| accepted.note(&input(number), number != 0, number == 4999));
        let kept: Vec<i64> = accepted
            .inputs()
            .iter()
            .map(|input| match input.args[0] {
                Value::Int(number) => number,
                _ => unreachable!("only integers were noted"),
            })
            .collect();
        assert!((MOST / 2..=MOST).contains(&kept.len()), "{}", kept.len());
        let steps: BTreeSet<i64> = kept.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(steps, BTreeSet::from([8]));
        assert_eq!(accepted.telling_first(512)[..3], [input(4999), input(1), input(17)]);
    }

    #[test]
    fn a_line_stays_in_doubt_until_an_accepted_input_reaches_it() {
        let mut accepted = Accepted::default();
        accepted.doubt(3);
        accepted.doubt(5);
        accepted.clear([5, 9].into_iter());
        assert_eq!(accepted.doubtful(), &BTreeSet::from([3]));
    }
}
