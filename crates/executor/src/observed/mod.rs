//! What the project's tests show of the changed functions: calls that tests write down are run once, before the search, and
//! how the changed functions are called meanwhile is noted. What was seen is where the search begins: whole inputs, objects
//! of the project's classes as its own code makes them, values by parameter, and which calls lead to a function at all.

mod recorded;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use languages::python::shapes::{self, Callables, Script, Wanted};
use languages::python::syntax::is_test;
use languages::python::wire::encode;
use model::{CallKind, Change, Check, FunctionChange, Input, Observed as Data, Outcome, Symbol, Target, Value, Way};
use search::{Shape, ShapeId, Subject};

use crate::context::Context;
use crate::duo::{Duo, Version};
use crate::session::Request;
pub(crate) use recorded::scripts as recorded;
use steps::{Steps, list, number, parts, symbol};

/// The module of the harness that runs the scripts, and its function: see PROTOCOL.md.
const OBSERVER: (&str, &str) = ("counterproof_harness.observing", "observe");
/// Deadline of one script, in ticks of 10 ms.
const TICKS: u32 = 40;
/// Scripts that are run together, at most: one alone first, more while they are quick.
const CHUNK: usize = 8;
/// Longest time for which it is.
const QUICK: Duration = Duration::from_millis(60);
/// Inputs that are kept for one function, of all that are seen.
const MOST_INPUTS: usize = 16;
const MOST_SEEN: usize = 120;
/// Ways that are added for one function, and inputs of each.
const MOST_ENTRIES: usize = 2;
const MOST_OF_ENTRY: usize = 12;
/// Objects of one class, and values of one parameter.
const MOST_LENT: usize = 10;
/// Weight of a stand-in for an object beside real ones.
const STAND_IN: f64 = 0.02;
/// What is larger is not lent: see [`Value::size`].
const LARGEST: u64 = 800;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    functions: BTreeMap<usize, Seen>,
    /// Objects of a class, as recipes that stand for themselves.
    lent: BTreeMap<Symbol, Vec<Value>>,
    /// Which function of the change stands where, by path and name.
    places: BTreeMap<(String, String), usize>,
}

/// What was seen of one function.
#[derive(Debug, Default)]
struct Seen {
    inputs: Vec<Input>,
    /// The same while they are gathered, each with the number of calls that its script made before: of every script some.
    gathered: Vec<(usize, Input)>,
    /// Values by parameter, the receiver under the name it has.
    given: BTreeMap<String, Vec<Value>>,
    entries: Vec<Entry>,
}

impl Seen {
    /// Notes a call that ran the function.
    fn enter(&mut self, target: Target, input: Input) {
        let full = self.entries.len() >= MOST_ENTRIES * 2;
        match self.entries.iter_mut().find(|entry| entry.target == target) {
            Some(entry) if entry.inputs.len() < MOST_OF_ENTRY && !entry.inputs.contains(&input) => {
                entry.inputs.push(input)
            }
            None if !full => self.entries.push(Entry {
                target,
                inputs: vec![input],
            }),
            _ => {}
        }
    }
}

/// Something that a test calls and that runs the function.
#[derive(Debug)]
struct Entry {
    target: Target,
    inputs: Vec<Input>,
}

/// Runs what tests were seen to do and what they write down, until `end` at the latest.
pub(crate) fn look(
    duo: &mut Duo<'_>,
    context: &Context<'_>,
    change: &Change,
    checks: &[&Check],
    recorded: Vec<Script>,
    end: Instant,
) -> Observed {
    let mut observed = Observed::default();
    let first: Vec<String> = change
        .files
        .iter()
        .map(|file| file.path.clone())
        .filter(|path| is_test(path))
        .collect();
    let wanted = Wanted {
        names: names(change, checks),
        modules: checks
            .iter()
            .flat_map(|check| &check.ways)
            .map(|way| way.target.module.clone())
            .collect(),
        first,
    };
    let mut scripts = recorded;
    scripts.extend(shapes::scripts(&context.head.project, &context.base.project, &wanted));
    if scripts.is_empty() {
        return observed;
    }
    let in_base = Callables::new(&context.base.project);
    let in_head = Callables::new(&context.head.project);
    for version in [Version::Base, Version::Head] {
        let watched: Vec<usize> = checks
            .iter()
            .map(|check| check.function)
            .filter(|at| {
                let function = &change.functions[*at];
                // What is new is in head alone; what is in both is seen as base does it.
                !function.is_body() && function.is_added() == (version == Version::Head)
            })
            .collect();
        if watched.is_empty() && version == Version::Head {
            continue;
        }
        let run = Run {
            context,
            change,
            version,
            watched: &watched,
            in_base: &in_base,
            in_head: &in_head,
        };
        run.all(duo, &scripts, end, &mut observed);
    }
    let place = |at: &usize| {
        let function = &change.functions[*at];
        ((function.path.clone(), function.qualified_name.clone()), *at)
    };
    observed.places = observed.functions.keys().map(place).collect();
    for seen in observed.functions.values_mut() {
        seen.gathered.sort_by_key(|(before, _)| *before);
        let gathered = std::mem::take(&mut seen.gathered).into_iter();
        seen.inputs = gathered.take(MOST_INPUTS).map(|(_, input)| input).collect();
    }
    observed
}

/// Names whose calls are looked for in tests: the changed functions, their classes, and what the ways to them call.
fn names(change: &Change, checks: &[&Check]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for check in checks {
        let function = &change.functions[check.function];
        let ways = check.ways.iter().map(|way| way.target.qualified_name.as_str());
        for name in ways.chain([function.qualified_name.as_str()]) {
            for part in name.split('.').filter(|part| !part.starts_with(['<', '_'])) {
                names.insert(part.to_owned());
            }
        }
    }
    names
}

struct Run<'r, 'c, 'p> {
    context: &'r Context<'c>,
    change: &'r Change,
    version: Version,
    watched: &'r [usize],
    in_base: &'r Callables<'p>,
    in_head: &'r Callables<'p>,
}

impl Run<'_, '_, '_> {
    fn all(&self, duo: &mut Duo<'_>, scripts: &[Script], end: Instant, observed: &mut Observed) {
        let request = Request {
            module: OBSERVER.0.to_owned(),
            name: OBSERVER.1.to_owned(),
            call: CallKind::Function,
            cover: Vec::new(),
            guide: false,
            trace: None,
            ticks: TICKS,
            mutants: None,
            cold_ticks: None,
        };
        let watched = Value::List(
            self.watched
                .iter()
                .map(|at| self.watch(&self.change.functions[*at]))
                .collect(),
        );
        // A session that is lost here is opened anew by who needs it next: nothing was seen, and that is all.
        if !matches!(duo.half(self.version).fork(&request), Ok(Ok(_))) {
            return;
        }
        let mut all: Vec<(&Script, Data)> = Vec::new();
        let (mut rest, mut size) = (scripts, 1);
        while !rest.is_empty() {
            let (some, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            let began = Instant::now();
            if began >= end || self.context.progress.stopped() {
                break;
            }
            let inputs: Vec<Input> = some
                .iter()
                .map(|script| Input {
                    args: vec![
                        watched.clone(),
                        Value::List(script.steps.iter().map(encode::as_data).collect()),
                    ],
                    ..Input::default()
                })
                .collect();
            let half = duo.half(self.version);
            let ran = half
                .send(&encode::run(&inputs))
                .and_then(|()| half.receive(&inputs, &request));
            let Ok(ran) = ran else { break };
            size = if began.elapsed() < QUICK {
                CHUNK.min(size * 2)
            } else {
                1
            };
            for (script, record) in some.iter().zip(ran.records) {
                if let Outcome::Returned(told) = record.observation.outcome {
                    all.push((script, told));
                }
            }
        }
        // What one script lends may stand in for what another one does not let go.
        let classes: Vec<_> = all
            .iter()
            .map(|(script, told)| lend(&Steps::of(script, told), told, observed))
            .collect();
        for ((script, told), classes) in all.iter().zip(&classes) {
            self.learn(&Steps::of(script, told), told, classes, observed);
        }
    }

    fn watch(&self, function: &FunctionChange) -> Value {
        let (path, name, line) = match self.version {
            Version::Base => (
                function.path_in_base(),
                function.name_in_base(),
                function.base_line.unwrap_or(function.line),
            ),
            Version::Head => (function.path.as_str(), function.qualified_name.as_str(), function.line),
        };
        // A setter is named after its property.
        let name = name.strip_suffix(".setter").unwrap_or(name);
        let last = name.rsplit('.').next().unwrap_or(name);
        Value::Tuple(vec![
            Value::Str(path.to_owned()),
            Value::Str(last.to_owned()),
            Value::Int(i64::from(line)),
        ])
    }

    fn learn(&self, steps: &Steps<'_>, told: &Data, classes: &BTreeMap<usize, Symbol>, observed: &mut Observed) {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        for call in list(told, "calls") {
            let Some([function, step, arguments]) = parts(call) else {
                continue;
            };
            let (Some(function), Some(step)) = (number(function), number(step)) else {
                continue;
            };
            let (Some(at), Data::List(arguments)) = (self.watched.get(function), arguments) else {
                continue;
            };
            let input = self.call(steps, *at, step, arguments, classes, observed);
            let gathered = &mut observed.functions.entry(*at).or_default().gathered;
            let number = before.entry(function).or_default();
            *number += 1;
            let is_new = |input: &Input| gathered.len() < MOST_SEEN && gathered.iter().all(|(_, known)| known != input);
            if let Some(input) = input.filter(is_new) {
                gathered.push((*number, input));
            }
        }
    }

    /// Notes one call of one function; the answer is the call itself, where all of it can be had.
    fn call(
        &self,
        steps: &Steps<'_>,
        at: usize,
        step: usize,
        arguments: &[Data],
        classes: &BTreeMap<usize, Symbol>,
        observed: &mut Observed,
    ) -> Option<Input> {
        let function = &self.change.functions[at];
        let seen = observed.functions.entry(at).or_default();
        if let Some((target, input)) = self.entry(steps, step, classes, function) {
            seen.enter(target, input);
        }
        let mut input = Input::default();
        let mut whole = true;
        for argument in arguments {
            let [name, kind, told] = parts(argument)?;
            let (Data::Str(name), Data::Str(kind)) = (name, kind) else {
                return None;
            };
            let value = steps.value(told).or_else(|| {
                let [tag, module, class] = parts(told)?;
                let lent = observed.lent.get(&symbol(module, class)?)?;
                (*tag == Data::Str("o".to_owned())).then(|| lent.first().cloned())?
            });
            let Some(value) = value else {
                whole = false;
                continue;
            };
            if let Some(alone) = steps.alone(&value)
                && !is_trivial(&alone)
            {
                keep(seen.given.entry(name.clone()).or_default(), alone);
            }
            match (kind.as_str(), value) {
                ("rest", Value::Tuple(values) | Value::List(values)) => input.args.extend(values),
                ("keywords", Value::Dict(pairs)) => {
                    for (key, value) in pairs {
                        let Value::Str(key) = key else { return None };
                        input.kwargs.push((key, value));
                    }
                }
                ("by keyword", value) => input.kwargs.push((name.clone(), value)),
                // The class that a class method is called on is named by the call.
                (_, Value::Symbol(_)) if name == "cls" => {}
                (_, value) => input.args.push(value),
            }
        }
        let takes_receiver = matches!(
            function.kind,
            model::FunctionKind::Method | model::FunctionKind::Property
        );
        if !whole || function.kind == model::FunctionKind::Nested {
            return None;
        }
        if takes_receiver && !input.args.is_empty() {
            let receiver = input.args.remove(0);
            // What a constructor is called on is what it makes.
            input.receiver = (!is_constructor(function)).then_some(receiver);
        }
        steps.needed(input, step)
    }

    /// The call of a step, where it is one of something with a name in the project.
    fn entry(
        &self,
        steps: &Steps<'_>,
        step: usize,
        classes: &BTreeMap<usize, Symbol>,
        function: &FunctionChange,
    ) -> Option<(Target, Input)> {
        // Of `parse(text)[0].value` the call.
        let mut made = steps.steps.get(step)?;
        while let Value::Call { callee, args, .. } = made
            && callee.is_part()
            && let Some(of @ Value::Call { .. }) = args.first()
        {
            made = of;
        }
        let Value::Call { callee, args, kwargs } = made else {
            return None;
        };
        let mut input = Input {
            args: args.clone(),
            kwargs: kwargs.clone(),
            ..Input::default()
        };
        let named = match callee.is_part() {
            false => callee.clone(),
            true => {
                let Some(Value::Node(on)) = args.first() else {
                    return None;
                };
                let class = classes.get(&(*on as usize))?;
                input.receiver = Some(input.args.remove(0));
                Symbol::new(&class.module, format!("{}.{}", class.name, callee.name))
            }
        };
        let (path, call) = self.in_head.find(&named)?;
        if (call == CallKind::Method) != input.receiver.is_some() {
            return None;
        }
        let exists = function.is_added() || self.in_base.find(&named).is_some_and(|(_, kind)| kind == call);
        let itself = path == function.path && named.name == function.qualified_name;
        if !exists || itself {
            return None;
        }
        let target = Target {
            path,
            module: named.module,
            qualified_name: named.name,
            base_module: None,
            base_name: None,
            call,
        };
        Some((target, steps.needed(input, step)?))
    }
}

impl Observed {
    /// The ways of a check, with what was seen to lead to its function after the first.
    pub(crate) fn ways(&self, change: &Change, check: &Check) -> Vec<Way> {
        let mut ways = check.ways.clone();
        let Some(seen) = self.functions.get(&check.function) else {
            return ways;
        };
        // Calling it itself comes first; what is only thought to lead to it comes after what was seen to.
        let mut at = usize::from(ways.first().is_some_and(|way| way.through.is_empty()));
        for entry in seen.entries.iter().take(MOST_ENTRIES) {
            match ways.iter().position(|way| is_of(way, &entry.target)) {
                // Known by name: seen to lead there, it comes before those that were not.
                Some(known) if known > at => {
                    let way = ways.remove(known);
                    ways.insert(at, way);
                    at += 1;
                }
                Some(_) => {}
                None => {
                    let way = Way {
                        target: entry.target.clone(),
                        through: vec![change.functions[check.function].qualified_name.clone()],
                        reason: "a test calls it, which was seen to run this".to_owned(),
                    };
                    ways.insert(at, way);
                    at += 1;
                }
            }
        }
        ways
    }

    /// Modules of what was seen to lead to changed functions, by their names in a version.
    pub(crate) fn modules(&self, version: Version) -> Vec<String> {
        let entries = self.functions.values().flat_map(|seen| &seen.entries);
        let names: BTreeSet<&str> = entries
            .map(|entry| match (version, &entry.target.base_module) {
                (Version::Base, Some(module)) => module.as_str(),
                _ => entry.target.module.as_str(),
            })
            .collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Whether a way begins with a call that was seen to run a function.
    pub(crate) fn leads_to(&self, function: usize, way: &Way) -> bool {
        let entries = self.functions.get(&function).into_iter().flat_map(|seen| &seen.entries);
        !way.through.is_empty() && entries.into_iter().any(|entry| is_of(way, &entry.target))
    }

    /// Adds to what is known of the inputs of a way what was seen.
    pub(crate) fn enrich(&self, subject: &mut Subject, function: usize, way: &Way) {
        let seen = self.functions.get(&function);
        let place = (way.target.path.clone(), way.target.qualified_name.clone());
        // What is called: the function itself, or another function of the change, which was watched as well.
        let called = match way.through.is_empty() {
            true => seen,
            false => self.places.get(&place).and_then(|at| self.functions.get(at)),
        };
        let entries = seen
            .filter(|_| !way.through.is_empty())
            .into_iter()
            .flat_map(|seen| &seen.entries);
        let led_here = entries
            .filter(|entry| is_of(way, &entry.target))
            .flat_map(|entry| &entry.inputs);
        let mut inputs: Vec<Input> = Vec::new();
        for input in led_here.chain(called.into_iter().flat_map(|called| &called.inputs)) {
            if !inputs.contains(input) {
                inputs.push(input.clone());
            }
        }
        let known: Vec<Input> = std::mem::take(&mut subject.seeds)
            .into_iter()
            .filter(|seed| !inputs.contains(seed))
            .collect();
        subject.seeds = inputs;
        subject.seeds.extend(known);
        self.lend(subject);
        if let Some(seen) = called {
            for at in 0..subject.parameters.len() {
                if let Some(values) = seen.given.get(&subject.parameters[at].name) {
                    let shape = subject.parameters[at].shape;
                    subject.parameters[at].shape = or_one_of(subject, shape, values);
                }
            }
            if let (Some(shape), Some(values)) = (subject.receiver, seen.given.get("self")) {
                subject.receiver = Some(or_one_of(subject, shape, values));
            }
        }
    }

    /// Wherever an object of a class is wanted, one that the project's own code made will do as well.
    fn lend(&self, subject: &mut Subject) {
        for at in 0..subject.shapes.len() {
            let Shape::Object(class) = subject.shapes[at] else {
                continue;
            };
            let made_by = subject.classes.get(class.0 as usize).map(|class| &class.make);
            if let Some(lent) = made_by.and_then(|make| self.lent.get(make)) {
                let own = subject.add(Shape::Object(class));
                let ready = subject.add(Shape::OneOf(lent.clone()));
                subject.shapes[at] = Shape::Union(vec![(1.0, own), (1.0, ready)]);
            }
        }
    }
}

/// Whether a way begins with a target.
fn is_of(way: &Way, target: &Target) -> bool {
    (&way.target.module, &way.target.qualified_name) == (&target.module, &target.qualified_name)
}

fn or_one_of(subject: &mut Subject, shape: ShapeId, values: &[Value]) -> ShapeId {
    let ready = subject.add(Shape::OneOf(values.to_vec()));
    // Where real objects are at hand, stand-ins are worth little.
    let others = if is_stand_in(subject, shape, 3) { STAND_IN } else { 1.0 };
    subject.add(Shape::Union(vec![(others, shape), (1.0, ready)]))
}

/// Whether the likeliest reading of a shape is an object that only looks like the one that is wanted.
fn is_stand_in(subject: &Subject, shape: ShapeId, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match subject.shape(shape) {
        Shape::Object(class) => subject
            .classes
            .get(class.0 as usize)
            .is_some_and(|class| class.make == Symbol::new("types", "SimpleNamespace")),
        Shape::Union(options) => options
            .iter()
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .is_some_and(|(_, likeliest)| is_stand_in(subject, *likeliest, depth)),
        _ => false,
    }
}

/// Keeps the objects that a script lends; the answer is of which class each step's own result is.
fn lend(steps: &Steps<'_>, told: &Data, observed: &mut Observed) -> BTreeMap<usize, Symbol> {
    let mut classes = BTreeMap::new();
    for lent in list(told, "lent") {
        let Some([module, class, step, path]) = parts(lent) else {
            continue;
        };
        let (Some(class), Some(step)) = (symbol(module, class), number(step)) else {
            continue;
        };
        let Some(value) = steps.at(step, path) else { continue };
        if matches!(&value, Value::Node(_)) {
            classes.insert(step, class.clone());
        }
        if let Some(value) = steps.alone(&value) {
            keep(observed.lent.entry(class).or_default(), value);
        }
    }
    classes
}

fn is_constructor(function: &FunctionChange) -> bool {
    function.qualified_name.ends_with(".__init__")
}

fn keep(kept: &mut Vec<Value>, value: Value) {
    if kept.len() < MOST_LENT && !kept.contains(&value) {
        kept.push(value);
    }
}

/// Whether any search tries a value by itself.
fn is_trivial(value: &Value) -> bool {
    match value {
        Value::None | Value::Bool(_) => true,
        Value::Int(value) => (-1..=2).contains(value),
        Value::Str(text) => text.is_empty(),
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.is_empty(),
        Value::Dict(pairs) => pairs.is_empty(),
        _ => false,
    }
}
