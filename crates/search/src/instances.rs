//! Constructor calls that succeeded, to be used again: most argument lists of a picky constructor fail.

use std::collections::BTreeMap;

use model::{Input, Symbol, Value};

use crate::random::Random;

const KEPT: usize = 8;
const LARGEST: u64 = 160;

/// Calls that worked, by what was called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instances {
    made: BTreeMap<Symbol, Kept>,
}

#[derive(Clone, Debug, Default)]
struct Kept {
    calls: Vec<Value>,
    offered: usize,
}

impl Instances {
    /// Notes the calls of an input that could be made.
    pub fn learn(&mut self, input: &Input, random: &mut Random) {
        for value in input.values() {
            self.note(value, random);
        }
    }

    /// Whether a call can be used again anywhere. It may become part of another one: without a bound they would grow for ever.
    pub fn takes(call: &Value) -> bool {
        !call.has_nodes() && call.size() <= LARGEST
    }

    fn note(&mut self, value: &Value, random: &mut Random) {
        if let Value::Call { callee, args, kwargs } = value
            && !(args.is_empty() && kwargs.is_empty())
            && Self::takes(value)
        {
            self.keep(callee, value, random);
        }
        value.children().into_iter().for_each(|child| self.note(child, random));
    }

    fn keep(&mut self, callee: &Symbol, value: &Value, random: &mut Random) {
        if !self.made.contains_key(callee) {
            self.made.insert(callee.clone(), Kept::default());
        }
        let Some(kept) = self.made.get_mut(callee) else { return };
        if kept.calls.contains(value) {
            return;
        }
        kept.offered += 1;
        if kept.calls.len() < KEPT {
            kept.calls.push(value.clone());
        } else if random.below(kept.offered) < KEPT {
            // A sample of all that worked, not only of the first ones.
            kept.calls[random.below(KEPT)] = value.clone();
        }
    }

    /// A call of `callee` that worked.
    pub fn pick(&self, callee: &Symbol, random: &mut Random) -> Option<&Value> {
        random.pick(&self.made.get(callee)?.calls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_few_calls_without_references() {
        let callee = Symbol::new("m", "C");
        let call = |arg: Value| Value::Call {
            callee: callee.clone(),
            args: vec![arg],
            kwargs: vec![],
        };
        let mut instances = Instances::default();
        let mut random = Random::new(1);
        instances.learn(
            &Input {
                args: vec![call(Value::Node(0))],
                ..Input::default()
            },
            &mut random,
        );
        assert!(instances.pick(&callee, &mut random).is_none());
        for n in 0..100 {
            let nested = Value::List(vec![call(Value::Int(n))]);
            instances.learn(
                &Input {
                    args: vec![nested],
                    ..Input::default()
                },
                &mut random,
            );
        }
        assert!(instances.pick(&callee, &mut random).is_some());
        assert_eq!(instances.made[&callee].calls.len(), KEPT);
    }
}
