//! What is to be thought of an error that nobody raised: whether a caller would expect it of what the function is for.

mod choices;

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_except_handler, walk_expr, walk_stmt};
use ruff_python_ast::{
    Comprehension, ExceptHandler, ExceptHandlerExceptHandler, Expr, Number, Operator, Stmt, StmtFunctionDef, UnaryOp,
};
use ruff_text_size::Ranged;

use crate::python::Parsed;
use crate::python::syntax::words_of;

/// What is to be thought of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stumble {
    /// It is wrong whatever it was given: a name that is not bound, a call that cannot be made.
    Always,
    /// Whoever wrote it has not thought of the input.
    Overlooked,
    /// It is what a caller expects of such an input, or nobody can tell.
    Natural,
}

/// What is to be thought of an error of `class` on a line of a file; `function` is the one that was called, where the line is its own.
pub(super) fn of(
    parsed: &Parsed,
    function: Option<&StmtFunctionDef>,
    line: u32,
    class: &str,
    message: &str,
) -> Stumble {
    let text = parsed.text.lines().nth(line as usize - 1).unwrap_or_default();
    let mut found = Found::on(parsed, line);
    parsed.ast.body.iter().for_each(|statement| found.visit_stmt(statement));
    if found.raises {
        return Stumble::Natural;
    }
    let names = function
        .map(|function| Names::of(parsed, function, line))
        .unwrap_or_default();
    if message.contains("NoneType") && function.is_some_and(|one| is_left_out(one, text) && is_shared(parsed, one)) {
        return Stumble::Natural;
    }
    match class {
        "NameError" | "UnboundLocalError" => {
            let name = message.split('\'').nth(1).unwrap_or_default();
            // What is run from a text has other names.
            let is_told = words_of(text).any(|word| word == name) && !may_be_missing(&parsed.ast.body, name);
            let is_told = is_told && !(class == "NameError" && is_of_python_2(parsed, text, name));
            let is_choice = || enclosing(parsed, line).is_some_and(|around| choices::is_bound_by_one(around, name));
            if is_told && !(class == "UnboundLocalError" && is_choice()) {
                if class == "UnboundLocalError" && found.is_handled {
                    Stumble::Overlooked
                } else {
                    Stumble::Always
                }
            } else {
                Stumble::Natural
            }
        }
        "TypeError" if is_wrong_call(message) => {
            // What the function around the line is given counts there, whichever was called.
            let around = enclosing(parsed, line);
            let around = around
                .map(|function| Names::of(parsed, function, line))
                .unwrap_or_default();
            // A class that is given may be the one that takes no such call.
            let may_be_given =
                |callee: &&Expr| matches!(callee, Expr::Name(name) if around.given.contains(name.id.as_str()));
            let is_clear = !found.called.iter().any(may_be_given);
            if is_clear && found.called.iter().any(|callee| around.is_own_call(callee, message)) {
                Stumble::Always
            } else {
                Stumble::Natural
            }
        }
        // A text that is to be one character: no annotation can say that. What another function is handed may come out of what was
        // given (a number out of a text of JSON), which no annotation says, either; nothing in place of something is overlooked.
        "TypeError" if found.is_unset_part(message, &names) => Stumble::Natural,
        "TypeError" => natural_if(message.contains("character") || function.is_none() && !message.contains("NoneType")),
        // The day after the last, the month after December: of a date that was given, not of numbers.
        "ValueError" if is_no_date(message) => natural_if(
            !found.dated.iter().any(|part| names.mentions_given(part))
                || found.dated.iter().any(|part| names.is_handed_on(part)),
        ),
        "RecursionError" => Stumble::Overlooked,
        "AttributeError" => {
            let is_unset = found.is_unset_part(message, &names);
            if message.contains("'NoneType' object has no attribute") && !is_unset {
                Stumble::Overlooked
            } else {
                Stumble::Natural
            }
        }
        "ZeroDivisionError" => {
            // Of a number by how many there are of something else that is given: whoever gives both knows that there are some.
            // Of what else may be zero (a product, an item), whoever gives it knows; of one less than there are, nobody thinks.
            let is_overlooked = |(dividend, divisor): &(Option<&Expr>, &Expr)| {
                let of_another = dividend.is_some_and(|one| names.mentions_other(one, divisor));
                names.is(divisor, is_length) && !of_another || names.is(divisor, is_less)
            };
            natural_if(found.divisors.is_empty() || !found.divisors.iter().all(is_overlooked))
        }
        "IndexError" => {
            let is_natural = |(base, index): &(&Expr, &Expr)| {
                let is_near = names.is_given(base) && (is_end(index) || names.mentions_more(text, base));
                let is_inner =
                    is_end(index) && (found.is_item_of_given(base, &names) || names.is(base, is_part_of_self));
                let by_given = names.mentions_given(index)
                    || mentions(index, |name| {
                        found.goes_over_given(name, &names) || names.is_counted_from(name, base)
                    });
                is_near || is_inner || by_given || names.is_handed_to_another(base)
            };
            let all = &found.indexed;
            natural_if(all.is_empty() || function.is_some_and(is_accessor) || all.iter().any(is_natural))
        }
        // A dictionary that it began itself, and counts up in what is not there.
        "KeyError" if found.counted.is_some_and(|base| names.is_made(base)) => Stumble::Always,
        "KeyError" => {
            natural_if(found.indexed.is_empty() || !found.indexed.iter().all(|(base, _)| names.is_made(base)))
        }
        _ => Stumble::Natural,
    }
}

/// The innermost function around a line.
fn enclosing(parsed: &Parsed, line: u32) -> Option<&StmtFunctionDef> {
    struct Around<'a> {
        parsed: &'a Parsed,
        line: u32,
        found: Option<&'a StmtFunctionDef>,
    }
    impl<'a> Visitor<'a> for Around<'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            let (first, last) = (self.parsed.line(statement.start()), self.parsed.line(statement.end()));
            if !(first..=last).contains(&self.line) {
                return;
            }
            if let Stmt::FunctionDef(function) = statement {
                self.found = Some(function);
            }
            walk_stmt(self, statement);
        }
    }
    let mut around = Around {
        parsed,
        line,
        found: None,
    };
    parsed
        .ast
        .body
        .iter()
        .for_each(|statement| around.visit_stmt(statement));
    around.found
}

/// Whether a line uses an argument that may be left out, and is nothing then.
fn is_left_out(function: &StmtFunctionDef, line: &str) -> bool {
    let mut parameters = function.parameters.iter_non_variadic_params();
    parameters.any(|parameter| {
        let is_none = parameter.default.as_deref().is_some_and(Expr::is_none_literal_expr);
        is_none && words_of(line).any(|word| word == parameter.name().as_str())
    })
}

/// Classes of a file that have a method of one name and with the same parameters, from which on these are an agreement between
/// them: each takes what all are given, and what may be left out there was not decided by one.
const AGREED: usize = 3;

fn is_shared(parsed: &Parsed, function: &StmtFunctionDef) -> bool {
    let named = |one: &StmtFunctionDef| -> Vec<String> {
        one.parameters
            .iter()
            .map(|parameter| parameter.name().to_string())
            .collect()
    };
    let wanted = named(function);
    let has = |statement: &Stmt| matches!(statement, Stmt::FunctionDef(one) if one.name.as_str() == function.name.as_str() && named(one) == wanted);
    let classes = parsed.ast.body.iter().filter_map(Stmt::as_class_def_stmt);
    classes.filter(|class| class.body.iter().any(has)).count() >= AGREED
}

/// Whether a name is built into Python 2 alone, in a file that is written for both and knows which one runs it.
fn is_of_python_2(parsed: &Parsed, line: &str, name: &str) -> bool {
    let built_in = [
        "long",
        "unicode",
        "basestring",
        "xrange",
        "raw_input",
        "unichr",
        "reduce",
        "buffer",
        "cmp",
        "file",
        "reload",
    ];
    let words = ["version_info", "PY2", "PY3", "six"];
    built_in.contains(&name) && (line.contains("noqa") || words_of(&parsed.text).any(|word| words.contains(&word)))
}

/// Whether a module tries to import a name, so that it is there only where something is installed.
fn may_be_missing(body: &[Stmt], name: &str) -> bool {
    struct Imported<'n> {
        name: &'n str,
        tried: u32,
        found: bool,
    }
    impl<'a> Visitor<'a> for Imported<'_> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            let aliases = match statement {
                Stmt::Import(import) => &import.names[..],
                Stmt::ImportFrom(import) => &import.names[..],
                _ => &[],
            };
            let binds = aliases.iter().any(|alias| {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                bound.split('.').next() == Some(self.name)
            });
            self.found |= binds && self.tried > 0;
            let is_try = u32::from(matches!(statement, Stmt::Try(_)));
            self.tried += is_try;
            walk_stmt(self, statement);
            self.tried -= is_try;
        }
    }
    let mut imported = Imported {
        name,
        tried: 0,
        found: false,
    };
    body.iter().for_each(|statement| imported.visit_stmt(statement));
    imported.found
}

fn natural_if(natural: bool) -> Stumble {
    if natural { Stumble::Natural } else { Stumble::Overlooked }
}

/// Whether a call cannot be made with what it is given, whatever that is.
fn is_wrong_call(message: &str) -> bool {
    message.contains("missing") && message.contains("required") && message.contains("argument")
        || message.contains("got an unexpected keyword argument")
        || message.contains("positional argument") && message.contains("given") && message.contains("takes")
        // As functions that are written in C say it.
        || message.contains("argument")
            && ["expected at least", "expected at most", "expected exactly", "takes no ", "takes exactly", "takes at "]
                .iter()
                .any(|words| message.contains(words))
}

/// Whether a message says that there is no such day.
fn is_no_date(message: &str) -> bool {
    message.starts_with("day is out of range for month") || message.starts_with("month must be in 1..12")
}

/// Whether an index is that of the first item or the last. That what was given has one is left to the caller as a rule: few
/// would mind `word[0]` for its stumbling over an empty word.
fn is_end(index: &Expr) -> bool {
    let is_number = |expression: &Expr, wanted: u64| match expression {
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(value) => value.as_u64() == Some(wanted),
            _ => false,
        },
        _ => false,
    };
    match index {
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => is_number(&unary.operand, 1),
        other => is_number(other, 0),
    }
}

/// Whether all that a function does is to give an item of something.
fn is_accessor(function: &StmtFunctionDef) -> bool {
    let is_text = |statement: &&Stmt| !matches!(statement, Stmt::Expr(one) if one.value.is_string_literal_expr());
    let mut body = function.body.iter().filter(is_text);
    let (first, second) = (body.next(), body.next());
    fn is_item(value: &Expr) -> bool {
        match value {
            Expr::Subscript(_) => true,
            // `self.errors[0].message`.
            Expr::Attribute(part) => is_item(&part.value),
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Attribute(method) if method.attr.starts_with("pop") || is_item(&method.value))
            }
            _ => false,
        }
    }
    match (first, second) {
        (Some(Stmt::Return(only)), None) => only.value.as_deref().is_some_and(is_item),
        _ => false,
    }
}

/// Whether it is an attribute of the object whose method it stands in: `self.left`, `self.left.right`.
fn is_part_of_self(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(attribute) => match &*attribute.value {
            Expr::Name(name) => name.id.as_str() == "self",
            inner => is_part_of_self(inner),
        },
        _ => false,
    }
}

/// Whether it says how many there are of something; a number that is made of that is one, too.
fn is_length(expression: &Expr) -> bool {
    match expression {
        Expr::Call(call) => match (&*call.func, &call.arguments.args[..]) {
            (Expr::Name(name), _) if name.id == "len" => true,
            (Expr::Name(name), [inner]) if ["float", "int", "Decimal"].contains(&name.id.as_str()) => is_length(inner),
            _ => false,
        },
        _ => false,
    }
}

fn is_less(expression: &Expr) -> bool {
    matches!(expression, Expr::BinOp(binary) if binary.op == Operator::Sub)
}

/// Whether it is a dictionary that begins here.
fn is_display(expression: &Expr) -> bool {
    match expression {
        Expr::Dict(_) | Expr::DictComp(_) => true,
        Expr::Call(call) => {
            matches!(&*call.func, Expr::Name(name) if name.id == "dict" && call.arguments.is_empty())
        }
        _ => false,
    }
}

/// Names of a function as they are when a line is reached.
#[derive(Default)]
struct Names<'a> {
    /// Those that it is given, and has not given another value.
    given: BTreeSet<&'a str>,
    /// The last value of each that it gives one.
    values: BTreeMap<&'a str, &'a Expr>,
    /// All that each stands for anywhere in the function, what loops go over among it.
    drawn: Vec<(&'a str, &'a Expr)>,
}

impl<'a> Names<'a> {
    fn of(parsed: &Parsed, function: &'a StmtFunctionDef, line: u32) -> Self {
        let mut assigned = Assigned::default();
        function
            .body
            .iter()
            .for_each(|statement| assigned.visit_stmt(statement));
        let before = assigned.values.iter().copied();
        let before = before.filter(|(_, value)| parsed.line(value.start()) < line);
        let values: BTreeMap<&str, &Expr> = before.collect();
        let mut drawn = assigned.values;
        drawn.extend(assigned.looped);
        let parameters = function.parameters.iter().map(|parameter| parameter.name().as_str());
        Self {
            given: parameters.filter(|name| !values.contains_key(name)).collect(),
            values,
            drawn,
        }
    }

    /// Whether an expression is one of a kind, or a name that stands for one.
    fn is(&self, expression: &Expr, kind: fn(&Expr) -> bool) -> bool {
        kind(expression) || self.stands_for(expression, kind)
    }

    fn stands_for(&self, expression: &Expr, kind: fn(&Expr) -> bool) -> bool {
        matches!(expression, Expr::Name(name) if self.values.get(name.id.as_str()).is_some_and(|value| kind(value)))
    }

    /// Whether it is something that the function was given, as it was given, or a part of that.
    fn is_given(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => self.given.contains(name.id.as_str()),
            Expr::Attribute(attribute) => self.is_given(&attribute.value),
            Expr::Subscript(subscript) => self.is_given(&subscript.value),
            _ => false,
        }
    }

    /// Whether a line names something else that is given beside the root of `base`: a length or a limit, which whoever gives both
    /// keeps in step with what it belongs to.
    fn mentions_more(&self, line: &str, base: &Expr) -> bool {
        let root = match base {
            Expr::Name(name) => name.id.as_str(),
            _ => return false,
        };
        words_of(line).any(|word| word != root && self.given.contains(word))
    }

    /// Whether it is an argument itself, so that whoever gives it has to know what will do.
    fn is_handed_on(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => self.given.contains(name.id.as_str()),
            other => other.is_starred_expr(),
        }
    }

    fn mentions_given(&self, expression: &Expr) -> bool {
        mentions(expression, |name| self.given.contains(name))
    }

    /// Whether an expression is a parameter, or a part of one, that the other expression does not mention.
    fn mentions_other(&self, expression: &Expr, other: &Expr) -> bool {
        let root = match expression {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(part) => return self.mentions_other(&part.value, other),
            Expr::Subscript(part) => return self.mentions_other(&part.value, other),
            _ => return false,
        };
        let is_object = ["self", "cls"].contains(&root);
        self.given.contains(root) && !is_object && !mentions(other, |name| name == root)
    }

    /// Whether it is what another function gives for something that was given: what that makes of it, nothing declares.
    fn is_handed_to_another(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Call(call) if !keeps_items(&call.func) && call.arguments.args.iter().any(|one| self.mentions_given(one)))
    }

    /// Whether a message that a call cannot be made is about this callee, which is neither given nor a part of what is.
    fn is_own_call(&self, callee: &Expr, message: &str) -> bool {
        let (whole, _) = message.split_once("()").unwrap_or_default();
        let mut parts: Vec<&str> = whole.split('.').collect();
        if matches!(parts.last(), Some(&"__init__" | &"__new__")) {
            parts.pop();
        }
        let Some(name) = parts.last() else { return false };
        match callee {
            Expr::Name(callee) => callee.id == *name && !self.given.contains(callee.id.as_str()),
            Expr::Attribute(callee) => {
                let is_self = matches!(&*callee.value, Expr::Name(base) if ["self", "cls"].contains(&base.id.as_str()));
                let is_given =
                    || self.mentions_given(&callee.value) || self.comes_of_given(&callee.value, &mut BTreeSet::new());
                callee.attr.as_str() == *name && (is_self || !is_given())
            }
            _ => false,
        }
    }

    /// Whether a name stands for something that is worked out of what is given beside `base`: `at = index - 1`.
    fn is_counted_from(&self, name: &str, base: &Expr) -> bool {
        let root = root_of(base).unwrap_or_default();
        let mut drawn = self.drawn.iter().filter(|(one, _)| *one == name);
        drawn.any(|(_, value)| mentions(value, |one| one != root && self.given.contains(one)))
    }

    /// Whether it is a part or an item of what is given, under whichever names: what that is, the function does not decide.
    fn comes_of_given<'n>(&'n self, expression: &'n Expr, seen: &mut BTreeSet<&'n str>) -> bool {
        let mut comes = |one: &'n Expr| self.comes_of_given(one, seen);
        match expression {
            Expr::Name(name) if self.given.contains(name.id.as_str()) => true,
            Expr::Name(name) => {
                let mut drawn = self.drawn.iter().filter(|(one, _)| *one == name.id.as_str());
                seen.insert(name.id.as_str()) && drawn.any(|(_, value)| self.comes_of_given(value, seen))
            }
            Expr::Attribute(part) => comes(&part.value),
            Expr::Subscript(part) => comes(&part.value),
            Expr::Starred(all) => comes(&all.value),
            Expr::BoolOp(either) => either.values.iter().any(comes),
            Expr::If(either) => comes(&either.body) || comes(&either.orelse),
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) => comes(&method.value),
                Expr::Name(callee) => {
                    let keeps = ["iter", "next", "zip", "filter", "getattr", "set"].contains(&callee.id.as_str());
                    (keeps || keeps_items(&call.func)) && call.arguments.args.iter().any(comes)
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether it is a dictionary that the function itself began.
    fn is_made(&self, expression: &Expr) -> bool {
        self.stands_for(expression, is_display)
    }
}

/// The name that a part of something hangs on: `self` of `self.rows[0]`.
fn root_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(part) => root_of(&part.value),
        Expr::Subscript(part) => root_of(&part.value),
        _ => None,
    }
}

/// Whether a function gives as many items as it is given.
fn keeps_items(callee: &Expr) -> bool {
    let kept = ["sorted", "list", "tuple", "enumerate", "reversed", "map"];
    matches!(callee, Expr::Name(name) if kept.contains(&name.id.as_str()))
}

/// Whether one of the wanted names stands in an expression.
fn mentions(expression: &Expr, is_wanted: impl Fn(&str) -> bool) -> bool {
    struct Mentioned<F>(F, bool);
    impl<'e, F: Fn(&str) -> bool> Visitor<'e> for Mentioned<F> {
        fn visit_expr(&mut self, expression: &'e Expr) {
            self.1 |= matches!(expression, Expr::Name(name) if (self.0)(name.id.as_str()));
            walk_expr(self, expression);
        }
    }
    let mut mentioned = Mentioned(is_wanted, false);
    mentioned.visit_expr(expression);
    mentioned.1
}

/// What names stand for in a function.
#[derive(Default)]
struct Assigned<'a> {
    /// All assignments to names, in order.
    values: Vec<(&'a str, &'a Expr)>,
    /// Names of items, with what the loops and comprehensions go over.
    looped: Vec<(&'a str, &'a Expr)>,
}

impl<'a> Assigned<'a> {
    fn loops(&mut self, target: &'a Expr, over: &'a Expr) {
        match target {
            Expr::Name(name) => self.looped.push((name.id.as_str(), over)),
            Expr::Tuple(several) => several.elts.iter().for_each(|one| self.loops(one, over)),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Assigned<'a> {
    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.loops(&comprehension.target, &comprehension.iter);
        walk_comprehension(self, comprehension);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::For(loop_) = statement {
            self.loops(&loop_.target, &loop_.iter);
        }
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let Expr::Name(name) = target {
                        self.values.push((name.id.as_str(), &assign.value));
                    }
                }
            }
            Stmt::AnnAssign(assign) => {
                if let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value) {
                    self.values.push((name.id.as_str(), value));
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }
}

/// What may fail on a line.
struct Found<'a> {
    parsed: &'a Parsed,
    line: u32,
    /// What is divided, where it stands there, and by what.
    divisors: Vec<(Option<&'a Expr>, &'a Expr)>,
    indexed: Vec<(&'a Expr, &'a Expr)>,
    called: Vec<&'a Expr>,
    /// What is asked for an attribute, and for which.
    attributes: Vec<(&'a Expr, &'a str)>,
    /// Parts of dates that are made.
    dated: Vec<&'a Expr>,
    /// What comprehensions and loops around it go over, with the names for an item.
    looped: Vec<(&'a Expr, &'a Expr)>,
    /// What holds the item that is changed in place.
    counted: Option<&'a Expr>,
    /// Whether it stands in a clause for errors that code raises unasked, on an input that is not what it should be, say.
    is_handled: bool,
    raises: bool,
}

impl<'a> Found<'a> {
    fn on(parsed: &'a Parsed, line: u32) -> Self {
        Self {
            parsed,
            line,
            divisors: Vec::new(),
            indexed: Vec::new(),
            called: Vec::new(),
            attributes: Vec::new(),
            dated: Vec::new(),
            looped: Vec::new(),
            counted: None,
            is_handled: false,
            raises: false,
        }
    }

    /// Whether an error says that an attribute of the object is not set (`self.left.right` of a leaf): what an object has to have
    /// been through before a method may be called, nothing declares.
    fn is_unset_part(&self, message: &str, names: &Names<'_>) -> bool {
        if !message.contains("'NoneType' object") {
            return false;
        }
        let wanted = message.split("has no attribute '").nth(1);
        let wanted = wanted.and_then(|rest| rest.split('\'').next());
        match wanted {
            Some(wanted) => {
                let mut all = self.attributes.iter().filter(|(_, name)| *name == wanted).peekable();
                all.peek().is_some() && all.all(|(base, _)| names.is(base, is_part_of_self))
            }
            None => {
                let all = self.indexed.iter().map(|(base, _)| base);
                let all = all.chain(self.looped.iter().map(|(_, over)| over)).chain(&self.called);
                all.clone().count() > 0 && all.clone().all(|base| names.is(base, is_part_of_self))
            }
        }
    }

    /// Whether it is one of the things that the function was given, one after the other: `seq[at] for at in places`.
    fn is_item_of_given(&self, index: &Expr, names: &Names<'_>) -> bool {
        matches!(index, Expr::Name(index) if self.goes_over_given(index.id.as_str(), names))
    }

    fn goes_over_given(&self, name: &str, names: &Names<'_>) -> bool {
        let is_its = |target: &Expr| matches!(target, Expr::Name(one) if one.id.as_str() == name);
        self.looped
            .iter()
            .any(|(target, over)| is_its(target) && names.is_given(over))
    }

    fn is_there(&self, node: &impl Ranged) -> bool {
        let (first, last) = (self.parsed.line(node.start()), self.parsed.line(node.end()));
        (first..=last).contains(&self.line)
    }
}

/// Whether a clause takes errors that code raises unasked.
fn takes_accidents(handler: &ExceptHandlerExceptHandler) -> bool {
    let Some(types) = handler.type_.as_deref() else {
        return true;
    };
    let takes = |one: &Expr| {
        super::last_name(one).is_some_and(|name| {
            [
                "AttributeError",
                "TypeError",
                "Exception",
                "BaseException",
                "KeyError",
                "IndexError",
                "LookupError",
            ]
            .contains(&name)
        })
    };
    match types {
        Expr::Tuple(several) => several.elts.iter().any(takes),
        only => takes(only),
    }
}

impl<'a> Visitor<'a> for Found<'a> {
    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(clause) = handler;
        self.is_handled |= self.is_there(clause) && takes_accidents(clause);
        walk_except_handler(self, handler);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.looped.push((&comprehension.target, &comprehension.iter));
        walk_comprehension(self, comprehension);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if !self.is_there(statement) {
            return;
        }
        match statement {
            Stmt::Raise(_) | Stmt::Assert(_) => self.raises = true,
            Stmt::For(loop_) => self.looped.push((&loop_.target, &loop_.iter)),
            Stmt::AugAssign(assign) => {
                if is_division(assign.op) {
                    self.divisors.push((Some(&assign.target), &assign.value));
                }
                if let Expr::Subscript(target) = &*assign.target {
                    self.counted = Some(&target.value);
                    self.indexed.push((&target.value, &target.slice));
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if !self.is_there(expression) {
            return;
        }
        match expression {
            Expr::BinOp(binary) if is_division(binary.op) => self.divisors.push((Some(&binary.left), &binary.right)),
            Expr::Subscript(subscript) => self.indexed.push((&subscript.value, &subscript.slice)),
            Expr::Attribute(attribute) => self.attributes.push((&attribute.value, attribute.attr.as_str())),
            Expr::Call(call) => {
                // What is handed on may be anything.
                let hands_on = call.arguments.args.iter().any(Expr::is_starred_expr)
                    || call.arguments.keywords.iter().any(|keyword| keyword.arg.is_none());
                if !hands_on {
                    self.called.push(&call.func);
                }
                if super::last_name(&call.func).is_some_and(|name| ["date", "datetime", "replace"].contains(&name)) {
                    self.dated.extend(&call.arguments.args);
                    self.dated
                        .extend(call.arguments.keywords.iter().map(|keyword| &keyword.value));
                }
                if matches!(&*call.func, Expr::Name(name) if name.id == "divmod")
                    && let [dividend, divisor, ..] = &call.arguments.args[..]
                {
                    self.divisors.push((Some(dividend), divisor));
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

fn is_division(operator: Operator) -> bool {
    matches!(operator, Operator::Div | Operator::FloorDiv | Operator::Mod)
}
