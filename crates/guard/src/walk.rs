//! What a line would run: its tree is walked as a shell would, with values as far as they can be told, and nothing is run.
//!
//! What cannot be told is a character that no name has ([`UNKNOWN`]); branches are all walked; what differs between them is not told.

mod expand;
mod keys;
mod made;
mod output;
mod places;
mod state;
mod streams;
mod telling;
mod trying;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::commands;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::shell::tree::{Assignment, Command, Kind, Link, Pipeline, Redirect, RedirectKind, Script, Simple};
use crate::shell::{self, expand_braces};
use crate::surroundings::Surroundings;
pub use keys::{FROM_KEYS, FROM_NAME};
use made::Made;
use state::{State, merged};
use telling::{described, is_bare, is_exec_alone, is_process, is_terminal, passes_on};
pub use telling::{quoted, shown};

/// Stands in a text for what nobody can tell.
pub const UNKNOWN: char = '\u{fffc}';
/// Commands that are looked into, at most.
const STEPS: u32 = 4_000;
/// Effects that are told one by one.
const EFFECTS: usize = 1_000;
/// How deep functions, scripts and shells may call one another.
const DEEPEST: u32 = 24;
/// Bytes of a variable's value that are told.
const LONGEST_VALUE: usize = 16 * 1024;
/// Values of a loop that are tried one by one.
const VALUES: usize = 32;

/// An argument as a program would get it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arg {
    /// Its text, with [`UNKNOWN`] for what cannot be told.
    pub text: String,
    /// Whether the shell would look for files that it fits.
    pub glob: bool,
}

impl Arg {
    /// An argument that is told.
    pub fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            glob: false,
        }
    }

    /// Whether all of it is told.
    pub fn is_known(&self) -> bool {
        !self.text.contains(UNKNOWN)
    }
}

/// What a program reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing that the line says.
    Nothing,
    /// This text.
    Known(String),
    /// What something gives that cannot be told, in words.
    Unknown(String),
}

/// A program with all that it gets.
pub struct Run<'r> {
    /// Its name as it was written.
    pub program: &'r str,
    /// Its name without the folder.
    pub name: &'r str,
    /// Its arguments.
    pub args: &'r [Arg],
    /// Variables that are set for it alone.
    pub variables: &'r [(String, Option<String>)],
    /// What it reads.
    pub input: &'r Input,
}

/// Where commands run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// On this machine.
    Here,
    /// On another one, or in a container that lasts; its name.
    Elsewhere(String),
    /// In something that is thrown away afterwards.
    Throwaway,
}

/// Walks a line and collects what it would do.
pub struct Walker<'a> {
    /// Where it would run.
    pub place: &'a Surroundings<'a>,
    /// What was found.
    pub effects: Vec<Effect>,
    /// Where the commands run.
    pub on: On,
    state: State,
    input: Input,
    calls: Vec<Rc<Command>>,
    depth: u32,
    steps: u32,
    /// Whether something runs beside this, in the background or in a pipeline.
    beside: bool,
    /// Words of the commands that write into the pipe that is read, and the file that is.
    upstream: Vec<String>,
    /// Files of keys that the line has read into something.
    taken: Vec<String>,
    /// Variables that hold what these hold.
    held: HashSet<String>,
    /// Whether what was printed last into a pipe holds it, and whence.
    handed: Option<String>,
    /// Whether what is printed goes to a program, a variable or a file, and nobody reads along.
    is_captured: bool,
    /// Files that the line makes itself.
    made: Made,
    /// Whether something is only tried, and nothing of it counts.
    is_trying: bool,
}

impl<'a> Walker<'a> {
    /// A walker that has not begun.
    pub fn new(place: &'a Surroundings<'a>) -> Self {
        Self {
            place,
            effects: Vec::new(),
            on: On::Here,
            state: State {
                variables: HashMap::new(),
                arrays: HashMap::new(),
                functions: HashMap::new(),
                aliases: HashMap::new(),
                folder: Some(place.folder.clone()),
                arguments: None,
            },
            input: Input::Nothing,
            calls: Vec::new(),
            depth: 0,
            steps: 0,
            beside: false,
            upstream: Vec::new(),
            taken: Vec::new(),
            held: HashSet::new(),
            handed: None,
            is_captured: false,
            made: Made::default(),
            is_trying: false,
        }
    }

    /// Words of the commands whose output is read.
    pub fn upstream(&self) -> &[String] {
        &self.upstream
    }

    /// Whether somebody reads what is printed here.
    pub fn is_read(&self) -> bool {
        !self.is_captured
    }

    /// Walks a part of which the output goes to a program, a variable or a file.
    fn captured<T>(&mut self, is_captured: bool, walk: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.is_captured;
        self.is_captured |= is_captured;
        let given = walk(self);
        self.is_captured = before;
        given
    }

    /// Notes an effect; the same one once.
    pub fn effect(&mut self, mut effect: Effect) {
        if effect.reach == Reach::Service && effect.service.is_none() {
            let by_name = self.place.service_of([effect.target.as_str()]);
            effect.service = by_name.or_else(|| self.place.service_at(self.state.folder.as_deref()?));
        }
        if effect.takes_two() {
            effect.decision = Decision::Deny;
        }
        let is_told = if self.effects.len() < EFFECTS {
            self.effects.contains(&effect)
        } else {
            // One that is as grave, and of the same kind, stands for the rest.
            let weight = |one: &Effect| (one.kind, one.decision, one.takes_two());
            self.effects.iter().any(|one| weight(one) == weight(&effect))
        };
        if !is_told {
            self.effects.push(effect);
        }
    }

    /// Notes that nobody can tell what something does.
    pub fn unknown(&mut self, what: impl Into<String>) {
        self.effect(Effect::new(EffectKind::Unknown, what, Reversible::No, Reach::Workspace));
    }

    /// The folder, as far as it is told.
    pub fn folder(&self) -> Option<&str> {
        self.state.folder.as_deref()
    }

    /// Goes into a folder.
    pub fn enter(&mut self, folder: Option<String>) {
        self.state.folder = folder;
    }

    /// Does something in another place, and comes back.
    pub fn elsewhere<T>(&mut self, on: On, there: impl FnOnce(&mut Self) -> T) -> T {
        let (on, state) = (std::mem::replace(&mut self.on, on), self.state.clone());
        self.state.folder = None;
        let given = there(self);
        self.on = on;
        self.state = state;
        given
    }

    /// The value of a variable, as far as it is told.
    pub fn variable(&self, run: &Run<'_>, name: &str) -> Option<String> {
        let own = run.variables.iter().rev().find(|(one, _)| one == name);
        match own {
            Some((_, value)) => value.clone(),
            None => self.value(name),
        }
    }

    /// Whether the line has set a variable to something that is told.
    pub fn known(&self, name: &str) -> bool {
        self.state.variables.get(name).is_some_and(Option::is_some)
    }

    /// Walks a text that a shell would be given.
    pub fn text(&mut self, text: &str, what: &str) -> Option<String> {
        if text.contains(UNKNOWN) {
            // What is told of it may be bad enough.
            if let Ok(script) = shell::parse(text) {
                self.nested(|walker| walker.script(&script));
            }
            self.unknown(format!("{what}, part of which is made while it runs"));
            return None;
        }
        match shell::parse(text) {
            Ok(script) => self.nested(|walker| walker.script(&script)),
            Err(why) => {
                self.unknown(format!("{what}, which cannot be read: {why}"));
                None
            }
        }
    }

    /// As above, in a shell of its own: what it sets is gone afterwards.
    pub fn shell(&mut self, text: &str, what: &str, arguments: Option<Vec<Arg>>) -> Option<String> {
        let state = self.state.clone();
        self.state.arguments = arguments;
        let output = self.text(text, what);
        self.state = state;
        output
    }

    fn nested(&mut self, walk: impl FnOnce(&mut Self) -> Option<String>) -> Option<String> {
        if self.depth >= DEEPEST {
            self.unknown("commands that call one another deeper than is looked into");
            return None;
        }
        self.depth += 1;
        let output = walk(self);
        self.depth -= 1;
        output
    }

    /// Walks commands in their order; gives what they print, if that can be told.
    pub fn script(&mut self, script: &Script) -> Option<String> {
        let mut output = Some(String::new());
        for item in &script.items {
            let beside = self.beside;
            self.beside |= item.background;
            for (link, pipeline) in &item.chain {
                // What follows `||` need not run: what it prints may be there or not.
                let printed = self.pipeline(pipeline);
                output = match (output, printed, link) {
                    (Some(mut all), Some(more), Link::First | Link::And) => {
                        all.push_str(&more);
                        Some(all)
                    }
                    (Some(all), Some(more), Link::Or) if more.is_empty() => Some(all),
                    _ => None,
                };
            }
            self.beside = beside;
        }
        output
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Option<String> {
        let [only] = pipeline.commands.as_slice() else {
            return self.pipe(pipeline);
        };
        self.command(only)
    }

    /// Each part of a pipeline runs in a shell of its own.
    fn pipe(&mut self, pipeline: &Pipeline) -> Option<String> {
        let (input, beside) = (self.input.clone(), self.beside);
        self.beside = true;
        let mut output = None;
        let above = self.upstream.len();
        for (at, command) in pipeline.commands.iter().enumerate() {
            let state = self.state.clone();
            let is_captured = pipeline.commands[at + 1..].iter().any(|next| !passes_on(next));
            output = self.captured(is_captured, |walker| walker.command(command));
            // Some shells run the last part themselves, so that what it sets stays; some do not.
            self.state = match at + 1 == pipeline.commands.len() {
                true => merged(state, &self.state),
                false => state,
            };
            self.upstream.extend(self.handed.take());
            if let Kind::Simple(simple) = &command.kind {
                self.upstream
                    .extend(simple.words.iter().filter_map(crate::shell::tree::Word::literal));
            }
            if at + 1 < pipeline.commands.len() {
                self.input = match output.take() {
                    Some(text) => Input::Known(text),
                    None => Input::Unknown(described(command)),
                };
            }
        }
        (self.input, self.beside) = (input, beside);
        self.upstream.truncate(above);
        output
    }

    fn command(&mut self, command: &Command) -> Option<String> {
        self.steps += 1;
        // The time is asked after now and then: that takes time itself.
        let is_late = self.steps.is_multiple_of(8) && self.place.is_late.is_some_and(|is_late| is_late());
        if is_late && self.steps <= STEPS {
            self.unknown("more than there was time to look into");
            self.steps = STEPS + 1;
        }
        if self.steps > STEPS {
            if self.steps == STEPS + 1 && !is_late {
                self.unknown("more commands than are looked into");
            }
            return None;
        }
        let redirects = self.redirected(&command.redirects);
        let input = self.input.clone();
        let above = self.upstream.len();
        for (kind, target) in &redirects {
            match kind {
                RedirectKind::Read => {
                    self.input = self.content(target);
                    self.upstream.push(target.text.clone());
                    commands::reads(self, &target.text);
                }
                RedirectKind::Here | RedirectKind::HereWord => {
                    if target.text.contains(FROM_KEYS) {
                        let file = self.taken().map(str::to_owned);
                        self.upstream.extend(file);
                    }
                    self.input = if target.is_known() {
                        let end = if *kind == RedirectKind::HereWord { "\n" } else { "" };
                        Input::Known(format!("{}{end}", target.text))
                    } else {
                        Input::Unknown("a text that is made while it runs".to_owned())
                    };
                }
                RedirectKind::Duplicate => self.duplicated(&target.text),
                RedirectKind::Write | RedirectKind::Append => {}
            }
        }
        if redirects.iter().any(|(kind, _)| *kind == RedirectKind::Read) && is_exec_alone(command) {
            self.made.opened.push(self.input.clone());
        }
        let is_kept = redirects
            .iter()
            .any(|(kind, target)| matches!(kind, RedirectKind::Write | RedirectKind::Append) && !is_terminal(target));
        let mut output = self.captured(is_kept, |walker| walker.kind(&command.kind));
        self.upstream.truncate(above);
        if is_bare(command) && redirects.iter().any(|(kind, _)| *kind == RedirectKind::Read) {
            // `$(< file)` gives what the file holds.
            output = match &self.input {
                Input::Known(text) => Some(text.clone()),
                _ => None,
            };
        }
        self.handed_on(command, output.as_deref());
        for (kind, target) in &redirects {
            if matches!(kind, RedirectKind::Write | RedirectKind::Append) {
                commands::files::written(self, target, *kind == RedirectKind::Append, output.as_deref());
                output = output.map(|_| String::new());
            }
        }
        self.input = input;
        output
    }

    fn redirected(&mut self, redirects: &[Redirect]) -> Vec<(RedirectKind, Arg)> {
        let mut all = Vec::new();
        for redirect in redirects {
            let target = match redirect.kind {
                RedirectKind::Here | RedirectKind::HereWord => self.joined(&redirect.target),
                // What the program in `> >(…)` reads is told when all has been written.
                RedirectKind::Write | RedirectKind::Append if is_process(&redirect.target) => Arg::of("/dev/fd/63"),
                _ => {
                    let mut fields = self.fields(&redirect.target);
                    if fields.is_empty() {
                        Arg::default()
                    } else {
                        fields.swap_remove(0)
                    }
                }
            };
            all.push((redirect.kind, target));
        }
        all
    }

    /// A path as the file system would see it.
    pub fn path(&self, text: &str) -> Option<String> {
        if text.contains(UNKNOWN) {
            return None;
        }
        let folder = match self.folder() {
            Some(folder) => folder,
            None if text.starts_with(['/', '~']) => "/",
            None => return None,
        };
        Some(crate::surroundings::resolved(text, folder, &self.place.home))
    }

    fn kind(&mut self, kind: &Kind) -> Option<String> {
        match kind {
            Kind::Simple(simple) => self.simple(simple),
            Kind::Group(script) => self.script(script),
            Kind::Subshell(script) => {
                let state = self.state.clone();
                let output = self.script(script);
                self.state = state;
                output
            }
            Kind::If { arms, otherwise } => {
                let mut bodies: Vec<Option<&Script>> = Vec::new();
                for (condition, body) in arms {
                    self.script(condition);
                    bodies.push(Some(body));
                }
                bodies.push(otherwise.as_ref());
                self.branches(&bodies);
                None
            }
            Kind::Loop { condition, body } => {
                self.again(|walker| {
                    walker.script(condition);
                    walker.script(body);
                });
                None
            }
            Kind::For { variable, words, body } => {
                self.each(variable, words.as_deref(), body);
                None
            }
            Kind::Case { word, arms } => {
                self.joined(word);
                let mut bodies: Vec<Option<&Script>> = Vec::new();
                for (patterns, body) in arms {
                    for pattern in patterns {
                        self.joined(pattern);
                    }
                    bodies.push(Some(body));
                }
                bodies.push(None);
                self.branches(&bodies);
                None
            }
            Kind::Function { name, body } => {
                commands::named(self, name);
                self.state
                    .functions
                    .insert(name.clone(), vec![Rc::new((**body).clone())]);
                // Shells call this one themselves.
                if matches!(name.as_str(), "command_not_found_handle" | "command_not_found_handler") {
                    let state = self.state.clone();
                    self.nested(|walker| walker.command(body));
                    self.state = state;
                }
                Some(String::new())
            }
            Kind::Test(words) => {
                let texts: Vec<String> = words.iter().map(|word| self.joined(word).text).collect();
                self.tested(&texts);
                Some(String::new())
            }
            Kind::Arithmetic { word, nested } => {
                let inside = self.joined(word);
                self.counted(&inside.text);
                if let Some(nested) = nested {
                    let state = self.state.clone();
                    self.script(nested);
                    self.state = state;
                }
                Some(String::new())
            }
        }
    }

    /// Walks each of these from the same state; what differs afterwards is not told.
    fn branches(&mut self, bodies: &[Option<&Script>]) {
        let before = self.state.clone();
        let mut after: Option<State> = None;
        for body in bodies {
            self.state = before.clone();
            if let Some(body) = body {
                self.script(body);
            }
            after = Some(match after {
                None => self.state.clone(),
                Some(other) => merged(other, &self.state),
            });
        }
        self.state = after.unwrap_or(before);
    }

    /// Walks something that may run any number of times.
    fn again(&mut self, walk: impl Fn(&mut Self)) {
        let before = self.state.clone();
        walk(self);
        // The next time what it has set is whatever it made of it.
        self.state = merged(before, &self.state);
        walk(self);
    }

    fn each(&mut self, variable: &str, words: Option<&[crate::shell::tree::Word]>, body: &Script) {
        let values: Option<Vec<Arg>> = match words {
            Some(words) => Some(words.iter().flat_map(|word| self.expanded(word)).collect()),
            None => self.state.arguments.clone(),
        };
        if values.iter().flatten().any(|value| value.text.contains(FROM_KEYS)) {
            self.holds(variable);
        }
        let told = values.filter(|values| values.len() <= VALUES && values.iter().all(Arg::is_known));
        match told {
            Some(values) => {
                for value in values {
                    self.state.variables.insert(variable.to_owned(), Some(value.text));
                    self.script(body);
                }
            }
            None => {
                self.state.variables.insert(variable.to_owned(), None);
                self.again(|walker| {
                    walker.script(body);
                });
            }
        }
    }

    fn assign(&mut self, assignment: &Assignment) -> (String, Option<String>) {
        if assignment.is_array {
            let values: Vec<Arg> = assignment.values.iter().flat_map(|word| self.expanded(word)).collect();
            let is_told = assignment.is_list
                && values.len() <= VALUES
                && values
                    .iter()
                    .all(|value| value.is_known() && !value.text.starts_with('['));
            let before = self.state.arrays.get(&assignment.name).cloned();
            let all = match (is_told, assignment.appends, before) {
                (false, ..) | (true, true, Some(None)) => None,
                (true, true, Some(Some(mut before))) => {
                    before.extend(values);
                    Some(before)
                }
                (true, ..) => Some(values),
            };
            // The bare name of an array is its first value.
            let first = all.as_ref().and_then(|all| all.first()).map(|arg| arg.text.clone());
            self.state.arrays.insert(assignment.name.clone(), all);
            return (assignment.name.clone(), first);
        }
        self.state.arrays.remove(&assignment.name);
        let values: Vec<Arg> = assignment.values.iter().map(|word| self.joined(word)).collect();
        if let Some(value) = values.first() {
            self.assigned(&assignment.name, &value.text);
        }
        if values.iter().any(|value| value.text.contains(FROM_KEYS)) {
            self.holds(&assignment.name);
        } else if !assignment.appends && !self.held.is_empty() {
            self.held.remove(&assignment.name);
        }
        let value = { values.first().filter(|arg| arg.is_known()).map(|arg| arg.text.clone()) };
        let value = match (assignment.appends, value) {
            (true, Some(more)) => self.value(&assignment.name).map(|before| before + &more),
            (_, value) => value,
        };
        // What doubles itself grows without end.
        (
            assignment.name.clone(),
            value.filter(|value| value.len() <= LONGEST_VALUE),
        )
    }

    fn simple(&mut self, simple: &Simple) -> Option<String> {
        let assigned: Vec<(String, Option<String>)> = simple
            .assignments
            .iter()
            .map(|assignment| self.assign(assignment))
            .collect();
        if simple.words.is_empty() {
            self.state.variables.extend(assigned);
            return Some(String::new());
        }
        // An alias stands for what it was defined as, where it stands bare.
        if let Some(name) = simple.words[0].literal()
            && let Some(stands_for) = self.state.aliases.get(&name).cloned()
        {
            let rest: Vec<Arg> = simple.words[1..].iter().flat_map(|word| self.expanded(word)).collect();
            let line = format!("{stands_for} {}", quoted(&rest));
            let removed = self.state.aliases.remove(&name);
            let output = self.text(&line, "an alias");
            self.state.aliases.extend(removed.map(|alias| (name, alias)));
            return output;
        }
        let args: Vec<Arg> = simple.words.iter().flat_map(|word| self.expanded(word)).collect();
        commands::printed(self, &simple.words);
        self.run(&args, &assigned)
    }

    /// Runs a program, a builtin or a function with these arguments.
    pub fn run(&mut self, args: &[Arg], variables: &[(String, Option<String>)]) -> Option<String> {
        let (program, args) = args.split_first()?;
        if !program.is_known() {
            self.unknown(format!(
                "a program whose name is made while it runs (`{}`)",
                shown(&program.text)
            ));
            return None;
        }
        if program.glob && program.text.contains(['*', '?', '[']) && program.text != "[" && program.text != "[[" {
            self.unknown(format!(
                "a program whose name is a pattern (`{}`)",
                shown(&program.text)
            ));
            return None;
        }
        if let Some(stands_for) = self.linked(&program.text) {
            let mut words = vec![Arg::of(&stands_for)];
            words.extend_from_slice(args);
            self.nested(|walker| walker.run(&words, variables));
        }
        if let Some(functions) = self.state.functions.get(&program.text).cloned() {
            let mut outputs: Vec<Option<String>> = functions
                .iter()
                .map(|function| self.call(&program.text, function, args))
                .collect();
            return if outputs.len() == 1 {
                outputs.pop().flatten()
            } else {
                None
            };
        }
        let input = self.input.clone();
        let run = Run {
            program: &program.text,
            name: program.text.rsplit('/').next().unwrap_or(&program.text),
            args,
            variables,
            input: &input,
        };
        commands::read(self, &run);
        self.nested(|walker| match output::of(walker, &run) {
            Some(known) => known,
            None => {
                commands::run(walker, &run);
                None
            }
        })
    }

    fn call(&mut self, name: &str, function: &Rc<Command>, args: &[Arg]) -> Option<String> {
        if self.calls.iter().any(|one| Rc::ptr_eq(one, function)) {
            if self.beside {
                let what = format!("this machine, by a function that starts itself again and again (`{name}`)");
                let effect = Effect::new(EffectKind::Stop, what, Reversible::No, Reach::Machine);
                self.effect(effect.decided(Decision::Deny));
            }
            return None;
        }
        self.calls.push(Rc::clone(function));
        let arguments = self.state.arguments.replace(args.to_vec());
        let output = self.nested(|walker| walker.command(function));
        self.state.arguments = arguments;
        self.calls.pop();
        output
    }

    /// Runs a program that is fed to a wrapper: the words after the wrapper's own.
    pub fn rest(&mut self, args: &[Arg], run: &Run<'_>) -> Option<String> {
        self.run(args, run.variables)
    }

    /// Defines an alias.
    pub fn alias(&mut self, name: &str, stands_for: &str) {
        self.state.aliases.insert(name.to_owned(), stands_for.to_owned());
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Option<String>) {
        self.state.variables.insert(name.to_owned(), value);
    }

    /// What a program reads, from now on.
    pub fn feed(&mut self, input: Input) {
        self.input = input;
    }

    /// Words as a program would get them, braces first.
    fn expanded(&mut self, word: &crate::shell::tree::Word) -> Vec<Arg> {
        match expand_braces(word) {
            Some(words) => words.iter().flat_map(|word| self.fields(word)).collect(),
            None => {
                self.joined(word);
                vec![Arg::of(&UNKNOWN.to_string())]
            }
        }
    }
}
