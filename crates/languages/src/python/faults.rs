//! Small faults of a function, each a mutant that one edit of its source makes. The operators are the usual ones of mutation
//! testing (relational, arithmetic, logical and conditional operators, constants, return values, statement deletion), as in
//! Offutt and others, "An Experimental Determination of Sufficient Mutant Operators" (1996), and those of Python's exceptions.

use std::ops::Range;

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_except_handler, walk_expr, walk_stmt};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprBinOp, ExprBoolOp, ExprCall, ExprCompare, Number, Operator, Stmt,
    StmtAugAssign, StmtFunctionDef, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};

use super::Parsed;

/// What kind of mistake a fault stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A comparison that goes one too far, or the other way round.
    Comparison,
    /// Another arithmetic operator.
    Arithmetic,
    /// `and` for `or`, a `not` that is missing, a truth value.
    Boolean,
    /// A condition the other way round.
    Condition,
    /// Another number or text.
    Constant,
    /// Nothing is returned.
    Return,
    /// A statement is missing.
    Statement,
    /// An error is not handled.
    Exception,
    /// An argument of a call is missing.
    Argument,
    /// Another value where a parameter is left out.
    Default,
}

/// One small edit that makes a mutant of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it stands for.
    pub kind: Kind,
    /// Line of the edit, from 1.
    pub line: u32,
    /// Bytes of the file that it replaces.
    pub range: Range<usize>,
    /// By what.
    pub text: String,
    /// Whose default it is, where it is one that is worked out when the file is imported.
    pub parameter: Option<Parameter>,
}

/// A parameter of a function that is not inside of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The function's own name.
    pub function: String,
    /// The function's first line, its decorators included, from 1.
    pub line: u32,
    /// Its name.
    pub name: String,
}

impl Fault {
    /// The file with it.
    pub fn apply(&self, source: &str) -> String {
        let mut mutant = source.to_owned();
        mutant.replace_range(self.range.clone(), &self.text);
        mutant
    }
}

/// What is compiled anew where a fault is put into a function: as little as the function's code can be had from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The line on which the headers begin, from 1.
    pub line: u32,
    /// Headers of the classes around it, each on a line of its own: how private names are mangled and what `super()` means comes from there.
    pub headers: String,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

impl Part {
    /// The part around a line: the outermost function that holds it, or the statement at the top of the file.
    pub fn around(parsed: &Parsed, line: u32) -> Option<Self> {
        let holds = |statement: &&Stmt| {
            let (first, last) = (parsed.line(statement.start()), parsed.line(statement.end()));
            (first..=last).contains(&line)
        };
        let top = parsed.ast.body.iter().find(holds)?;
        let (mut classes, mut statement) = (Vec::new(), top);
        while let Stmt::ClassDef(class) = statement {
            // Type parameters are names that functions close over.
            let inner = class.body.iter().find(holds).filter(|_| class.type_params.is_none());
            let Some(inner) = inner else { break };
            classes.push(class.name.as_str());
            statement = inner;
        }
        Self::in_classes(parsed, statement, &classes).or_else(|| {
            Some(Self {
                line: parsed.line(top.start()),
                headers: String::new(),
                range: bytes(top.range()),
            })
        })
    }

    fn in_classes(parsed: &Parsed, statement: &Stmt, classes: &[&str]) -> Option<Self> {
        if classes.is_empty() || !statement.is_function_def_stmt() {
            return None;
        }
        let range = bytes(statement.range());
        let indent = &parsed.text[parsed.text[..range.start].rfind('\n')? + 1..range.start];
        // A header needs less indentation than what it holds, of the same blanks.
        let is_deep = indent.chars().count() >= classes.len() && indent.trim().is_empty();
        let first = parsed.line(statement.start());
        let line = first
            .checked_sub(u32::try_from(classes.len()).ok()?)
            .filter(|line| *line > 0)?;
        let at = |depth: usize| indent.chars().take(depth).collect::<String>();
        let header = |(depth, name): (usize, &&str)| format!("{}class {name}:\n", at(depth));
        is_deep.then(|| Self {
            line,
            headers: classes
                .iter()
                .enumerate()
                .map(header)
                .chain([indent.to_owned()])
                .collect(),
            range,
        })
    }

    /// Whether an edit lies in it.
    pub fn holds(&self, fault: &Fault) -> bool {
        self.range.start <= fault.range.start && fault.range.end <= self.range.end
    }

    /// Its source with the fault, from [`Part::line`] on.
    pub fn with(&self, parsed: &Parsed, fault: &Fault) -> String {
        let mut source = parsed.text[self.range.clone()].to_owned();
        let start = self.range.start;
        source.replace_range(fault.range.start - start..fault.range.end - start, &fault.text);
        format!("{}{source}\n", self.headers)
    }
}

/// The faults of the code on some lines of a file, in order: those of functions, without their decorators and annotations, and of
/// defaults only what is literal.
pub fn of(parsed: &Parsed, lines: std::ops::RangeInclusive<u32>) -> Vec<Fault> {
    let mut found = Found {
        parsed,
        lines,
        inside: false,
        parameter: None,
        faults: Vec::new(),
    };
    parsed.ast.body.iter().for_each(|statement| found.visit_stmt(statement));
    let mut faults = found.faults;
    faults.sort_by_key(|fault| (fault.range.start, fault.range.end));
    faults.dedup();
    faults
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().to_usize()..range.end().to_usize()
}

struct Found<'p> {
    parsed: &'p Parsed,
    lines: std::ops::RangeInclusive<u32>,
    /// Whether the body of a function is visited.
    inside: bool,
    /// Whose default is visited.
    parameter: Option<Parameter>,
    faults: Vec<Fault>,
}

impl<'p> Found<'p> {
    fn source(&self, range: Range<usize>) -> &'p str {
        &self.parsed.text[range]
    }

    fn add(&mut self, kind: Kind, range: Range<usize>, text: impl Into<String>) {
        let Ok(start) = u32::try_from(range.start) else { return };
        let line = self.parsed.line(start.into());
        let mut text = text.into();
        // As many lines as before: functions behind it are known by theirs.
        let lost = self.source(range.clone()).matches('\n').count() as isize - text.matches('\n').count() as isize;
        if lost > 0 {
            text = format!("({text}{})", "\n".repeat(lost.unsigned_abs()));
        }
        if self.inside && self.lines.contains(&line) && self.source(range.clone()) != text {
            self.faults.push(Fault {
                kind,
                line,
                range,
                text,
                parameter: self.parameter.clone(),
            });
        }
    }

    /// Another operator in place of one that stands between two expressions, where brackets may stand, too.
    fn operator(&mut self, kind: Kind, between: (usize, usize), from: &str, to: &[&str]) {
        let gap = self.source(between.0..between.1);
        // What stands behind a `#` is no operator.
        if gap.contains('#') {
            return;
        }
        if let Some(at) = gap.find(from) {
            let start = between.0 + at;
            for other in to {
                self.add(kind, start..start + from.len(), *other);
            }
        }
    }

    fn comparison(&mut self, compare: &ExprCompare) {
        let mut left = compare.left.end().to_usize();
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            use ruff_python_ast::CmpOp::{Eq, Gt, GtE, In, Is, IsNot, Lt, LtE, NotEq, NotIn};
            let (from, to): (&str, &[&str]) = match op {
                Lt => ("<", &["<=", ">="]),
                LtE => ("<=", &["<", ">"]),
                Gt => (">", &[">=", "<="]),
                GtE => (">=", &[">", "<"]),
                Eq => ("==", &["!="]),
                NotEq => ("!=", &["=="]),
                Is => ("is", &["is not"]),
                IsNot => ("is not", &["is"]),
                In => ("in", &["not in"]),
                NotIn => ("not in", &["in"]),
            };
            self.operator(Kind::Comparison, (left, right.start().to_usize()), from, to);
            left = right.end().to_usize();
        }
    }

    fn arithmetic(&mut self, binary: &ExprBinOp) {
        let is_text = |one: &Expr| matches!(one, Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::FString(_));
        // Texts are joined and filled in: another operator has no meaning there, and everybody notices.
        if is_text(&binary.left) || is_text(&binary.right) {
            return;
        }
        let between = (binary.left.end().to_usize(), binary.right.start().to_usize());
        let (from, to) = swapped(binary.op);
        self.operator(Kind::Arithmetic, between, from, &[to]);
    }

    fn augmented(&mut self, assign: &StmtAugAssign) {
        let between = (assign.target.end().to_usize(), assign.value.start().to_usize());
        let (from, to) = swapped(assign.op);
        if !assign.value.is_string_literal_expr() {
            self.operator(Kind::Arithmetic, between, &format!("{from}="), &[&format!("{to}=")]);
        }
    }

    fn boolean(&mut self, all: &ExprBoolOp) {
        let (from, to) = match all.op {
            ruff_python_ast::BoolOp::And => ("and", "or"),
            ruff_python_ast::BoolOp::Or => ("or", "and"),
        };
        for pair in all.values.windows(2) {
            let between = (pair[0].end().to_usize(), pair[1].start().to_usize());
            self.operator(Kind::Boolean, between, from, &[to]);
        }
    }

    fn condition(&mut self, test: &Expr) {
        let range = bytes(test.range());
        let text = format!("not ({})", self.source(range.clone()));
        // A single comparison the other way round is one already.
        if !matches!(test, Expr::Compare(_) | Expr::UnaryOp(_) | Expr::BooleanLiteral(_))
            && !mentions_type_checking(test)
        {
            self.add(Kind::Condition, range, text);
        }
    }

    fn constant(&mut self, literal: &Expr) {
        let range = bytes(literal.range());
        match literal {
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(value) => {
                    if let Some(value) = value.as_u64() {
                        self.add(Kind::Constant, range.clone(), value.saturating_add(1).to_string());
                        if value > 1 {
                            self.add(Kind::Constant, range, (value - 1).to_string());
                        }
                    }
                }
                Number::Float(value) if value.is_finite() => {
                    self.add(Kind::Constant, range, format!("{:?}", value + 1.0))
                }
                Number::Float(_) | Number::Complex { .. } => {}
            },
            Expr::StringLiteral(text) => {
                let other = if text.value.is_empty() { "'X'" } else { "''" };
                self.add(Kind::Constant, range, other);
            }
            Expr::BytesLiteral(bytes) => {
                let other = if bytes.value.is_empty() { "b'X'" } else { "b''" };
                self.add(Kind::Constant, range, other);
            }
            Expr::BooleanLiteral(truth) => {
                self.add(Kind::Boolean, range, if truth.value { "False" } else { "True" });
            }
            _ => {}
        }
    }

    /// Arguments that are worked out: what is written down has faults of its own.
    fn arguments(&mut self, call: &ExprCall) {
        for argument in &call.arguments.args {
            if !is_written_down(argument) && !argument.is_starred_expr() {
                self.add(Kind::Argument, bytes(argument.range()), "None");
            }
        }
        for keyword in call.arguments.keywords.iter().filter(|keyword| keyword.arg.is_some()) {
            let range = bytes(keyword.range());
            // An empty mapping stands where a keyword may stand, and keeps the lines.
            let lines = self.source(range.clone()).matches('\n').count();
            self.add(Kind::Argument, range, format!("**{{{}}}", "\n".repeat(lines)));
        }
    }

    /// Defaults that are written down; those of a function inside of another are worked out by the code of that one.
    fn defaults(&mut self, function: &StmtFunctionDef) {
        let was = self.inside;
        for parameter in function.parameters.iter_non_variadic_params() {
            let Some(default) = parameter.default.as_deref() else {
                continue;
            };
            let at = self.faults.len();
            self.inside = true;
            self.parameter = (!was).then(|| Parameter {
                function: function.name.to_string(),
                line: self.parsed.line(function.start()),
                name: parameter.name().to_string(),
            });
            self.constant(default);
            self.faults.truncate(at + 1);
            self.faults
                .iter_mut()
                .skip(at)
                .for_each(|fault| fault.kind = Kind::Default);
        }
        (self.inside, self.parameter) = (was, None);
    }

    /// A statement without which the rest still makes sense, so that nobody need notice at once.
    fn missing(&mut self, statement: &Stmt) {
        let range = bytes(statement.range());
        // As many lines as before: what follows keeps its numbers.
        let lines = self.source(range.clone()).matches('\n').count();
        let pass = format!("pass{}", "\n".repeat(lines));
        let is_state = |target: &Expr| matches!(target, Expr::Attribute(_) | Expr::Subscript(_));
        let is_told = match statement {
            Stmt::Expr(expression) => {
                matches!(&*expression.value, Expr::Call(call) if !is_log(&call.func))
            }
            Stmt::Assign(assign) => assign.targets.iter().all(is_state),
            Stmt::AugAssign(_) | Stmt::Raise(_) | Stmt::Delete(_) => true,
            Stmt::Break(_) => {
                self.add(Kind::Statement, range.clone(), "continue");
                false
            }
            Stmt::Continue(_) => {
                self.add(Kind::Statement, range.clone(), "break");
                true
            }
            _ => false,
        };
        if is_told {
            self.add(Kind::Statement, range, pass);
        }
    }
}

/// Whether it is a constant, or a text with parts that are filled in.
fn is_written_down(expression: &Expr) -> bool {
    expression.is_literal_expr() || matches!(expression, Expr::FString(_) | Expr::TString(_))
}

/// An arithmetic operator and one that is mistaken for it.
fn swapped(operator: Operator) -> (&'static str, &'static str) {
    match operator {
        Operator::Add => ("+", "-"),
        Operator::Sub => ("-", "+"),
        Operator::Mult => ("*", "+"),
        Operator::MatMult => ("@", "*"),
        Operator::Div => ("/", "*"),
        Operator::FloorDiv => ("//", "/"),
        Operator::Mod => ("%", "//"),
        Operator::Pow => ("**", "*"),
        Operator::LShift => ("<<", ">>"),
        Operator::RShift => (">>", "<<"),
        Operator::BitOr => ("|", "&"),
        Operator::BitAnd => ("&", "|"),
        Operator::BitXor => ("^", "|"),
    }
}

/// Whether what is called writes a log or a warning, which no caller sees.
fn is_log(callee: &Expr) -> bool {
    match callee {
        Expr::Attribute(method) => match &*method.value {
            Expr::Name(name) => {
                let name = name.id.to_lowercase();
                name.ends_with("log") || name.ends_with("logger") || ["logging", "warnings"].contains(&name.as_str())
            }
            inner => is_log(inner),
        },
        _ => false,
    }
}

fn mentions_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => ["TYPE_CHECKING", "__debug__"].contains(&name.id.as_str()),
        Expr::Attribute(part) => part.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

impl<'p> Visitor<'p> for Found<'p> {
    fn visit_stmt(&mut self, statement: &'p Stmt) {
        match statement {
            // Decorators and annotations run when it is defined.
            Stmt::FunctionDef(function) => {
                self.defaults(function);
                let was = std::mem::replace(&mut self.inside, true);
                let mut body = function.body.iter().peekable();
                body.next_if(|first| matches!(first, Stmt::Expr(text) if text.value.is_string_literal_expr()));
                body.for_each(|statement| self.visit_stmt(statement));
                self.inside = was;
                return;
            }
            Stmt::ClassDef(class) => {
                let was = std::mem::replace(&mut self.inside, false);
                class.body.iter().for_each(|statement| self.visit_stmt(statement));
                self.inside = was;
                return;
            }
            Stmt::Assert(_) | Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Import(_) | Stmt::ImportFrom(_) => return,
            Stmt::AnnAssign(assign) => {
                self.visit_expr(&assign.target);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                }
                return;
            }
            Stmt::Return(returned) => {
                let value = returned.value.as_deref().filter(|value| !value.is_none_literal_expr());
                if let Some(value) = value {
                    self.add(Kind::Return, bytes(value.range()), "None");
                }
            }
            // What an error says is seldom looked at, and everybody notices that it is not raised.
            Stmt::Raise(_) => {
                self.missing(statement);
                return;
            }
            Stmt::If(all) => {
                self.condition(&all.test);
                for clause in &all.elif_else_clauses {
                    clause.test.iter().for_each(|test| self.condition(test));
                }
            }
            Stmt::While(all) => self.condition(&all.test),
            Stmt::AugAssign(assign) => self.augmented(assign),
            _ => {}
        }
        self.missing(statement);
        walk_stmt(self, statement);
    }

    fn visit_except_handler(&mut self, handler: &'p ExceptHandler) {
        let ExceptHandler::ExceptHandler(clause) = handler;
        if let Some(types) = &clause.type_ {
            // No program raises this one by mistake.
            self.add(Kind::Exception, bytes(types.range()), "GeneratorExit");
        }
        walk_except_handler(self, handler);
    }

    fn visit_comprehension(&mut self, comprehension: &'p Comprehension) {
        comprehension.ifs.iter().for_each(|test| self.condition(test));
        walk_comprehension(self, comprehension);
    }

    fn visit_expr(&mut self, expression: &'p Expr) {
        match expression {
            Expr::Compare(compare) => self.comparison(compare),
            Expr::BinOp(binary) => self.arithmetic(binary),
            Expr::BoolOp(all) => self.boolean(all),
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
                let operand = self.source(bytes(unary.operand.range()));
                self.add(Kind::Boolean, bytes(unary.range()), format!("({operand})"));
            }
            Expr::If(either) => self.condition(&either.test),
            // The parts of an f-string are no literals that could be replaced, and what a log says no caller sees.
            Expr::FString(_) | Expr::TString(_) => return,
            Expr::Call(call) if is_log(&call.func) => return,
            Expr::Call(call) => self.arguments(call),
            literal => self.constant(literal),
        }
        walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutants(source: &str) -> Vec<String> {
        let parsed = Parsed::new("m.py", "m", source.as_bytes().to_vec()).expect("Python");
        let all = of(&parsed, 1..=u32::MAX);
        all.iter()
            .map(|fault| {
                let mutant = fault.apply(source);
                Parsed::new("m.py", "m", mutant.clone().into_bytes()).expect("Python");
                let differing = mutant.lines().zip(source.lines()).find(|(one, other)| one != other);
                differing.map_or_else(String::new, |(one, _)| one.trim().to_owned())
            })
            .collect()
    }

    #[test]
    fn each_operator_has_its_mistakes() {
        assert_eq!(
            mutants("def f(a, b):\n    return a < b\n"),
            ["return None", "return a <= b", "return a >= b"]
        );
        assert_eq!(mutants("def f(a, b):\n    x = (a) // (b)\n"), ["x = (a) / (b)"]);
        assert_eq!(
            mutants("def f(a, b):\n    if a and not b:\n        a += 2\n"),
            [
                "if not (a and not b):",
                "if a or not b:",
                "if a and (b):",
                "pass",
                "a -= 2",
                "a += 3",
                "a += 1"
            ]
        );
        assert_eq!(
            mutants("def f(a):\n    try:\n        g(a, '', None)\n    except KeyError:\n        raise E('x')\n"),
            [
                "pass",
                "g(None, '', None)",
                "g(a, 'X', None)",
                "except GeneratorExit:",
                "pass"
            ]
        );
        assert_eq!(
            mutants("def f(a):\n    while a is not None:\n        break\n"),
            ["while a is None:", "continue"]
        );
    }

    #[test]
    fn what_runs_at_the_definition_or_says_something_alone_has_none() {
        let source = "X = 1\n\n\n@d(2)\ndef f(a: 'int' = X) -> 'x':\n    '''Text.'''\n    log.debug('x', 1)\n    assert a > 1\n    b: int = a\n";
        assert_eq!(mutants(source), Vec::<String>::new());
    }

    #[test]
    fn only_the_wanted_lines_have_some_and_the_top_around_them_is_found() {
        let source = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n";
        let parsed = Parsed::new("m.py", "m", source.as_bytes().to_vec()).expect("Python");
        let lines: Vec<u32> = of(&parsed, 5..=6).iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [6, 6, 6]);
    }

    #[test]
    fn arguments_get_lost_and_defaults_are_others() {
        assert_eq!(
            mutants("def f(a):\n    x = g(a, *a, k=a, **a)(1)\n"),
            [
                "x = g(None, *a, k=a, **a)(1)",
                "x = g(a, *a, **{}, **a)(1)",
                "x = g(a, *a, k=a, **a)(2)"
            ]
        );
        let source = "class A:\n    @d\n    def f(self, a=1, *, b='', c=None): pass\n";
        assert_eq!(
            mutants(source),
            [
                "def f(self, a=2, *, b='', c=None): pass",
                "def f(self, a=1, *, b='X', c=None): pass"
            ]
        );
        let parsed = Parsed::new("m.py", "m", source.as_bytes().to_vec()).expect("Python");
        let parameter = of(&parsed, 1..=9)[0].parameter.clone().expect("a default");
        assert_eq!(
            (parameter.function.as_str(), parameter.line, parameter.name.as_str()),
            ("f", 2, "a")
        );
        // What the function around it works out is that one's code.
        let nested = "def f():\n    def g(a=1): pass\n";
        let parsed = Parsed::new("m.py", "m", nested.as_bytes().to_vec()).expect("Python");
        let faults = of(&parsed, 1..=9);
        assert!(faults.len() == 1 && faults[0].parameter.is_none(), "{faults:?}");
    }

    #[test]
    fn as_little_as_can_be_is_compiled_anew_on_the_lines_where_it_stands() {
        let source = "X = 1\nclass A:\n    'Text.'\n    class B:\n        z = 1\n        @d\n        def f(self):\n            return 1\n\n\ndef g():\n    return 2\n";
        let parsed = Parsed::new("m.py", "m", source.as_bytes().to_vec()).expect("Python");
        let with = |line: u32| {
            let part = Part::around(&parsed, line).expect("a part");
            let fault = of(&parsed, line..=line).into_iter().find(|fault| part.holds(fault));
            (
                part.line,
                fault.map_or(String::new(), |fault| part.with(&parsed, &fault)),
            )
        };
        let method = "class A:\n class B:\n        @d\n        def f(self):\n            return None\n";
        assert_eq!(with(8), (4, method.to_owned()));
        assert_eq!(with(12), (11, "def g():\n    return None\n".to_owned()));
        assert_eq!((with(5).0, with(1).0), (2, 1));
    }
}
