//! Values as expressions, with the imports and statements they need.

use std::collections::{BTreeMap, BTreeSet};

use model::{Input, Node, Symbol, Target, Value};

use super::literal;

/// How much of a value is written before `…` stands for the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caps {
    /// Elements of a container.
    pub items: usize,
    /// Characters of a string.
    pub characters: usize,
}

impl Caps {
    /// Everything.
    pub const NONE: Caps = Caps {
        items: usize::MAX,
        characters: usize::MAX,
    };
}

/// The fullest text of at most `limit` characters that `write` gives, cut hard as the last resort.
pub(super) fn fit(limit: usize, write: impl Fn(Caps) -> String) -> String {
    let steps = [
        (usize::MAX, usize::MAX),
        (usize::MAX, 80),
        (16, 48),
        (8, 32),
        (5, 24),
        (3, 16),
        (2, 10),
        (1, 6),
    ];
    let mut text = String::new();
    for (items, characters) in steps {
        text = write(Caps { items, characters });
        if text.chars().count() <= limit {
            return text;
        }
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// At most `cap` parts, joined; a `…` tells of the others.
pub(super) fn joined(parts: impl ExactSizeIterator<Item = String>, cap: usize) -> String {
    let left_out = parts.len() > cap;
    let mut shown: Vec<String> = parts.take(cap).collect();
    if left_out {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// A string literal of at most `cap` characters of content.
pub(super) fn capped_string(text: &str, cap: usize) -> String {
    match text.char_indices().nth(cap) {
        Some((end, _)) => literal::string(&format!("{}…", &text[..end])),
        None => literal::string(text),
    }
}

/// A bytes literal of at most `cap` bytes of content.
pub(super) fn capped_bytes(bytes: &[u8], cap: usize) -> String {
    if bytes.len() <= cap {
        return literal::bytes(bytes);
    }
    let whole = literal::bytes(&bytes[..cap]);
    let (body, quote) = whole.split_at(whole.len() - 1);
    format!("{body}…{quote}")
}

/// Writes the values of one input and collects what must come before.
pub(super) struct Writer<'a> {
    nodes: &'a [Node],
    caps: Caps,
    names: Vec<String>,
    inlined: Vec<bool>,
    /// Nodes that nothing refers to: they are there for what making them does.
    unnamed: Vec<bool>,
    imported: BTreeMap<String, BTreeSet<String>>,
    modules: BTreeSet<String>,
    bound: BTreeMap<String, String>,
    /// Statements that lay out files, in their order.
    laid_out: Vec<String>,
    /// What the surroundings answer.
    answered: Vec<String>,
    /// Folders that they make.
    folders: BTreeSet<String>,
    depth: u32,
}

/// Deeper values are cut: nothing a person reads, and the stack is finite.
const DEEPEST: u32 = 200;

impl<'a> Writer<'a> {
    /// For the values of a call of `target`.
    pub(super) fn new(target: &'a Target, input: &'a Input, caps: Caps) -> Self {
        let nodes = &input.nodes;
        let mut taken: BTreeSet<&str> = input
            .values()
            .flat_map(symbols)
            .flat_map(|symbol| [top(&symbol.name), top(&symbol.module)])
            .collect();
        taken.extend([top(&target.qualified_name), top(&target.module)]);
        let mut counts = vec![0usize; nodes.len()];
        for value in input.values() {
            count_nodes(value, &mut counts);
        }
        let is_step = |(node, count): (&Node, &usize)| *count == 0 && node.make.is_step();
        let has_steps = nodes.iter().zip(&counts).any(is_step);
        // Between steps, what is taken of an object is taken at its time.
        let inlined = nodes
            .iter()
            .zip(&counts)
            .map(|(node, count)| {
                let waits = has_steps && node.make.has_nodes();
                node.links.is_empty() && *count <= 1 && !is_step((node, count)) && !waits
            })
            .collect();
        let unnamed = counts.iter().map(|count| *count == 0).collect();
        Self {
            nodes,
            caps,
            names: node_names(nodes.len(), &taken),
            inlined,
            unnamed,
            imported: BTreeMap::new(),
            modules: BTreeSet::new(),
            bound: BTreeMap::new(),
            laid_out: Vec::new(),
            answered: Vec::new(),
            folders: BTreeSet::new(),
            depth: 0,
        }
    }

    /// A name of a module as it can be written after the imports; a clash of last names is written with its module.
    pub(super) fn name(&mut self, module: &str, name: &str) -> String {
        if module == "builtins" || module.is_empty() {
            return name.to_owned();
        }
        let top = top(name);
        let owner = self.bound.entry(top.to_owned()).or_insert_with(|| module.to_owned());
        if owner == module {
            self.imported
                .entry(module.to_owned())
                .or_default()
                .insert(top.to_owned());
            return name.to_owned();
        }
        self.modules.insert(module.to_owned());
        format!("{module}.{name}")
    }

    /// A module by its own name, which is imported.
    pub(super) fn module(&mut self, module: &str) -> String {
        self.modules.insert(module.to_owned());
        module.to_owned()
    }

    fn symbol(&mut self, symbol: &Symbol) -> String {
        self.name(&symbol.module, &symbol.name)
    }

    /// A value that an attribute is taken from.
    pub(super) fn receiver(&mut self, value: &Value) -> String {
        let text = self.value(value);
        match value {
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Returns(_) | Value::Identity => {
                format!("({text})")
            }
            _ => text,
        }
    }

    /// The inside of a call's parentheses.
    pub(super) fn arguments(&mut self, args: &[Value], kwargs: &[(String, Value)]) -> String {
        let mut parts: Vec<String> = args.iter().map(|value| self.value(value)).collect();
        for (name, value) in kwargs {
            let value = self.value(value);
            parts.push(if literal::is_name(name) {
                format!("{name}={value}")
            } else {
                format!("**{{{}: {value}}}", literal::string(name))
            });
        }
        parts.join(", ")
    }

    /// Any value.
    pub(super) fn value(&mut self, value: &Value) -> String {
        if self.depth > DEEPEST {
            return "…".to_owned();
        }
        self.depth += 1;
        let text = self.value_inside(value);
        self.depth -= 1;
        text
    }

    fn value_inside(&mut self, value: &Value) -> String {
        match value {
            Value::None => "None".to_owned(),
            Value::Ellipsis => "...".to_owned(),
            Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Value::Int(value) => value.to_string(),
            Value::BigInt(value) => literal::integer(value),
            Value::Float(value) => literal::float(*value),
            Value::Complex(real, imaginary) => literal::complex(*real, *imaginary),
            Value::Str(text) => capped_string(text, self.caps.characters),
            Value::Bytes(bytes) => capped_bytes(bytes, self.caps.characters),
            Value::List(items) => format!("[{}]", self.items(items)),
            Value::Tuple(items) if items.len() == 1 => format!("({},)", self.items(items)),
            Value::Tuple(items) => format!("({})", self.items(items)),
            Value::Set(items) if items.is_empty() => "set()".to_owned(),
            Value::Set(items) => format!("{{{}}}", self.items(items)),
            Value::FrozenSet(items) if items.is_empty() => "frozenset()".to_owned(),
            Value::FrozenSet(items) => format!("frozenset({{{}}})", self.items(items)),
            Value::Dict(pairs) => self.dict(pairs),
            Value::Call { callee, args, kwargs } if callee.is_part() => self.part(callee, args, kwargs),
            Value::Call { callee, args, .. } if callee.is_on_disk() => self.on_disk(callee, args),
            Value::Call { callee, args, kwargs } => {
                format!("{}({})", self.symbol(callee), self.arguments(args, kwargs))
            }
            Value::Symbol(symbol) => self.symbol(symbol),
            Value::Node(number) => self.node(*number),
            // The harness makes the same of both, see `recipes.py`.
            Value::Returns(value) => {
                // Its parameters must not hide what it returns.
                let mentioned = symbols(value).into_iter().map(|symbol| top(&symbol.name)).collect();
                let [args, kwargs] = ["args", "kwargs"].map(|name| free(name, &mentioned));
                format!("lambda *{args}, **{kwargs}: {}", self.value(value))
            }
            Value::Identity => "lambda value=None, *args, **kwargs: value".to_owned(),
            Value::Iterator(items) => format!("iter([{}])", self.items(items)),
        }
    }

    /// `x.name(…)`, `x.name`, `x[key]`.
    fn part(&mut self, callee: &Symbol, args: &[Value], kwargs: &[(String, Value)]) -> String {
        let [of, rest @ ..] = args else {
            return "…".to_owned();
        };
        let of = self.receiver(of);
        match callee.module.as_str() {
            model::value::ATTRIBUTE => format!("{of}.{}", callee.name),
            model::value::ITEM => format!("{of}[{}]", self.items(rest)),
            _ if callee.name == "__call__" => format!("{of}({})", self.arguments(rest, kwargs)),
            _ => format!("{of}.{}({})", callee.name, self.arguments(rest, kwargs)),
        }
    }

    /// The path of a file or a folder, which the statements before lay out.
    fn on_disk(&mut self, callee: &Symbol, args: &[Value]) -> String {
        let [Value::Str(name), content] = args else {
            return "…".to_owned();
        };
        match (callee.module == model::value::FOLDER, content) {
            (true, Value::Dict(pairs)) => {
                self.make_folder(name);
                for (inner, content) in pairs {
                    if let Value::Str(inner) = inner {
                        self.write_file(&format!("{name}/{inner}"), content);
                    }
                }
            }
            _ => self.write_file(name, content),
        }
        match callee == &Symbol::file(true) || callee == &Symbol::folder(true) {
            true => literal::string(name),
            false => self.path(name),
        }
    }

    fn path(&mut self, name: &str) -> String {
        format!("{}({})", self.name("pathlib", "Path"), literal::string(name))
    }

    fn make_folder(&mut self, name: &str) {
        let parents = if name.contains('/') { "parents=True, " } else { "" };
        let statement = format!("{}.mkdir({parents}exist_ok=True)", self.path(name));
        self.lay_out(statement);
    }

    fn write_file(&mut self, name: &str, content: &Value) {
        if let Some(folder) = name.strip_suffix('/') {
            return self.make_folder(folder);
        }
        if let Some((folder, _)) = name.rsplit_once('/')
            && self.folders.insert(folder.to_owned())
        {
            self.make_folder(folder);
        }
        // Whatever the locale's encoding is, what is no ASCII is written as it was.
        let how = match content {
            Value::Str(text) if text.is_ascii() && !text.contains('\r') => "write_text",
            _ => "write_bytes",
        };
        let written = match content {
            Value::Str(text) if how == "write_bytes" => Value::Bytes(text.clone().into_bytes()),
            other => other.clone(),
        };
        let statement = format!("{}.{how}({})", self.path(name), self.value(&written));
        self.lay_out(statement);
    }

    fn lay_out(&mut self, statement: String) {
        if !self.laid_out.contains(&statement) {
            self.laid_out.push(statement);
        }
    }

    fn items(&mut self, items: &[Value]) -> String {
        let cap = self.caps.items;
        let parts: Vec<String> = items
            .iter()
            .take(cap.saturating_add(1))
            .map(|item| self.value(item))
            .collect();
        joined(parts.into_iter(), cap)
    }

    fn dict(&mut self, pairs: &[(Value, Value)]) -> String {
        let cap = self.caps.items;
        let parts: Vec<String> = pairs
            .iter()
            .take(cap.saturating_add(1))
            .map(|(key, value)| format!("{}: {}", self.value(key), self.value(value)))
            .collect();
        format!("{{{}}}", joined(parts.into_iter(), cap))
    }

    fn node(&mut self, number: u32) -> String {
        let index = number as usize;
        match self.nodes.get(index) {
            // A recipe that is inlined mentions earlier nodes only, so that this ends; a malformed one ends at the depth cap.
            Some(node) if self.inlined[index] => self.value(&node.make),
            Some(_) => self.names[index].clone(),
            None => format!("node{number}"),
        }
    }

    /// The lines that must come before the expressions written so far.
    pub(super) fn finish(&mut self) -> Vec<String> {
        let mut statements = Vec::new();
        for (index, node) in self
            .nodes
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.inlined[*index])
            .collect::<Vec<_>>()
        {
            let statement = match self.unnamed[index] && node.links.is_empty() {
                true => self.step(&node.make),
                false => {
                    let made = self.value(&node.make);
                    format!("{} = {made}", self.names[index])
                }
            };
            statements.push(statement);
        }
        for (index, node) in self.nodes.iter().enumerate() {
            for (attribute, value) in &node.links {
                let value = self.value(value);
                statements.push(format!("{}.{attribute} = {value}", self.names[index]));
            }
        }
        let mut lines = self.imports();
        lines.append(&mut self.laid_out);
        lines.append(&mut self.answered);
        lines.append(&mut statements);
        lines
    }

    /// Tells what the surroundings answer, before all that is made.
    pub(super) fn tell_surroundings(&mut self, input: &Input) {
        if !input.world.is_empty() {
            self.answered = super::surroundings::told(self, input);
        }
    }

    /// A statement that does what making a value does.
    fn step(&mut self, make: &Value) -> String {
        let Value::Call { callee, args, kwargs } = make else {
            return self.value(make);
        };
        let is_method = callee.module == model::value::METHOD && kwargs.is_empty();
        match (is_method, callee.name.as_str(), &args[..]) {
            (true, "__setitem__", [of, key, value]) => {
                format!("{}[{}] = {}", self.value(of), self.value(key), self.value(value))
            }
            (true, "__delitem__", [of, key]) => format!("del {}[{}]", self.value(of), self.value(key)),
            (false, "setattr", [of, Value::Str(name), value]) => {
                format!("{}.{name} = {}", self.value(of), self.value(value))
            }
            (false, "getattr", [of, Value::Str(name)]) => format!("{}.{name}", self.value(of)),
            _ => self.value(make),
        }
    }

    fn imports(&self) -> Vec<String> {
        let plain = self.modules.iter().map(|module| format!("import {module}"));
        let from = self.imported.iter().map(|(module, names)| {
            format!(
                "from {module} import {}",
                names.iter().cloned().collect::<Vec<_>>().join(", ")
            )
        });
        plain.chain(from).collect()
    }
}

/// The part of a dotted name that can be imported.
fn top(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// All symbols in a value.
fn symbols(value: &Value) -> Vec<&Symbol> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Call { callee, .. } if !callee.is_part() && !callee.is_on_disk() => found.push(callee),
            Value::Symbol(symbol) => found.push(symbol),
            _ => {}
        }
        open.extend(value.children());
    }
    found
}

/// How often each node is met; one that a function returns counts twice, since it is the same at each call.
fn count_nodes(value: &Value, counts: &mut [usize]) {
    let mut open = vec![(value, 1)];
    while let Some((value, times)) = open.pop() {
        if let Value::Node(number) = value
            && let Some(count) = counts.get_mut(*number as usize)
        {
            *count += times;
        }
        let times = if matches!(value, Value::Returns(_)) { 2 } else { times };
        open.extend(value.children().into_iter().map(|child| (child, times)));
    }
}

/// `name`, with as many underscores as it takes to be none of `taken`.
fn free(name: &str, taken: &BTreeSet<&str>) -> String {
    let mut name = name.to_owned();
    while taken.contains(name.as_str()) {
        name.push('_');
    }
    name
}

/// `a`, `b`, … without the names that an import will take.
fn node_names(count: usize, taken: &BTreeSet<&str>) -> Vec<String> {
    (0..)
        .map(|index: u32| match u8::try_from(index) {
            Ok(small) if small < 26 => char::from(b'a' + small).to_string(),
            _ => format!("n{index}"),
        })
        .filter(|name| !taken.contains(name.as_str()))
        .take(count)
        .collect()
}
