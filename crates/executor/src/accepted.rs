//! Which changed lines ran on inputs that base accepts. A line that ran only where base stumbles over a broken input was not
//! compared with anything.

use std::collections::BTreeSet;

use model::Input;

/// Most accepted inputs that are kept.
const MOST: usize = 1024;

/// Accepted inputs, and the changed lines that others reached before them.
#[derive(Debug, Default)]
pub struct Accepted {
    kept: Vec<Input>,
    seen: usize,
    /// Every so many is kept.
    stride: usize,
    doubtful: BTreeSet<u32>,
}

impl Accepted {
    /// Takes an input in that base accepts, and on which both versions do the same.
    pub fn note(&mut self, input: &Input) {
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

    /// The accepted inputs, or a part of them where they are many.
    pub fn inputs(&self) -> &[Input] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Value;

    fn input(number: i64) -> Input {
        Input {
            args: vec![Value::Int(number)],
            ..Input::default()
        }
    }

    #[test]
    fn of_many_inputs_a_part_is_kept_evenly() {
        let mut accepted = Accepted::default();
        (0..5000).for_each(|number| accepted.note(&input(number)));
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
