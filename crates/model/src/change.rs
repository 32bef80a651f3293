//! `Change`: base and head, and what differs between them in meaning.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// As a person would name it: `main`, `working tree`, a folder.
    pub name: String,
    /// Content identity: a git tree id, or a digest of the folder's content.
    pub tree: String,
    /// Commit id, where there is one.
    pub commit: Option<String>,
}

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Only in head.
    Added,
    /// Only in base.
    Removed,
    /// In both, with other content or another path.
    Changed,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileChange {
    /// Path in head (in base for a removed file), relative, `/` between parts.
    pub path: String,
    /// Path in base, where it has another one.
    pub base_path: Option<String>,
    /// What happened.
    pub status: FileStatus,
}

/// Something that changed and is not verified by running functions: said, never passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unverified {
    /// The file.
    pub path: String,
    /// Why: `data file`, `template`, `another language: JavaScript`, `dependency pins`, `syntax error in head, line 3: …`.
    pub reason: String,
}

/// What sort of thing a changed name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunctionKind {
    /// A function at module level.
    Function,
    /// A method taking an instance.
    Method,
    /// A static method.
    StaticMethod,
    /// A class method.
    ClassMethod,
    /// A property's getter, cached or not.
    Property,
    /// A function inside a function: reachable only through it.
    Nested,
    /// A class body: fields, class constants, bases, decorators, generated methods. Named after the class.
    Class,
    /// Code at module level: constants, tables, imports. Named `<module>`.
    Module,
}

/// Why a function counts as changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its code differs.
    Code,
    /// Only names of locals differ: both compile to the same code up to those.
    Renamed,
    /// It stands in another place or file, otherwise the same.
    Moved,
    /// Parameters, their order, kinds or defaults differ.
    Signature,
    /// Annotations differ.
    Annotations,
    /// The docstring differs.
    Docstring,
    /// Decorators differ.
    Decorators,
    /// Its class has it in both versions, and inherits it in one: an override that is new or gone.
    Override,
    /// It uses something inside the repository that changed: `path::qualified name`.
    Dependency(String),
}

/// A function, class body or module body that differs or may behave differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionChange {
    /// Path in head; in base for a removed one.
    pub path: String,
    /// Path in base, where it has another one.
    pub base_path: Option<String>,
    /// Dotted name in head (`Cart.total`, `outer.<locals>.inner`); in base for a removed one.
    pub qualified_name: String,
    /// Name in base, where it has another one.
    pub base_name: Option<String>,
    /// Line of its definition in head; in base for a removed one.
    pub line: u32,
    /// Last line in head.
    pub end_line: u32,
    /// Line in base.
    pub base_line: Option<u32>,
    /// Last line in base.
    pub base_end_line: Option<u32>,
    /// What sort of thing it is.
    pub kind: FunctionKind,
    /// All that differs, the gravest first.
    pub reasons: Vec<Reason>,
    /// Whether equal behaviour needs no run: equal code up to names of locals, unchanged dependencies, nothing in reach that reads source, names or frames.
    pub proved_same: bool,
    /// What proves it without a run where its code compiles to the same, see [`Standalone`].
    #[serde(skip)]
    pub standalone: Option<Standalone>,
    /// Lines of head that differ from base inside it, for steering and explaining.
    pub changed_lines: Vec<u32>,
}

/// A function alone, in both versions, as source that compiles though nothing around it is there.
///
/// Where both compile to the same code up to names of locals, and so do all functions of `with`, it behaves the same: nothing
/// else that it reaches has changed, and nothing in reach reads source, names or frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standalone {
    /// Name of the outermost function around it, its own where there is none.
    pub name: String,
    /// What was.
    pub base: String,
    /// What is.
    pub head: String,
    /// Other changed functions that it reaches, by their place in [`Change::functions`].
    pub with: Vec<usize>,
}

/// A change: what was, what is, and what differs in meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What was.
    pub base: Revision,
    /// What is.
    pub head: Revision,
    /// Files that differ in any way.
    pub files: Vec<FileChange>,
    /// What differs in meaning.
    pub functions: Vec<FunctionChange>,
    /// What differs and cannot be run.
    pub unverified: Vec<Unverified>,
    /// Source files that differ in layout or comments alone.
    pub layout_only: Vec<String>,
    /// What its reader must not miss, by syntax alone.
    #[serde(default)]
    pub concerns: Vec<Concern>,
}

/// Something that a change brings and its reader must not miss: told by syntax alone, nothing was run for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Concern {
    /// Stable: the same thing in the same place of the same file has the same id, whatever line it stands on.
    pub id: String,
    /// What it is about.
    pub kind: ConcernKind,
    /// Its number in the Common Weakness Enumeration.
    pub cwe: u32,
    /// Path in head.
    pub path: String,
    /// Line in head; for what is gone, of the function that had it.
    pub line: u32,
    /// Dotted name of the function that it is in; empty at module level and where there are no functions.
    pub function: String,
    /// What it is, in words.
    pub text: String,
}

/// What a [`Concern`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConcernKind {
    /// A check of who somebody is, or of what somebody may do, is gone or lets everybody in.
    Access,
    /// Signatures are not checked any more.
    Signatures,
    /// Certificates are not checked.
    Certificates,
    /// A shell reads a command that is put together.
    Shell,
    /// A key or password is written down.
    Secret,
    /// Others may write.
    Permissions,
    /// A package is needed that was not.
    Dependency,
}

impl FunctionChange {
    /// `path::qualified name`, the name this change goes by.
    pub fn id(&self) -> String {
        format!("{}::{}", self.path, self.qualified_name)
    }

    /// Path in base.
    pub fn path_in_base(&self) -> &str {
        self.base_path.as_deref().unwrap_or(&self.path)
    }

    /// Name in base.
    pub fn name_in_base(&self) -> &str {
        self.base_name.as_deref().unwrap_or(&self.qualified_name)
    }

    /// Whether it exists in head only.
    pub fn is_added(&self) -> bool {
        self.reasons.contains(&Reason::Added)
    }

    /// Whether it exists in base only.
    pub fn is_removed(&self) -> bool {
        self.reasons.contains(&Reason::Removed)
    }

    /// Whether it is the body of a module or a class, which runs when its module is imported.
    pub fn is_body(&self) -> bool {
        matches!(self.kind, FunctionKind::Class | FunctionKind::Module)
    }

    /// Lines of its body in head.
    pub fn body(&self) -> RangeInclusive<u32> {
        body(self.line, self.end_line)
    }

    /// Lines of its body in base.
    pub fn body_in_base(&self) -> Option<RangeInclusive<u32>> {
        self.base_line
            .zip(self.base_end_line)
            .map(|(line, end)| body(line, end))
    }
}

/// The line of the definition is executed by whoever defines the function, unless all of it stands there.
fn body(line: u32, end: u32) -> RangeInclusive<u32> {
    if end > line { line + 1..=end } else { line..=end }
}
