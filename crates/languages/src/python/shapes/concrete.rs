//! From slots to shapes: the likeliest kinds of each, with their parts.

use std::collections::HashMap;
use std::rc::Rc;

use model::{Symbol, Value};
use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use search::{ClassId, Parameter, ParameterKind, Shape, ShapeId, Subject};

use super::engine::{Engine, Taken};
use super::form::Form;
use super::kind::{Kind, Mask, likeliest, weigh};
use super::make;
use super::on_disk;
use super::slots::{Attribute, ClassKey, Info, Slot};
use super::world::{Class, Function};

/// Kinds less likely than this, relative to the likeliest, are left out.
const LEAST: f32 = 0.07;
/// How likely anything at all stays for a parameter whose kind is inferred.
const ANYTHING: f64 = 0.03;
/// As [`ANYTHING`], for one that is annotated.
const ANYTHING_DECLARED: f64 = 0.005;
/// How likely each class is that a function asks its own parameter for.
const ASKED: f64 = 0.15;
/// Such classes, at most.
const MOST_ASKED: usize = 6;
/// Keywords that are parameters without a place, at most.
const MOST_KEYWORDS: usize = 12;
/// How likely what is inferred is beside a class that the annotation names and that it does not say.
const DROWNED: f64 = 0.15;
/// How likely an object of a class with fields is, where the code asks for fields.
const FIELDS: f64 = 0.4;
/// How likely `None` is where it is asked for.
const NONE: f64 = 0.2;

/// Functions that far from the target are looked through for what they ask objects for, so many at most.
const NEAR: u32 = 2;
const MOST_NEAR: usize = 24;

/// Turns slots into shapes, each once, so that recursive slots become recursive shapes.
pub(super) struct Concrete<'e, 'w, 'p> {
    pub engine: &'e mut Engine<'w, 'p>,
    pub subject: Subject,
    shapes: HashMap<Slot, ShapeId>,
    pub(super) objects: HashMap<ClassKey, ClassId>,
    simple: Vec<(Shape, ShapeId)>,
    /// Whether the code has to do with attrs.
    pub(super) knows_attrs: bool,
    /// Whether the code asks objects for the fields of their class.
    pub(super) asks_for_fields: bool,
    /// Whether the targets have to do with the class of their object itself.
    pub(super) concerns_class: bool,
    /// Classes of Python's own syntax trees that changed methods are named after.
    pub(super) handled: Vec<&'static str>,
}

impl<'e, 'w, 'p> Concrete<'e, 'w, 'p> {
    pub(super) fn new(engine: &'e mut Engine<'w, 'p>) -> Self {
        Self {
            engine,
            subject: Subject::default(),
            shapes: HashMap::new(),
            objects: HashMap::new(),
            simple: Vec::new(),
            knows_attrs: false,
            asks_for_fields: false,
            concerns_class: false,
            handled: Vec::new(),
        }
    }

    /// Whether the targets, or what they call nearby, ask objects for the fields of their class.
    pub(super) fn mentions_fields(&self, targets: &[(Function<'p>, Option<Rc<Class<'p>>>)]) -> bool {
        let near = self.engine.visited.iter().filter(|(_, depth)| *depth <= NEAR);
        let near = near.map(|(function, _)| function);
        let mut asked = Asking {
            knows_attrs: self.knows_attrs,
            found: false,
        };
        let functions = targets.iter().map(|(function, _)| function).chain(near);
        for function in functions.take(MOST_NEAR) {
            asked.visit_body(&function.def.body);
        }
        asked.found
    }

    /// Adds a shape without parts, each only once.
    pub(super) fn leaf(&mut self, shape: Shape) -> ShapeId {
        if let Some((_, id)) = self.simple.iter().find(|(known, _)| *known == shape) {
            return *id;
        }
        let id = self.subject.add(shape.clone());
        self.simple.push((shape, id));
        id
    }

    /// The finished subject.
    pub(super) fn finish(mut self) -> Subject {
        for index in 0..self.subject.shapes.len() {
            if never_ends(&self.subject, ShapeId(index as u32)) {
                // Over-merged: what is a list of itself and of nothing else had better hold something.
                let number = self.leaf(Shape::Int);
                *inner_mut(&mut self.subject.shapes[index]).expect("a container") = number;
            }
        }
        self.subject
    }

    /// The shape of a slot.
    pub(super) fn shape(&mut self, slot: Slot) -> ShapeId {
        let slot = self.engine.slots.find(slot);
        if let Some(known) = self.shapes.get(&slot) {
            return *known;
        }
        let id = self.subject.add(Shape::Any);
        self.shapes.insert(slot, id);
        let info = self.engine.slots.info(slot).clone();
        let options = self.options(slot, &info);
        let shape = self.one_of_many(options);
        self.subject.shapes[id.0 as usize] = shape;
        id
    }

    /// The shape of what a method is taken from: an instance of its class, however much its uses look like a container's.
    pub(super) fn receiver(&mut self, slot: Slot, owner: Option<&Rc<Class<'p>>>, method: Option<&str>) -> ShapeId {
        let slot = self.engine.slots.find(slot);
        let mut classes = self.engine.slots.info(slot).classes.clone();
        if let Some(owner) = owner {
            // What it was merged with by the way is no instance of its class.
            let own = |key: &ClassKey| self.engine.derives_from(*key, owner);
            let of_owner: Vec<ClassKey> = classes.iter().copied().filter(own).collect();
            if !of_owner.is_empty() {
                classes = of_owner;
            }
        }
        let mut options: Vec<(f64, Shape)> = classes
            .iter()
            .flat_map(|key| self.instances(*key, slot, method))
            .collect();
        if self.concerns_class
            && let [key] = classes[..]
        {
            options.extend(self.of_subclass(key));
        }
        if options.is_empty() {
            return self.shape(slot);
        }
        let shape = self.one_of_many(options);
        self.subject.add(shape)
    }

    /// The only option itself, or a union.
    pub(super) fn one_of_many(&mut self, mut options: Vec<(f64, Shape)>) -> Shape {
        match options.len() {
            0 => Shape::Any,
            1 => options.remove(0).1,
            _ => Shape::Union(
                options
                    .into_iter()
                    .map(|(weight, shape)| (weight, self.subject.add(shape)))
                    .collect(),
            ),
        }
    }

    fn options(&mut self, slot: Slot, info: &Info) -> Vec<(f64, Shape)> {
        if !info.one_of.is_empty() && info.alternatives.is_empty() {
            return vec![(1.0, Shape::OneOf(info.one_of.clone()))];
        }
        let mut options = Vec::new();
        let mut covered = Mask::NOTHING;
        for (alternative, part) in &info.alternatives {
            if self.engine.slots.same(slot, *part) {
                continue;
            }
            if let super::slots::Alternative::Kinds(kinds) = alternative {
                covered = covered | *kinds;
            }
            let id = self.shape(*part);
            self.flatten(1.0, id, &mut options);
        }
        if info.declared_union {
            return options;
        }
        let asked = options.len();
        let share = if asked == 0 { 1.0 } else { 0.5 };
        let says_something = info.facts.iter().any(|fact| !fact.is_hint());
        if asked == 0 && info.facts.is_empty() {
            return self.without_facts(info);
        }
        let own = if asked == 0 || says_something {
            weigh(&info.facts, LEAST)
        } else {
            Vec::new()
        };
        for (kind, weight) in own.into_iter().filter(|(kind, _)| !covered.has(*kind)).take(5) {
            for (part, shape) in self.of_kind(kind, slot, info) {
                options.push((share * f64::from(weight) * part, shape));
            }
        }
        if asked > 0 && options.len() == asked {
            // What is none of the kinds asked for: something simple, so that structures end.
            for (kind, shape) in [
                (Kind::Int, Shape::Int),
                (Kind::Str, Shape::Str),
                (Kind::None, Shape::None),
            ] {
                if !covered.has(kind) {
                    options.push((0.25, shape));
                }
            }
        }
        options
    }

    /// Adds a shape to options; of a union that is finished its members.
    fn flatten(&mut self, weight: f64, id: ShapeId, options: &mut Vec<(f64, Shape)>) {
        match self.subject.shape(id).clone() {
            Shape::Union(members) => options.extend(
                members
                    .into_iter()
                    .map(|(share, member)| (weight * share, self.subject.shape(member).clone())),
            ),
            // Still being made: a recursive shape must be referred to, not copied.
            Shape::Any => options.push((weight, Shape::Union(vec![(1.0, id)]))),
            shape => options.push((weight, shape)),
        }
    }

    fn without_facts(&mut self, info: &Info) -> Vec<(f64, Shape)> {
        if let Some(made) = self.made(info) {
            return vec![(1.0, made)];
        }
        if info.element.is_none() && info.attributes.is_empty() {
            Vec::new()
        } else {
            vec![(1.0, Shape::Any)]
        }
    }

    /// The shapes of one kind, with the share of each.
    fn of_kind(&mut self, kind: Kind, slot: Slot, info: &Info) -> Vec<(f64, Shape)> {
        let plain = match kind {
            Kind::None => Shape::None,
            Kind::Bool => Shape::Bool,
            Kind::Int => Shape::Int,
            Kind::Float => Shape::Float,
            Kind::Str => Shape::Str,
            Kind::Bytes => Shape::Bytes,
            Kind::List => Shape::List(self.part(info.element, info)),
            Kind::Tuple => self.tuple(info),
            Kind::Set => Shape::Set(self.hashable(info.element)),
            Kind::FrozenSet => Shape::FrozenSet(self.hashable(info.element)),
            Kind::Dict => return self.dict(info),
            Kind::Object => return self.object(slot, info),
            Kind::Callable => Shape::Callable(self.maybe(info.result)),
            Kind::Iterator => Shape::Iterator(self.part(info.element, info)),
            Kind::Deque => {
                let element = self.part(info.element, info);
                let items = self.subject.add(Shape::List(element));
                Shape::Make {
                    callee: Symbol::new("collections", "deque"),
                    args: vec![items],
                }
            }
            other => make::library(self, other),
        };
        let literals: Vec<Value> = info
            .literals
            .iter()
            .filter(|value| fits(kind, value) && !is_trivial(value))
            .take(24)
            .cloned()
            .collect();
        let mut options = vec![(1.0, plain)];
        if !literals.is_empty() {
            options.push((0.5, Shape::OneOf(literals)));
        }
        options.extend(on_disk::laid_out(self, kind, info.on_disk));
        options
    }

    fn maybe(&mut self, part: Option<Slot>) -> ShapeId {
        match part {
            Some(part) => self.shape(part),
            None => self.leaf(Shape::Any),
        }
    }

    /// The element of a container, which may be known by position only.
    fn part(&mut self, element: Option<Slot>, info: &Info) -> ShapeId {
        let element = element
            .filter(|element| !self.engine.slots.info(*element).facts.is_empty())
            .or(info.positions.first().map(|(_, part)| *part))
            .or(element);
        self.maybe(element)
    }

    /// Something that a set or a dictionary's key can be.
    fn hashable(&mut self, element: Option<Slot>) -> ShapeId {
        let Some(element) = element else {
            return self.leaf(Shape::Str);
        };
        let id = self.shape(element);
        match self.subject.shape(id) {
            Shape::Any => self.leaf(Shape::Str),
            // An element that is most of all a list cannot be hashed: what would do is a tuple of the same parts.
            Shape::List(part) => {
                let part = *part;
                self.subject.add(Shape::TupleOf(part))
            }
            _ => id,
        }
    }

    fn tuple(&mut self, info: &Info) -> Shape {
        let longest = info
            .positions
            .iter()
            .map(|(position, _)| position + 1)
            .max()
            .unwrap_or(0);
        let length = info.arity.unwrap_or(0).max(longest);
        if length == 0 || (info.arity.is_none() && info.element.is_some()) {
            return Shape::TupleOf(self.part(info.element, info));
        }
        let parts = (0..length)
            .map(|index| {
                let known = info
                    .positions
                    .iter()
                    .find(|(position, _)| *position == index)
                    .map(|(_, part)| *part);
                self.maybe(known.or(info.element))
            })
            .collect();
        Shape::Tuple(parts)
    }

    fn dict(&mut self, info: &Info) -> Vec<(f64, Shape)> {
        let mut options = Vec::new();
        if !info.keys.is_empty() {
            let keys = info
                .keys
                .iter()
                .map(|key| {
                    (
                        key.name.clone(),
                        self.shape(key.slot),
                        key.is_required() && !info.filled,
                    )
                })
                .collect();
            options.push((1.0, Shape::Record(keys)));
        }
        if info.value.is_some() || options.is_empty() {
            let key = self.hashable(info.element);
            let value = self.maybe(info.value);
            options.push((if options.is_empty() { 1.0 } else { 0.3 }, Shape::Dict(key, value)));
        }
        options.extend(self.special_dict(info).map(|special| (1.0, special)));
        options
    }

    /// The dictionary of the library that alone has what is asked for.
    fn special_dict(&mut self, info: &Info) -> Option<Shape> {
        let asks_for = |name: &str| info.attributes.iter().any(|attribute| attribute.name == name);
        let (callee, value) = match () {
            () if asks_for("most_common") => ("Counter", Shape::Int),
            () if asks_for("move_to_end") => ("OrderedDict", Shape::Any),
            () => return None,
        };
        let key = self.hashable(info.element);
        let value = match info.value {
            Some(value) if callee != "Counter" => self.shape(value),
            _ => self.leaf(value),
        };
        Some(Shape::Make {
            callee: Symbol::new("collections", callee),
            args: vec![self.subject.add(Shape::Dict(key, value))],
        })
    }

    fn object(&mut self, slot: Slot, info: &Info) -> Vec<(f64, Shape)> {
        let mut options = Vec::new();
        for key in info.classes.iter().take(3) {
            options.extend(self.instances(*key, slot, None));
        }
        for path in &info.externals {
            options.extend(make::external(self, path).map(|shape| (1.0, shape)));
        }
        if options.is_empty() {
            options.extend(self.made(info).map(|made| (1.0, made)));
        }
        if options.is_empty() && (!info.attributes.is_empty() || !info.externals.is_empty()) {
            options.push((1.0, self.duck(slot, info)));
            // What is asked for keys by name is a dictionary, perhaps, that comes out of a variable which held something else before.
            if !info.keys.is_empty() {
                options.extend(self.dict(info));
            }
        }
        if options.is_empty() {
            options.push((1.0, Shape::Any));
        }
        options
    }

    /// What a call outside the project gives, with arguments like those that the project gives it.
    fn made(&mut self, info: &Info) -> Option<Shape> {
        let (callee, args) = info.made.clone()?;
        Some(Shape::Make {
            callee,
            args: args.into_iter().map(|slot| self.shape(slot)).collect(),
        })
    }

    /// The instances of a class: made by its constructor or by what else makes them. `method` is the one to be called on them.
    pub(super) fn instances(&mut self, key: ClassKey, slot: Slot, method: Option<&str>) -> Vec<(f64, Shape)> {
        match self.engine.classes[key.0 as usize].form {
            Form::Enum => {
                let members = self.engine.enum_members(key);
                if members.is_empty() {
                    Vec::new()
                } else {
                    vec![(1.0, Shape::OneOf(members))]
                }
            }
            Form::Protocol => {
                let info = self.engine.slots.info(slot).clone();
                let mut options = self.relatives(key, method);
                options.push((if options.is_empty() { 1.0 } else { 0.3 }, self.duck(slot, &info)));
                options
            }
            _ => {
                let class = self.engine.classes[key.0 as usize].class.clone();
                let is_abstract = self.engine.is_abstract(&class);
                let relatives = if is_abstract || self.engine.is_incomplete(&class) {
                    self.relatives(key, method)
                } else {
                    Vec::new()
                };
                let own = match (relatives.is_empty(), is_abstract) {
                    (true, _) => 1.0,
                    (false, true) => 0.1,
                    (false, false) => 0.3,
                };
                let mut options = vec![(own, Shape::Object(self.class(key)))];
                options.extend(relatives);
                options.extend(self.factories(key).into_iter().map(|class| (0.3, Shape::Object(class))));
                let ready = self.engine.instances_at_hand(key);
                if !ready.is_empty() {
                    options.push((0.4, Shape::OneOf(ready)));
                }
                options
            }
        }
    }

    /// Instances of subclasses that can be made, for a class that cannot.
    fn relatives(&mut self, key: ClassKey, method: Option<&str>) -> Vec<(f64, Shape)> {
        let class = self.engine.classes[key.0 as usize].class.clone();
        self.engine
            .concrete_subclasses(&class, method)
            .iter()
            .map(|class| {
                let key = self.engine.class_key(class);
                (1.0, Shape::Object(self.class(key)))
            })
            .collect()
    }

    /// Parameters as the search wants them. What a function is known to look for among its further keywords is a parameter
    /// like any other, but for its place.
    pub(super) fn parameters(&mut self, taken: &[Taken<'p>], none: bool, anything: bool) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for taken in taken {
            let mut parameter = self.parameter(taken, none, anything);
            if let (ParameterKind::KeywordRest, Some(all)) = (taken.kind, taken.gathered) {
                let Info { keys, filled, .. } = self.engine.slots.info(all).clone();
                let is_new = |name: &str| parameters.iter().all(|known| known.name != name);
                let named: Vec<_> = keys
                    .into_iter()
                    .filter(|key| is_identifier(&key.name) && is_new(&key.name))
                    .take(MOST_KEYWORDS)
                    .collect();
                parameter
                    .keys
                    .retain(|name| is_new(name) && named.iter().all(|key| key.name != *name));
                for key in named {
                    let shape = self.maybe(Some(key.slot));
                    parameters.push(Parameter {
                        optional: filled || !key.is_required(),
                        name: key.name,
                        kind: ParameterKind::Keyword,
                        shape,
                        default: None,
                        keys: Vec::new(),
                    });
                }
            }
            parameters.push(parameter);
        }
        parameters
    }

    /// Names that are known to be looked for in a dictionary: keys that are read, and what its keys are compared with.
    fn names_within(&mut self, all: Slot) -> Vec<String> {
        let info = self.engine.slots.info(all).clone();
        let mut names: Vec<String> = info.keys.iter().map(|key| key.name.clone()).collect();
        let compared = info.element.map(|key| self.engine.slots.info(key).literals.clone());
        for value in compared.into_iter().flatten() {
            if let Value::Str(name) = value
                && is_identifier(&name)
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        names
    }

    /// A parameter as the search wants it.
    pub(super) fn parameter(&mut self, taken: &Taken<'p>, none: bool, anything: bool) -> Parameter {
        let shape = self.shape(taken.slot);
        let default = taken.default.and_then(|default| self.default(taken, default));
        let shape = self.widened(taken, shape, none || taken.none, anything, default.as_ref());
        let keys = match taken.gathered {
            Some(all) if taken.kind == ParameterKind::KeywordRest => self.names_within(all),
            _ => Vec::new(),
        };
        Parameter {
            name: taken.name.to_owned(),
            kind: taken.kind,
            shape,
            default,
            optional: taken.optional,
            keys,
        }
    }

    fn widened(
        &mut self,
        taken: &Taken<'p>,
        shape: ShapeId,
        none: bool,
        anything: bool,
        default: Option<&Value>,
    ) -> ShapeId {
        let is_any = *self.subject.shape(shape) == Shape::Any;
        let declared = self
            .engine
            .slots
            .info(taken.slot)
            .facts
            .iter()
            .any(super::kind::Fact::is_declared);
        // The inferred shape stays one by its id: what it shares with other parameters (the target of a search is what the
        // list holds) can be chosen once for all of them.
        let mut options = vec![(1.0, shape)];
        for (weight, alone) in self.drowned(taken) {
            options.push((weight, self.subject.add(alone)));
        }
        if let Some(annotation) = taken.annotation
            && let Some(named) = self.named(&taken.module.clone(), annotation)
            && !self.says(shape, named)
        {
            options = vec![(DROWNED, shape), (1.0, named)];
        }
        if none && !matches!(self.subject.shape(shape), Shape::None) {
            options.push((NONE, self.leaf(Shape::None)));
        }
        if self.asks_for_fields && anything && (is_any || !declared) {
            let instances = super::types::instances(self.knows_attrs);
            options.push((FIELDS, self.leaf(Shape::OneOf(instances))));
        }
        // A default that is an object of its own (a sentinel, a function, a member) is worth passing.
        if let Some(value @ (Value::Symbol(_) | Value::Call { .. })) = default {
            let id = self.subject.add(Shape::OneOf(vec![value.clone()]));
            options.push((if is_any { 1.0 } else { NONE }, id));
        }
        // What else is known of it may have drowned these.
        let asked: std::collections::BTreeSet<ClassKey> = taken.asked.iter().copied().collect();
        for key in asked.iter().take(MOST_ASKED) {
            let class = Shape::Object(self.class(*key));
            options.push((ASKED, self.subject.add(class)));
        }
        if anything && !is_any {
            options.push((
                if declared { ANYTHING_DECLARED } else { ANYTHING },
                self.leaf(Shape::Any),
            ));
        }
        if options.len() == 1 {
            shape
        } else {
            self.subject.add(Shape::Union(options))
        }
    }

    /// What a function alone says of a parameter, where that does not show in what all code in reach says of it.
    fn drowned(&mut self, taken: &Taken<'p>) -> Vec<(f64, Shape)> {
        let Some(alone) = &taken.alone else {
            return Vec::new();
        };
        if taken.annotation.is_some() || likeliest(&self.engine.slots.info(taken.slot).facts) == alone.kind {
            return Vec::new();
        }
        // Later looks may have merged it with others, too; which class it is of only they tell.
        let mut info = alone.info.clone();
        info.classes = self.engine.slots.info(alone.slot).classes.clone();
        info.classes.retain(|key| {
            let class = self.engine.classes[key.0 as usize].class.clone();
            let members = self.engine.members(&class);
            let has = |attribute: &Attribute| members.contains(attribute.name.as_str());
            alone.info.attributes.iter().all(has)
        });
        self.of_kind(alone.kind, alone.slot, &info)
    }

    /// The default as a value: a literal, a constant of the module, or something with a name.
    fn default(&self, taken: &Taken<'p>, default: &Expr) -> Option<Value> {
        super::evaluate::in_module(self.engine.world_of(&taken.module), &taken.module, default)
    }
}

/// Looks for names by which objects are asked for the fields of their class.
struct Asking {
    knows_attrs: bool,
    found: bool,
}

impl<'p> Visitor<'p> for Asking {
    fn visit_expr(&mut self, expr: &'p Expr) {
        let name = match expr {
            Expr::Attribute(attribute) => {
                let of_library = matches!(&*attribute.value, Expr::Name(name) if ["dataclasses", "attr", "attrs"].contains(&name.id.as_str()));
                Some(attribute.attr.as_str()).filter(|name| of_library || name.starts_with('_'))
            }
            Expr::Call(call) => call.func.as_name_expr().map(|name| name.id.as_str()),
            Expr::StringLiteral(text) => Some(text.value.to_str()).filter(|name| name.starts_with('_')),
            _ => None,
        };
        self.found |= name.is_some_and(|name| super::types::asks_for_fields(name, self.knows_attrs));
        if !self.found {
            walk_expr(self, expr);
        }
    }
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The only part of a container of one shape.
fn inner_mut(shape: &mut Shape) -> Option<&mut ShapeId> {
    match shape {
        Shape::List(part)
        | Shape::TupleOf(part)
        | Shape::Set(part)
        | Shape::FrozenSet(part)
        | Shape::Iterator(part)
        | Shape::Callable(part) => Some(part),
        _ => None,
    }
}

/// Whether a container holds but containers down to itself.
fn never_ends(subject: &Subject, start: ShapeId) -> bool {
    let mut at = start;
    for _ in 0..50 {
        match subject.shape(at) {
            Shape::List(part)
            | Shape::TupleOf(part)
            | Shape::Set(part)
            | Shape::FrozenSet(part)
            | Shape::Iterator(part)
            | Shape::Callable(part) => at = *part,
            _ => return false,
        }
        if at == start {
            return true;
        }
    }
    false
}

/// Whether a literal is one that any search tries anyway.
fn is_trivial(value: &Value) -> bool {
    match value {
        Value::Int(value) => (-1..=2).contains(value),
        Value::Str(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Float(value) => *value == 0.0 || *value == 1.0,
        _ => false,
    }
}

/// Whether a literal is of this kind.
fn fits(kind: Kind, value: &Value) -> bool {
    matches!(
        (kind, value),
        (Kind::Int, Value::Int(_) | Value::BigInt(_))
            | (Kind::Float, Value::Float(_))
            | (Kind::Str, Value::Str(_))
            | (Kind::Bytes, Value::Bytes(_))
    )
}
