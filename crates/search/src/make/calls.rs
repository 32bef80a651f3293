//! What calls give: constructors and factories with arguments by their parameters.

use model::{Symbol, Value};

use super::Maker;
use crate::instances::Instances;
use crate::names::Hint;
use crate::shape::{ClassId, Parameter, ParameterKind, ShapeId};
use crate::technique::Technique;

impl Maker<'_> {
    /// What calling `callee` with arguments of these shapes gives.
    pub(super) fn product(&mut self, callee: &Symbol, args: &[ShapeId]) -> Value {
        if let Some(value) = self.instance(callee) {
            return value;
        }
        let args = args
            .iter()
            .map(|shape| self.named_as(None, |maker| maker.value(*shape)))
            .collect();
        self.remember(Value::Call {
            callee: callee.clone(),
            args,
            kwargs: Vec::new(),
        })
    }

    /// A call that worked before, half of the time, or one of this input: where most calls fail, two of the same fail
    /// less often than two different ones, and equal objects matter.
    fn instance(&mut self, callee: &Symbol) -> Option<Value> {
        let know = self.know;
        let random = &mut self.scratch.random;
        if !know.on(Technique::Instances) {
            return None;
        }
        if random.percent(20) {
            let is_same = |value: &&Value| matches!(value, Value::Call { callee: other, .. } if other == callee);
            return self.made.iter().rev().find(is_same).cloned();
        }
        if random.percent(50) {
            know.instances.pick(callee, random).cloned()
        } else {
            None
        }
    }

    fn remember(&mut self, call: Value) -> Value {
        if Instances::takes(&call) {
            self.made.push(call.clone());
        }
        call
    }

    /// A fresh instance of a class, by its constructor.
    pub(super) fn construct(&mut self, class: ClassId) -> Value {
        let know = self.know;
        let Some(shape) = know.atlas.class(class) else {
            return Value::None;
        };
        if let Some(value) = self.instance(&shape.make) {
            return value;
        }
        let (mut args, mut kwargs) = (Vec::new(), Vec::new());
        let is_free = |index: &usize| {
            let parameter = &shape.parameters[*index];
            parameter.optional && matches!(parameter.kind, ParameterKind::Positional | ParameterKind::Keyword)
        };
        let free: Vec<usize> = (0..shape.parameters.len()).filter(is_free).collect();
        let options = self.options(&free);
        let mut gap = false;
        for (index, parameter) in shape.parameters.iter().enumerate() {
            let hint = know.atlas.class_hint(class, index);
            let given = !parameter.optional || options.gives(index, self);
            match parameter.kind {
                ParameterKind::Positional => match self.argument(parameter, hint, given) {
                    None => gap = true,
                    Some(value) if gap => kwargs.push((parameter.name.clone(), value)),
                    Some(value) => args.push(value),
                },
                ParameterKind::Keyword => {
                    kwargs.extend(
                        self.argument(parameter, hint, given)
                            .map(|value| (parameter.name.clone(), value)),
                    );
                }
                ParameterKind::Rest if !gap => {
                    let count = self.scratch.random.below(3);
                    args.extend((0..count).map(|_| self.named_as(hint, |maker| maker.value(parameter.shape))));
                }
                ParameterKind::Rest | ParameterKind::World => {}
                ParameterKind::KeywordRest => kwargs.extend(self.extra(parameter)),
            }
        }
        self.remember(Value::Call {
            callee: shape.make.clone(),
            args,
            kwargs,
        })
    }

    fn argument(&mut self, parameter: &Parameter, hint: Option<&'static Hint>, given: bool) -> Option<Value> {
        if parameter.optional && self.know.on(Technique::Defaults) {
            if !given || self.must_end() {
                return parameter.default.clone().filter(|_| self.scratch.random.percent(20));
            }
            return Some(self.other_than(parameter.default.as_ref(), parameter.shape, |maker| {
                maker.named_as(hint, |maker| maker.value(parameter.shape))
            }));
        }
        Some(self.named_as(hint, |maker| maker.value(parameter.shape)))
    }

    fn extra(&mut self, parameter: &Parameter) -> Option<(String, Value)> {
        let name = self.scratch.random.pick(&parameter.keys)?.clone();
        let wanted = self.scratch.random.percent(40);
        wanted.then(|| (name, self.named_as(None, |maker| maker.value(parameter.shape))))
    }
}
