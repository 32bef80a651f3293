//! Literals that stand in the code in reach: what it compares with, looks up and matches.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use model::Value;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, ExprCall, ExprDict, Stmt};
use ruff_text_size::Ranged;
use search::{Pump, Token};

use super::binding::{Receiver, receiver_kind};
use super::composed;
use super::dated;
use super::engine::Engine;
use super::evaluate;
use super::literal;
use super::module::Module;
use super::regex::{self, Pattern};
use super::solved;
use super::world::{Class, Function, Thing, World, for_each_statement};

/// So many tokens at most; the nearest to the target come first.
const MOST: usize = 200;
/// Most texts that patterns may take long for.
const MOST_PUMPS: usize = 24;
/// So many literals of one constant or function are looked at, to find those that only one version has.
const MOST_COMPARED: usize = 4000;
/// Of a constant, so many tokens that both versions have.
const MOST_UNCHANGED: usize = 100;
/// Literals of callees further away than this do not count.
const FARTHEST: u32 = 2;
/// Texts that each pattern gives.
const SAMPLES: usize = 5;
/// Texts that two versions of a pattern give which they tell apart.
const APART: usize = 10;
/// Patterns that only one version of a function has are compared with those of the other: so many of each.
const MOST_APART: usize = 3;
/// Constants on changed lines, at most.
const MOST_CHANGED: usize = 8;
/// Functions that go by the order of what they are given.
const ORDERING: [&str; 7] = ["lt", "le", "gt", "ge", "min", "max", "sorted"];
/// What completes one name that is put together, at most.
const MOST_COMPLETIONS: usize = 24;
/// Longer texts are messages and documents.
const LONGEST_TEXT: usize = 200;

/// The tokens of everything that was looked at, those on changed lines or in one version only marked.
///
/// `targets` is the function as it stands in each version, with the class on whose instances it is called.
pub(super) fn collect<'p>(
    engine: &Engine<'_, 'p>,
    targets: &[(Function<'p>, Option<Rc<Class<'p>>>)],
    changed: &[(String, Vec<u32>)],
) -> (Vec<Token>, Vec<Pump>) {
    let mut collector = Collector {
        engine,
        changed,
        found: Found::default(),
        constants: BTreeSet::new(),
    };
    let own = targets
        .iter()
        .map(|(function, owner)| Piece::Body(function.clone(), owner.clone()));
    collector.piece(own.collect());
    for (module, name, value) in &engine.used_constants {
        collector.constant(Piece::Constant(module.clone(), value, None), name);
    }
    collector.changed_constants();
    // What is called to reach a changed function need not lead to it on ways that can be followed.
    collector.changed_functions(targets);
    let mut visited: Vec<&(Function<'p>, u32)> =
        engine.visited.iter().filter(|(_, depth)| *depth <= FARTHEST).collect();
    visited.sort_by_key(|(_, depth)| *depth);
    let mut seen: HashSet<usize> = targets.iter().map(|(function, _)| identity(function)).collect();
    for (function, _) in visited {
        if collector.found.tokens.len() >= MOST {
            break;
        }
        if seen.insert(identity(function)) {
            let counterpart = collector.function_elsewhere(function);
            // What both versions have is looked at once, from either side.
            seen.extend(counterpart.iter().map(identity));
            let sides = std::iter::once(function.clone()).chain(counterpart);
            collector.piece(sides.map(|function| Piece::Body(function, None)).collect());
        }
    }
    let Found {
        mut tokens, mut pumps, ..
    } = collector.found;
    tokens.sort_by_key(|token| !token.changed);
    tokens.truncate(MOST);
    pumps.sort_by_key(|pump| !pump.changed);
    (tokens, pumps)
}

fn identity(function: &Function<'_>) -> usize {
    std::ptr::from_ref(function.def) as usize
}

/// Something that holds literals.
enum Piece<'p> {
    /// A function, with the class on whose instances it is called.
    Body(Function<'p>, Option<Rc<Class<'p>>>),
    /// The value of a constant, with the class in whose body it stands.
    Constant(Rc<Module<'p>>, &'p Expr, Option<Rc<Class<'p>>>),
}

struct Collector<'c, 'w, 'p> {
    engine: &'c Engine<'w, 'p>,
    changed: &'c [(String, Vec<u32>)],
    found: Found,
    /// Constants that were looked at, by file and name.
    constants: BTreeSet<(String, String)>,
}

impl<'p> Collector<'_, '_, 'p> {
    /// Adds what one thing holds, given as it stands in each version: what only one of them has is what the change is about.
    fn piece(&mut self, sides: Vec<Piece<'p>>) {
        let gathered: Vec<Gathered<'p>> = sides.iter().map(|side| self.gather(side)).collect();
        let values: Vec<HashSet<&Value>> = gathered
            .iter()
            .map(|side| side.tokens.iter().map(|token| &token.value).collect())
            .collect();
        let paired = values.len() > 1;
        if let [one, other] = &gathered[..] {
            patterns_apart(one, other)
                .into_iter()
                .for_each(|token| self.found.add(token));
        }
        self.pumps(&gathered);
        let is_constant = matches!(sides.first(), Some(Piece::Constant(..)));
        let mut unchanged = 0;
        for token in gathered.iter().flat_map(|side| &side.tokens) {
            let one_sided = paired
                && (values.iter().any(|side| !side.contains(&token.value))
                    || gathered.iter().any(|side| side.lacks_item(&token.value, &gathered)));
            let changed = token.changed || one_sided;
            unchanged += usize::from(!changed);
            // A long table must not drown what the code around it says.
            if changed || !is_constant || unchanged <= MOST_UNCHANGED {
                self.found.add(Token {
                    value: token.value.clone(),
                    changed,
                });
            }
        }
        let mut names: Vec<&str> = gathered.iter().flat_map(|side| side.own.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.class_constant(&sides, name);
        }
    }

    /// What the patterns repeat.
    fn pumps(&mut self, gathered: &[Gathered<'p>]) {
        let all = |side: &Gathered<'p>| {
            side.patterns
                .iter()
                .chain(&side.likenesses)
                .cloned()
                .collect::<Vec<_>>()
        };
        let sides: Vec<Vec<Pattern>> = gathered.iter().map(all).collect();
        for pattern in sides.iter().flatten() {
            let changed = sides.len() > 1 && sides.iter().any(|side| !side.contains(pattern));
            for pumped in regex::pumps(pattern) {
                let pump = Pump {
                    before: pumped.before,
                    unit: pumped.unit,
                    bytes: pattern.bytes,
                    changed,
                };
                let of_sort = self.found.pumps.iter().filter(|other| other.changed == changed);
                if of_sort.count() < MOST_PUMPS && !self.found.pumps.contains(&pump) {
                    self.found.pumps.push(pump);
                }
            }
        }
    }

    fn gather(&self, piece: &Piece<'p>) -> Gathered<'p> {
        match piece {
            Piece::Body(function, owner) => {
                self.gathered(&function.module, receiver_name(function), None, |gatherer| {
                    let class = owner.as_ref().or(function.class.as_ref());
                    gatherer.members = class.map(|class| self.engine.members(class)).unwrap_or_default();
                    for parameter in function.def.parameters.iter_non_variadic_params() {
                        if let Some(default) = &parameter.default {
                            gatherer.visit_expr(default);
                        }
                    }
                    gatherer.visit_body(&function.def.body);
                })
            }
            Piece::Constant(module, value, class) => {
                self.gathered(module, None, class.clone(), |gatherer| gatherer.visit_expr(value))
            }
        }
    }

    fn gathered(
        &self,
        module: &Rc<Module<'p>>,
        receiver: Option<&'p str>,
        class: Option<Rc<Class<'p>>>,
        visit: impl FnOnce(&mut Gatherer<'_, '_, 'p>),
    ) -> Gathered<'p> {
        let lines = self
            .changed
            .iter()
            .find(|(path, _)| module.side == 1 && *path == module.parsed.path)
            .map(|(_, lines)| &lines[..]);
        let mut gatherer = Gatherer {
            world: self.engine.world_of(module),
            module,
            receiver,
            class,
            lines: lines.unwrap_or_default(),
            members: Rc::default(),
            gathered: Gathered::default(),
        };
        visit(&mut gatherer);
        gatherer.gathered
    }

    /// The constant `name` of the class on whose instances a function is called, by `self.name`.
    fn class_constant(&mut self, sides: &[Piece<'p>], name: &str) {
        let member = |side: &Piece<'p>| {
            let Piece::Body(function, owner) = side else {
                return None;
            };
            let class = owner.as_ref().or(function.class.as_ref())?.clone();
            let thing = self
                .engine
                .world_of(&class.module)
                .member(&Thing::Class(class.clone()), name)?;
            Some((class, thing))
        };
        let mut known: Vec<(Piece<'p>, String)> = Vec::new();
        for (class, thing) in sides.iter().filter_map(member) {
            if let Thing::Value {
                module,
                name,
                value: Some(value),
                ..
            } = thing
            {
                known.push((Piece::Constant(module, value, Some(class)), name));
            }
        }
        if known.len() > 1 {
            // One class's in both versions, or inherited in one and the class's own in the other.
            let Piece::Constant(module, ..) = &known[0].0 else {
                return;
            };
            if self.constants.insert((module.parsed.path.clone(), known[0].1.clone())) {
                self.piece(known.into_iter().map(|(piece, _)| piece).collect());
            }
        } else if let Some((piece, name)) = known.into_iter().next() {
            self.constant(piece, &name);
        }
    }

    /// Constants on changed lines: what a function makes of a table or a pattern that changed, it may come by on ways that
    /// cannot be followed.
    fn changed_constants(&mut self) {
        for (path, lines) in self.changed {
            let Some(module) = self.engine.worlds[1].by_path(path) else {
                continue;
            };
            let parsed = module.parsed;
            let is_changed = |statement: &Stmt| {
                let range = parsed.lines_of(statement.range());
                lines.iter().any(|line| range.contains(line))
            };
            let mut found: Vec<(&str, &'p Expr)> = Vec::new();
            for_each_statement(&parsed.ast.body, &mut |statement| {
                let (target, value) = match statement {
                    Stmt::Assign(assign) => (assign.targets.first(), Some(&*assign.value)),
                    Stmt::AnnAssign(assign) => (Some(&*assign.target), assign.value.as_deref()),
                    _ => return,
                };
                if let (Some(Expr::Name(name)), Some(value)) = (target, value)
                    && is_changed(statement)
                {
                    found.push((name.id.as_str(), value));
                }
            });
            for (name, value) in found.into_iter().take(MOST_CHANGED) {
                self.constant(Piece::Constant(module.clone(), value, None), name);
            }
        }
    }

    /// Functions on changed lines, but for the targets.
    fn changed_functions(&mut self, targets: &[(Function<'p>, Option<Rc<Class<'p>>>)]) {
        for (path, lines) in self.changed {
            let Some(module) = self.engine.worlds[1].by_path(path) else {
                continue;
            };
            let parsed = module.parsed;
            let is_changed = |function: &Function<'p>| {
                let range = parsed.lines_of(function.def.range());
                lines.iter().any(|line| range.contains(line))
                    && targets.iter().all(|(target, _)| identity(target) != identity(function))
            };
            let mut functions = module.functions();
            for statement in &parsed.ast.body {
                if let Stmt::ClassDef(def) = statement
                    && let Some(Thing::Class(class)) = self.engine.worlds[1].resolve(&module, def.name.as_str())
                {
                    functions.extend(def.body.iter().filter_map(|statement| match statement {
                        Stmt::FunctionDef(def) => Some(Function {
                            module: module.clone(),
                            class: Some(class.clone()),
                            def,
                        }),
                        _ => None,
                    }));
                }
            }
            let changed: Vec<_> = functions.into_iter().filter(is_changed).collect();
            for function in changed.into_iter().take(MOST_CHANGED) {
                let sides = std::iter::once(function.clone()).chain(self.function_elsewhere(&function));
                self.piece(sides.map(|function| Piece::Body(function, None)).collect());
            }
        }
    }

    /// A constant, with its counterpart in the other version.
    fn constant(&mut self, piece: Piece<'p>, name: &str) {
        let Piece::Constant(module, ..) = &piece else { return };
        if !self.constants.insert((module.parsed.path.clone(), name.to_owned())) {
            return;
        }
        let counterpart = match self.elsewhere(module, name) {
            Some(Thing::Value {
                module,
                value: Some(value),
                ..
            }) => Some(Piece::Constant(module, value, None)),
            _ => None,
        };
        self.piece(std::iter::once(piece).chain(counterpart).collect());
    }

    fn function_elsewhere(&self, function: &Function<'p>) -> Option<Function<'p>> {
        let name = match &function.class {
            Some(class) => format!("{}.{}", class.name, function.def.name),
            None => function.def.name.to_string(),
        };
        match self.elsewhere(&function.module, &name)? {
            Thing::Function(other) => Some(other),
            _ => None,
        }
    }

    /// What a dotted name of a file means in the other version, if that file is another there.
    fn elsewhere(&self, module: &Rc<Module<'p>>, name: &str) -> Option<Thing<'p>> {
        let world = self.engine.worlds[1 - module.side];
        let other = world.by_path(&module.parsed.path)?;
        if other.parsed.text == module.parsed.text {
            return None;
        }
        world.qualified(&other, name)
    }
}

/// A text as a pattern, where it repeats something as patterns do.
fn likeness(text: &str) -> Option<Pattern> {
    const REPEATS: [&str; 12] = [
        ")*", ")+", "]*", "]+", "\\s*", "\\s+", "\\w+", "\\w*", "\\S+", "\\d+", ".*", ".+",
    ];
    const MARKS: [&str; 7] = ["(?", "[^", "\\s", "\\w", "\\d", "\\S", "[A-Za-z"];
    let is_one = text.len() <= 2000
        && REPEATS.iter().any(|repeat| text.contains(repeat))
        && MARKS.iter().any(|mark| text.contains(mark));
    is_one.then(|| Pattern {
        text: text.to_owned(),
        flags: regex::Flags {
            verbose: text.contains('\n'),
            ..regex::Flags::default()
        },
        bytes: false,
    })
}

/// The name of the parameter that stands for the instance or the class.
fn receiver_name<'p>(function: &Function<'p>) -> Option<&'p str> {
    if function.class.is_none() || receiver_kind(function) == Receiver::Static {
        return None;
    }
    let first = function.def.parameters.iter().next()?;
    Some(first.name().as_str())
}

/// Texts that the patterns which only one of two versions has tell apart.
fn patterns_apart(one: &Gathered<'_>, other: &Gathered<'_>) -> Vec<Token> {
    let only = |these: &[Pattern], those: &[Pattern]| -> Vec<Pattern> {
        these
            .iter()
            .filter(|pattern| !those.contains(pattern))
            .take(MOST_APART)
            .cloned()
            .collect()
    };
    let (ours, theirs) = (
        only(&one.patterns, &other.patterns),
        only(&other.patterns, &one.patterns),
    );
    let pairs = ours
        .iter()
        .flat_map(|ours| theirs.iter().map(move |theirs| (ours, theirs)));
    // As many on both sides were likely changed one by one.
    let in_turn = ours.len() == theirs.len();
    let pairs: Vec<_> = if in_turn {
        ours.iter().zip(&theirs).collect()
    } else {
        pairs.collect()
    };
    pairs
        .into_iter()
        .flat_map(|(ours, theirs)| {
            regex::differing(ours, theirs, APART).into_iter().map(|text| Token {
                value: ours.value(text),
                changed: true,
            })
        })
        .collect()
}

#[derive(Default)]
struct Found {
    tokens: Vec<Token>,
    pumps: Vec<Pump>,
    seen: HashSet<Value>,
}

impl Found {
    fn add(&mut self, token: Token) {
        if self.seen.insert(token.value.clone()) {
            self.tokens.push(token);
        } else if token.changed
            && let Some(known) = self.tokens.iter_mut().find(|known| known.value == token.value)
        {
            known.changed = true;
        }
    }
}

/// What a visit found.
#[derive(Default)]
struct Gathered<'p> {
    tokens: Vec<Token>,
    patterns: Vec<Pattern>,
    /// Texts that read like patterns, wherever they go: what they match is no help, what they take long for is.
    likenesses: Vec<Pattern>,
    /// What is asked of the receiver or its class by name.
    own: Vec<&'p str>,
    /// The items of written dictionaries: a key, and the source of the value.
    items: HashMap<Value, HashSet<&'p str>>,
}

impl Gathered<'_> {
    /// Whether a key leads to something else here than in one of the others.
    fn lacks_item(&self, key: &Value, others: &[Self]) -> bool {
        let mine = self.items.get(key);
        mine.is_some()
            && others
                .iter()
                .any(|other| other.items.get(key).is_some_and(|theirs| Some(theirs) != mine))
    }
}

struct Gatherer<'g, 'w, 'p> {
    world: &'w World<'p>,
    module: &'g Rc<Module<'p>>,
    receiver: Option<&'p str>,
    /// The class in whose body it stands, whose names it may use.
    class: Option<Rc<Class<'p>>>,
    lines: &'g [u32],
    /// What can be asked of the receiver by name.
    members: Rc<BTreeSet<&'p str>>,
    gathered: Gathered<'p>,
}

impl<'p> Gatherer<'_, '_, 'p> {
    fn add(&mut self, value: Value, at: &impl Ranged) {
        let too_long = matches!(&value, Value::Str(text) if text.len() > LONGEST_TEXT)
            || matches!(&value, Value::Bytes(bytes) if bytes.len() > LONGEST_TEXT);
        let full = self.gathered.tokens.len() >= MOST_COMPARED;
        if too_long || full || matches!(value, Value::None | Value::Bool(_) | Value::Ellipsis) {
            return;
        }
        let changed = self.is_changed(at);
        self.gathered.tokens.push(Token { value, changed });
    }

    /// Where an order changed, what is neither less nor more than another.
    fn add_unordered(&mut self, at: &impl Ranged) {
        if self.is_changed(at) {
            self.add(Value::Float(f64::NAN), at);
        }
    }

    fn is_changed(&self, at: &impl Ranged) -> bool {
        !self.lines.is_empty() && self.lines.contains(&self.module.parsed.line(at.start()))
    }

    /// What a text stands for besides itself: a date for a format, words for a list of them.
    fn add_text(&mut self, text: &str, at: &impl Ranged) {
        self.add(Value::Str(text.to_owned()), at);
        if let Some(pattern) = likeness(text)
            && self.gathered.likenesses.len() < MOST_COMPARED
        {
            self.gathered.likenesses.push(pattern);
        }
        if let Some(date) = dated::dated(text) {
            self.add(Value::Str(date), at);
        }
    }

    /// What completes a name that is put together: `"visit_" + kind` of a class with a `visit_list` asks for `list`.
    fn add_completions(&mut self, expr: &'p Expr) {
        if self.members.is_empty() {
            return;
        }
        let Some((before, after)) = composed::around_a_gap(expr) else {
            return;
        };
        let completes = |name: &&'p str| {
            let inner = name.strip_prefix(before)?.strip_suffix(after)?;
            (!inner.is_empty()).then_some(inner)
        };
        let found: Vec<&str> = self
            .members
            .iter()
            .filter_map(completes)
            .take(MOST_COMPLETIONS)
            .collect();
        for inner in found {
            self.add(Value::Str(inner.to_owned()), expr);
        }
    }

    fn note_items(&mut self, dict: &'p ExprDict) {
        for item in dict.items.iter().take(MOST_COMPARED) {
            let range = std::ops::Range::<usize>::from(item.value.range());
            if let Some(key) = item.key.as_ref().and_then(literal::plain)
                && let Some(source) = self.module.parsed.text.get(range)
            {
                self.gathered.items.entry(key).or_default().insert(source);
            }
        }
    }

    /// Patterns by what they match.
    fn add_pattern(&mut self, call: &'p ExprCall) {
        let Some(pattern) = self.pattern(call) else { return };
        for sample in regex::samples(&pattern, SAMPLES) {
            self.add(pattern.value(sample), call);
        }
        if !self.gathered.patterns.contains(&pattern) {
            self.gathered.patterns.push(pattern);
        }
    }

    /// The pattern that a call compiles or uses.
    fn pattern(&self, call: &'p ExprCall) -> Option<Pattern> {
        let of_module = match &*call.func {
            Expr::Attribute(attribute) => {
                matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "re" | "regex" | "_re"))
            }
            _ => false,
        };
        let named = || match self.world.expression(self.module, &call.func) {
            Some(Thing::External(path)) => path.starts_with("re.") || path.starts_with("regex."),
            _ => false,
        };
        if !of_module && !named() {
            return None;
        }
        let flags = call.arguments.args.iter().skip(1);
        let flags = flags.chain(call.arguments.keywords.iter().map(|keyword| &keyword.value));
        let mut known = regex::Flags::default();
        flags.for_each(|expr| self.flags(expr, &mut known, 0));
        let (text, bytes) = match evaluate::in_class(
            self.world,
            self.module,
            self.class.as_ref(),
            call.arguments.args.first()?,
        )? {
            Value::Str(text) => (text, false),
            Value::Bytes(bytes) => (String::from_utf8(bytes).ok()?, true),
            _ => return None,
        };
        Some(Pattern {
            text,
            flags: known,
            bytes,
        })
    }

    /// `re.X | re.IGNORECASE`, or the name of a constant that is such.
    fn flags(&self, expr: &Expr, known: &mut regex::Flags, depth: u32) {
        let name = match expr {
            Expr::BinOp(binary) => {
                self.flags(&binary.left, known, depth);
                return self.flags(&binary.right, known, depth);
            }
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            Expr::Name(name) => name.id.as_str(),
            _ => return,
        };
        let letter = match name {
            "VERBOSE" => "x",
            "IGNORECASE" => "i",
            "MULTILINE" => "m",
            "DOTALL" => "s",
            "ASCII" => "a",
            name => name,
        };
        let mut letters = letter.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            known.set(letter.to_ascii_lowercase(), true);
        } else if depth < 2
            && let Some(Thing::Value { value: Some(value), .. }) = self.world.expression(self.module, expr)
        {
            self.flags(value, known, depth + 1);
        }
    }
}

impl<'p> Visitor<'p> for Gatherer<'_, '_, 'p> {
    fn visit_stmt(&mut self, statement: &'p Stmt) {
        match statement {
            // Documentation is read by people.
            Stmt::Expr(statement) if statement.value.is_string_literal_expr() => {}
            // What is raised is a message, not something that is asked for.
            Stmt::Raise(_) => {}
            statement => walk_stmt(self, statement),
        }
    }

    fn visit_annotation(&mut self, _: &'p Expr) {}

    fn visit_expr(&mut self, expr: &'p Expr) {
        self.add_completions(expr);
        match expr {
            Expr::NumberLiteral(_) | Expr::BytesLiteral(_) => {
                if let Some(value) = literal::plain(expr) {
                    self.add(value, expr);
                }
            }
            Expr::StringLiteral(text) => self.add_text(text.value.to_str(), expr),
            Expr::UnaryOp(_) | Expr::BinOp(_) => {
                // `-1`, `60 * 60`: the whole is worth as much as its parts.
                if let Some(value) = literal::plain(expr) {
                    self.add(value, expr);
                }
                walk_expr(self, expr);
            }
            Expr::Tuple(_) | Expr::List(_) | Expr::Dict(_) | Expr::Set(_) => {
                if let Some(value) = literal::plain(expr)
                    && value.children().len() <= 6
                    && !value.children().is_empty()
                {
                    self.add(value, expr);
                }
                if let Expr::Dict(dict) = expr {
                    self.note_items(dict);
                }
                walk_expr(self, expr);
            }
            Expr::Attribute(attribute) => {
                let is_own = match &*attribute.value {
                    Expr::Name(name) => Some(name.id.as_str()) == self.receiver,
                    // `self.__class__.X`, `type(self).X`
                    Expr::Attribute(of) => of.attr.as_str() == "__class__",
                    Expr::Call(call) => matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "type"),
                    _ => false,
                };
                if is_own && self.receiver.is_some() {
                    self.gathered.own.push(attribute.attr.as_str());
                }
                walk_expr(self, expr);
            }
            Expr::Call(call) => {
                self.add_pattern(call);
                walk_expr(self, expr);
            }
            Expr::Compare(compare) => {
                let of_order = [CmpOp::Lt, CmpOp::LtE, CmpOp::Gt, CmpOp::GtE];
                if compare.ops.iter().any(|op| of_order.contains(op)) {
                    self.add_unordered(expr);
                }
                for solution in solved::solutions(compare) {
                    self.add(solution, expr);
                }
                walk_expr(self, expr);
            }
            Expr::Name(name) if ORDERING.contains(&name.id.as_str()) => self.add_unordered(expr),
            _ => walk_expr(self, expr),
        }
    }
}
