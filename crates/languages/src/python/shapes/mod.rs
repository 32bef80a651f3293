//! What a function takes, as far as its source tells.
//!
//! Inference is by unification (see `engine`): every expression gets a slot of a union-find store (`slots`), uses leave facts on
//! slots (`kind`), assignments, comparisons and calls merge them. What uses leave open is decided in `settle`; `concrete`
//! turns slots into the shapes of a [`Subject`]. Annotations, defaults, literals and call sites add what they know.

mod annotation;
mod answered;
mod binding;
mod call;
mod called_by_text;
mod callers;
mod cases;
mod changers;
mod class;
mod columns;
mod composed;
mod concrete;
mod counterparts;
mod dated;
mod engine;
mod evaluate;
mod examples;
mod expression;
mod family;
mod form;
mod given;
mod helpers;
mod kind;
mod library;
mod literal;
mod make;
mod method;
mod module;
mod named;
mod named_tuples;
mod names;
mod narrow;
mod object;
mod on_disk;
mod operator;
mod regex;
mod results;
mod scripts;
mod seeds;
mod settle;
mod signature;
mod slots;
mod solved;
mod statement;
mod subclassed;
mod subscript;
mod surroundings;
mod syntax_trees;
mod tokens;
mod types;
mod visitors;
mod world;

pub use helpers::{Helper, helpers};
pub use results::of_result;
pub use scripts::{Callables, Script, Wanted, scripts};

use std::rc::Rc;

use model::{CallKind, Target, Value};
use search::{ParameterKind, Subject};

use crate::python::Project;
use concrete::Concrete;
use engine::{Engine, FrameId, Taken};
use form::is_property;
use module::Module;
use settle::Neighbourhood;
use slots::{ClassKey, Slot};
pub(in crate::python) use world::for_each_statement;
use world::{Class, Function, Thing, World};

/// Methods that compare an object with another one.
const COMPARISONS: [&str; 6] = ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"];

/// Texts of one living pattern, at most.
const MOST_MATCHED: usize = 6;

/// What is known about the inputs of `target`: parameters and receiver with their shapes, tokens and seeds.
///
/// Both versions are looked at, and what either tells counts; the parameters are those of base where it has the function.
/// `changed` names the changed lines of head, by path: literals on them are the likeliest to tell the versions apart.
pub fn subject(base: &Project, head: &Project, target: &Target, changed: &[(String, Vec<u32>)]) -> Subject {
    if target.call == CallKind::Module {
        return Subject::default();
    }
    let worlds = [World::new(base, 0), World::new(head, 1)];
    let mut engine = Engine::new([&worlds[0], &worlds[1]]);
    let sides = [side(&worlds[0], target, true), side(&worlds[1], target, false)];
    let known: Vec<&Side<'_>> = sides.iter().flatten().collect();
    let mut taken = Vec::new();
    let mut receiver = None;
    // Parameters of the function that makes the one to be called.
    let mut maker = Vec::new();
    for (index, side) in known.iter().enumerate() {
        // A function that is the same in both (one of its dependencies changed) tells the same twice.
        if index > 0 && text_of(known[0]).is_some_and(|text| text_of(side) == Some(text)) {
            continue;
        }
        if let Some(outer) = &side.outer {
            let (own, made) = look_at_returned(&mut engine, side, outer);
            merge_parameters(&mut engine, &mut maker, made);
            merge_parameters(&mut engine, &mut taken, own);
            continue;
        }
        let (own, instance) = look(&mut engine, side, target);
        receiver = receiver.or(instance);
        merge_parameters(&mut engine, &mut taken, own);
    }
    if let Some(last) = known.last() {
        callers::look(&mut engine, last, target, &taken);
    }
    if let Some(Thing::Function(function)) = known.last().map(|side| &side.thing) {
        called_by_text::look(&mut engine, function, changed);
    }
    names::hint(&mut engine, &taken);
    names::hint(&mut engine, &maker);
    let all = || taken.iter().chain(&maker);
    let mut roots: Vec<Slot> = all().map(|taken: &Taken<'_>| taken.slot).collect();
    roots.extend(all().filter_map(|taken| taken.gathered));
    roots.extend(all().filter_map(|taken| taken.alone.as_ref()).map(|alone| alone.slot));
    roots.extend(receiver);
    roots.extend(engine.asked_slots());
    let mut neighbourhood = Neighbourhood::new(&engine, known.first().map(|side| side.module.clone()));
    engine.settle(&roots, &mut neighbourhood);
    let functions: Vec<_> = known
        .iter()
        .filter_map(|side| Some((function_of(&engine, side)?, owner_of(side))))
        .collect();
    let (tokens, pumps) = tokens::collect(&engine, &functions, changed);
    let seeds = known
        .last()
        .map(|side| seeds::collect(&worlds[side.module.side], &side.module, &side.thing, target))
        .unwrap_or_default();
    let mut concrete = Concrete::new(&mut engine);
    concrete.knows_attrs = known.iter().any(|side| imports_attrs(&side.module));
    concrete.asks_for_fields = concrete.mentions_fields(&functions);
    concrete.concerns_class = subclassed::concerns_its_class(&functions);
    concrete.handled = visitors::changed(&worlds[1], changed);
    (concrete.subject.tokens, concrete.subject.seeds) = (tokens, seeds);
    concrete.subject.pumps = pumps;
    concrete.subject.parameters = concrete.parameters(&taken, false, true);
    if let Some((function, _)) = functions.first() {
        concrete.with_counterparts(function);
    }
    let method = target.qualified_name.rsplit('.').next();
    concrete.subject.receiver = match known.first().and_then(|side| side.outer.as_ref()) {
        Some(outer) => Some(concrete.product(outer, &maker)),
        None => {
            let owner = known.last().and_then(|side| owner_of(side));
            receiver.map(|slot| concrete.receiver(slot, owner.as_ref(), method))
        }
    };
    let asked = concrete.asked();
    concrete.subject.parameters.extend(asked);
    let mut subject = concrete.finish();
    if let Some((side, Thing::Function(function))) = known.last().map(|side| (side, &side.thing)) {
        given::add(&mut subject, &worlds[side.module.side], function, target);
    }
    subject
}

/// Texts that a living regular expression matches or nearly does, by its source and its flags as Python numbers them.
pub fn matched_by(source: &Value, flags: i64) -> Vec<Value> {
    let text = match source {
        Value::Str(text) => text.clone(),
        Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return Vec::new(),
    };
    let pattern = regex::Pattern {
        text,
        flags: regex::Flags::of_python(flags),
        bytes: matches!(source, Value::Bytes(_)),
    };
    let samples = regex::samples(&pattern, MOST_MATCHED);
    samples.into_iter().map(|text| pattern.value(text)).collect()
}

/// The target in one version.
struct Side<'p> {
    module: Rc<Module<'p>>,
    thing: Thing<'p>,
    /// The class that the target's name names, which may inherit the function.
    owner: Option<Rc<Class<'p>>>,
    /// The function around it that gives it to its caller, where that is how it is called.
    outer: Option<Function<'p>>,
}

fn side<'p>(world: &World<'p>, target: &Target, is_base: bool) -> Option<Side<'p>> {
    let moved = is_base.then_some(()).and(target.base_module.as_deref());
    let module = match moved {
        Some(name) => world.by_name(name),
        None => world.by_path(&target.path).or_else(|| world.by_name(&target.module)),
    }?;
    let name = is_base
        .then_some(())
        .and(target.base_name.as_deref())
        .unwrap_or(&target.qualified_name);
    let thing = world.qualified(&module, name)?;
    let thing = if target.call == CallKind::Setter {
        Thing::Function(family::setter(world, thing)?)
    } else {
        thing
    };
    let named = name
        .rsplit_once('.')
        .and_then(|(owner, _)| world.qualified(&module, owner));
    let owner = match named {
        Some(Thing::Class(class)) => Some(class),
        _ => None,
    };
    let outer = match target.call {
        CallKind::Returned => match world.qualified(&module, name.rsplit_once(".<locals>.")?.0)? {
            Thing::Function(outer) => Some(outer),
            _ => return None,
        },
        _ => None,
    };
    Some(Side {
        module,
        thing,
        owner,
        outer,
    })
}

/// The source of a target.
fn text_of<'p>(side: &Side<'p>) -> Option<&'p str> {
    let range = match &side.thing {
        Thing::Function(function) => function.def.range,
        Thing::Class(class) => class.def.range,
        _ => return None,
    };
    side.module.parsed.text.get(std::ops::Range::<usize>::from(range))
}

/// The function whose body runs when the target is called.
fn function_of<'p>(engine: &Engine<'_, 'p>, side: &Side<'p>) -> Option<Function<'p>> {
    match &side.thing {
        Thing::Function(function) => Some(function.clone()),
        Thing::Class(_) => match engine.world_of(&side.module).member(&side.thing, "__init__")? {
            Thing::Function(function) => Some(function),
            _ => None,
        },
        _ => None,
    }
}

/// The class on whose instances the target is called.
fn owner_of<'p>(side: &Side<'p>) -> Option<Rc<Class<'p>>> {
    match &side.thing {
        Thing::Class(class) => Some(class.clone()),
        _ => side.owner.clone(),
    }
}

/// Looks at the target of one version: its parameters, and the receiver where it has one.
fn look<'p>(engine: &mut Engine<'_, 'p>, side: &Side<'p>, target: &Target) -> (Vec<Taken<'p>>, Option<Slot>) {
    match &side.thing {
        Thing::Function(function) => look_at_function(engine, function, side.owner.as_ref(), target),
        Thing::Class(class) => {
            let key = engine.class_key(class);
            let parameters = engine.constructor(key);
            (parameters, None)
        }
        _ => (Vec::new(), None),
    }
}

/// Looks at a function that another one gives to its caller: its parameters, and those of the other.
fn look_at_returned<'p>(
    engine: &mut Engine<'_, 'p>,
    side: &Side<'p>,
    outer: &Function<'p>,
) -> (Vec<Taken<'p>>, Vec<Taken<'p>>) {
    let Thing::Function(inner) = &side.thing else {
        return (Vec::new(), Vec::new());
    };
    let around = engine.enter(outer, None, None, 0);
    engine.walk(around, outer.def);
    let within = engine.enter(inner, None, Some(around), 0);
    engine.walk(within, inner.def);
    let parameters = |frame: FrameId| engine.frame(frame).parameters.clone();
    (parameters(within), parameters(around))
}

fn look_at_function<'p>(
    engine: &mut Engine<'_, 'p>,
    function: &Function<'p>,
    named: Option<&Rc<Class<'p>>>,
    target: &Target,
) -> (Vec<Taken<'p>>, Option<Slot>) {
    let class = function.class.as_ref().map(|class| named.unwrap_or(class));
    let owner: Option<(ClassKey, Slot)> = class.map(|class| {
        let key = engine.class_key(class);
        (key, engine.instance(key))
    });
    let is_bound = matches!(target.call, CallKind::Method | CallKind::Property | CallKind::Setter);
    let alone = engine.look_alone(function);
    let frame: FrameId = engine.enter(function, owner.map(|(_, slot)| slot), None, 0);
    engine.walk(frame, function.def);
    if is_property(function)
        && let Some((key, _)) = owner
    {
        let value = engine.instance_attribute(key, function.def.name.as_str());
        let result = engine.result_of(frame);
        engine.slots.unify(value, result);
    }
    let mut own = engine.frame(frame).parameters.clone();
    own.iter_mut().zip(alone).for_each(|(taken, told)| taken.alone = told);
    if let Some((key, _)) = owner {
        engine.grant(10_000);
        if let Some(within) = engine.method_frame(key, function.def.name.as_str()) {
            let again = engine.frame(within).parameters.clone();
            merge_parameters(engine, &mut own, again);
        }
    }
    visitors::look(engine, function, &own);
    // What an object is compared with is another of its class, whatever else it may be.
    if let (Some((key, _)), [other]) = (owner, &mut own[..])
        && COMPARISONS.contains(&function.def.name.as_str())
    {
        other.asked.push(key);
    }
    (own, if is_bound { owner.map(|(_, slot)| slot) } else { None })
}

/// Whether a module has a name from attrs.
fn imports_attrs(module: &Module<'_>) -> bool {
    let is_attrs = |name: &str| matches!(name.split('.').next(), Some("attr" | "attrs"));
    module
        .names
        .values()
        .any(|binding| matches!(binding, module::Binding::Import { module, .. } if is_attrs(module)))
}

/// Where the further keywords stand among parameters.
fn rest_of(taken: &[Taken<'_>]) -> Option<usize> {
    taken.iter().position(|known| known.kind == ParameterKind::KeywordRest)
}

/// Joins what two looks at the same function found; the parameters are those of the first.
fn merge_parameters<'p>(engine: &mut Engine<'_, 'p>, taken: &mut Vec<Taken<'p>>, other: Vec<Taken<'p>>) {
    if taken.is_empty() {
        *taken = other;
        return;
    }
    for mut parameter in other {
        if let Some(known) = taken.iter_mut().find(|known| known.name == parameter.name) {
            known.none |= parameter.none;
            known.asked.extend(&parameter.asked);
            known.annotation = known.annotation.or(parameter.annotation);
            engine.slots.unify(known.slot, parameter.slot);
            if let (Some(one), Some(other)) = (known.gathered, parameter.gathered) {
                engine.slots.unify(one, other);
            }
        } else if let (None, Some(rest)) = (parameter.gathered, rest_of(taken)) {
            // What one version names, the other takes among its further keywords.
            (parameter.kind, parameter.optional) = (ParameterKind::Keyword, true);
            taken.insert(rest, parameter);
        }
    }
}

#[cfg(test)]
mod tests;
