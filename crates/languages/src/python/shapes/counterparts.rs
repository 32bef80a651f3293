//! What a reader reads is what its writer writes: `loads` is given what `dumps` gives, `from_dict` what `to_dict` does. The writer's
//! arguments are searched like any other.

use model::Symbol;
use ruff_python_ast::Stmt;
use search::{Shape, ShapeId};

use super::binding::{Receiver, is_generator, receiver_kind};
use super::concrete::Concrete;
use super::world::{Class, Function, Thing, for_each_statement};

/// Parts of names of what reads, and those of what writes for them.
const PAIRS: [(&str, &[&str]); 24] = [
    ("loads", &["dumps"]),
    ("load", &["dumps", "dump"]),
    ("decode", &["encode"]),
    ("decompress", &["compress"]),
    ("decrypt", &["encrypt"]),
    ("deserialize", &["serialize"]),
    ("unserialize", &["serialize"]),
    ("unpickle", &["pickle"]),
    ("unpack", &["pack"]),
    ("unquote", &["quote"]),
    ("unescape", &["escape"]),
    ("unmarshal", &["marshal"]),
    ("untokenize", &["tokenize"]),
    ("unflatten", &["flatten"]),
    ("unwrap", &["wrap"]),
    ("structure", &["unstructure"]),
    ("from", &["to", "as"]),
    ("read", &["write"]),
    ("restore", &["save"]),
    ("reader", &["writer"]),
    ("decoder", &["encoder"]),
    ("split", &["join"]),
    ("strip", &["add"]),
    (
        "parse",
        &[
            "unparse",
            "format",
            "dump",
            "serialize",
            "render",
            "write",
            "build",
            "compose",
            "generate",
            "stringify",
        ],
    ),
];
/// Names of class methods that take what `str()` gives of an instance.
const FROM_TEXT: [&str; 8] = [
    "parse",
    "from_string",
    "from_str",
    "fromstring",
    "from_text",
    "loads",
    "decode",
    "deserialize",
];
/// Writers of one reader, at most.
const MOST: usize = 3;
/// How likely it is, beside what else is known of the argument.
const WEIGHT: f64 = 0.5;

impl<'p> Concrete<'_, '_, 'p> {
    /// Adds to the first parameter of a target what its counterparts write.
    pub(super) fn with_counterparts(&mut self, function: &Function<'p>) {
        let Some(first) = self.subject.parameters.first() else {
            return;
        };
        let shape = first.shape;
        let written = self.written(function);
        if written.is_empty() {
            return;
        }
        let file = self.file_of(shape);
        let mut options = vec![(1.0, shape)];
        for made in written {
            let made = match &file {
                Some(callee) => self.subject.add(Shape::Make {
                    callee: callee.clone(),
                    args: vec![made],
                }),
                None => made,
            };
            options.push((WEIGHT, made));
        }
        let shape = self.subject.add(Shape::Union(options));
        if let Some(first) = self.subject.parameters.first_mut() {
            first.shape = shape;
        }
    }

    /// The file in memory that a parameter is, where it is one.
    fn file_of(&self, shape: ShapeId) -> Option<Symbol> {
        let file = |id: ShapeId| match self.subject.shape(id) {
            Shape::Make { callee, .. } if callee.module == "io" => Some(callee.clone()),
            _ => None,
        };
        match self.subject.shape(shape) {
            Shape::Union(members) => members.iter().find_map(|(_, member)| file(*member)),
            _ => file(shape),
        }
    }

    /// What the counterparts of a function give.
    fn written(&mut self, function: &Function<'p>) -> Vec<ShapeId> {
        let mut found = Vec::new();
        let wanted = counterparts(function.def.name.as_str());
        if let Some(class) = function.class.clone() {
            for name in &wanted {
                found.extend(self.method_of(&class, name));
            }
            let makes = receiver_kind(function) != Receiver::Instance;
            if makes && FROM_TEXT.contains(&function.def.name.as_str()) && defines(&class, "__str__") {
                found.push(self.of_instance(&class, Symbol::new("builtins", "str")));
            }
        }
        let module = function.module.parsed.module.clone();
        let others = counterparts(module.rsplit('.').next().unwrap_or_default());
        let world = self.engine.world_of(&function.module);
        let siblings = others.iter().filter_map(|name| {
            let package = module
                .rsplit_once('.')
                .map_or(String::new(), |(package, _)| format!("{package}."));
            world.by_name(&format!("{package}{name}"))
        });
        let modules: Vec<_> = std::iter::once(function.module.clone()).chain(siblings).collect();
        for module in modules {
            let functions = module.functions();
            let writers = wanted
                .iter()
                .filter_map(|name| functions.iter().find(|one| one.def.name.as_str() == name));
            for writer in writers.filter(|writer| gives(writer)) {
                let taken = self.looked_into(writer);
                super::names::hint(self.engine, &taken);
                found.push(self.product(writer, &taken));
            }
        }
        found.truncate(MOST);
        found
    }

    /// What a method of an instance gives that needs nothing else.
    fn method_of(&mut self, class: &std::rc::Rc<Class<'p>>, name: &str) -> Option<ShapeId> {
        let whole = Thing::Class(class.clone());
        let Some(Thing::Function(method)) = self.engine.world_of(&class.module).member(&whole, name) else {
            return None;
        };
        let needed = method
            .def
            .parameters
            .iter_non_variadic_params()
            .filter(|one| one.default.is_none());
        let is_plain = receiver_kind(&method) == Receiver::Instance && method.def.decorator_list.is_empty();
        (is_plain && needed.count() == 1 && gives(&method)).then(|| self.of_instance(class, Symbol::method(name)))
    }

    /// What something gives for an instance of a class.
    fn of_instance(&mut self, class: &std::rc::Rc<Class<'p>>, callee: Symbol) -> ShapeId {
        let key = self.engine.class_key(class);
        let instance = Shape::Object(self.class(key));
        let instance = self.subject.add(instance);
        self.subject.add(Shape::Make {
            callee,
            args: vec![instance],
        })
    }
}

/// Names of what writes for what has this name.
fn counterparts(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    let pair = PAIRS.iter().filter(|(reads, _)| has_word(&lower, reads));
    let all = pair.flat_map(|(reads, writes)| writes.iter().map(|written| (*reads, *written)));
    let named = all.map(|(reads, written)| lower.replacen(reads, written, 1));
    named.filter(|other| *other != lower).collect()
}

/// Whether a name has a word in it: short ones must be words of their own.
fn has_word(name: &str, word: &str) -> bool {
    match word.len() > 4 {
        true => name.contains(word),
        false => name.split('_').any(|part| part.starts_with(word)),
    }
}

fn defines(class: &Class<'_>, name: &str) -> bool {
    class
        .def
        .body
        .iter()
        .any(|statement| matches!(statement, Stmt::FunctionDef(def) if def.name.as_str() == name))
}

/// Whether a function returns something.
fn gives(function: &Function<'_>) -> bool {
    let mut found = false;
    for_each_statement(&function.def.body, &mut |statement| {
        if let Stmt::Return(returned) = statement {
            found |= returned
                .value
                .as_ref()
                .is_some_and(|value| !value.is_none_literal_expr());
        }
    });
    found && !function.def.is_async && !is_generator(function.def)
}

#[cfg(test)]
mod tests {
    use super::counterparts;

    #[test]
    fn writers_have_the_name_of_their_reader_but_for_a_word() {
        assert_eq!(counterparts("loads").first(), Some(&"dumps".to_owned()));
        assert!(counterparts("urlsafe_b64decode").contains(&"urlsafe_b64encode".to_owned()));
        assert!(counterparts("from_json").contains(&"to_json".to_owned()));
        assert!(counterparts("parse_header").contains(&"dump_header".to_owned()));
        assert!(counterparts("perform").is_empty() && counterparts("spread").is_empty());
    }
}
