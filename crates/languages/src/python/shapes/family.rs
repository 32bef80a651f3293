//! What stands for a class that is not made itself: concrete subclasses of an abstract one, instances that a module holds.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::{Symbol, Value};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Decorator, Expr, Stmt, StmtFunctionDef};

use super::engine::Engine;
use super::form::last_name;
use super::settle::{classes_of, siblings};
use super::slots::ClassKey;
use super::world::{Class, Function, Thing, World};

/// Subclasses that stand for an abstract class, at most.
const MOST_SUBCLASSES: usize = 3;
/// Instances at hand that are tried, at most.
const MOST_INSTANCES: usize = 6;

impl<'p> Engine<'_, 'p> {
    /// Whether an instance of the class itself is of little use: some method is left to its subclasses, or it is a model of Django's
    /// without a table.
    pub(super) fn is_abstract(&self, class: &Rc<Class<'p>>) -> bool {
        if says_abstract(class) {
            return true;
        }
        let mut known = BTreeSet::new();
        for thing in self.lineage(class) {
            let Thing::Class(class) = thing else { continue };
            for statement in &class.def.body {
                if let Stmt::FunctionDef(def) = statement
                    && known.insert(def.name.as_str())
                    && is_left_open(def)
                {
                    return true;
                }
            }
        }
        false
    }

    /// Whether the methods of a class ask its instances for what only subclasses have: it is made, and is of little use.
    pub(super) fn is_incomplete(&self, class: &Rc<Class<'p>>) -> bool {
        let lineage = self.lineage(class);
        // What bases outside the project have, or made by a call, is not known.
        let is_known = |thing: &Thing<'p>| match thing {
            Thing::Class(class) => self.world_of(&class.module).bases(class).len() == class.def.bases().len(),
            Thing::External(path) => matches!(path.as_str(), "object" | "abc.ABC" | "typing.Generic"),
            _ => false,
        };
        if !lineage.iter().all(is_known) {
            return false;
        }
        let members = self.members(class);
        let answers_all = |name: &&str| matches!(*name, "__getattr__" | "__getattribute__");
        if members.iter().any(answers_all) {
            return false;
        }
        let mut asked = Asked::default();
        for statement in &class.def.body {
            let Stmt::FunctionDef(def) = statement else { continue };
            let is_static = |one: &Decorator| last_name(&one.expression) == Some("staticmethod");
            if !def.decorator_list.iter().any(is_static)
                && let Some(receiver) = def.parameters.iter().next()
            {
                asked.of = Some(receiver.name().as_str());
                asked.visit_body(&def.body);
            }
        }
        asked
            .names
            .iter()
            .any(|name| !name.starts_with("__") && !members.contains(name))
    }

    /// Subclasses that can be made and that leave `method` as it is: those of the same file, else those beside it.
    pub(super) fn concrete_subclasses(&self, class: &Rc<Class<'p>>, method: Option<&str>) -> Vec<Rc<Class<'p>>> {
        let fits = |other: &Rc<Class<'p>>| {
            !std::ptr::eq(other.def, class.def)
                && self.inherits(other, class, method)
                && !self.is_abstract(other)
                && !self.is_incomplete(other)
        };
        let mut found: Vec<_> = classes_of(self, &class.module).into_iter().filter(fits).collect();
        if found.is_empty() {
            found = siblings(self, &class.module).into_iter().filter(fits).collect();
        }
        // The one that asks for least is made most easily.
        found.sort_by_key(|class| self.required_arguments(class));
        found.truncate(MOST_SUBCLASSES);
        found
    }

    /// Whether `method` of `class` is what instances of `other` have.
    fn inherits(&self, other: &Rc<Class<'p>>, class: &Rc<Class<'p>>, method: Option<&str>) -> bool {
        for thing in self.lineage(other) {
            let Thing::Class(at) = thing else { continue };
            if std::ptr::eq(at.def, class.def) {
                return true;
            }
            let overrides =
                |statement: &Stmt| matches!(statement, Stmt::FunctionDef(def) if Some(def.name.as_str()) == method);
            if at.def.body.iter().any(overrides) {
                return false;
            }
        }
        false
    }

    /// How many arguments the constructor of a class asks for.
    fn required_arguments(&self, class: &Rc<Class<'p>>) -> usize {
        match self
            .world_of(&class.module)
            .member(&Thing::Class(class.clone()), "__init__")
        {
            Some(Thing::Function(function)) => function
                .def
                .parameters
                .iter_non_variadic_params()
                .filter(|parameter| parameter.default.is_none())
                .count(),
            _ => 0,
        }
    }

    /// Instances of a class that its module holds: `T = TType()`.
    pub(super) fn instances_at_hand(&self, key: ClassKey) -> Vec<Value> {
        let class = &self.classes[key.0 as usize].class;
        let world = self.world_of(&class.module);
        let is_made = |expr: &Expr| match expr {
            Expr::Call(call) => matches!(
                world.expression(&class.module, &call.func),
                Some(Thing::Class(made)) if std::ptr::eq(made.def, class.def)
            ),
            _ => false,
        };
        let mut found = Vec::new();
        for statement in &class.module.parsed.ast.body {
            let (target, value) = match statement {
                Stmt::Assign(assign) => (assign.targets.first(), Some(&*assign.value)),
                Stmt::AnnAssign(assign) => (Some(&*assign.target), assign.value.as_deref()),
                _ => continue,
            };
            if let (Some(Expr::Name(name)), Some(value)) = (target, value)
                && is_made(value)
            {
                found.push(Value::Symbol(Symbol::new(
                    &class.module.parsed.module,
                    name.id.as_str(),
                )));
            }
        }
        found.truncate(MOST_INSTANCES);
        found
    }

    /// Whether the constructor leaves an attribute empty, to be filled from outside: `self._next = None`.
    pub(super) fn is_left_empty(&self, class: &Rc<Class<'p>>, attribute: &str) -> bool {
        let constructor = self
            .world_of(&class.module)
            .member(&Thing::Class(class.clone()), "__init__");
        let Some(Thing::Function(function)) = constructor else {
            return false;
        };
        let mut values = Vec::new();
        super::world::for_each_statement(&function.def.body, &mut |statement| match statement {
            Stmt::Assign(assign) if assign.targets.iter().any(|target| is_attribute(target, attribute)) => {
                values.push(Some(&*assign.value));
            }
            Stmt::AnnAssign(assign) if is_attribute(&assign.target, attribute) => values.push(assign.value.as_deref()),
            _ => {}
        });
        !values.is_empty() && values.into_iter().flatten().all(Expr::is_none_literal_expr)
    }
}

/// What is read of one variable by name.
#[derive(Default)]
struct Asked<'p> {
    of: Option<&'p str>,
    names: BTreeSet<&'p str>,
}

impl<'p> Visitor<'p> for Asked<'p> {
    fn visit_expr(&mut self, expr: &'p Expr) {
        if let Expr::Attribute(attribute) = expr
            && attribute.ctx.is_load()
            && matches!(&*attribute.value, Expr::Name(name) if Some(name.id.as_str()) == self.of)
        {
            self.names.insert(attribute.attr.as_str());
        }
        walk_expr(self, expr);
    }
}

/// What assigns the property that a name leads to.
pub(super) fn setter<'p>(world: &World<'p>, property: Thing<'p>) -> Option<Function<'p>> {
    let Thing::Function(property) = property else {
        return None;
    };
    let class = property.class.clone()?;
    let lineage = std::iter::once(Thing::Class(class.clone())).chain(world.bases(&class));
    let name = property.def.name.as_str();
    lineage
        .filter_map(|thing| if let Thing::Class(class) = thing { Some(class) } else { None })
        .find_map(|class| {
            let sets = |def: &&StmtFunctionDef| {
                def.name.as_str() == name
                    && def.decorator_list.iter().any(|decorator| {
                        matches!(&decorator.expression, Expr::Attribute(attribute) if attribute.attr.as_str() == "setter")
                    })
            };
            let def = class.def.body.iter().filter_map(Stmt::as_function_def_stmt).find(sets)?;
            Some(Function {
                module: class.module.clone(),
                class: Some(class.clone()),
                def,
            })
        })
}

fn is_attribute(target: &Expr, name: &str) -> bool {
    matches!(target, Expr::Attribute(attribute) if attribute.attr.as_str() == name && attribute.value.is_name_expr())
}

/// Whether a method only says that subclasses have it.
fn is_left_open(def: &StmtFunctionDef) -> bool {
    let is_abstract = def.decorator_list.iter().any(|decorator| {
        let name = match &decorator.expression {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return false,
        };
        name.starts_with("abstract")
    });
    let is_docstring =
        |statement: &&Stmt| matches!(statement, Stmt::Expr(inner) if inner.value.is_string_literal_expr());
    let mut body = def.body.iter().skip_while(is_docstring);
    let raises = match (body.next(), body.next()) {
        (Some(Stmt::Raise(raise)), None) => raise.exc.as_deref().is_some_and(|raised| {
            let raised = match raised {
                Expr::Call(call) => &call.func,
                other => other,
            };
            matches!(raised, Expr::Name(name) if name.id.as_str() == "NotImplementedError")
        }),
        _ => false,
    };
    is_abstract || raises
}

/// `class Meta: abstract = True`, which holds for the class itself alone.
fn says_abstract(class: &Class<'_>) -> bool {
    let is_abstract = |statement: &Stmt| match statement {
        Stmt::Assign(assign) => {
            let named = |target: &Expr| matches!(target, Expr::Name(name) if name.id.as_str() == "abstract");
            assign.targets.iter().any(named) && matches!(&*assign.value, Expr::BooleanLiteral(literal) if literal.value)
        }
        _ => false,
    };
    class.def.body.iter().any(|statement| {
        matches!(statement, Stmt::ClassDef(meta) if meta.name.as_str() == "Meta" && meta.body.iter().any(is_abstract))
    })
}
