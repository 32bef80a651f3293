//! Texts that a pattern matches, drawn at random; the first one is the plainest.

use super::{Class, Node};

/// A sample that has grown to this is long enough.
const LONGEST: usize = 120;
/// What may be repeated without end is, this often at most beyond what it must.
const MOST: u32 = 3;
/// Samples repeat what must be repeated no more often than this.
const MOST_NEEDED: u32 = 40;

/// Chance that follows from a number.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `count`, or nought.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % count.max(1) as u64) as usize
    }
}

/// One text that a pattern matches, or nearly does.
pub(super) struct Sample {
    out: String,
    captured: Vec<(usize, String)>,
    variant: u64,
    chance: Chance,
    choices: u64,
}

impl Sample {
    /// The sample of this number; the one of number nought is the plainest.
    pub(super) fn of(node: &Node, variant: u64) -> String {
        let mut sample = Self {
            out: String::new(),
            captured: Vec::new(),
            variant,
            chance: Chance::new(variant),
            choices: 0,
        };
        sample.write(node);
        sample.out
    }

    /// The next choice among `count`: the first sample takes the first ones, and the following ones start with each in turn.
    fn choose(&mut self, count: usize) -> usize {
        if count < 2 || self.variant == 0 {
            return 0;
        }
        self.choices += 1;
        if self.choices == 1 {
            return (self.variant % count as u64) as usize;
        }
        self.chance.below(count)
    }

    fn write(&mut self, node: &Node) {
        if self.out.len() > LONGEST {
            return;
        }
        match node {
            Node::Class(class) => self.one_of(class),
            Node::All(all) => all.iter().for_each(|node| self.write(node)),
            Node::Either(all) => {
                let choice = self.choose(all.len());
                self.write(&all[choice]);
            }
            Node::Repeat { of, least, most, .. } => {
                let least = (*least).min(MOST_NEEDED);
                let span = most.saturating_sub(least).min(MOST);
                // The plainest sample has what is optional: it says more than one without.
                let extra = (self.choose(span as usize + 1) as u32 + u32::from(least == 0)).min(span);
                let wanted = if self.variant > 0 && least == 0 {
                    // Without it as well, in the others.
                    self.chance.below(span as usize + 1) as u32
                } else {
                    extra
                };
                for _ in 0..least + wanted {
                    self.write(of);
                }
            }
            Node::Group(number, inside) => {
                let start = self.out.len();
                self.write(inside);
                self.captured.push((*number, self.out[start..].to_owned()));
            }
            Node::Back(number) => {
                if let Some((_, text)) = self.captured.iter().rev().find(|(known, _)| known == number) {
                    self.out.push_str(text);
                }
            }
            Node::Look { .. } | Node::At(_) => {}
        }
    }

    fn one_of(&mut self, class: &Class) {
        let choice = self.choose(class.examples.len());
        let Some(mut c) = class.examples.get(choice).copied() else {
            return;
        };
        if class.ignore_case && self.variant > 0 && self.chance.below(3) == 0 {
            c = swapped(c);
        }
        self.out.push(c);
    }
}

/// A letter in the other case.
pub(super) fn swapped(c: char) -> char {
    let other = if c.is_uppercase() {
        c.to_lowercase().next()
    } else {
        c.to_uppercase().next()
    };
    other.unwrap_or(c)
}
