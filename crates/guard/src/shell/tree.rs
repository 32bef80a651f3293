//! A shell line as a tree.
//!
//! Source: POSIX.1-2024, "Shell Command Language"; the Bash Reference Manual for what Bash and Zsh add.

/// Commands one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// In their order.
    pub items: Vec<Item>,
}

/// A chain of pipelines by `&&` and `||`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The pipelines, each with what leads to it.
    pub chain: Vec<(Link, Pipeline)>,
    /// Whether nobody waits for it: `&`.
    pub background: bool,
}

/// When a pipeline of a chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// In any case.
    First,
    /// Where the one before succeeded.
    And,
    /// Where it failed.
    Or,
}

/// Commands of which each reads what the one before wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// In their order.
    pub commands: Vec<Command>,
}

/// A command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it is.
    pub kind: Kind,
    /// Where its files lead.
    pub redirects: Vec<Redirect>,
}

/// What a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program, a builtin or a function with its arguments; without words, assignments alone.
    Simple(Simple),
    /// `{ …; }`.
    Group(Script),
    /// `( … )`.
    Subshell(Script),
    /// `if`, with each condition and what follows it.
    If {
        /// Conditions and bodies.
        arms: Vec<(Script, Script)>,
        /// After `else`.
        otherwise: Option<Script>,
    },
    /// `while` and `until`.
    Loop {
        /// What is asked each time.
        condition: Script,
        /// What is done.
        body: Script,
    },
    /// `for` and `select`; without words, over the arguments.
    For {
        /// The variable.
        variable: String,
        /// Its values.
        words: Option<Vec<Word>>,
        /// What is done.
        body: Script,
    },
    /// `case`.
    Case {
        /// What is asked after.
        word: Word,
        /// Patterns and bodies.
        arms: Vec<(Vec<Word>, Script)>,
    },
    /// A function that is defined.
    Function {
        /// Its name.
        name: String,
        /// What it does.
        body: Box<Command>,
    },
    /// `[[ … ]]`.
    Test(Vec<Word>),
    /// `(( … ))`.
    Arithmetic {
        /// What is substituted in it.
        word: Word,
        /// The same as shells read it that have no such thing: a subshell in a subshell.
        nested: Option<Script>,
    },
}

/// Words with the assignments before them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value`.
    pub assignments: Vec<Assignment>,
    /// The name of what runs, and its arguments.
    pub words: Vec<Word>,
}

/// `NAME=value`, `NAME+=value`, `NAME=(…)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// Its values: one, but for an array.
    pub values: Vec<Word>,
    /// Whether it is put behind what is there.
    pub appends: bool,
    /// Whether it is an array, or an element of one.
    pub is_array: bool,
    /// Whether it is a whole array: `(…)`.
    pub is_list: bool,
}

/// Pieces that make one word, before anything is expanded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// In their order.
    pub parts: Vec<Part>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// As it stands.
    Text {
        /// The characters.
        text: String,
        /// Whether patterns, braces and blanks in it are themselves.
        quoted: bool,
    },
    /// `$name`, `${name…}`.
    Variable {
        /// Its name, or the sign of a special one.
        name: String,
        /// What is made of it.
        form: Form,
        /// Whether it is inside double quotes.
        quoted: bool,
    },
    /// `$(…)` or `` `…` ``.
    Substitution {
        /// What runs.
        script: Script,
        /// Whether it is inside double quotes.
        quoted: bool,
    },
    /// `<(…)`, `>(…)`.
    Process(Script),
    /// `$((…))`, with what is substituted in it.
    Arithmetic(Word),
}

/// What is made of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Its value.
    Plain,
    /// `${name:-word}`, `${name:=word}` and those without the colon.
    Default {
        /// What stands in.
        word: Word,
        /// Whether it is kept.
        assigns: bool,
    },
    /// `${name:+word}`.
    Alternative(Word),
    /// `${name:offset:length}`.
    Slice(Word),
    /// Anything else, with the words in it: lengths, patterns, indirections.
    Other(Word),
}

/// Where a file of a command leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Which way.
    pub kind: RedirectKind,
    /// The file, or what is read.
    pub target: Word,
}

/// Which way a redirection leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<`.
    Read,
    /// `>`, `>|`, `&>`, `<>`.
    Write,
    /// `>>`, `&>>`.
    Append,
    /// `<<`: the target is the text.
    Here,
    /// `<<<`.
    HereWord,
    /// `>&1`, `<&3`.
    Duplicate,
}
