//! Expressions, parameters and patterns as bytes.

use ruff_python_ast::{
    Arguments, CmpOp, Comprehension, Expr, ExprCompare, Parameter, ParameterWithDefault, Parameters, Pattern,
    Singleton, TypeParam, TypeParams, UnaryOp,
};

use super::encode::Encoder;
use super::scopes::type_name;

impl<'a> Encoder<'a> {
    pub fn expression(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(inner) => {
                self.tag(b'n');
                self.name(inner.id.as_str());
            }
            Expr::Attribute(inner) => {
                self.tag(b'.');
                self.expression(&inner.value);
                self.text(inner.attr.as_str());
            }
            Expr::Call(inner) => {
                self.tag(b'(');
                self.expression(&inner.func);
                self.arguments(&inner.arguments);
            }
            Expr::Subscript(inner) => self.several(b'[', [&*inner.value, &*inner.slice]),
            Expr::BinOp(inner) => {
                self.tag(b'2');
                self.tag(inner.op as u8);
                self.expression(&inner.left);
                self.expression(&inner.right);
            }
            Expr::UnaryOp(inner) => self.unary(inner.op, &inner.operand),
            Expr::BoolOp(inner) => {
                self.tag(b'b');
                self.tag(inner.op as u8);
                self.listed(b'l', &inner.values);
            }
            Expr::Compare(inner) => self.compare(inner, false),
            Expr::If(inner) => self.several(b'?', [&*inner.test, &*inner.body, &*inner.orelse]),
            Expr::Named(inner) => self.several(b'w', [&*inner.target, &*inner.value]),
            Expr::Starred(inner) => self.several(b'*', [&*inner.value]),
            Expr::Await(inner) => self.several(b'a', [&*inner.value]),
            Expr::YieldFrom(inner) => self.several(b'Y', [&*inner.value]),
            Expr::Yield(inner) => {
                self.tag(b'y');
                match inner.value.as_deref() {
                    None | Some(Expr::NoneLiteral(_)) => self.tag(b'-'),
                    Some(value) => self.expression(value),
                }
            }
            Expr::List(inner) => self.listed(b'L', &inner.elts),
            Expr::Tuple(inner) => self.listed(b't', &inner.elts),
            Expr::Set(inner) => self.listed(b's', &inner.elts),
            Expr::Dict(inner) => {
                self.tag(b'd');
                for item in &inner.items {
                    self.optional(item.key.as_ref());
                    self.expression(&item.value);
                }
                self.tag(b'.');
            }
            Expr::Slice(inner) => {
                self.tag(b':');
                self.optional(inner.lower.as_deref());
                self.optional(inner.upper.as_deref());
                self.optional(inner.step.as_deref());
            }
            Expr::Lambda(inner) => {
                self.tag(b'\\');
                if let Some(parameters) = inner.parameters.as_deref() {
                    self.parameters(parameters);
                }
                self.enter(|scopes| scopes.enter_lambda(inner.parameters.as_deref(), &inner.body));
                self.expression(&inner.body);
                self.leave();
            }
            Expr::ListComp(inner) => self.comprehension(b'1', &inner.generators, [Some(&*inner.elt), None]),
            Expr::SetComp(inner) => self.comprehension(b'3', &inner.generators, [Some(&*inner.elt), None]),
            Expr::Generator(inner) => self.comprehension(b'4', &inner.generators, [Some(&*inner.elt), None]),
            Expr::DictComp(inner) => {
                self.comprehension(b'5', &inner.generators, [inner.key.as_deref(), Some(&*inner.value)])
            }
            literal => self.literal(literal),
        }
    }

    pub(super) fn listed(&mut self, tag: u8, expressions: &'a [Expr]) {
        self.several(tag, expressions);
        self.tag(b'.');
    }

    fn several(&mut self, tag: u8, expressions: impl IntoIterator<Item = &'a Expr>) {
        self.tag(tag);
        expressions
            .into_iter()
            .for_each(|expression| self.expression(expression));
    }

    pub(super) fn names(&mut self, tag: u8, names: impl Iterator<Item = &'a str>) {
        self.tag(tag);
        names.for_each(|name| self.text(name));
        self.tag(b'.');
    }

    /// `not a in b` is compiled as `a not in b`.
    fn unary(&mut self, op: UnaryOp, operand: &'a Expr) {
        if let (UnaryOp::Not, Expr::Compare(inner)) = (op, operand)
            && let [CmpOp::In | CmpOp::NotIn | CmpOp::Is | CmpOp::IsNot] = inner.ops.as_ref()
        {
            return self.compare(inner, true);
        }
        self.tag(b'u');
        self.tag(op as u8);
        self.expression(operand);
    }

    fn compare(&mut self, inner: &'a ExprCompare, negated: bool) {
        self.tag(b'<');
        self.expression(&inner.left);
        for (op, right) in inner.ops.iter().zip(inner.comparators.iter()) {
            let op = match (negated, op) {
                (true, CmpOp::In) => CmpOp::NotIn,
                (true, CmpOp::NotIn) => CmpOp::In,
                (true, CmpOp::Is) => CmpOp::IsNot,
                (true, CmpOp::IsNot) => CmpOp::Is,
                (_, op) => *op,
            };
            self.tag(op as u8);
            self.expression(right);
        }
        self.tag(b'.');
    }

    /// The first iterable belongs to the scope around.
    fn comprehension(&mut self, tag: u8, generators: &'a [Comprehension], parts: [Option<&'a Expr>; 2]) {
        self.tag(tag);
        let Some(first) = generators.first() else { return };
        self.expression(&first.iter);
        self.enter(|scopes| scopes.enter_comprehension(generators));
        for (index, generator) in generators.iter().enumerate() {
            self.tag(if generator.is_async { b'A' } else { b'F' });
            if index > 0 {
                self.expression(&generator.iter);
            }
            self.expression(&generator.target);
            self.listed(b'i', &generator.ifs);
        }
        parts.into_iter().for_each(|part| self.optional(part));
        self.leave();
        self.tag(b'.');
    }

    pub(super) fn arguments(&mut self, arguments: &'a Arguments) {
        self.listed(b'p', &arguments.args);
        for keyword in &arguments.keywords {
            match &keyword.arg {
                Some(name) => self.text(name.as_str()),
                None => self.tag(b'*'),
            }
            self.expression(&keyword.value);
        }
        self.tag(b'.');
    }

    /// Names, kinds, order and defaults of parameters, without annotations.
    pub fn parameters(&mut self, parameters: &'a Parameters) {
        self.with_defaults(b'/', &parameters.posonlyargs);
        self.with_defaults(b'p', &parameters.args);
        self.variadic(parameters.vararg.as_deref());
        self.with_defaults(b'k', &parameters.kwonlyargs);
        self.variadic(parameters.kwarg.as_deref());
    }

    fn with_defaults(&mut self, tag: u8, parameters: &'a [ParameterWithDefault]) {
        self.tag(tag);
        for parameter in parameters {
            self.text(parameter.parameter.name.as_str());
            self.optional(parameter.default.as_deref());
        }
        self.tag(b'.');
    }

    fn variadic(&mut self, parameter: Option<&'a Parameter>) {
        match parameter {
            Some(parameter) => self.text(parameter.name.as_str()),
            None => self.tag(b'-'),
        }
    }

    /// Annotations of parameters and of the result.
    pub fn annotations(&mut self, parameters: &'a Parameters, returns: Option<&'a Expr>) {
        for parameter in parameters.iter() {
            if let Some(annotation) = parameter.annotation() {
                self.text(parameter.name().as_str());
                self.expression(annotation);
            }
        }
        self.optional(returns);
    }

    pub(super) fn type_params(&mut self, parameters: Option<&'a TypeParams>) {
        for parameter in parameters.into_iter().flat_map(|parameters| &parameters.type_params) {
            self.text(type_name(parameter));
            match parameter {
                TypeParam::TypeVar(inner) => {
                    self.optional(inner.bound.as_deref());
                    self.optional(inner.default.as_deref());
                }
                TypeParam::TypeVarTuple(inner) => self.optional(inner.default.as_deref()),
                TypeParam::ParamSpec(inner) => self.optional(inner.default.as_deref()),
            }
        }
        self.tag(b'.');
    }

    pub(super) fn pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchValue(inner) => self.several(b'v', [&*inner.value]),
            Pattern::MatchSingleton(inner) => {
                self.tag(b'1');
                self.tag(match inner.value {
                    Singleton::None => b'N',
                    Singleton::True => b'T',
                    Singleton::False => b'F',
                });
            }
            Pattern::MatchSequence(inner) => self.patterns(b's', &inner.patterns),
            Pattern::MatchOr(inner) => self.patterns(b'|', &inner.patterns),
            Pattern::MatchMapping(inner) => {
                self.listed(b'm', &inner.keys);
                self.patterns(b'p', &inner.patterns);
                self.capture(inner.rest.as_ref().map(|name| name.as_str()));
            }
            Pattern::MatchClass(inner) => {
                self.tag(b'c');
                self.expression(&inner.cls);
                self.patterns(b'p', &inner.arguments.patterns);
                for keyword in &inner.arguments.keywords {
                    self.text(keyword.attr.as_str());
                    self.pattern(&keyword.pattern);
                }
                self.tag(b'.');
            }
            Pattern::MatchStar(inner) => {
                self.tag(b'*');
                self.capture(inner.name.as_ref().map(|name| name.as_str()));
            }
            Pattern::MatchAs(inner) => {
                self.tag(b'a');
                match inner.pattern.as_deref() {
                    Some(pattern) => self.pattern(pattern),
                    None => self.tag(b'-'),
                }
                self.capture(inner.name.as_ref().map(|name| name.as_str()));
            }
        }
    }

    fn patterns(&mut self, tag: u8, patterns: &'a [Pattern]) {
        self.tag(tag);
        patterns.iter().for_each(|pattern| self.pattern(pattern));
        self.tag(b'.');
    }

    fn capture(&mut self, name: Option<&'a str>) {
        match name {
            Some(name) => self.name(name),
            None => self.tag(b'-'),
        }
    }
}
