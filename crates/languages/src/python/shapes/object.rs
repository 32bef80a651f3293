//! Objects: constructors, links between nodes, stand-ins for classes that are not known.

use model::Symbol;
use ruff_python_ast::{Expr, Stmt};
use search::{ClassId, ClassShape, Parameter, ParameterKind, Shape, ShapeId};

use super::binding::{Receiver, receiver_kind};
use super::concrete::Concrete;
use super::engine::Taken;
use super::form::is_property;
use super::names;
use super::slots::{ClassKey, Info, Slot};
use super::world::{Function, for_each_statement};

/// A class may have more ways to make it; two are tried.
const MOST_FACTORIES: usize = 2;

/// Attributes that, where a class has both, point back at one another.
const INVERSES: [(&str, &str); 7] = [
    ("next", "prev"),
    ("next", "previous"),
    ("next_node", "prev_node"),
    ("left", "parent"),
    ("right", "parent"),
    ("children", "parent"),
    ("child", "parent"),
];

impl<'p> Concrete<'_, '_, 'p> {
    /// The class shape of a class of the project.
    pub(super) fn class(&mut self, key: ClassKey) -> ClassId {
        if let Some(known) = self.objects.get(&key) {
            return *known;
        }
        let class = self.engine.classes[key.0 as usize].class.clone();
        let make = Symbol::new(&class.module.parsed.module, &class.name);
        let id = self.reserve(make);
        self.objects.insert(key, id);
        let mut constructor = self.engine.constructor(key);
        names::hint(self.engine, &constructor);
        self.note_absence(key, &mut constructor);
        let parameters: Vec<Parameter> = self.parameters(&constructor, false, false);
        let attributes = self.links(key, &constructor.iter().map(|taken| taken.slot).collect::<Vec<_>>());
        let shape = &mut self.subject.classes[id.0 as usize];
        shape.parameters = parameters;
        shape.inverse = inverses(&attributes);
        shape.attributes = attributes;
        self.changers(key, id);
        id
    }

    /// Where an attribute is asked for `None`, so is the argument that it is given by.
    fn note_absence(&mut self, key: ClassKey, constructor: &mut [Taken<'p>]) {
        let instance = self.engine.instance(key);
        let attributes = self.engine.slots.info(instance).attributes.clone();
        for attribute in attributes.iter().filter(|attribute| attribute.none) {
            for taken in constructor.iter_mut().filter(|taken| taken.name == attribute.name) {
                taken.none |= self.engine.slots.same(taken.slot, attribute.slot);
            }
        }
    }

    fn reserve(&mut self, make: Symbol) -> ClassId {
        self.subject.classes.push(ClassShape {
            make,
            parameters: Vec::new(),
            attributes: Vec::new(),
            inverse: Vec::new(),
        });
        ClassId(self.subject.classes.len() as u32 - 1)
    }

    /// Attributes that hold further objects and that no constructor argument gives.
    fn links(&mut self, key: ClassKey, given: &[Slot]) -> Vec<(String, ShapeId)> {
        let instance = self.engine.instance(key);
        let class = self.engine.classes[key.0 as usize].class.clone();
        let members = self.engine.members(&class);
        let attributes = self.engine.slots.info(instance).attributes.clone();
        let mut links = Vec::new();
        for attribute in attributes {
            let name = attribute.name.as_str();
            let is_method = self.engine.classes[key.0 as usize].methods.contains_key(name);
            if is_method || attribute.called || !members.contains(name) || name.starts_with("__") {
                continue;
            }
            if name.starts_with('_') && !self.engine.is_left_empty(&class, name) {
                // What the constructor sets up for itself is not for others to set.
                continue;
            }
            let to_self = self.engine.slots.same(attribute.slot, instance);
            let element = self.engine.slots.info(attribute.slot).element;
            let many_selves = element.is_some_and(|element| self.engine.slots.same(element, instance));
            let by_constructor = given.iter().any(|slot| self.engine.slots.same(*slot, attribute.slot));
            if to_self || (!by_constructor && attribute.none && self.links_back(attribute.slot, instance)) {
                let target = self.shape(attribute.slot);
                let none = self.leaf(Shape::None);
                links.push((
                    name.to_owned(),
                    self.subject.add(Shape::Union(vec![(1.0, target), (0.7, none)])),
                ));
            } else if many_selves {
                links.push((name.to_owned(), self.shape(attribute.slot)));
            }
        }
        links
    }

    /// Whether a slot is an object of the project that has, or whose own objects have, an attribute of this class: nodes of one structure.
    fn links_back(&mut self, slot: Slot, instance: Slot) -> bool {
        let info = self.engine.slots.info(slot).clone();
        let others: Vec<Slot> = info.attributes.iter().map(|attribute| attribute.slot).collect();
        !info.classes.is_empty()
            && others
                .into_iter()
                .any(|other| self.engine.slots.same(other, instance) || self.engine.slots.same(other, slot))
    }

    /// A stand-in with the attributes that are used.
    pub(super) fn duck(&mut self, slot: Slot, info: &Info) -> Shape {
        let id = self.reserve(Symbol::new("types", "SimpleNamespace"));
        let mut parameters = Vec::new();
        let mut links = Vec::new();
        for attribute in info
            .attributes
            .iter()
            .filter(|attribute| !attribute.name.starts_with("__") || attribute.name == "__name__")
        {
            let name = attribute.name.to_string();
            let shape = if attribute.called && self.engine.slots.info(attribute.slot).facts.is_empty() {
                let result = self.engine.slots.result(attribute.slot);
                let result = self.shape(result);
                self.subject.add(Shape::Callable(result))
            } else {
                self.shape(attribute.slot)
            };
            let shape = if attribute.none {
                let none = self.leaf(Shape::None);
                self.subject.add(Shape::Union(vec![(1.0, shape), (0.5, none)]))
            } else {
                shape
            };
            if self.engine.slots.same(attribute.slot, slot) {
                let none = self.leaf(Shape::None);
                links.push((name, self.subject.add(Shape::Union(vec![(1.0, shape), (0.7, none)]))));
            } else {
                parameters.push(Parameter {
                    name,
                    kind: ParameterKind::Keyword,
                    shape,
                    default: None,
                    optional: false,
                    keys: Vec::new(),
                });
            }
        }
        let class = &mut self.subject.classes[id.0 as usize];
        class.parameters = parameters;
        class.inverse = inverses(&links);
        class.attributes = links;
        Shape::Object(id)
    }

    /// What else makes instances of a class: its class methods and the functions of its module that say so.
    pub(super) fn factories(&mut self, key: ClassKey) -> Vec<ClassId> {
        if self.engine.classes[key.0 as usize].walked_factories {
            return Vec::new();
        }
        self.engine.classes[key.0 as usize].walked_factories = true;
        let class = self.engine.classes[key.0 as usize].class.clone();
        let mut found: Vec<(String, Function<'p>)> = Vec::new();
        for statement in &class.def.body {
            if let Stmt::FunctionDef(def) = statement {
                let function = Function {
                    module: class.module.clone(),
                    class: Some(class.clone()),
                    def,
                };
                if receiver_kind(&function) != Receiver::Instance
                    && !is_property(&function)
                    && !def.name.starts_with('_')
                    && returns_instance(&function, &class.name)
                {
                    found.push((format!("{}.{}", class.name, def.name), function));
                }
            }
        }
        for function in class.module.functions() {
            if !function.def.name.starts_with('_')
                && !function.def.parameters.is_empty()
                && returns_instance(&function, &class.name)
            {
                found.push((function.def.name.to_string(), function));
            }
        }
        found.truncate(MOST_FACTORIES);
        found
            .into_iter()
            .map(|(name, function)| self.factory(name, &function))
            .collect()
    }

    /// What calling a function of the project with arguments for these parameters gives.
    pub(super) fn product(&mut self, function: &Function<'p>, taken: &[Taken<'p>]) -> ShapeId {
        let id = self.reserve(Symbol::new(&function.module.parsed.module, function.def.name.as_str()));
        let parameters = self.parameters(taken, false, false);
        self.subject.classes[id.0 as usize].parameters = parameters;
        self.subject.add(Shape::Object(id))
    }

    /// The parameters of a function of the project that makes something, from what it does with them.
    pub(super) fn looked_into(&mut self, function: &Function<'p>) -> Vec<Taken<'p>> {
        let frame = self.engine.enter(function, None, None, 2);
        self.engine.walk(frame, function.def);
        self.engine.frame(frame).parameters.clone()
    }

    fn factory(&mut self, name: String, function: &Function<'p>) -> ClassId {
        let taken = self.looked_into(function);
        let id = self.reserve(Symbol::new(&function.module.parsed.module, name));
        let parameters = self.parameters(&taken, false, false);
        self.subject.classes[id.0 as usize].parameters = parameters;
        id
    }
}

/// Whether a function plainly returns an instance: by annotation, or `return Class(…)`, `return cls(…)`.
fn returns_instance(function: &Function<'_>, class: &str) -> bool {
    let names = |expr: &Expr| match expr {
        Expr::Name(name) => {
            name.id.as_str() == class
                || (name.id.as_str() == "cls" && function.class.is_some())
                || name.id.as_str() == "Self"
        }
        Expr::StringLiteral(text) => text.value.to_str() == class || text.value.to_str() == "Self",
        _ => false,
    };
    if function.def.returns.as_deref().is_some_and(names) {
        return true;
    }
    let mut found = false;
    for_each_statement(&function.def.body, &mut |statement| {
        if let Stmt::Return(statement) = statement
            && let Some(Expr::Call(call)) = statement.value.as_deref()
        {
            found |= names(&call.func);
        }
    });
    found
}

fn inverses(links: &[(String, ShapeId)]) -> Vec<(String, String)> {
    let has = |name: &str| links.iter().any(|(link, _)| link == name);
    INVERSES
        .iter()
        .filter(|(one, other)| has(one) && has(other))
        .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()))
        .collect()
}
