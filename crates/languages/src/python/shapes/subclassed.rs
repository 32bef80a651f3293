//! Instances of a subclass, for methods that have to do with the class itself: what `type(self) == C` and `self.__class__(…)` do
//! for them tells whether a class may be inherited from.

use std::rc::Rc;

use model::{Symbol, Value};
use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use search::{ParameterKind, Shape};

use super::concrete::Concrete;
use super::slots::ClassKey;
use super::world::{Class, Function};

/// The name of the subclass.
const NAME: &str = "Sub";
/// How likely an instance of it is, beside one of the class itself.
const WEIGHT: f64 = 0.2;

impl<'p> Concrete<'_, '_, 'p> {
    /// The instance of a subclass that adds nothing, made as those of the class are.
    pub(super) fn of_subclass(&mut self, key: ClassKey) -> Option<(f64, Shape)> {
        let class = self.class(key);
        let shape = &self.subject.classes[class.0 as usize];
        let needed: Vec<_> = shape.parameters.iter().filter(|one| !one.optional).collect();
        if needed.iter().any(|one| one.kind != ParameterKind::Positional) {
            return None;
        }
        let has_more = shape
            .parameters
            .iter()
            .any(|one| one.optional && one.kind == ParameterKind::Positional);
        // By place: what is left out can only be at the end.
        let many = needed.len() + usize::from(has_more);
        let mut args: Vec<_> = shape.parameters.iter().take(many).map(|one| one.shape).collect();
        let made = Value::call(
            Symbol::new("builtins", "type"),
            vec![
                Value::Str(NAME.to_owned()),
                Value::Tuple(vec![Value::Symbol(shape.make.clone())]),
                Value::Dict(Vec::new()),
            ],
        );
        args.insert(0, self.leaf(Shape::OneOf(vec![made])));
        Some((
            WEIGHT,
            Shape::Make {
                callee: Symbol::method("__call__"),
                args,
            },
        ))
    }
}

/// Whether a method asks for the class of its object, or names the class that it is in.
pub(super) fn concerns_its_class(functions: &[(Function<'_>, Option<Rc<Class<'_>>>)]) -> bool {
    functions.iter().any(|(function, owner)| {
        let Some(class) = function.class.as_ref().or(owner.as_ref()) else {
            return false;
        };
        let receiver = function.def.parameters.iter_non_variadic_params().next();
        let mut concerned = Concerned {
            class: &class.name,
            receiver: receiver.map_or("", |one| one.name().as_str()),
            found: false,
        };
        concerned.visit_body(&function.def.body);
        concerned.found
    })
}

struct Concerned<'c> {
    class: &'c str,
    receiver: &'c str,
    found: bool,
}

impl<'a> Visitor<'a> for Concerned<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        let is_receiver = |one: &Expr| matches!(one, Expr::Name(name) if name.id.as_str() == self.receiver);
        self.found |= match expression {
            Expr::Name(name) => name.id.as_str() == self.class,
            Expr::Attribute(part) => part.attr.as_str() == "__class__" && is_receiver(&part.value),
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "type")
                    && call.arguments.args.iter().any(is_receiver)
            }
            _ => false,
        };
        if !self.found {
            walk_expr(self, expression);
        }
    }
}
