//! Literals that stand in the code in reach: what it compares with, looks up and matches.

use std::collections::HashSet;
use std::rc::Rc;

use model::Value;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;
use search::Token;

use super::engine::Engine;
use super::literal;
use super::module::Module;
use super::regex;
use super::world::Function;

/// So many tokens at most; the nearest to the target come first.
const MOST: usize = 200;
/// Literals of callees further away than this do not count.
const FARTHEST: u32 = 2;
/// Longer texts are messages and documents.
const LONGEST_TEXT: usize = 200;

/// The tokens of everything that was looked at, those on changed lines or in one version only marked.
pub(super) fn collect<'p>(
    engine: &Engine<'_, 'p>,
    targets: &[Function<'p>],
    changed: &[(String, Vec<u32>)],
) -> Vec<Token> {
    let mut found = Found::default();
    let own: Vec<HashSet<Value>> = targets
        .iter()
        .map(|function| {
            literals_of(function, changed)
                .into_iter()
                .map(|token| token.value)
                .collect()
        })
        .collect();
    for function in targets {
        for mut token in literals_of(function, changed) {
            // With both versions at hand, what only one of them has is what the change is about.
            token.changed |= own.len() > 1 && own.iter().any(|side| !side.contains(&token.value));
            found.add(token);
        }
    }
    let mut visited: Vec<&(Function<'p>, u32)> =
        engine.visited.iter().filter(|(_, depth)| *depth <= FARTHEST).collect();
    visited.sort_by_key(|(_, depth)| *depth);
    let mut seen: HashSet<usize> = targets
        .iter()
        .map(|function| std::ptr::from_ref(function.def) as usize)
        .collect();
    for (module, value) in &engine.used_constants {
        gather(module, changed, |gatherer| gatherer.visit_expr(value))
            .into_iter()
            .for_each(|token| found.add(token));
    }
    for (function, _) in visited {
        if found.tokens.len() >= MOST {
            break;
        }
        if seen.insert(std::ptr::from_ref(function.def) as usize) {
            literals_of(function, changed)
                .into_iter()
                .for_each(|token| found.add(token));
        }
    }
    found.tokens.truncate(MOST);
    found.tokens
}

#[derive(Default)]
struct Found {
    tokens: Vec<Token>,
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

fn literals_of<'p>(function: &Function<'p>, changed: &[(String, Vec<u32>)]) -> Vec<Token> {
    gather(&function.module, changed, |gatherer| {
        for parameter in function.def.parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                gatherer.visit_expr(default);
            }
        }
        gatherer.visit_body(&function.def.body);
    })
}

fn gather<'p>(
    module: &Rc<Module<'p>>,
    changed: &[(String, Vec<u32>)],
    visit: impl FnOnce(&mut Gatherer<'_, 'p>),
) -> Vec<Token> {
    let lines = if module.side == 1 {
        changed
            .iter()
            .find(|(path, _)| *path == module.parsed.path)
            .map(|(_, lines)| &lines[..])
    } else {
        None
    };
    let mut gatherer = Gatherer {
        module,
        lines: lines.unwrap_or_default(),
        tokens: Vec::new(),
    };
    visit(&mut gatherer);
    gatherer.tokens
}

struct Gatherer<'g, 'p> {
    module: &'g Rc<Module<'p>>,
    lines: &'g [u32],
    tokens: Vec<Token>,
}

impl<'p> Gatherer<'_, 'p> {
    fn add(&mut self, value: Value, at: &impl Ranged) {
        let too_long = matches!(&value, Value::Str(text) if text.len() > LONGEST_TEXT)
            || matches!(&value, Value::Bytes(bytes) if bytes.len() > LONGEST_TEXT);
        if too_long || matches!(value, Value::None | Value::Bool(_) | Value::Ellipsis) || self.tokens.len() >= 2 * MOST
        {
            return;
        }
        let changed = !self.lines.is_empty() && self.lines.contains(&self.module.parsed.line(at.start()));
        self.tokens.push(Token { value, changed });
    }

    /// What a text stands for besides itself: a date for a format, words for a list of them.
    fn add_text(&mut self, text: &str, at: &impl Ranged) {
        self.add(Value::Str(text.to_owned()), at);
        if let Some(date) = dated(text) {
            self.add(Value::Str(date), at);
        }
    }

    /// Patterns by what they match.
    fn add_pattern(&mut self, call: &'p ExprCall) {
        let is_regex = match &*call.func {
            Expr::Attribute(attribute) => {
                matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "re" | "regex" | "_re"))
            }
            _ => false,
        };
        if let (true, Some(Expr::StringLiteral(pattern))) = (is_regex, call.arguments.args.first()) {
            for sample in regex::samples(pattern.value.to_str(), 4) {
                self.add(Value::Str(sample), pattern);
            }
        }
    }
}

impl<'p> Visitor<'p> for Gatherer<'_, 'p> {
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
                walk_expr(self, expr);
            }
            Expr::Call(call) => {
                self.add_pattern(call);
                walk_expr(self, expr);
            }
            _ => walk_expr(self, expr),
        }
    }
}

/// A leap day in the form that a date format asks for.
fn dated(format: &str) -> Option<String> {
    if !format.contains('%')
        || !["%Y", "%y", "%m", "%d", "%H", "%b", "%B", "%j"]
            .iter()
            .any(|code| format.contains(code))
    {
        return None;
    }
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        out.push_str(match rest.next()? {
            'Y' => "2024",
            'y' => "24",
            'm' => "02",
            'd' | 'e' => "29",
            'H' => "13",
            'I' => "01",
            'M' | 'S' => "05",
            'p' => "PM",
            'f' => "000123",
            'b' => "Feb",
            'B' => "February",
            'a' => "Thu",
            'A' => "Thursday",
            'j' => "060",
            'z' => "+0000",
            'Z' => "UTC",
            '%' => "%",
            'F' => "2024-02-29",
            'T' => "13:05:05",
            _ => return None,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_date_formats() {
        assert_eq!(dated("%Y-%m-%dT%H:%M"), Some("2024-02-29T13:05".to_owned()));
        assert_eq!(dated("%d items"), Some("29 items".to_owned()));
        assert_eq!(dated("100%"), None);
        assert_eq!(dated("%Q %Y"), None);
    }
}
