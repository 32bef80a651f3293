//! What a function says of itself: the types of its parameters and of its result, its docstring, what tests say of it.

mod described;
mod keeping;
mod known;
mod measure;
mod order;
mod probes;
mod returns;
mod siblings;
mod stumble;
mod types;

use std::sync::Arc;

use model::{CallKind, Input, Observed, Target, Value};
use ruff_python_ast::{Expr, ParameterWithDefault, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;
use search::Subject;

use super::{Parsed, Project};
use crate::python::syntax::{is_test, words_of};

pub use order::{is_extreme, is_pair};
pub use siblings::{Pair, Trip};
pub use stumble::Stumble;
pub(crate) use types::Reader;

/// A small plain input of the types that are known of all parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The input.
    pub input: Input,
    /// Whether each part of it is of a type that is known, not only of one that it may have.
    pub is_sure: bool,
    /// Whether it holds a value that only few functions are made for, though it is of the declared type: a negative number.
    pub is_odd: bool,
}

/// What a function says of itself.
pub struct Promise<'p> {
    project: &'p Project,
    target: Target,
    subject: &'p Subject,
    parsed: Arc<Parsed>,
    /// Line of its definition.
    pub line: u32,
    /// Its docstring as it is written; empty where it has none.
    pub docstring: String,
}

/// Names of decorators that leave parameters and result as they are written.
const TRANSPARENT: [&str; 8] = [
    "staticmethod",
    "classmethod",
    "cache",
    "lru_cache",
    "wraps",
    "final",
    "override",
    "property",
];

/// Names of what is another thing on another day or machine.
const WORLDLY: [&str; 14] = [
    "now",
    "today",
    "random",
    "time",
    "uuid",
    "secrets",
    "shuffle",
    "sample",
    "urandom",
    "getcwd",
    "cwd",
    "environ",
    "monotonic",
    "perf_counter",
];

/// Words by which a docstring or a comment says that not all values of a type will do.
const CONDITIONS: [&str; 17] = [
    "non-empty",
    "nonempty",
    "non empty",
    "not empty",
    "at least one",
    "assume",
    "assumes",
    "assumed",
    "must",
    "precondition",
    "positive",
    "non-zero",
    "nonzero",
    "not zero",
    "expected to",
    "expects",
    "guaranteed",
];

impl<'p> Promise<'p> {
    /// What the function that `target` calls says of itself; nothing where its source does not show what is called. `subject` is what
    /// is inferred of its inputs, for parameters of which it says nothing.
    pub fn of(project: &'p Project, target: &Target, subject: &'p Subject) -> Option<Self> {
        let parsed = project.parsed(&target.path).ok()?;
        let function = function(&parsed, target)?;
        let line = parsed.line(function.name.start());
        let docstring = docstring(function).unwrap_or_default();
        Some(Self {
            project,
            target: target.clone(),
            subject,
            line,
            docstring,
            parsed: parsed.clone(),
        })
    }

    fn function(&self) -> Option<&StmtFunctionDef> {
        function(&self.parsed, &self.target)
    }

    /// Whether its decorators leave its parameters and its result as they are written.
    pub fn is_plain(&self) -> bool {
        let transparent = |decorator: &Expr| last_name(decorator).is_some_and(|name| TRANSPARENT.contains(&name));
        self.function().is_some_and(|function| {
            let mut decorators = function.decorator_list.iter();
            decorators.all(|decorator| transparent(&decorator.expression))
        })
    }

    /// Whether somebody says that the error `class`, or one of its `bases`, is to be expected: the docstring, or a test of it. So
    /// does whoever sets conditions in words.
    pub fn expects_error(&self, class: &str, bases: &[String]) -> bool {
        let general = ["Exception", "BaseException", "object"];
        let names =
            || std::iter::once(class).chain(bases.iter().map(String::as_str).filter(|base| !general.contains(base)));
        let says = |text: &str| names().any(|name| words_of(text).any(|word| word == name));
        if says(&self.docstring) || self.sets_conditions() {
            return true;
        }
        let name = self.target.qualified_name.rsplit('.').next().unwrap_or_default();
        let tests = self.project.calling(name).into_iter().filter(|path| is_test(path));
        let mut texts = tests.filter_map(|path| self.project.parsed(path).ok());
        texts.any(|test| says(&test.text))
    }

    /// Whether its docstring or a comment in it says that not all values will do.
    fn sets_conditions(&self) -> bool {
        let Some(function) = self.function() else { return false };
        let lines = self.parsed.text[function.range()].lines();
        let comments = lines.filter_map(|line| line.split_once('#').map(|(_, comment)| comment));
        self.docstring.lines().chain(comments).any(|line| {
            let line = line.to_lowercase();
            let has = |words: &str| {
                if words.contains([' ', '-']) {
                    line.contains(words)
                } else {
                    words_of(&line).any(|word| word == words)
                }
            };
            CONDITIONS.iter().any(|words| has(words))
        })
    }

    /// Small plain inputs of what is known of its parameters; none where nothing is of one that has to be given.
    pub fn probes(&self) -> Vec<Probe> {
        let Some(function) = self.function() else {
            return Vec::new();
        };
        let word = (function, self.docstring.as_str());
        probes::of(self.project, &self.parsed, &self.target, word, self.subject)
    }

    /// The annotation of its result as it is written, with its line, where `value` is not of that type; nothing where it is, or
    /// where the function is only declared.
    pub fn broken_result(&self, value: &Observed) -> Option<(String, u32)> {
        let function = self.function()?;
        let annotation = function.returns.as_deref()?;
        let reader = self.reader();
        let written = self.parsed.text[annotation.range()].to_owned();
        // What an object keeps is nothing as long as nobody has set it.
        let is_unset = *value == Observed::None && returns::gives_a_part(function);
        let broken = !is_unset && !is_declaration(function) && !returns::fits(&reader, annotation, value);
        broken.then(|| (written, self.parsed.line(annotation.start())))
    }

    /// Whether its docstring has examples, and nothing in it depends on the time, on chance or on the machine.
    pub fn has_examples(&self) -> bool {
        let Some(function) = self.function() else { return false };
        let text = &self.parsed.text[function.range()];
        self.docstring.contains(">>>") && !words_of(text).any(|word| WORLDLY.contains(&word))
    }

    /// The line of its file on which a line of its docstring (from 0) stands.
    pub fn line_of_docstring(&self, line: u32) -> u32 {
        let first = self.function().and_then(|function| function.body.first());
        first.map_or(self.line, |first| self.parsed.line(first.start())) + line
    }

    /// The pair of functions that it belongs to of which one takes back what the other does, by their names.
    pub fn pair(&self) -> Option<Pair> {
        siblings::pair(&self.parsed.ast.body, &self.target.qualified_name)
    }

    /// What it gives by its name, where that is never below zero: `price`, `count`.
    pub fn measure(&self) -> Option<&'static str> {
        let name = self.target.qualified_name.rsplit('.').next()?;
        measure::of(name, &self.docstring)
    }

    /// What the two parts of the tuple that it returns are called, where the first never comes after the second: a start and an end.
    pub fn ordered_parts(&self) -> Option<(String, String)> {
        order::of_result(self.function()?, &self.docstring)
    }

    /// Whether it says that what has an order may have the other one.
    pub fn is_in_either_order(&self) -> bool {
        order::may_be_either(&self.target.qualified_name, &self.docstring)
    }

    /// The names of its positional parameters, without the receiver.
    pub fn parameter_names(&self) -> Vec<String> {
        let Some(function) = self.function() else {
            return Vec::new();
        };
        let parameters = &function.parameters;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let names = positional.skip(usize::from(self.has_receiver(function)));
        names.map(|parameter| parameter.name().to_string()).collect()
    }

    /// Why it is expected to leave alone what it is given, in words; nothing where it is not.
    pub fn leaves_alone(&self) -> Option<String> {
        keeping::leaves_alone(self.function()?, &self.docstring)
    }

    /// Parameters whose default is an empty container: name, place among the positional ones, and a fresh such container.
    pub fn shared_defaults(&self) -> Vec<(String, usize, Value)> {
        let Some(function) = self.function() else {
            return Vec::new();
        };
        keeping::shared_defaults(function, usize::from(self.has_receiver(function)))
    }

    /// Its parameters with their types, for whoever asks what it says: `values: list[float], scale: int` as they are written, then
    /// those that are known otherwise, and how; empty where nothing is known.
    pub fn parameters(&self) -> String {
        let Some(function) = self.function() else {
            return String::new();
        };
        let reader = self.reader();
        let knowledge = known::Knowledge::new(&reader, &self.docstring, self.subject);
        let mut by_source: Vec<(Option<&str>, Vec<String>)> = vec![(None, Vec::new())];
        for (at, parameter) in self.taken(function) {
            let (source, text) = match (parameter.annotation(), knowledge.of(at, parameter)) {
                (Some(_), _) => {
                    let written = self.parsed.text[parameter.range()].split_whitespace();
                    (None, written.collect::<Vec<_>>().join(" "))
                }
                (None, Some(known)) => (
                    known.source.said(),
                    format!("{}: {}", parameter.name(), known.of.written()),
                ),
                (None, None) => continue,
            };
            match by_source.iter_mut().find(|(known, _)| *known == source) {
                Some((_, texts)) => texts.push(text),
                None => by_source.push((source, vec![text])),
            }
        }
        let said = by_source.iter().filter(|(_, texts)| !texts.is_empty());
        let said = said.map(|(source, texts)| match source {
            Some(source) => format!("`{}` {source}", texts.join(", ")),
            None => format!("`{}`", texts.join(", ")),
        });
        said.collect::<Vec<_>>().join(", ")
    }

    fn reader(&self) -> types::Reader<'_> {
        types::Reader {
            project: self.project,
            parsed: self.parsed.clone(),
        }
    }

    /// Its parameters without the receiver, by their numbers.
    fn taken<'f>(&self, function: &'f StmtFunctionDef) -> impl Iterator<Item = (usize, &'f ParameterWithDefault)> {
        let own = usize::from(self.has_receiver(function));
        function.parameters.iter_non_variadic_params().skip(own).enumerate()
    }

    fn has_receiver(&self, function: &StmtFunctionDef) -> bool {
        let in_class = self.target.call != CallKind::Function || self.target.qualified_name.contains('.');
        in_class
            && !function
                .decorator_list
                .iter()
                .any(|one| last_name(&one.expression) == Some("staticmethod"))
    }

    /// What stands on a line of its file.
    pub fn source_line(&self, path: &str, line: u32) -> Option<String> {
        let parsed = self.project.parsed(path).ok()?;
        let text = parsed.text.lines().nth(line.checked_sub(1)? as usize)?;
        Some(text.trim().to_owned())
    }

    /// What is to be thought of an error of `class` that was raised on a line of a file.
    pub fn stumble(&self, path: &str, line: u32, class: &str, message: &str) -> Stumble {
        let Ok(parsed) = self.project.parsed(path) else {
            return Stumble::Natural;
        };
        let Some(function) = self.function() else {
            return Stumble::Natural;
        };
        let is_own = path == self.parsed.path && {
            let (first, last) = (self.parsed.line(function.start()), self.parsed.line(function.end()));
            (first..=last).contains(&line)
        };
        let thought = stumble::of(&parsed, is_own.then_some(function), line, class, message);
        // What lies in what lies in a list is hard to tell from its uses.
        // What there is to compare, likewise, as keys by which others sort.
        let is_guess = class == "TypeError"
            && (!message.contains("NoneType") && self.is_known_by_use()
                || message.contains("not supported between") && self.is_known_by_others());
        match thought {
            Stumble::Overlooked if is_guess => Stumble::Natural,
            other => other,
        }
    }

    /// Whether what some parameter takes is known by its uses alone.
    pub fn is_known_by_use(&self) -> bool {
        self.is_known_by(&[known::Source::Use])
    }

    /// Whether what some parameter takes is known by its uses and by what callers write down, so that nobody said it.
    pub fn is_known_by_others(&self) -> bool {
        self.is_known_by(&[known::Source::Use, known::Source::Callers])
    }

    fn is_known_by(&self, sources: &[known::Source]) -> bool {
        let Some(function) = self.function() else { return false };
        let reader = self.reader();
        let knowledge = known::Knowledge::new(&reader, &self.docstring, self.subject);
        let mut all = self.taken(function).filter_map(|(at, one)| knowledge.of(at, one));
        all.any(|known| sources.contains(&known.source))
    }
}

/// The source of what a target calls.
fn function<'a>(parsed: &'a Parsed, target: &Target) -> Option<&'a StmtFunctionDef> {
    let mut name = target.qualified_name.clone();
    if target.call == CallKind::Constructor {
        name.push_str(".__init__");
    }
    super::declared::find(&parsed.ast.body, &name).map(|(function, _)| function)
}

fn docstring(function: &StmtFunctionDef) -> Option<String> {
    let Some(Stmt::Expr(first)) = function.body.first() else {
        return None;
    };
    match &*first.value {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        _ => None,
    }
}

/// Whether a function only says that there is one: a protocol's, an abstract one.
fn is_declaration(function: &StmtFunctionDef) -> bool {
    function.body.iter().all(|statement| match statement {
        Stmt::Pass(_) | Stmt::Raise(_) => true,
        Stmt::Expr(one) => one.value.is_ellipsis_literal_expr() || one.value.is_string_literal_expr(),
        _ => false,
    })
}

/// The last part of a dotted name, or of what is called by one.
pub(crate) fn last_name(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Call(call) => last_name(&call.func),
        Expr::Subscript(subscript) => last_name(&subscript.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
