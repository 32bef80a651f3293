//! Functions that go by their names in texts: a table or a registry looks them up, and no call of them stands in the code.

use std::rc::Rc;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprStringLiteral};
use ruff_text_size::Ranged;

use super::engine::Engine;
use super::module::{Binding, Module};
use super::world::{Function, Thing, World};

/// Functions that one target names by texts, at most.
const MOST: usize = 4;
/// How far they count as being away from the target.
const DEPTH: u32 = 2;

/// Looks at the functions whose names stand as texts on changed lines of a target, of its module or of those that it imports: what
/// they compare with and match is what tells whether they ran.
pub(super) fn look<'p>(engine: &mut Engine<'_, 'p>, target: &Function<'p>, changed: &[(String, Vec<u32>)]) {
    let parsed = target.module.parsed;
    let lines = changed.iter().filter(|(path, _)| *path == parsed.path);
    let mut texts = Texts {
        lines: lines.flat_map(|(_, lines)| lines.iter().copied()).collect(),
        module: &target.module,
        found: Vec::new(),
    };
    texts.visit_body(&target.def.body);
    let names = texts.found;
    if names.is_empty() {
        return;
    }
    let modules = within_reach(engine.world_of(&target.module), &target.module);
    let functions = modules.iter().flat_map(Module::functions);
    let named: Vec<Function<'p>> = functions
        .filter(|function| names.contains(&function.def.name.as_str()))
        .take(MOST)
        .collect();
    for function in named {
        let frame = engine.enter(&function, None, None, DEPTH);
        engine.walk(frame, function.def);
    }
}

/// A module, and those of the project that it imports as such.
fn within_reach<'p>(world: &World<'p>, module: &Rc<Module<'p>>) -> Vec<Rc<Module<'p>>> {
    let imported = module.names.values().filter_map(|binding| match binding {
        Binding::Import { module, name } => match world.import(module, name.as_deref())? {
            Thing::Module(module) => Some(module),
            _ => None,
        },
        _ => None,
    });
    let mut modules = vec![module.clone()];
    modules.extend(imported);
    modules
}

/// Texts on some lines that could be names.
struct Texts<'t, 'p> {
    lines: Vec<u32>,
    module: &'t Module<'p>,
    found: Vec<&'p str>,
}

impl<'p> Visitor<'p> for Texts<'_, 'p> {
    fn visit_expr(&mut self, expr: &'p Expr) {
        if let Expr::StringLiteral(ExprStringLiteral { value, .. }) = expr
            && self.lines.contains(&self.module.parsed.line(expr.start()))
            && value.to_str().chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            self.found.push(value.to_str());
        }
        walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use model::{CallKind, Target, Value};

    use super::super::subject;
    use super::super::tests::{project, target};

    #[test]
    fn what_a_function_matches_that_only_a_text_names_is_known() {
        let program = "from m import fixes\nTABLE = {f.__name__: f for f in fixes.ALL}\ndef f(text):\n    for name in ['trim']:\n        text = TABLE[name](text)\n    return text\n";
        let fixes = "import re\nBELL = re.compile('ab+~')\ndef trim(t):\n    return t.strip()\ndef ring(t):\n    return BELL.sub('', t)\nALL = [trim, ring]\n";
        let files = |program: &str| project(&[("m/__init__.py", program), ("m/fixes.py", fixes)]);
        let head = program.replace("['trim']", "['trim', 'ring']");
        let known = |changed: u32| {
            let lines = [("m/__init__.py".to_owned(), vec![changed])];
            let target = Target {
                path: "m/__init__.py".to_owned(),
                ..target("f", CallKind::Function)
            };
            let found = subject(&files(program), &files(&head), &target, &lines);
            let mut tokens = found.tokens.into_iter();
            tokens.any(|token| matches!(token.value, Value::Str(text) if text.starts_with("ab") && text.ends_with('~')))
        };
        assert!(known(4) && !known(5));
    }
}
