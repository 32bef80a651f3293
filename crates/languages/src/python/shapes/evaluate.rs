//! Expressions of a module that stand for values: literals, constants, calls of known classes.

use std::collections::HashMap;
use std::rc::Rc;

use model::{Symbol, Value};
use ruff_python_ast::Expr;

use super::literal::Evaluate;
use super::module::Module;
use super::world::{Class, Thing, World};

/// Constants that are made of constants are followed this far.
const DEEPEST: u32 = 4;

/// The value of an expression as it stands at the top level of `module`.
pub(super) fn in_module<'p>(world: &World<'p>, module: &Rc<Module<'p>>, expr: &Expr) -> Option<Value> {
    in_class(world, module, None, expr)
}

/// As [`in_module`], of an expression that may stand in the body of a class and use what that defines.
pub(super) fn in_class<'p>(
    world: &World<'p>,
    module: &Rc<Module<'p>>,
    class: Option<&Rc<Class<'p>>>,
    expr: &Expr,
) -> Option<Value> {
    Context {
        world,
        module,
        class,
        names: None,
        depth: DEEPEST,
        calls: false,
    }
    .value(expr)
}

/// As [`in_module`], where calls of classes and functions count as values too, and with some names known.
pub(super) fn with_names<'p>(
    world: &World<'p>,
    module: &Rc<Module<'p>>,
    expr: &Expr,
    names: &HashMap<String, Value>,
) -> Option<Value> {
    Context {
        world,
        module,
        class: None,
        names: Some(names),
        depth: DEEPEST,
        calls: true,
    }
    .value(expr)
}

struct Context<'w, 'p> {
    world: &'w World<'p>,
    module: &'w Rc<Module<'p>>,
    class: Option<&'w Rc<Class<'p>>>,
    names: Option<&'w HashMap<String, Value>>,
    depth: u32,
    calls: bool,
}

impl Context<'_, '_> {
    fn value(&self, expr: &Expr) -> Option<Value> {
        Evaluate {
            symbol: &|expr| self.symbol(expr),
            constant: &|name| self.constant(name),
            calls: &|expr| self.callee(expr),
            parts: self.calls,
        }
        .value(expr)
    }

    fn constant(&self, name: &str) -> Option<Value> {
        if let Some(known) = self.names.and_then(|names| names.get(name)) {
            return Some(known.clone());
        }
        let depth = self.depth.checked_sub(1)?;
        let of_class = self
            .class
            .and_then(|class| self.world.member(&Thing::Class(class.clone()), name));
        let Thing::Value {
            module,
            value: Some(value),
            ..
        } = of_class.clone().or_else(|| self.world.resolve(self.module, name))?
        else {
            return None;
        };
        Context {
            world: self.world,
            module: &module,
            class: self.class.filter(|_| of_class.is_some()),
            names: None,
            depth,
            calls: self.calls,
        }
        .value(value)
    }

    /// Something that is there already and has a name in a module.
    fn symbol(&self, expr: &Expr) -> Option<Symbol> {
        match self.world.expression(self.module, expr)? {
            Thing::Function(function) if function.class.is_none() => {
                Some(Symbol::new(&function.module.parsed.module, function.def.name.as_str()))
            }
            Thing::Class(class) => Some(Symbol::new(&class.module.parsed.module, &class.name)),
            Thing::Value { module, name, .. } => Some(Symbol::new(&module.parsed.module, name)),
            Thing::External(path) => Some(external(&path)),
            _ => None,
        }
    }

    /// Something that makes a value when it is called.
    fn callee(&self, expr: &Expr) -> Option<Symbol> {
        match self.world.expression(self.module, expr)? {
            Thing::Class(class) => Some(Symbol::new(&class.module.parsed.module, &class.name)),
            Thing::External(path) if is_maker(&path) => Some(external(&path)),
            Thing::Function(function) if self.calls => {
                let name = match &function.class {
                    Some(class) => format!("{}.{}", class.name, function.def.name),
                    None => function.def.name.to_string(),
                };
                Some(Symbol::new(&function.module.parsed.module, name))
            }
            // `Point = namedtuple(…)` and other classes made at run time.
            Thing::Value { module, name, .. } if self.calls && name.starts_with(char::is_uppercase) => {
                Some(Symbol::new(&module.parsed.module, name))
            }
            _ => None,
        }
    }
}

/// Library calls that make plain values, the same ones each time.
fn is_maker(path: &str) -> bool {
    matches!(
        path,
        "datetime.date"
            | "datetime.datetime"
            | "datetime.time"
            | "datetime.timedelta"
            | "datetime.timezone"
            | "decimal.Decimal"
            | "fractions.Fraction"
            | "pathlib.Path"
            | "pathlib.PurePath"
            | "pathlib.PurePosixPath"
            | "uuid.UUID"
            | "collections.OrderedDict"
            | "collections.Counter"
            | "collections.deque"
            | "collections.defaultdict"
            | "re.compile"
            | "io.StringIO"
            | "io.BytesIO"
            | "complex"
            | "bytearray"
            | "range"
            | "types.SimpleNamespace"
            | "object"
            | "numpy.array"
    )
}

/// A dotted name of the library as a symbol: the longest part that is written small is the module.
pub(super) fn external(path: &str) -> Symbol {
    let Some((first, rest)) = path.split_once('.') else {
        return Symbol::new("builtins", path);
    };
    // `datetime.datetime.strptime`, `os.path.join`, `enum.Enum.member`: a known class ends the module's name.
    match path {
        _ if first == "datetime" => Symbol::new("datetime", rest),
        _ => {
            let parts: Vec<&str> = path.split('.').collect();
            let split = parts
                .iter()
                .position(|part| part.starts_with(char::is_uppercase))
                .unwrap_or(parts.len() - 1)
                .max(1);
            Symbol::new(parts[..split].join("."), parts[split..].join("."))
        }
    }
}
