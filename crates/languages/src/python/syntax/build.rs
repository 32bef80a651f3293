//! From a syntax tree to an outline.

use std::collections::{BTreeMap, BTreeSet};

use model::FunctionKind;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Decorator, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use super::describe::{
    annotations_of, blocks, called_name, instance_of, is_definition, is_import, is_plain, is_script, kind_of, returned,
};
use super::docstring::{cleaned, is_inert, split_docstring};
use super::encode::{CODE, Encoder, Home, WHOLE};
use super::fingerprint::Fingerprint;
use super::outline::{Class, Function, Import, Outline, Role, Span, Statement};
use super::scopes::{Scopes, bound_in, bound_name};
use super::uses::{Collector, Uses};
use crate::python::project::Parsed;

impl Outline {
    /// The outline of a parsed file.
    pub fn of(parsed: &Parsed) -> Self {
        let outline = Self::empty(&parsed.path, &parsed.module);
        let mut builder = Builder {
            parsed,
            outline,
            scopes: Scopes::default(),
        };
        builder.module(&parsed.ast.body);
        let mut outline = builder.outline;
        mark(&mut outline);
        outline.index_names();
        outline
    }
}

/// Where a definition stands.
#[derive(Clone, Default)]
struct Place<'a> {
    /// What its qualified name starts with.
    prefix: String,
    class: Option<String>,
    /// The outermost function around.
    outermost: Option<String>,
    receiver: Option<&'a str>,
}

struct Builder<'a> {
    parsed: &'a Parsed,
    outline: Outline,
    scopes: Scopes<'a>,
}

impl<'a> Builder<'a> {
    fn encoder(&self, home: Home) -> Encoder<'a> {
        Encoder::new(&self.parsed.text, CODE, home)
    }

    fn module(&mut self, body: &'a [Stmt]) {
        let (docstring, rest) = split_docstring(body);
        (self.outline.docstring, self.outline.docstring_exact) = docstrings(docstring);
        self.imports(rest);
        self.outline.imports.iter().for_each(|import| {
            self.outline.lazy_annotations |=
                import.module == "__future__" && import.name.as_deref() == Some("annotations");
        });
        let (mut all, mut without_imports) = (Vec::new(), Vec::new());
        for statement in rest
            .iter()
            .filter(|statement| !is_definition(statement) && !is_inert(statement))
        {
            let parsed = self.statement(statement, Home::Module);
            all.push(parsed.code);
            if !is_import(statement) {
                without_imports.push(parsed.code);
                self.outline.statements.push(parsed);
            }
        }
        self.outline.body = Fingerprint::of_all(&all);
        self.outline.body_without_imports = Fingerprint::of_all(&without_imports);
        self.outline.annotations = self.variable_annotations(rest, Home::Module);
        self.outline.lines = self.parsed.lines.line_count() as u32;
        self.definitions(rest, &Place::default());
    }

    /// Definitions among statements, also those under `if`, `try`, `with` and loops.
    fn definitions(&mut self, body: &'a [Stmt], place: &Place<'a>) {
        for statement in body {
            match statement {
                Stmt::FunctionDef(def) => self.function(def, place),
                Stmt::ClassDef(def) => self.class(def, place),
                other => blocks(other)
                    .into_iter()
                    .for_each(|block| self.definitions(block, place)),
            }
        }
    }

    fn function(&mut self, def: &'a StmtFunctionDef, place: &Place<'a>) {
        let (kind, role) = kind_of(def, place.outermost.is_some(), place.class.is_some());
        let own_name = def.name.as_str();
        let suffix = match role {
            Role::Plain => "",
            Role::Setter => ".setter",
            Role::Deleter => ".deleter",
        };
        let qualified_name = format!("{}{own_name}{suffix}", place.prefix);
        let (docstring, rest) = split_docstring(&def.body);
        let receiver = match kind {
            FunctionKind::Method | FunctionKind::Property | FunctionKind::ClassMethod => {
                def.parameters.iter().next().map(|p| p.name().as_str())
            }
            FunctionKind::StaticMethod => (own_name == "__new__")
                .then(|| def.parameters.iter().next().map(|p| p.name().as_str()))
                .flatten(),
            FunctionKind::Nested => place.receiver,
            _ => None,
        };
        let annotation_uses = self.annotation_uses(def);
        let mut uses = self.header_uses(def);
        self.scopes
            .enter_function(Some(&def.parameters), def.type_params.as_deref(), &def.body);
        let mut collector = Collector::new(&mut self.scopes, receiver);
        collector.visit_body(rest);
        let is_generator = collector.yields;
        uses.extend(&collector.uses);
        let (docstring, docstring_exact) = docstrings(docstring);
        let function = Function {
            name: own_name.to_owned(),
            kind,
            role,
            class: place.class.clone().filter(|_| place.outermost.is_none()),
            outermost: place.outermost.clone(),
            span: self.span(def.range(), def.name.range(), &def.decorator_list),
            is_async: def.is_async,
            is_generator,
            decorator_names: def
                .decorator_list
                .iter()
                .map(|decorator| called_name(&decorator.expression))
                .collect(),
            code: self.code(def, rest),
            signature: self.encoded(Home::Function, |encoder| encoder.parameters(&def.parameters)),
            annotations: self.encoded(Home::Function, |encoder| {
                encoder.annotations(&def.parameters, def.returns.as_deref());
                encoder.type_params(def.type_params.as_deref());
            }),
            docstring,
            docstring_exact,
            decorators: self.encoded(Home::Function, |encoder| encoder.decorators(&def.decorator_list)),
            uses,
            annotation_uses,
            returned: returned(&def.body),
            annotations_compute: annotations_of(def).any(|annotation| !is_plain(annotation)),
            qualified_name: qualified_name.clone(),
        };
        self.outline.functions.push(function);
        let outermost = place.outermost.clone().or_else(|| Some(qualified_name.clone()));
        self.definitions(
            rest,
            &Place {
                prefix: format!("{qualified_name}.<locals>."),
                class: None,
                outermost,
                receiver,
            },
        );
        self.scopes.leave();
    }

    fn code(&self, def: &'a StmtFunctionDef, body: &'a [Stmt]) -> Fingerprint {
        self.encoded(Home::Function, |encoder| {
            encoder.tag(u8::from(def.is_async));
            encoder.block(body);
        })
    }

    fn encoded(&self, home: Home, write: impl FnOnce(&mut Encoder<'a>)) -> Fingerprint {
        let mut encoder = self.encoder(home);
        write(&mut encoder);
        encoder.finish()
    }

    /// Names that decorators and defaults use, in the scope around.
    fn header_uses(&mut self, def: &'a StmtFunctionDef) -> Uses {
        let mut collector = Collector::new(&mut self.scopes, None);
        def.decorator_list
            .iter()
            .for_each(|decorator| collector.visit_decorator(decorator));
        def.parameters
            .iter_non_variadic_params()
            .filter_map(|p| p.default.as_deref())
            .for_each(|d| collector.visit_expr(d));
        collector.uses
    }

    fn annotation_uses(&mut self, def: &'a StmtFunctionDef) -> Uses {
        let mut collector = Collector::new(&mut self.scopes, None);
        annotations_of(def).for_each(|annotation| collector.visit_expr(annotation));
        collector.uses
    }

    fn class(&mut self, def: &'a StmtClassDef, place: &Place<'a>) {
        let qualified_name = format!("{}{}", place.prefix, def.name.as_str());
        let (docstring, rest) = split_docstring(&def.body);
        let mut collector = Collector::new(&mut self.scopes, None);
        def.decorator_list
            .iter()
            .for_each(|decorator| collector.visit_decorator(decorator));
        def.arguments
            .iter()
            .for_each(|arguments| collector.visit_arguments(arguments));
        let mut uses = collector.uses;
        self.scopes.enter_class(def.type_params.as_deref(), &def.body);
        let statements: Vec<Statement> = rest
            .iter()
            .filter(|statement| !is_definition(statement) && !is_inert(statement))
            .map(|statement| self.statement(statement, Home::Class))
            .collect();
        statements.iter().for_each(|statement| uses.extend(&statement.uses));
        let (docstring, docstring_exact) = docstrings(docstring);
        self.outline.classes.push(Class {
            name: def.name.to_string(),
            outermost: place.outermost.clone(),
            span: self.span(def.range(), def.name.range(), &def.decorator_list),
            bases: def
                .arguments
                .iter()
                .flat_map(|arguments| &arguments.args)
                .map(called_name)
                .collect(),
            decorator_names: def
                .decorator_list
                .iter()
                .map(|decorator| called_name(&decorator.expression))
                .collect(),
            has_keywords: def.arguments.iter().any(|arguments| !arguments.keywords.is_empty()),
            code: Fingerprint::of_all(statements.iter().map(|statement| &statement.code)),
            base_list: self.encoded(Home::Class, |encoder| {
                encoder.bases(def);
                encoder.type_params(def.type_params.as_deref());
            }),
            annotations: self.variable_annotations(rest, Home::Class),
            docstring,
            docstring_exact,
            decorators: self.encoded(Home::Class, |encoder| encoder.decorators(&def.decorator_list)),
            statements,
            uses,
            instance_attributes: BTreeSet::new(),
            qualified_name: qualified_name.clone(),
        });
        let inner = Place {
            prefix: format!("{qualified_name}."),
            class: Some(qualified_name),
            outermost: place.outermost.clone(),
            receiver: None,
        };
        self.definitions(rest, &inner);
        self.scopes.leave();
    }

    fn statement(&mut self, statement: &'a Stmt, home: Home) -> Statement {
        let mut collector = Collector::new(&mut self.scopes, None);
        collector.visit_stmt(statement);
        let uses = collector.uses;
        let range = statement.range();
        Statement {
            binds: bound_in([statement]).into_iter().map(str::to_owned).collect(),
            code: self.encoded(home, |encoder| encoder.statement(statement)),
            annotation: self.variable_annotations(std::slice::from_ref(statement), home),
            instance_of: instance_of(statement),
            uses,
            line: self.parsed.line(range.start()),
            end_line: self.parsed.line(range.end()),
            start: range.start().to_usize(),
            end: range.end().to_usize(),
            is_script: is_script(statement),
        }
    }

    /// Annotated variables: names and annotations in order.
    fn variable_annotations(&self, body: &'a [Stmt], home: Home) -> Fingerprint {
        let mut encoder = Encoder::new(&self.parsed.text, WHOLE, home);
        for statement in body {
            if let Stmt::AnnAssign(inner) = statement {
                encoder.expression(&inner.target);
                encoder.expression(&inner.annotation);
            }
        }
        encoder.finish()
    }

    fn imports(&mut self, body: &'a [Stmt]) {
        for statement in body {
            let line = self.parsed.line(statement.range().start());
            match statement {
                Stmt::Import(inner) => self.outline.imports.extend(inner.names.iter().map(|alias| Import {
                    binds: bound_name(alias).to_owned(),
                    module: if alias.asname.is_some() {
                        alias.name.to_string()
                    } else {
                        bound_name(alias).to_owned()
                    },
                    name: None,
                    line,
                })),
                Stmt::ImportFrom(inner) => {
                    let module = self.absolute(inner.module.as_ref().map_or("", |name| name.as_str()), inner.level);
                    self.outline.imports.extend(inner.names.iter().map(|alias| Import {
                        binds: bound_name(alias).to_owned(),
                        module: module.clone(),
                        name: Some(alias.name.to_string()),
                        line,
                    }));
                }
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => blocks(other).into_iter().for_each(|block| self.imports(block)),
            }
        }
    }

    /// The absolute name of a relatively imported module.
    fn absolute(&self, module: &str, level: u32) -> String {
        if level == 0 {
            return module.to_owned();
        }
        let is_package = self.parsed.path.ends_with("/__init__.py") || self.parsed.path == "__init__.py";
        let mut parts: Vec<&str> = self.parsed.module.split('.').collect();
        let drop = level as usize - usize::from(is_package);
        parts.truncate(parts.len().saturating_sub(drop));
        if !module.is_empty() {
            parts.push(module);
        }
        parts.join(".")
    }

    fn span(&self, range: TextRange, name: TextRange, decorators: &[Decorator]) -> Span {
        let start = decorators
            .first()
            .map_or(range.start(), |decorator| decorator.start().min(range.start()));
        Span {
            line: self.parsed.line(name.start()),
            first_line: self.parsed.line(start),
            end_line: self.parsed.line(range.end()),
            start: range.start().to_usize(),
            end: range.end().to_usize(),
        }
    }
}

/// Sets markers and collects instance attributes, now that all imports and methods are known.
fn mark(outline: &mut Outline) {
    let imports = std::mem::take(&mut outline.imports);
    let by_name: BTreeMap<&str, &Import> = imports.iter().map(|import| (import.binds.as_str(), import)).collect();
    for function in &mut outline.functions {
        function.uses.mark(&by_name);
    }
    for class in &mut outline.classes {
        class.uses.mark(&by_name);
        class
            .statements
            .iter_mut()
            .for_each(|statement| statement.uses.mark(&by_name));
        for method in outline
            .functions
            .iter()
            .filter(|function| function.class.as_deref() == Some(&class.qualified_name))
        {
            class.instance_attributes.extend(method.uses.own_stores.iter().cloned());
        }
    }
    outline
        .statements
        .iter_mut()
        .for_each(|statement| statement.uses.mark(&by_name));
    outline.imports = imports;
    take_overloads(outline);
}

/// Declarations for type checkers run when they are defined, as decorators do, and describe the function after them.
fn take_overloads(outline: &mut Outline) {
    let mut overloads: BTreeMap<String, Vec<Fingerprint>> = BTreeMap::new();
    for function in outline.functions.iter().filter(|function| function.is_overload()) {
        let parts = [function.signature, function.annotations, function.decorators];
        overloads
            .entry(function.qualified_name.clone())
            .or_default()
            .extend(parts);
    }
    for function in outline.functions.iter_mut().filter(|function| !function.is_overload()) {
        if let Some(declared) = overloads.get(&function.qualified_name) {
            function.decorators = Fingerprint::of_all(declared.iter().chain([&function.decorators]));
        }
    }
}

fn docstrings(docstring: Option<&str>) -> (Fingerprint, Fingerprint) {
    docstring.map_or_else(Default::default, |text| {
        (
            Fingerprint::of(cleaned(text).as_bytes()),
            Fingerprint::of(text.as_bytes()),
        )
    })
}
