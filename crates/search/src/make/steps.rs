//! Short sequences of calls that bring an object into a state: what is added, set or read before the call that counts.

use model::{Node, Symbol, Value};

use super::Maker;
use crate::names;
use crate::shape::{ClassId, Method, ParameterKind};
use crate::technique::Technique;

/// Of a hundred objects that methods can change: how many are changed where the call is one of their own, and elsewhere.
const OF_RECEIVERS: u32 = 55;
const OF_OTHERS: u32 = 15;
/// Calls of one sequence, and nodes of an input with them, at most.
const MOST: usize = 4;
const NODES: usize = 24;

/// The function of Python's own that reads an attribute.
const READ: &str = "getattr";

impl Maker<'_> {
    /// An object after some of its methods were called on it; nothing where no method changes it, or by chance.
    pub(super) fn led_up_to(&mut self, class: ClassId) -> Option<Value> {
        let often = if self.level == 0 { OF_RECEIVERS } else { OF_OTHERS };
        let has_steps = self.know.on(Technique::Sequences) && !self.know.atlas.methods(class).is_empty();
        if !has_steps || self.must_end() || self.nodes.len() >= NODES / 2 || !self.scratch.random.percent(often) {
            return None;
        }
        let make = self.nested(|maker| maker.construct(class));
        Some(self.with_steps(class, make))
    }

    /// What `make` makes, as a node, and one to four calls on it.
    pub(crate) fn with_steps(&mut self, class: ClassId, make: Value) -> Value {
        let index = self.nodes.len() as u32;
        self.nodes.push(Node {
            make,
            links: Vec::new(),
        });
        let mut count = 1;
        while count < MOST && self.scratch.random.percent(50) {
            count += 1;
        }
        let mut last: Option<usize> = None;
        for _ in 0..count {
            let methods = self.know.atlas.methods(class);
            let again = last.filter(|_| self.scratch.random.percent(45));
            let which = again.unwrap_or_else(|| self.scratch.random.below(methods.len()));
            last = Some(which);
            self.add_step(&methods[which], index);
        }
        Value::Node(index)
    }

    /// Now and then, calls methods on an object that came as its constructor made it.
    pub(crate) fn leads_up(&mut self, value: &mut Value) -> bool {
        let Value::Call { callee, .. } = &*value else {
            return false;
        };
        let Some(class) = self.know.atlas.class_of(callee) else {
            return false;
        };
        let may = self.know.on(Technique::Sequences) && !self.know.atlas.methods(class).is_empty();
        if !may || self.nodes.len() >= NODES / 2 || !self.scratch.random.percent(25) {
            return false;
        }
        let make = std::mem::replace(value, Value::None);
        *value = self.with_steps(class, make);
        true
    }

    /// Adds a call of a method on the object that is node `on`.
    fn add_step(&mut self, method: &Method, on: u32) {
        if self.nodes.len() >= NODES {
            return;
        }
        let make = if method.is_attribute {
            let name = Value::Str(method.name.clone());
            Value::call(Symbol::new("builtins", READ), vec![Value::Node(on), name])
        } else {
            let (args, kwargs) = self.nested(|maker| maker.given_to(method));
            let args = std::iter::once(Value::Node(on)).chain(args).collect();
            let callee = Symbol::method(&method.name);
            Value::Call { callee, args, kwargs }
        };
        self.nodes.push(Node {
            make,
            links: Vec::new(),
        });
    }

    /// Adds a call on node `on`, where it is an object that methods change.
    pub(crate) fn lead_further(&mut self, on: u32) -> bool {
        let class = crate::atlas::callee(&Value::Node(on), &self.nodes).and_then(|made| self.know.atlas.class_of(made));
        let methods = class.map(|class| self.know.atlas.methods(class)).unwrap_or_default();
        let Some(method) = self.scratch.random.pick(methods) else {
            return false;
        };
        let before = self.nodes.len();
        self.add_step(method, on);
        self.nodes.len() > before
    }

    /// Changes a call that leads up to the one that counts: leaves it out, or gives it something else.
    pub(crate) fn mutate_step(&mut self, index: usize) {
        let Value::Call { callee, args, .. } = &self.nodes[index].make else {
            return;
        };
        let (name, on) = (callee.name.clone(), args.first().cloned());
        let is_read = callee.module == "builtins" && name == READ;
        if is_read || self.scratch.random.percent(25) {
            // What nothing refers to is dropped when the input is tidied.
            self.nodes[index].make = Value::None;
            return;
        }
        let class = on
            .as_ref()
            .and_then(|on| crate::atlas::callee(on, &self.nodes))
            .and_then(|made| self.know.atlas.class_of(made));
        let methods = class.map(|class| self.know.atlas.methods(class)).unwrap_or_default();
        let Some(method) = methods.iter().find(|method| method.name == name) else {
            let mut make = std::mem::replace(&mut self.nodes[index].make, Value::None);
            self.mutate_recipe(0, 2, &mut make);
            self.nodes[index].make = make;
            return;
        };
        let mut make = std::mem::replace(&mut self.nodes[index].make, Value::None);
        if let Value::Call { args, .. } = &mut make
            && args.len() > 1
        {
            let at = 1 + self.scratch.random.below(args.len() - 1);
            let shape = crate::atlas::positional(&method.parameters, at - 1)
                .map_or(self.know.atlas.basics.any, |parameter| parameter.shape);
            if !args[at].has_nodes() {
                self.mutate_value(0, 2, shape, &mut args[at]);
            }
        }
        self.nodes[index].make = make;
    }

    /// Arguments for the parameters of a method, without what may be left out half of the time.
    fn given_to(&mut self, method: &Method) -> (Vec<Value>, Vec<(String, Value)>) {
        let (mut args, mut kwargs) = (Vec::new(), Vec::new());
        let mut gap = false;
        for parameter in &method.parameters {
            let given = !parameter.optional || self.scratch.random.percent(35);
            let hint = names::hint(&parameter.name).filter(|_| self.know.on(Technique::Names));
            match parameter.kind {
                ParameterKind::Positional if !given => gap = true,
                ParameterKind::Positional if !gap => {
                    args.push(self.named_as(hint, |maker| maker.value(parameter.shape)));
                }
                ParameterKind::Positional | ParameterKind::Keyword if given => {
                    let value = self.named_as(hint, |maker| maker.value(parameter.shape));
                    kwargs.push((parameter.name.clone(), value));
                }
                ParameterKind::Rest if !gap => {
                    let count = self.scratch.random.below(3);
                    args.extend((0..count).map(|_| self.named_as(hint, |maker| maker.value(parameter.shape))));
                }
                _ => {}
            }
        }
        (args, kwargs)
    }
}
