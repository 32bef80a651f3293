//! Tests: what they say about what they compare, and what is known on either side of them.

use model::Value;
use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCall, ExprCompare, Pattern, Singleton, StmtMatch, UnaryOp};

use super::engine::{Engine, FrameId, Local};
use super::kind::{Fact, Kind, Mask};
use super::literal;
use super::slots::{Alternative, KeyUse, Slot};
use super::world::Thing;

/// Names that are known more closely where a test holds, and where it does not.
#[derive(Default)]
pub(super) struct Narrowed<'p> {
    pub yes: Vec<(&'p str, Slot)>,
    pub no: Vec<(&'p str, Slot)>,
}

impl<'p> Engine<'_, 'p> {
    /// Walks an expression that is asked for its truth.
    pub(super) fn test(&mut self, frame: FrameId, test: &'p Expr) -> Narrowed<'p> {
        match test {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
                let Narrowed { yes, no } = self.test(frame, &unary.operand);
                Narrowed { yes: no, no: yes }
            }
            Expr::BoolOp(boolean) => self.test_all(frame, boolean.op, &boolean.values),
            Expr::Compare(compare) => self.compare(frame, compare),
            Expr::Call(call) => self.asked(frame, call).unwrap_or_else(|| {
                self.expression(frame, test);
                Narrowed::default()
            }),
            _ => {
                let slot = self.expression(frame, test);
                // Anything has a truth; what is asked for nothing else is likely to be just that.
                self.slots.fact(slot, Fact::truth());
                Narrowed::default()
            }
        }
    }

    fn test_all(&mut self, frame: FrameId, op: BoolOp, values: &'p [Expr]) -> Narrowed<'p> {
        let mut all = Narrowed::default();
        let mut undo = Vec::new();
        for value in values {
            let Narrowed { yes, no } = self.test(frame, value);
            let known = if op == BoolOp::And { yes } else { no };
            undo.push(self.narrow(frame, &known));
            if op == BoolOp::And {
                all.yes.extend(known)
            } else {
                all.no.extend(known)
            }
        }
        for before in undo.into_iter().rev() {
            self.restore(frame, before);
        }
        all
    }

    /// `isinstance(x, T)`, `hasattr(x, "name")`, `callable(x)`.
    pub(super) fn asked(&mut self, frame: FrameId, call: &'p ExprCall) -> Option<Narrowed<'p>> {
        let Expr::Name(function) = &*call.func else { return None };
        let subject = call.arguments.args.first()?;
        let alternatives = match function.id.as_str() {
            "isinstance" => self.types(frame, call.arguments.args.get(1)?),
            "callable" => vec![Alternative::Kinds(Mask::one(Kind::Callable))],
            "hasattr" => {
                if let Some(Expr::StringLiteral(name)) = call.arguments.args.get(1) {
                    let slot = self.expression(frame, subject);
                    self.slots.fact(
                        slot,
                        Fact::mostly(Mask::one(Kind::Object), Mask::NUMBER | Mask::SEQUENCE | Mask::ITERABLE),
                    );
                    let name = name.value.to_str();
                    if !name.starts_with("__") {
                        self.slots.attribute(slot, &ruff_python_ast::name::Name::new(name));
                    }
                }
                return Some(Narrowed::default());
            }
            _ => return None,
        };
        Some(self.is_one_of(frame, subject, alternatives))
    }

    /// `subject` is known to be one of these where the test holds.
    fn is_one_of(&mut self, frame: FrameId, subject: &'p Expr, alternatives: Vec<Alternative>) -> Narrowed<'p> {
        let slot = self.expression(frame, subject);
        let mut narrowed = None;
        for alternative in alternatives {
            let kinds = if let Alternative::Kinds(kinds) = &alternative {
                Some(*kinds)
            } else {
                None
            };
            let class = if let Alternative::Class(key) = &alternative {
                Some(*key)
            } else {
                None
            };
            let external = if let Alternative::External(path) = &alternative {
                Some(path.clone())
            } else {
                None
            };
            let known = self.slots.alternative(slot, alternative);
            if let Some(kinds) = kinds {
                self.slots.fact(known, Fact::declared(kinds, Mask::NOTHING));
            }
            if let Some(key) = class {
                if let Expr::Name(name) = subject {
                    let parameters = &mut self.frame_mut(frame).parameters;
                    let asked = parameters.iter_mut().filter(|taken| taken.name == name.id.as_str());
                    asked.for_each(|taken| taken.asked.push(key));
                }
                let instance = self.instance(key);
                self.slots.unify(known, instance);
            }
            if let Some(path) = external {
                self.external(known, &path);
            }
            narrowed.get_or_insert(known);
        }
        match (subject, narrowed) {
            (Expr::Name(name), Some(known))
                if matches!(self.lookup(frame, name.id.as_str()), Some(Local::Variable(..))) =>
            {
                Narrowed {
                    yes: vec![(name.id.as_str(), known)],
                    no: Vec::new(),
                }
            }
            _ => Narrowed::default(),
        }
    }

    /// The types that the second argument of `isinstance` names.
    fn types(&mut self, frame: FrameId, expr: &'p Expr) -> Vec<Alternative> {
        let mut open = vec![expr];
        let mut kinds = Mask::NOTHING;
        let mut others = Vec::new();
        while let Some(expr) = open.pop() {
            match expr {
                Expr::Tuple(tuple) => open.extend(&tuple.elts),
                Expr::BinOp(binary) => open.extend([&*binary.left, &*binary.right]),
                Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "type") => {
                    kinds = kinds | Mask::one(Kind::None)
                }
                _ => match self.thing(frame, expr) {
                    Some(Thing::Class(class)) => others.push(Alternative::Class(self.class_key(&class))),
                    Some(Thing::External(path)) => match type_kinds(&path) {
                        Some(found) => kinds = kinds | found,
                        None => others.push(Alternative::External(path)),
                    },
                    Some(Thing::Value { value: Some(value), .. })
                        if open.len() < 20 && matches!(value, Expr::Tuple(_)) =>
                    {
                        open.push(value)
                    }
                    _ => {}
                },
            }
        }
        if kinds != Mask::NOTHING {
            others.insert(0, Alternative::Kinds(kinds));
        }
        others.truncate(12);
        others
    }

    fn compare(&mut self, frame: FrameId, compare: &'p ExprCompare) -> Narrowed<'p> {
        if let Some(narrowed) = self.type_comparison(frame, compare) {
            return narrowed;
        }
        let mut left_expr = &*compare.left;
        let mut left = self.expression(frame, left_expr);
        for (op, right_expr) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.expression(frame, right_expr);
            self.compare_pair(frame, (left_expr, left), *op, (right_expr, right));
            (left_expr, left) = (right_expr, right);
        }
        Narrowed::default()
    }

    fn compare_pair(
        &mut self,
        frame: FrameId,
        (left_expr, left): (&'p Expr, Slot),
        op: CmpOp,
        (right_expr, right): (&'p Expr, Slot),
    ) {
        for (one, other) in [(left_expr, right_expr), (right_expr, left_expr)] {
            if one.is_none_literal_expr() {
                self.mark_none(frame, other);
                return;
            }
        }
        if matches!(op, CmpOp::Eq | CmpOp::NotEq | CmpOp::In | CmpOp::NotIn) {
            self.taken_apart(frame, left_expr, right_expr);
        }
        match op {
            CmpOp::Eq | CmpOp::NotEq => self.slots.unify(left, right),
            CmpOp::Is | CmpOp::IsNot => {
                if !right_expr.is_boolean_literal_expr() {
                    self.slots.unify(left, right);
                } else {
                    self.slots.fact(
                        left,
                        Fact::mostly(Mask::one(Kind::Bool), Mask::NUMBER | Mask::one(Kind::Str)),
                    );
                }
            }
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
                let ordered = Mask::of(&[Kind::Int, Kind::Float, Kind::Str]);
                let also = Mask::NUMERIC
                    | Mask::DATES
                    | Mask::SEQUENCE
                    | Mask::SETS
                    | Mask::of(&[Kind::TimeDelta, Kind::Time, Kind::Object]);
                self.slots.fact(left, Fact::mostly(ordered, also));
                self.slots.unify(left, right);
            }
            CmpOp::In | CmpOp::NotIn => self.contained(left_expr, left, right_expr, right),
        }
    }

    /// `x[0] == '"'`, `x[-1] in ('"', "'")`: where a single character that is no letter stands at a place, the whole is a text.
    fn taken_apart(&mut self, frame: FrameId, part: &'p Expr, with: &'p Expr) {
        let is_character = |written: &Expr| match written {
            Expr::StringLiteral(text) => {
                let mut characters = text.value.chars();
                matches!((characters.next(), characters.next()), (Some(one), None) if !one.is_alphanumeric())
            }
            _ => false,
        };
        let parts = match with {
            Expr::Tuple(tuple) => &tuple.elts[..],
            Expr::List(list) => &list.elts,
            Expr::Set(set) => &set.elts,
            _ => std::slice::from_ref(with),
        };
        if let Expr::Subscript(subscript) = part
            && matches!(&*subscript.value, Expr::Name(_))
            && matches!(literal::plain(&subscript.slice), Some(Value::Int(_)))
            && !parts.is_empty()
            && parts.iter().all(is_character)
        {
            let owner = self.expression(frame, &subscript.value);
            self.slots.fact(owner, Fact::characters());
        }
    }

    /// `left in right`.
    fn contained(&mut self, left_expr: &'p Expr, left: Slot, right_expr: &'p Expr, right: Slot) {
        self.slots.fact(
            right,
            Fact::mostly(
                Mask::of(&[Kind::List, Kind::Set, Kind::Dict, Kind::Str, Kind::Tuple]),
                Mask::CONTAINER | Mask::of(&[Kind::Iterator, Kind::Object]),
            ),
        );
        if let Expr::StringLiteral(text) = left_expr
            && !matches!(right_expr, Expr::Tuple(_) | Expr::List(_) | Expr::Set(_))
        {
            // A piece of a text, or a key: a key that is asked for is a key that may be there.
            if text.value.to_str().chars().all(|c| c.is_alphanumeric() || c == '_')
                && self.is_like(right, &[Kind::Dict])
            {
                self.slots.key(right, text.value.to_str(), KeyUse::Asked);
            }
        }
        let element = match right_expr {
            // The parts of a written tuple are alternatives of one thing here, not places.
            Expr::Tuple(tuple) => {
                let element = self.slots.fresh();
                for index in 0..tuple.elts.len().min(16) as u32 {
                    let part = self.slots.position(right, index);
                    self.slots.unify(element, part);
                }
                element
            }
            Expr::StringLiteral(_) => right,
            _ => self.slots.element(right),
        };
        if self.is_like(right, &[Kind::Str]) {
            self.slots.unify(left, right);
        } else {
            self.slots.unify(left, element);
        }
    }

    /// `type(x) is T`, `type(x) == T`, `type(x) in (T, U)`.
    fn type_comparison(&mut self, frame: FrameId, compare: &'p ExprCompare) -> Option<Narrowed<'p>> {
        let Expr::Call(call) = &*compare.left else { return None };
        let ([op], [right]) = (&*compare.ops, &*compare.comparators) else {
            return None;
        };
        if !matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "type") || call.arguments.args.len() != 1 {
            return None;
        }
        let alternatives = self.types(frame, right);
        let Narrowed { yes, no } = self.is_one_of(frame, &call.arguments.args[0], alternatives);
        Some(if matches!(op, CmpOp::Is | CmpOp::Eq | CmpOp::In) {
            Narrowed { yes, no }
        } else {
            Narrowed { yes: no, no: yes }
        })
    }

    /// `match subject: …`.
    pub(super) fn match_statement(&mut self, frame: FrameId, statement: &'p StmtMatch) {
        let subject = self.expression(frame, &statement.subject);
        for case in &statement.cases {
            self.pattern(frame, subject, &case.pattern);
            if let Some(guard) = &case.guard {
                self.test(frame, guard);
            }
            self.block(frame, &case.body);
        }
    }

    fn pattern(&mut self, frame: FrameId, subject: Slot, pattern: &'p Pattern) {
        if !self.step() {
            return;
        }
        match pattern {
            Pattern::MatchValue(value) => {
                let value = self.expression(frame, &value.value);
                self.slots.unify(subject, value);
            }
            Pattern::MatchSingleton(singleton) if singleton.value != Singleton::None => self
                .slots
                .fact(subject, Fact::mostly(Mask::one(Kind::Bool), Mask::NUMBER)),
            Pattern::MatchSingleton(_) => {
                self.slots
                    .alternative(subject, Alternative::Kinds(Mask::one(Kind::None)));
            }
            Pattern::MatchSequence(sequence) => self.sequence_pattern(frame, subject, &sequence.patterns),
            Pattern::MatchMapping(mapping) => {
                let known = self
                    .slots
                    .alternative(subject, Alternative::Kinds(Mask::one(Kind::Dict)));
                self.slots
                    .fact(known, Fact::declared(Mask::one(Kind::Dict), Mask::NOTHING));
                for (key, pattern) in mapping.keys.iter().zip(&mapping.patterns) {
                    let held = match key {
                        Expr::StringLiteral(name) => self.slots.key(known, name.value.to_str(), KeyUse::Asked),
                        _ => self.slots.value(known),
                    };
                    self.pattern(frame, held, pattern);
                }
            }
            Pattern::MatchClass(class) => {
                let alternatives = self.types(frame, &class.cls);
                for alternative in alternatives {
                    let known = self.narrowed_alternative(subject, alternative);
                    for keyword in &class.arguments.keywords {
                        let slot = self.attribute_of(known, &keyword.attr.id);
                        self.pattern(frame, slot, &keyword.pattern);
                    }
                    if let [only] = &*class.arguments.patterns {
                        self.pattern(frame, known, only);
                    }
                }
            }
            Pattern::MatchStar(_) => {}
            Pattern::MatchAs(named) => {
                if let Some(inner) = &named.pattern {
                    self.pattern(frame, subject, inner);
                }
                if let Some(name) = &named.name {
                    let block = self.frame(frame).block;
                    self.frame_mut(frame)
                        .locals
                        .insert(name.as_str(), Local::Variable(subject, block));
                }
            }
            Pattern::MatchOr(any) => any
                .patterns
                .iter()
                .for_each(|pattern| self.pattern(frame, subject, pattern)),
        }
    }

    fn narrowed_alternative(&mut self, subject: Slot, alternative: Alternative) -> Slot {
        let known = self.slots.alternative(subject, alternative.clone());
        match alternative {
            Alternative::Kinds(kinds) => self.slots.fact(known, Fact::declared(kinds, Mask::NOTHING)),
            Alternative::Class(key) => {
                let instance = self.instance(key);
                self.slots.unify(known, instance);
            }
            Alternative::External(path) => self.external(known, &path),
            Alternative::Member(_) => {}
        }
        known
    }

    fn sequence_pattern(&mut self, frame: FrameId, subject: Slot, patterns: &'p [Pattern]) {
        let kinds = Mask::of(&[Kind::List, Kind::Tuple]);
        let known = self.slots.alternative(subject, Alternative::Kinds(kinds));
        self.slots.fact(known, Fact::declared(kinds, Mask::NOTHING));
        for pattern in patterns {
            let part = self.slots.element(known);
            match pattern {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        let rest = self.of_kind(Kind::List);
                        self.slots.info(rest).element = Some(part);
                        self.frame_mut(frame)
                            .locals
                            .insert(name.as_str(), Local::Variable(rest, 0));
                    }
                }
                pattern => self.pattern(frame, part, pattern),
            }
        }
    }
}

/// The kinds that a class of the library names.
pub(super) fn type_kinds(path: &str) -> Option<Mask> {
    let name = path.rsplit('.').next().unwrap_or(path);
    Some(match path {
        "bool" => Mask::one(Kind::Bool),
        "int" => Mask::one(Kind::Int),
        "float" => Mask::one(Kind::Float),
        "complex" => Mask::one(Kind::Complex),
        "str" | "basestring" | "unicode" => Mask::one(Kind::Str),
        "bytes" | "bytearray" | "memoryview" => Mask::one(Kind::Bytes),
        "list" => Mask::one(Kind::List),
        "tuple" => Mask::one(Kind::Tuple),
        "set" => Mask::one(Kind::Set),
        "frozenset" => Mask::one(Kind::FrozenSet),
        "dict" | "collections.OrderedDict" | "collections.defaultdict" => Mask::one(Kind::Dict),
        "type" => Mask::one(Kind::Class),
        "collections.deque" => Mask::one(Kind::Deque),
        "datetime.date" => Mask::one(Kind::Date),
        "datetime.datetime" => Mask::one(Kind::DateTime),
        "datetime.time" => Mask::one(Kind::Time),
        "datetime.timedelta" => Mask::one(Kind::TimeDelta),
        "decimal.Decimal" => Mask::one(Kind::Decimal),
        "fractions.Fraction" => Mask::one(Kind::Fraction),
        "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath" | "os.PathLike" => {
            Mask::one(Kind::Path)
        }
        "re.Pattern" => Mask::one(Kind::Pattern),
        "io.StringIO" | "io.TextIOBase" | "io.TextIOWrapper" => Mask::one(Kind::TextFile),
        "io.BytesIO" | "io.IOBase" | "io.RawIOBase" | "io.BufferedIOBase" => Mask::one(Kind::BytesFile),
        "types.FunctionType" | "types.MethodType" | "types.BuiltinFunctionType" | "types.LambdaType" => {
            Mask::one(Kind::Callable)
        }
        "types.GeneratorType" => Mask::one(Kind::Iterator),
        "types.NoneType" => Mask::one(Kind::None),
        _ if path.starts_with("numbers.") => match name {
            "Integral" => Mask::one(Kind::Int),
            _ => Mask::NUMBER,
        },
        _ if path.starts_with("collections.") || path.starts_with("typing.") => match name {
            "Mapping" | "MutableMapping" | "Dict" => Mask::one(Kind::Dict),
            "Sequence" | "MutableSequence" | "List" => Mask::of(&[Kind::List, Kind::Tuple]),
            "Set" | "MutableSet" => Mask::one(Kind::Set),
            "Iterable" | "Collection" | "Container" | "Sized" => Mask::ITERABLE,
            "Iterator" | "Generator" => Mask::one(Kind::Iterator),
            "Callable" => Mask::one(Kind::Callable),
            "Hashable" => Mask::of(&[Kind::Int, Kind::Str, Kind::Tuple]),
            _ => return None,
        },
        _ if super::library::is_exception(path) => Mask::one(Kind::Exception),
        _ => return None,
    })
}
