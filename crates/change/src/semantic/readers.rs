//! Who can read annotations, docstrings, names of locals and source.

use languages::python::syntax::{Class, Function, Index, Outline};

/// Decorators of functions that read nothing but the call.
const HARMLESS: [&str; 24] = [
    "property",
    "cached_property",
    "staticmethod",
    "classmethod",
    "abstractmethod",
    "abstractproperty",
    "abstractclassmethod",
    "abstractstaticmethod",
    "setter",
    "getter",
    "deleter",
    "lru_cache",
    "cache",
    "wraps",
    "contextmanager",
    "asynccontextmanager",
    "overload",
    "override",
    "final",
    "total_ordering",
    "unique",
    "no_type_check",
    "deprecated",
    "runtime_checkable",
];
/// Bases that read nothing of their subclasses' methods.
const HARMLESS_BASES: [&str; 20] = [
    "object",
    "ABC",
    "Generic",
    "Protocol",
    "Exception",
    "BaseException",
    "ValueError",
    "TypeError",
    "RuntimeError",
    "KeyError",
    "IndexError",
    "LookupError",
    "OSError",
    "IOError",
    "AttributeError",
    "NotImplementedError",
    "dict",
    "list",
    "set",
    "tuple",
];
/// Modules that read annotations of what is given to them.
const ANNOTATION_READERS: [&str; 24] = [
    "typer",
    "fastapi",
    "pydantic",
    "pydantic_settings",
    "sqlmodel",
    "fire",
    "beartype",
    "typeguard",
    "strawberry",
    "injector",
    "msgspec",
    "cattrs",
    "cattr",
    "plum",
    "litestar",
    "hypothesis",
    "marshmallow_dataclass",
    "tyro",
    "cyclopts",
    "inspect",
    "typing_inspect",
    "mcp",
    "dependency_injector",
    "pluggy",
];
/// Modules that read docstrings of what is given to them.
const DOCSTRING_READERS: [&str; 16] = [
    "click",
    "typer",
    "fastapi",
    "fire",
    "docopt",
    "strawberry",
    "cmd",
    "inspect",
    "docstring_parser",
    "tyro",
    "cyclopts",
    "mcp",
    "plac",
    "defopt",
    "invoke",
    "pydoc",
];
const ANNOTATION_WORDS: [&str; 6] = [
    "get_type_hints",
    "__annotations__",
    "signature(",
    "singledispatch",
    "getfullargspec",
    "get_annotations",
];
const DOCSTRING_WORDS: [&str; 4] = ["__doc__", "getdoc", "docopt", "help("];
/// Words of code that reads names of locals, source or code objects of others.
const SOURCE_WORDS: [&str; 12] = [
    "__code__",
    "getsource",
    "findsource",
    "getclosurevars",
    "currentframe",
    "co_varnames",
    "co_consts",
    "co_names",
    "co_code",
    "dis.",
    "f_locals",
    "_getframe",
];

/// What could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Annotations,
    Docstring,
    Source,
}

impl What {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Annotations => &ANNOTATION_WORDS,
            Self::Docstring => &DOCSTRING_WORDS,
            Self::Source => &SOURCE_WORDS,
        }
    }

    fn modules(self) -> &'static [&'static str] {
        match self {
            Self::Annotations => &ANNOTATION_READERS,
            Self::Docstring => &DOCSTRING_READERS,
            Self::Source => &["dis"],
        }
    }
}

/// Whether anything in reach can read it of a function, as far as names tell.
pub(crate) fn of_function(index: &Index, outline: &Outline, function: &Function, what: What) -> bool {
    let strange = |name: &String| !HARMLESS.contains(&name.rsplit('.').next().unwrap_or(name));
    let class = function.class.as_deref().and_then(|class| outline.class(class));
    // Nobody names special methods: whoever reads them names the class.
    let spoken = class
        .filter(|_| function.name.starts_with("__"))
        .map_or(&function.name, |class| &class.name);
    function.decorator_names.iter().any(strange)
        || what != What::Source && class.is_some_and(|class| reads_members(index, outline, class, 0))
        || by_name(index, outline, spoken, what)
}

/// Whether anything in reach can read it of a class body.
pub(crate) fn of_class(index: &Index, outline: &Outline, class: &Class, what: What) -> bool {
    !class.decorator_names.is_empty()
        || reads_members(index, outline, class, 0)
        || by_name(index, outline, &class.name, what)
}

/// Whether a class is made by something that may look at its members: an unknown base, metaclass or decorator.
fn reads_members(index: &Index, outline: &Outline, class: &Class, depth: usize) -> bool {
    if class.has_keywords
        || depth > 8
        || class
            .decorator_names
            .iter()
            .any(|name| !name.ends_with("dataclass") && !HARMLESS.contains(&name.as_str()))
    {
        return true;
    }
    class.bases.iter().any(|base| {
        if HARMLESS_BASES.contains(&base.rsplit('.').next().unwrap_or(base)) {
            return false;
        }
        let Some(found) = index.resolve(&outline.path, base) else {
            return true;
        };
        let Some(other) = index.outline(&found.path) else {
            return true;
        };
        other.class(&found.name).is_none_or(|parent| {
            (&other.path, &parent.qualified_name) != (&outline.path, &class.qualified_name)
                && reads_members(index, &other, parent, depth + 1)
        }) || other.function(&format!("{}.__init_subclass__", found.name)).is_some()
    })
}

/// Whether a file that speaks of `name` also speaks of reading it.
fn by_name(index: &Index, outline: &Outline, name: &str, what: What) -> bool {
    let imports_reader = |outline: &Outline| {
        outline.imports.iter().any(|import| {
            what.modules()
                .contains(&import.module.split('.').next().unwrap_or_default())
        })
    };
    if imports_reader(outline) {
        return true;
    }
    let (files, complete) = index.files_with(&[name], &outline.path);
    if !complete {
        return true;
    }
    files.iter().chain([&outline.path]).any(|path| {
        index.project().read(path).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            what.words().iter().any(|word| text.contains(word))
                || what.modules().iter().any(|module| {
                    text.contains(&format!("import {module}")) || text.contains(&format!("from {module}"))
                })
        })
    })
}
