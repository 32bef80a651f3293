//! Classes of the project: how instances are made, and what all their methods together say about their attributes.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use model::Value;
use ruff_python_ast::name::Name;
use ruff_python_ast::{Expr, Stmt};
use search::ParameterKind;

use super::columns;
use super::engine::{Arguments, Engine, FrameId, Taken};
use super::form::{
    Form, builtin_base, decorator_says, is_attrs_field, is_class_variable, is_field_call, is_fields_decorator,
    is_property,
};
use super::kind::{Fact, Kind, Mask};
use super::named_tuples;
use super::slots::{ClassKey, KeyUse, Slot};
use super::world::{Class, Function, Thing, for_each_statement};

/// Of huge classes only the first methods are looked at.
const MOST_METHODS: usize = 60;
/// Of further classes than these only the constructors are looked at.
const MOST_WHOLE_CLASSES: usize = 6;
/// Classes further up than this are not looked at.
const DEEPEST_BASE: usize = 8;

/// A class that inference met.
pub(super) struct ClassEntry<'p> {
    pub class: Rc<Class<'p>>,
    /// All its instances.
    pub slot: Slot,
    pub form: Form,
    /// Methods, inherited ones included, with the frame in which each was looked at.
    pub methods: HashMap<&'p str, FrameId>,
    walked: bool,
    /// Whether its factories were looked for: once is enough.
    pub walked_factories: bool,
    fields: Vec<Taken<'p>>,
}

impl<'p> Engine<'_, 'p> {
    /// The key of a class; the same for both versions of it.
    pub(super) fn class_key(&mut self, class: &Rc<Class<'p>>) -> ClassKey {
        let id = (class.module.parsed.module.clone(), class.name.clone());
        if let Some(known) = self.class_index.get(&id) {
            return *known;
        }
        let key = ClassKey(self.classes.len() as u32);
        self.class_index.insert(id, key);
        let slot = self.slots.fresh();
        let form = self.form(class);
        self.classes.push(ClassEntry {
            class: class.clone(),
            slot,
            form,
            methods: HashMap::new(),
            walked: false,
            walked_factories: false,
            fields: Vec::new(),
        });
        if form != Form::TypedDict {
            self.slots.info(slot).classes.push(key);
            self.slots.fact(slot, Fact::only(Mask::one(Kind::Object)).emphatic());
        }
        key
    }

    /// The slot of the instances of a class.
    pub(super) fn instance(&mut self, key: ClassKey) -> Slot {
        self.classes[key.0 as usize].slot
    }

    /// The classes above, nearest first, the class itself before them.
    pub(super) fn lineage(&self, class: &Rc<Class<'p>>) -> Vec<Thing<'p>> {
        let mut lineage = vec![Thing::Class(class.clone())];
        let mut at = 0;
        while at < lineage.len() && lineage.len() < DEEPEST_BASE {
            if let Thing::Class(class) = &lineage[at] {
                let bases = self.world_of(&class.module).bases(class);
                lineage.extend(bases);
            }
            at += 1;
        }
        lineage
    }

    fn form(&self, class: &Rc<Class<'p>>) -> Form {
        let mut builtin = None;
        for thing in self.lineage(class) {
            match thing {
                Thing::Class(class) => {
                    let decorated = class
                        .def
                        .decorator_list
                        .iter()
                        .any(|decorator| is_fields_decorator(&decorator.expression));
                    if decorated {
                        return if decorator_says(&class, "kw_only") {
                            Form::Keywords
                        } else {
                            Form::Fields
                        };
                    }
                    if declares_columns(&class) {
                        return Form::Columns;
                    }
                    if !named_tuples::fields_of_base(self.world_of(&class.module), &class).is_empty() {
                        return Form::Fields;
                    }
                }
                Thing::External(path) => {
                    let name = path.rsplit('.').next().unwrap_or(&path);
                    match name {
                        "NamedTuple" => return Form::Fields,
                        "TypedDict" => return Form::TypedDict,
                        "Protocol" if self.is_protocol(class) => return Form::Protocol,
                        "BaseModel" | "SQLModel" | "BaseSettings" => return Form::Keywords,
                        "Enum" | "IntEnum" | "StrEnum" | "Flag" | "IntFlag" => return Form::Enum,
                        _ if columns::is_django_model(&path) => return Form::Columns,
                        _ if super::library::is_exception(&path) => return Form::Exception,
                        "UserDict" => builtin = builtin.or(Some(Kind::Dict)),
                        "UserList" => builtin = builtin.or(Some(Kind::List)),
                        _ => builtin = builtin.or_else(|| builtin_base(&path)),
                    }
                }
                _ => {}
            }
        }
        builtin.map_or(Form::Plain, Form::Builtin)
    }

    /// Whether a class is another one, or inherits from it.
    pub(super) fn derives_from(&self, key: ClassKey, ancestor: &Rc<Class<'p>>) -> bool {
        let class = self.classes[key.0 as usize].class.clone();
        let is_it = |thing: &Thing<'p>| {
            matches!(thing, Thing::Class(class)
                if class.name == ancestor.name && class.module.parsed.path == ancestor.module.parsed.path)
        };
        self.lineage(&class).iter().any(is_it)
    }

    /// Whether a class is a protocol itself: what inherits from one is a class like any other.
    fn is_protocol(&self, class: &Rc<Class<'p>>) -> bool {
        let is_it = |base: &Thing<'p>| {
            matches!(base, Thing::External(path)
                if matches!(path.rsplit_once('.'), Some(("typing" | "typing_extensions", "Protocol"))))
        };
        self.world_of(&class.module).bases(class).iter().any(is_it)
    }

    /// Looks at all methods of a class at once: what any of them does with an attribute counts for all.
    pub(super) fn walk_class(&mut self, key: ClassKey) {
        if self.alone {
            return;
        }
        let entry = &mut self.classes[key.0 as usize];
        if std::mem::replace(&mut entry.walked, true) {
            return;
        }
        let (class, slot, form) = (entry.class.clone(), entry.slot, entry.form);
        let lineage = self.lineage(&class);
        for thing in lineage.iter().rev() {
            if let Thing::Class(class) = thing {
                self.class_variables(key, class, slot, form);
            }
        }
        let mut methods = self.methods(&lineage);
        self.whole_classes += 1;
        if self.whole_classes > MOST_WHOLE_CLASSES {
            methods.retain(|(name, _)| matches!(*name, "__init__" | "__new__"));
        }
        for (name, function) in &methods {
            let frame = self.enter(function, Some(slot), None, 1);
            if matches!(*name, "__init__" | "__new__") {
                let alone = self.look_alone(function);
                let parameters = &mut self.frame_mut(frame).parameters;
                parameters
                    .iter_mut()
                    .zip(alone)
                    .for_each(|(taken, told)| taken.alone = told);
            }
            // Its literals count only once the target calls it.
            if *name != "__init__"
                && let Some(last) = self.visited.last_mut()
            {
                last.1 = u32::MAX;
            }
            self.classes[key.0 as usize].methods.insert(name, frame);
            if is_property(function) {
                let value = self.slots.attribute(slot, &function.def.name.id);
                let result = self.result_of(frame);
                self.slots.unify(value, result);
            }
        }
        for (name, function) in &methods {
            let frame = self.classes[key.0 as usize].methods[name];
            self.walk(frame, function.def);
        }
    }

    /// Methods by name, those of nearer classes first; constructors before all others.
    fn methods(&self, lineage: &[Thing<'p>]) -> Vec<(&'p str, Function<'p>)> {
        let mut methods: Vec<(&'p str, Function<'p>)> = Vec::new();
        for thing in lineage {
            let Thing::Class(class) = thing else { continue };
            for statement in &class.def.body {
                let Stmt::FunctionDef(def) = statement else { continue };
                let name = def.name.as_str();
                let known = methods.iter().any(|(known, _)| *known == name);
                if !known && methods.len() < MOST_METHODS {
                    methods.push((
                        name,
                        Function {
                            module: class.module.clone(),
                            class: Some(class.clone()),
                            def,
                        },
                    ));
                }
            }
        }
        methods.sort_by_key(|(name, _)| *name != "__init__");
        methods
    }

    /// Assignments in the body of a class: fields, or values that all instances share.
    fn class_variables(&mut self, key: ClassKey, class: &Rc<Class<'p>>, slot: Slot, form: Form) {
        let outside = self.open_frame(class.module.clone(), Some(class.clone()), None, 1);
        self.named_fields(key, class, slot);
        for statement in &class.def.body {
            match statement {
                Stmt::AnnAssign(assign) => {
                    let Expr::Name(name) = &*assign.target else { continue };
                    let value = assign.value.as_deref();
                    if is_class_variable(&assign.annotation) || value.is_some_and(columns::is_relation) {
                        continue;
                    }
                    let field = if form == Form::TypedDict {
                        self.slots.key(slot, name.id.as_str(), KeyUse::Declared)
                    } else {
                        self.slots.attribute(slot, &name.id)
                    };
                    let none = self.annotate(&class.module, field, &assign.annotation);
                    self.slots
                        .mark_attribute(slot, &name.id, |attribute| attribute.none |= none);
                    if form == Form::Columns {
                        if columns::is_mapped(&assign.annotation) || value.is_some_and(columns::is_sqlalchemys) {
                            self.add_column(key, class, name.id.as_str(), field, none);
                        }
                    } else {
                        let annotation = Some(&*assign.annotation);
                        self.add_field(key, class, name.id.as_str(), field, value, (none, annotation));
                    }
                }
                Stmt::Assign(assign) if form != Form::Enum => {
                    for name in assign
                        .targets
                        .iter()
                        .filter_map(Expr::as_name_expr)
                        .filter(|name| !name.id.starts_with("__"))
                    {
                        let field = self.slots.attribute(slot, &name.id);
                        if form == Form::Columns
                            && let Some(column) = columns::column(&assign.value)
                        {
                            if let Some(kinds) = column.kinds {
                                self.slots.fact(field, Fact::declared(kinds, Mask::NOTHING));
                            }
                            self.add_column(key, class, name.id.as_str(), field, column.none);
                        } else if is_attrs_field(&assign.value) {
                            self.add_field(key, class, name.id.as_str(), field, Some(&assign.value), (false, None));
                        } else if !assign.value.is_none_literal_expr() && !matches!(*assign.value, Expr::Call(_)) {
                            let value = self.expression(outside, &assign.value);
                            self.slots.unify(field, value);
                        }
                    }
                }
                _ => {}
            }
        }
        if form == Form::TypedDict {
            self.slots
                .fact(slot, Fact::declared(Mask::one(Kind::Dict), Mask::NOTHING));
        }
    }

    /// Fields from a base that a call of `namedtuple` makes.
    fn named_fields(&mut self, key: ClassKey, class: &Rc<Class<'p>>, slot: Slot) {
        for field in named_tuples::fields_of_base(self.world_of(&class.module), class) {
            let attribute = self.slots.attribute(slot, &Name::new(field.name));
            let none = field
                .annotation
                .is_some_and(|annotation| self.annotate(&class.module, attribute, annotation));
            let taken = Taken {
                none,
                optional: field.optional,
                annotation: field.annotation,
                ..Taken::optional(field.name, ParameterKind::Positional, attribute, class.module.clone())
            };
            self.set_field(key, taken);
        }
    }

    fn add_field(
        &mut self,
        key: ClassKey,
        class: &Rc<Class<'p>>,
        name: &'p str,
        slot: Slot,
        value: Option<&'p Expr>,
        (none, annotation): (bool, Option<&'p Expr>),
    ) {
        let form = self.classes[key.0 as usize].form;
        let (default, optional) = match value {
            Some(Expr::Call(call)) if is_field_call(&call.func) => {
                let find = |name: &str| {
                    call.arguments
                        .keywords
                        .iter()
                        .find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name))
                        .map(|keyword| &keyword.value)
                };
                if matches!(find("init"), Some(Expr::BooleanLiteral(literal)) if !literal.value) {
                    return;
                }
                let positional = call
                    .arguments
                    .args
                    .first()
                    .filter(|arg| !arg.is_ellipsis_literal_expr());
                let default = find("default").or(positional);
                (
                    default,
                    default.is_some() || find("default_factory").is_some() || find("factory").is_some(),
                )
            }
            value => (value, value.is_some()),
        };
        if let Some(default) = default
            && !default.is_none_literal_expr()
        {
            let outside = self.open_frame(class.module.clone(), Some(class.clone()), None, 1);
            let given = self.expression(outside, default);
            if self.slots.info(slot).facts.is_empty() {
                self.slots.unify(slot, given);
            }
        }
        let kind = if form == Form::Keywords {
            ParameterKind::Keyword
        } else {
            ParameterKind::Positional
        };
        let none = none || default.is_some_and(Expr::is_none_literal_expr);
        // attrs takes `_x` as `x`.
        let name = if value.is_some_and(is_attrs_field) {
            name.trim_start_matches('_')
        } else {
            name
        };
        let taken = Taken {
            name,
            kind,
            slot,
            default,
            optional,
            none,
            module: class.module.clone(),
            gathered: None,
            asked: Vec::new(),
            annotation,
            alone: None,
        };
        self.set_field(key, taken);
    }

    /// A column of the rows of a class, which may be made without it.
    fn add_column(&mut self, key: ClassKey, class: &Rc<Class<'p>>, name: &'p str, slot: Slot, none: bool) {
        let taken = Taken {
            none,
            ..Taken::optional(name, ParameterKind::Keyword, slot, class.module.clone())
        };
        self.set_field(key, taken);
    }

    /// Adds what a class is made from; a class below has the last word.
    fn set_field(&mut self, key: ClassKey, taken: Taken<'p>) {
        let fields = &mut self.classes[key.0 as usize].fields;
        match fields.iter_mut().find(|known| known.name == taken.name) {
            Some(known) => *known = taken,
            None => fields.push(taken),
        }
    }

    /// The frame in which a method was looked at.
    pub(super) fn method_frame(&mut self, key: ClassKey, name: &str) -> Option<FrameId> {
        self.walk_class(key);
        self.classes[key.0 as usize].methods.get(name).copied()
    }

    /// What a class is made from.
    pub(super) fn constructor(&mut self, key: ClassKey) -> Vec<Taken<'p>> {
        self.walk_class(key);
        let form = self.classes[key.0 as usize].form;
        let entry = &self.classes[key.0 as usize];
        let has_own = entry.methods.contains_key("__init__");
        // A named tuple with a `__new__` of its own is made by that.
        let is_made = entry.methods.contains_key("__new__");
        if matches!(form, Form::Fields | Form::Keywords) && !is_made && (!has_own || !entry.fields.is_empty())
            || form == Form::Columns && !has_own
        {
            return entry.fields.clone();
        }
        if let Some(frame) = entry
            .methods
            .get("__init__")
            .or_else(|| entry.methods.get("__new__"))
            .copied()
        {
            return self.frame(frame).parameters.clone();
        }
        let module = entry.class.module.clone();
        let kind = match form {
            Form::Exception => Kind::Str,
            Form::Builtin(kind) => kind,
            _ => return Vec::new(),
        };
        let slot = self.of_kind(kind);
        vec![Taken::optional("value", ParameterKind::Positional, slot, module)]
    }

    /// A call of a class.
    pub(super) fn construct(&mut self, class: &Rc<Class<'p>>, arguments: &Arguments<'p>) -> Slot {
        let key = self.class_key(class);
        let instance = self.instance(key);
        if self.alone {
            return instance;
        }
        self.walk_class(key);
        let entry = &self.classes[key.0 as usize];
        if let Some(frame) = entry.methods.get("__init__").copied() {
            self.pass(frame, arguments);
        } else {
            let fields = entry.fields.clone();
            for (field, (slot, expr)) in fields.iter().zip(&arguments.positional) {
                if !expr.is_some_and(Expr::is_none_literal_expr) {
                    self.slots.unify(field.slot, *slot);
                }
            }
            for (name, slot, expr) in &arguments.keywords {
                if let Some(field) = fields.iter().find(|field| field.name == *name)
                    && !expr.is_none_literal_expr()
                {
                    self.slots.unify(field.slot, *slot);
                }
            }
        }
        instance
    }

    /// Everything that can be asked of an instance by name.
    pub(super) fn members(&self, class: &Rc<Class<'p>>) -> Rc<BTreeSet<&'p str>> {
        let id = std::ptr::from_ref(class.def) as usize;
        if let Some(known) = self.member_cache.borrow().get(&id) {
            return known.clone();
        }
        let mut names = BTreeSet::new();
        for thing in self.lineage(class) {
            if let Thing::Class(class) = thing {
                own_members(&class, &mut names);
            }
        }
        let names = Rc::new(names);
        self.member_cache.borrow_mut().insert(id, names.clone());
        names
    }

    /// The members of an enumeration.
    pub(super) fn enum_members(&self, key: ClassKey) -> Vec<Value> {
        let class = &self.classes[key.0 as usize].class;
        let symbol = |name: &str| {
            Value::Symbol(model::Symbol::new(
                &class.module.parsed.module,
                format!("{}.{name}", class.name),
            ))
        };
        class
            .def
            .body
            .iter()
            .filter_map(|statement| {
                if let Stmt::Assign(assign) = statement {
                    assign.targets.first()?.as_name_expr()
                } else {
                    None
                }
            })
            .filter(|name| !name.id.starts_with('_'))
            .take(32)
            .map(|name| symbol(name.id.as_str()))
            .collect()
    }

    /// The attribute of a class's instances.
    pub(super) fn instance_attribute(&mut self, key: ClassKey, name: &str) -> Slot {
        let slot = self.instance(key);
        self.slots.attribute(slot, &Name::new(name))
    }
}

fn own_members<'p>(class: &Class<'p>, names: &mut BTreeSet<&'p str>) {
    for statement in &class.def.body {
        match statement {
            Stmt::FunctionDef(def) => {
                names.insert(def.name.as_str());
                let Some(receiver) = def.parameters.iter().next().map(|parameter| parameter.name().as_str()) else {
                    continue;
                };
                for_each_statement(&def.body, &mut |statement| {
                    assigned_attributes(statement, receiver, names)
                });
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    let parts = match target {
                        Expr::Tuple(tuple) => &tuple.elts[..],
                        other => std::slice::from_ref(other),
                    };
                    names.extend(parts.iter().filter_map(Expr::as_name_expr).map(|name| name.id.as_str()));
                }
            }
            Stmt::AnnAssign(assign) => names.extend(assign.target.as_name_expr().map(|name| name.id.as_str())),
            Stmt::ClassDef(def) => {
                names.insert(def.name.as_str());
            }
            _ => {}
        }
    }
}

fn assigned_attributes<'p>(statement: &'p Stmt, receiver: &str, names: &mut BTreeSet<&'p str>) {
    let mut targets: Vec<&'p Expr> = match statement {
        Stmt::Assign(assign) => assign.targets.iter().collect(),
        Stmt::AnnAssign(assign) => vec![&assign.target],
        Stmt::AugAssign(assign) => vec![&assign.target],
        _ => return,
    };
    while let Some(target) = targets.pop() {
        match target {
            Expr::Tuple(tuple) => targets.extend(&tuple.elts),
            Expr::Attribute(attribute) if matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == receiver) =>
            {
                names.insert(attribute.attr.as_str());
            }
            _ => {}
        }
    }
}

/// Whether a class declares columns of SQLAlchemy's.
fn declares_columns(class: &Class<'_>) -> bool {
    class.def.body.iter().any(|statement| match statement {
        Stmt::Assign(assign) => columns::is_sqlalchemys(&assign.value),
        Stmt::AnnAssign(assign) => assign.value.as_deref().is_some_and(columns::is_sqlalchemys),
        _ => false,
    })
}
