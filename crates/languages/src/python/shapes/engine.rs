//! Inference by unification: frames, names and calls. Statements and expressions are walked in the sibling modules.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use ruff_python_ast::{AnyParameterRef, Expr, StmtFunctionDef};
use search::ParameterKind;

use super::binding::{Receiver, bind, is_generator, receiver_kind};
use super::class::ClassEntry;
use super::kind::{Fact, Kind, Mask, likeliest};
use super::module::Module;
use super::slots::{ClassKey, Info, KeyUse, Slot, Slots};
use super::world::{Class, Function, Thing, World};

/// Calls are followed this deep into the repository.
const DEEPEST_CALL: u32 = 3;
/// A function called more often than this shares what is known of its last instance.
const MOST_INSTANCES: u32 = 3;
/// Expressions looked at, all in all: what keeps huge functions cheap.
const MOST_STEPS: u32 = 16_000;
/// Expressions and statements of the targets themselves, likewise.
const MOST_OWN_STEPS: u32 = 8_000;

/// Index of a [`Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameId(usize);

/// A parameter as inference sees it.
#[derive(Clone)]
pub(super) struct Taken<'p> {
    pub name: &'p str,
    pub kind: ParameterKind,
    pub slot: Slot,
    pub default: Option<&'p Expr>,
    pub optional: bool,
    /// Whether `None` is asked for or is the default.
    pub none: bool,
    /// Where default and annotation are to be read.
    pub module: Rc<Module<'p>>,
    /// For `*args` and `**kwargs`: all of them together.
    pub gathered: Option<Slot>,
    /// Classes that the function itself asks it for: `isinstance(x, T)`.
    pub asked: Vec<ClassKey>,
    /// What it is declared to be.
    pub annotation: Option<&'p Expr>,
    /// What the function alone says of it, without what its calls lead to.
    pub alone: Option<Alone>,
}

/// What a function alone says of a parameter.
#[derive(Clone)]
pub(super) struct Alone {
    pub slot: Slot,
    /// What it is by that.
    pub kind: Kind,
    /// What was known of it before anything else was looked at.
    pub info: Info,
}

impl<'p> Taken<'p> {
    /// One that may be left out, and of which nothing else is known.
    pub(super) fn optional(name: &'p str, kind: ParameterKind, slot: Slot, module: Rc<Module<'p>>) -> Self {
        Self {
            name,
            kind,
            slot,
            default: None,
            optional: true,
            none: false,
            module,
            gathered: None,
            asked: Vec::new(),
            annotation: None,
            alone: None,
        }
    }
}

/// What a name means inside a function.
#[derive(Clone)]
pub(super) enum Local<'p> {
    /// A variable, and in which block it was bound.
    Variable(Slot, u32),
    /// A nested function.
    Function(&'p StmtFunctionDef, FrameId),
    /// A local import or class.
    Thing(Thing<'p>),
}

/// One function (or module, or comprehension) being looked at.
pub(super) struct Frame<'p> {
    pub module: Rc<Module<'p>>,
    pub class: Option<Rc<Class<'p>>>,
    pub parent: Option<FrameId>,
    pub locals: HashMap<&'p str, Local<'p>>,
    pub parameters: Vec<Taken<'p>>,
    pub receiver: Option<Slot>,
    /// Names of parameters that were compared with `None`.
    pub none: BTreeSet<&'p str>,
    pub result: Slot,
    /// What a generator yields.
    pub yields: Option<Slot>,
    /// How many calls lie between the target and this.
    pub depth: u32,
    /// How many blocks are open.
    pub block: u32,
}

/// Arguments of a call.
#[derive(Default)]
pub(super) struct Arguments<'p> {
    pub positional: Vec<(Slot, Option<&'p Expr>)>,
    pub keywords: Vec<(&'p str, Slot, &'p Expr)>,
    /// What `**` stands before.
    pub spread: Vec<Slot>,
    /// Whether `*args` stood among them: what follows has no known place.
    pub starred: bool,
}

/// Inference over both versions at once.
pub(super) struct Engine<'w, 'p> {
    pub worlds: [&'w World<'p>; 2],
    pub slots: Slots,
    pub frames: Vec<Frame<'p>>,
    pub classes: Vec<ClassEntry<'p>>,
    pub class_index: HashMap<(String, String), ClassKey>,
    pub member_cache: RefCell<HashMap<usize, Rc<BTreeSet<&'p str>>>>,
    pub constants: HashMap<(usize, String), Slot>,
    /// Constants that were used, with their dotted names, for their literals.
    pub used_constants: Vec<(Rc<Module<'p>>, String, &'p Expr)>,
    /// Functions that were walked, with their distance from the target.
    pub visited: Vec<(Function<'p>, u32)>,
    /// Classes all of whose methods were looked at.
    pub whole_classes: usize,
    /// What is asked of the surroundings.
    pub surroundings: super::surroundings::Surroundings,
    active: Vec<(usize, FrameId)>,
    instances: HashMap<usize, (u32, FrameId)>,
    steps: u32,
    own_steps: u32,
    /// Whether calls are not followed.
    pub alone: bool,
}

/// Identity of a definition.
fn identity(def: &StmtFunctionDef) -> usize {
    std::ptr::from_ref(def) as usize
}

impl<'w, 'p> Engine<'w, 'p> {
    pub(super) fn new(worlds: [&'w World<'p>; 2]) -> Self {
        Self {
            worlds,
            slots: Slots::default(),
            frames: Vec::new(),
            classes: Vec::new(),
            class_index: HashMap::new(),
            member_cache: RefCell::default(),
            constants: HashMap::new(),
            used_constants: Vec::new(),
            visited: Vec::new(),
            whole_classes: 0,
            surroundings: super::surroundings::Surroundings::default(),
            active: Vec::new(),
            instances: HashMap::new(),
            steps: 0,
            own_steps: 0,
            alone: false,
        }
    }

    /// Counts a step; false when the budget is spent.
    pub(super) fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps < MOST_STEPS
    }

    /// Counts a step in a frame. A target has steps of its own: its first call may lead into a class that takes all others.
    pub(super) fn step_in(&mut self, frame: FrameId) -> bool {
        if self.frame(frame).depth > 0 {
            return self.step();
        }
        self.own_steps += 1;
        self.own_steps < MOST_OWN_STEPS
    }

    /// Gives further steps to work that must not be starved by what came before it.
    pub(super) fn grant(&mut self, steps: u32) {
        self.steps = self.steps.min(MOST_STEPS - steps.min(MOST_STEPS));
    }

    pub(super) fn frame(&self, id: FrameId) -> &Frame<'p> {
        &self.frames[id.0]
    }

    pub(super) fn frame_mut(&mut self, id: FrameId) -> &mut Frame<'p> {
        &mut self.frames[id.0]
    }

    pub(super) fn world_of(&self, module: &Module<'p>) -> &'w World<'p> {
        self.worlds[module.side]
    }

    /// A slot with one fact.
    pub(super) fn typed(&mut self, fact: Fact) -> Slot {
        let slot = self.slots.fresh();
        self.slots.fact(slot, fact);
        slot
    }

    /// A slot of just this kind.
    pub(super) fn of_kind(&mut self, kind: Kind) -> Slot {
        self.typed(Fact::only(Mask::one(kind)))
    }

    /// A frame without parameters.
    pub(super) fn open_frame(
        &mut self,
        module: Rc<Module<'p>>,
        class: Option<Rc<Class<'p>>>,
        parent: Option<FrameId>,
        depth: u32,
    ) -> FrameId {
        let result = self.slots.fresh();
        let receiver = parent.and_then(|parent| self.frame(parent).receiver);
        self.frames.push(Frame {
            module,
            class,
            parent,
            locals: HashMap::new(),
            parameters: Vec::new(),
            receiver,
            none: BTreeSet::new(),
            result,
            yields: None,
            depth,
            block: 0,
        });
        FrameId(self.frames.len() - 1)
    }

    /// Opens a frame for a function and binds its parameters.
    pub(super) fn enter(
        &mut self,
        function: &Function<'p>,
        receiver: Option<Slot>,
        parent: Option<FrameId>,
        depth: u32,
    ) -> FrameId {
        let frame = self.open_frame(function.module.clone(), function.class.clone(), parent, depth);
        let binding = receiver_kind(function);
        let mut skipped = function.class.is_none() || binding == Receiver::Static;
        if function.class.is_some() {
            self.frame_mut(frame).receiver = receiver;
        }
        for parameter in &*function.def.parameters {
            let name = parameter.name().as_str();
            if !skipped {
                skipped = true;
                self.bind_receiver(frame, function, name, binding, receiver);
                continue;
            }
            self.bind_parameter(frame, function, parameter);
        }
        if let Some(returns) = &function.def.returns {
            let result = self.frame(frame).result;
            self.annotate(&function.module, result, returns);
        }
        if is_generator(function.def) {
            let yields = self.slots.fresh();
            self.frame_mut(frame).yields = Some(yields);
        }
        self.visited.push((function.clone(), depth));
        frame
    }

    fn bind_receiver(
        &mut self,
        frame: FrameId,
        function: &Function<'p>,
        name: &'p str,
        binding: Receiver,
        receiver: Option<Slot>,
    ) {
        let local = match (&function.class, binding) {
            (Some(class), Receiver::Class) => Local::Thing(Thing::Class(class.clone())),
            _ => Local::Variable(receiver.unwrap_or_else(|| self.slots.fresh()), 0),
        };
        self.frame_mut(frame).locals.insert(name, local);
    }

    fn bind_parameter(&mut self, frame: FrameId, function: &Function<'p>, parameter: AnyParameterRef<'p>) {
        let parameters = &function.def.parameters;
        let slot = self.slots.fresh();
        let name = parameter.name().as_str();
        let is_rest = parameters
            .vararg
            .as_ref()
            .is_some_and(|rest| rest.name.as_str() == name);
        let is_keywords = parameters.kwarg.as_ref().is_some_and(|rest| rest.name.as_str() == name);
        let kind = if is_rest {
            ParameterKind::Rest
        } else if is_keywords {
            ParameterKind::KeywordRest
        } else if parameters.kwonlyargs.iter().any(|other| other.name().as_str() == name) {
            ParameterKind::Keyword
        } else {
            ParameterKind::Positional
        };
        let mut none = false;
        if let Some(annotation) = parameter.annotation() {
            none |= self.annotate(&function.module, slot, annotation);
        }
        let default = parameter.default();
        match default {
            Some(Expr::NoneLiteral(_)) => none = true,
            // An annotation knows better; without one, a default shows what is meant.
            Some(default) if parameter.annotation().is_none() => {
                let outside = self.open_frame(function.module.clone(), function.class.clone(), None, 0);
                let value = self.expression(outside, default);
                self.slots.unify(slot, value);
            }
            _ => {}
        }
        let variable = self.gathered(kind, slot);
        let gathered = if is_rest || is_keywords { Some(variable) } else { None };
        let optional = default.is_some() || is_rest || is_keywords;
        let frame = self.frame_mut(frame);
        frame.locals.insert(name, Local::Variable(variable, 0));
        frame.parameters.push(Taken {
            name,
            kind,
            slot,
            default,
            optional,
            none,
            module: function.module.clone(),
            gathered,
            asked: Vec::new(),
            annotation: parameter.annotation(),
            alone: None,
        });
    }

    /// What the name of a parameter holds: for `*args` a tuple of them, for `**kwargs` a dictionary.
    fn gathered(&mut self, kind: ParameterKind, slot: Slot) -> Slot {
        match kind {
            ParameterKind::Rest => {
                let all = self.of_kind(Kind::Tuple);
                self.slots.info(all).element = Some(slot);
                all
            }
            ParameterKind::KeywordRest => {
                let all = self.of_kind(Kind::Dict);
                self.slots.info(all).value = Some(slot);
                self.slots.info(all).element = Some(slot);
                let key = self.of_kind(Kind::Str);
                self.slots.info(all).element = Some(key);
                all
            }
            _ => slot,
        }
    }

    /// Walks the body of a frame's function.
    pub(super) fn walk(&mut self, frame: FrameId, def: &'p StmtFunctionDef) {
        self.active.push((identity(def), frame));
        self.block(frame, &def.body);
        self.active.pop();
        let Frame { none, parameters, .. } = self.frame_mut(frame);
        for parameter in parameters.iter_mut() {
            parameter.none |= none.contains(parameter.name);
        }
    }

    /// What a function says of each of its parameters by itself: its calls are not followed, and its object is any.
    ///
    /// Where a class hands the same things from method to method, what all of them say about a parameter can be so much, and so
    /// contradictory, that what the function itself does with it is drowned.
    pub(super) fn look_alone(&mut self, function: &Function<'p>) -> Vec<Option<Alone>> {
        let (surroundings, visited, own_steps) = (self.surroundings.clone(), self.visited.len(), self.own_steps);
        let outer = std::mem::replace(&mut self.alone, true);
        let frame = self.enter(function, None, None, 0);
        self.walk(frame, function.def);
        self.alone = outer;
        (self.surroundings, self.own_steps) = (surroundings, own_steps);
        self.visited.truncate(visited);
        let slots: Vec<Slot> = self.frame(frame).parameters.iter().map(|taken| taken.slot).collect();
        let told = |slot: Slot| {
            let info = self.slots.info(slot);
            let says_something = info.facts.iter().any(|fact| !fact.is_hint());
            says_something.then(|| Alone {
                slot,
                kind: likeliest(&info.facts),
                info: info.clone(),
            })
        };
        slots.into_iter().map(told).collect()
    }

    /// What calling the function of a frame gives.
    pub(super) fn result_of(&mut self, frame: FrameId) -> Slot {
        let (result, yields) = (self.frame(frame).result, self.frame(frame).yields);
        match yields {
            Some(yields) => {
                let iterator = self.of_kind(Kind::Iterator);
                self.slots.info(iterator).element = Some(yields);
                iterator
            }
            None => result,
        }
    }

    /// A call of a function of the repository: its parameters are what it is given, its result is what comes back.
    pub(super) fn call_function(
        &mut self,
        caller: FrameId,
        function: &Function<'p>,
        receiver: Option<Slot>,
        parent: Option<FrameId>,
        arguments: &Arguments<'p>,
    ) -> Slot {
        let id = identity(function.def);
        if let Some((_, frame)) = self.active.iter().rev().find(|(known, _)| *known == id).copied() {
            self.pass(frame, arguments);
            return self.result_of(frame);
        }
        if let Some((count, frame)) = self.instances.get(&id).copied()
            && count >= MOST_INSTANCES
        {
            self.pass(frame, arguments);
            return self.result_of(frame);
        }
        let depth = self.frame(caller).depth + 1;
        if self.alone || depth > DEEPEST_CALL || !self.step() {
            let result = self.slots.fresh();
            if let Some(returns) = &function.def.returns {
                self.annotate(&function.module, result, returns);
            }
            return result;
        }
        let frame = self.enter(function, receiver, parent, depth);
        let count = self.instances.get(&id).map_or(0, |(count, _)| *count);
        self.instances.insert(id, (count + 1, frame));
        self.pass(frame, arguments);
        self.walk(frame, function.def);
        self.pass_none_back(caller, frame, arguments);
        self.result_of(frame)
    }

    /// Binds arguments to the parameters of a frame.
    pub(super) fn pass(&mut self, frame: FrameId, arguments: &Arguments<'p>) {
        for (argument, parameter) in self.bound(frame, arguments) {
            self.slots.unify(argument.0, parameter);
        }
        for spread in &arguments.spread {
            self.pass_spread(frame, *spread, arguments);
        }
    }

    /// `f(**options)`: what no other argument is given to may be under its name in the dictionary.
    fn pass_spread(&mut self, frame: FrameId, spread: Slot, arguments: &Arguments<'p>) {
        let given: Vec<&str> = bind(&self.frame(frame).parameters, arguments)
            .into_iter()
            .map(|(_, parameter)| parameter.name)
            .collect();
        let positional = arguments.positional.len();
        let open: Vec<(&'p str, Slot, Option<Slot>)> = self
            .frame(frame)
            .parameters
            .iter()
            .enumerate()
            .filter(|(index, parameter)| !given.contains(&parameter.name) && *index >= positional)
            .filter(|(_, parameter)| parameter.kind != ParameterKind::Rest)
            .map(|(_, parameter)| (parameter.name, parameter.slot, parameter.gathered))
            .collect();
        for (name, slot, gathered) in open {
            let place = match gathered {
                Some(_) => spread,
                None => self.slots.key(spread, name, KeyUse::Named),
            };
            self.slots.unify(place, gathered.unwrap_or(slot));
        }
    }

    /// Pairs of argument and parameter, `None` arguments left out.
    fn bound(&self, frame: FrameId, arguments: &Arguments<'p>) -> Vec<((Slot, Option<&'p Expr>), Slot)> {
        bind(&self.frame(frame).parameters, arguments)
            .into_iter()
            .map(|(argument, parameter)| (argument, parameter.slot))
            .collect()
    }

    /// What a callee asks about `None` is asked of the caller's own parameter that it was given.
    fn pass_none_back(&mut self, caller: FrameId, frame: FrameId, arguments: &Arguments<'p>) {
        let marked: Vec<&'p Expr> = bind(&self.frame(frame).parameters, arguments)
            .into_iter()
            .filter(|(_, parameter)| parameter.none && self.frame(frame).none.contains(parameter.name))
            .filter_map(|((_, expr), _)| expr)
            .collect();
        for expr in marked {
            self.mark_none(caller, expr);
        }
    }

    /// Notes that an expression was compared with `None`.
    pub(super) fn mark_none(&mut self, frame: FrameId, expr: &'p Expr) {
        match expr {
            Expr::Name(name) => {
                let name = name.id.as_str();
                let mut at = Some(frame);
                while let Some(id) = at {
                    if self.frame(id).parameters.iter().any(|parameter| parameter.name == name) {
                        self.frame_mut(id).none.insert(name);
                        return;
                    }
                    if self.frame(id).locals.contains_key(name) {
                        return;
                    }
                    at = self.frame(id).parent;
                }
            }
            Expr::Attribute(attribute) => {
                let owner = self.expression(frame, &attribute.value);
                self.slots
                    .mark_attribute(owner, &attribute.attr.id, |attribute| attribute.none = true);
            }
            _ => {}
        }
    }

    /// What a name means in a frame; functions and classes of the module included.
    pub(super) fn lookup(&self, frame: FrameId, name: &str) -> Option<Local<'p>> {
        let mut at = Some(frame);
        while let Some(id) = at {
            let frame = self.frame(id);
            if let Some(local) = frame.locals.get(name) {
                return Some(local.clone());
            }
            at = frame.parent;
        }
        let module = &self.frame(frame).module;
        self.world_of(module).resolve(module, name).map(Local::Thing)
    }

    /// What a dotted name means in a frame, if it is no variable.
    pub(super) fn thing(&self, frame: FrameId, expr: &Expr) -> Option<Thing<'p>> {
        match expr {
            Expr::Name(name) => match self.lookup(frame, name.id.as_str())? {
                Local::Thing(thing) => Some(thing),
                Local::Variable(..) | Local::Function(..) => None,
            },
            Expr::Attribute(attribute) => {
                let owner = self.thing(frame, &attribute.value)?;
                let module = &self.frame(frame).module;
                self.world_of(module).member(&owner, attribute.attr.as_str())
            }
            _ => None,
        }
    }
}
