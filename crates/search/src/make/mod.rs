//! Making values of shapes at random: small ones mostly, of one type per place, with what the code knows.

mod bytes;
mod calls;
pub(crate) mod containers;
mod links;
mod numbers;
mod objects;
mod options;
mod steps;
mod text;

pub(crate) use numbers::near_token;
pub(crate) use text::{invent as invent_text, letter as any_letter, near as near_text};

use model::{Node, Value};

use crate::atlas::RootKind;
use crate::bandit::{Bandit, Choice};
use crate::draft::{Draft, Given};
use crate::graph;
use crate::knowledge::{Knowledge, Scratch};
use crate::names::Hint;
use crate::shape::{ParameterKind, Shape, ShapeId};
use crate::technique::Technique;
use options::Options;

/// Below this depth values end as soon as they can.
const DEPTH: u32 = 5;
/// How many values one input has at most, roughly.
const BUDGET: i32 = 150;

/// Makes the values of one input.
pub(crate) struct Maker<'k> {
    /// What is known.
    pub know: &'k Knowledge,
    /// Chance, and what was chosen in this input.
    pub scratch: &'k mut Scratch,
    /// The shared objects of this input.
    pub nodes: Vec<Node>,
    /// Choices that worked together, to be taken again.
    plan: Option<&'k [Choice]>,
    /// Whether one place may take different alternatives within this input.
    mixed: bool,
    /// How long sequences are at most.
    pub scale: usize,
    budget: i32,
    root: u16,
    level: u8,
    depth: u32,
    hint: Option<&'static Hint>,
    /// The calls of this input, by what they call, that may be wanted once more.
    made: Vec<Value>,
    /// Whether a root refers to a node already.
    referred: bool,
    /// Which of the parameters that may be left out are given.
    options: Options,
}

impl<'k> Maker<'k> {
    /// Starts a new input.
    pub fn new(know: &'k Knowledge, scratch: &'k mut Scratch) -> Self {
        scratch.epoch = scratch.epoch.wrapping_add(1);
        let random = &mut scratch.random;
        let mixed = random.percent(15);
        let scale = 1 + random.below(know.reach.min(know.limits.length) + know.widening / 2);
        Self {
            know,
            scratch,
            nodes: Vec::new(),
            plan: None,
            mixed,
            scale,
            budget: BUDGET,
            root: 0,
            level: 0,
            depth: 0,
            hint: None,
            made: Vec::new(),
            referred: false,
            options: Options::Each,
        }
    }

    /// Makes an input with a value for each root, or none where it may be left out.
    pub fn draft(&mut self) -> Draft {
        if self.know.on(Technique::ValidityBandit) && self.scratch.random.percent(55) {
            self.plan = self.know.bandit.combination(&mut self.scratch.random);
        }
        let roots = &self.know.atlas.roots;
        let free = |root: &usize| {
            let is_rest = matches!(
                roots[*root].kind,
                RootKind::Parameter(ParameterKind::Rest | ParameterKind::KeywordRest)
            );
            roots[*root].optional && !is_rest
        };
        let free: Vec<usize> = (0..roots.len()).filter(free).collect();
        self.options = self.options(&free);
        let given = (0..roots.len()).map(|root| self.given(root)).collect();
        let mut draft = Draft {
            given,
            nodes: std::mem::take(&mut self.nodes),
        };
        graph::tidy(&mut draft);
        draft
    }

    /// What is given for a root: a value, its default, or nothing.
    pub fn given(&mut self, root: usize) -> Given {
        let known = self.know;
        let about = &known.atlas.roots[root];
        match about.kind {
            RootKind::Parameter(ParameterKind::Rest) => self.rest(root),
            RootKind::Parameter(ParameterKind::KeywordRest) => self.named(root),
            _ if known.on(Technique::Defaults) && about.optional => {
                if self.options.gives(root, self) {
                    let shape = about.shapes[known.openness];
                    return Given::One(self.other_than(about.default.as_ref(), shape, |maker| maker.root_value(root)));
                }
                match &about.default {
                    Some(value) if self.scratch.random.percent(30) => Given::One(value.clone()),
                    _ => Given::Omitted,
                }
            }
            _ if known.on(Technique::Defaults) && !about.optional && self.scratch.random.percent(10) => {
                match &about.default {
                    Some(value) => Given::One(value.clone()),
                    None => Given::One(self.root_value(root)),
                }
            }
            _ => Given::One(self.root_value(root)),
        }
    }

    fn rest(&mut self, root: usize) -> Given {
        let count = self.scratch.random.below(self.scale.min(4) + 1);
        Given::Rest((0..count).map(|_| self.root_value(root)).collect())
    }

    fn named(&mut self, root: usize) -> Given {
        let mut pairs: Vec<(String, Value)> = Vec::new();
        let count = self.scratch.random.below(self.scale.min(3) + 1);
        for _ in 0..count {
            let Some(name) = self.keyword(root) else { break };
            if !pairs.iter().any(|(other, _)| *other == name) {
                pairs.push((name, self.root_value(root)));
            }
        }
        Given::Named(pairs)
    }

    /// A name for a keyword argument that no parameter has.
    pub fn keyword(&mut self, root: usize) -> Option<String> {
        let atlas = &self.know.atlas;
        let random = &mut self.scratch.random;
        let known = random.pick(&atlas.roots[root].keys).filter(|_| !random.percent(15));
        let name = match known {
            Some(name) => name.clone(),
            None => self
                .know
                .dictionary
                .keys
                .pick(random)
                .filter(|name| is_identifier(name))
                .map_or("a".into(), Clone::clone),
        };
        (!atlas.roots.iter().any(|root| root.name == name)).then_some(name)
    }

    /// A value for a root.
    pub fn root_value(&mut self, root: usize) -> Value {
        let about = &self.know.atlas.roots[root];
        (self.root, self.level, self.depth, self.hint) = (root as u16, 0, 0, about.hint);
        self.value(about.shapes[self.know.openness])
    }

    /// A value at a place of which only the shape and the name's hint matter.
    pub fn value_at(&mut self, root: usize, level: u8, shape: ShapeId) -> Value {
        let about = &self.know.atlas.roots[root];
        (self.root, self.level, self.depth, self.hint) = (root as u16, level, u32::from(level), about.hint);
        self.value(shape)
    }

    /// A value of a shape.
    pub fn value(&mut self, shape: ShapeId) -> Value {
        self.budget -= 1;
        if self.depth > 2 * DEPTH || self.budget < -2 * BUDGET {
            // Only a shape that cannot end, or hardly, gets here.
            return Value::None;
        }
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Any | Shape::None => Value::None,
            Shape::Bool => Value::Bool(self.scratch.random.percent(50)),
            Shape::Int => Value::Int(self.int()),
            Shape::Float => Value::Float(self.float()),
            Shape::Str => Value::Str(self.text()),
            Shape::Bytes => Value::Bytes(self.bytes()),
            Shape::OneOf(values) => self.scratch.random.pick(values).cloned().unwrap_or(Value::None),
            Shape::Union(options) => {
                let option = self.alternative(shape, options);
                self.value(options[option].1)
            }
            Shape::Object(class) => self.object(*class),
            Shape::Make { callee, args } => self.nested(|maker| maker.product(callee, args)),
            compound => self
                .ready_made(shape)
                .unwrap_or_else(|| self.nested(|maker| maker.compound(compound))),
        }
    }

    /// A literal of the code that is of a shape as it is: a tuple, a list, a table.
    fn ready_made(&mut self, shape: ShapeId) -> Option<Value> {
        let others = &self.know.dictionary.others;
        if others.all.is_empty() || !self.scratch.random.percent(8) {
            return None;
        }
        let token = others.pick(&mut self.scratch.random)?;
        self.know.atlas.fits(shape, token, &[], 3).then(|| token.clone())
    }

    fn nested<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        self.level = self.level.saturating_add(1);
        let made = make(self);
        self.depth -= 1;
        self.level = self.level.saturating_sub(1);
        made
    }

    /// Makes something under the name of a parameter or field of its own.
    fn named_as<T>(&mut self, hint: Option<&'static Hint>, make: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.hint, hint);
        let made = make(self);
        self.hint = outer;
        made
    }

    /// Whether values should end as soon as they can.
    fn must_end(&self) -> bool {
        self.depth >= DEPTH || self.budget <= 0
    }

    /// Which alternative to take: most of the time the one taken before in this input, so that types are consistent.
    fn alternative(&mut self, shape: ShapeId, options: &[(f64, ShapeId)]) -> usize {
        let know = self.know;
        if self.must_end() {
            let least = options
                .iter()
                .enumerate()
                .min_by_key(|(_, (_, option))| know.atlas.height(*option));
            return least.map_or(0, |(index, _)| index);
        }
        let told = self
            .plan
            .and_then(|plan| Bandit::told(plan, self.root, self.level, shape));
        if let Some(option) = told.filter(|option| *option < options.len()) {
            return option;
        }
        let remembered = self.scratch.memo.get(shape.0 as usize).copied().unwrap_or_default();
        let is_none = |option: &(f64, ShapeId)| matches!(know.atlas.shape(option.1), Shape::None);
        if !self.mixed && !know.atlas.is_recursive(shape) && remembered.0 == self.scratch.epoch {
            // Nothing goes with everything: a list of numbers some of which are missing has one type all the same.
            let missing = if self.scratch.random.percent(15) {
                options.iter().position(is_none)
            } else {
                None
            };
            return missing.unwrap_or(usize::from(remembered.1).min(options.len() - 1));
        }
        let option = self.choose(shape, options);
        if let Some(memo) = self
            .scratch
            .memo
            .get_mut(shape.0 as usize)
            .filter(|_| !is_none(&options[option]))
        {
            *memo = (self.scratch.epoch, option as u16);
        }
        option
    }

    fn choose(&mut self, shape: ShapeId, options: &[(f64, ShapeId)]) -> usize {
        let (know, root, level) = (self.know, self.root, self.level);
        let random = &mut self.scratch.random;
        if level <= 1 && know.on(Technique::ValidityBandit) && !random.percent(12) {
            let worth = |(option, (weight, _)): (usize, &(f64, ShapeId))| {
                weight * know.bandit.worth(root, level, shape, option)
            };
            return random.weighted(options.iter().enumerate().map(worth));
        }
        random.weighted(options.iter().map(|(weight, _)| *weight))
    }
}

fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests;
