//! A stand-alone script that shows what one version does.

use model::{CallKind, Example, Input, Observation, Observed, Outcome, Target};

use crate::python::frameworks::DJANGO_VARIABLE;

use super::observed::{same, way_to_difference};
use super::surroundings;
use super::{Part, Printed, call, call_of_parts, literal};

/// The function of the script that tells a value by its content.
const SHOW: &str = include_str!("show.py");

/// The function of the script that does for a version what was laid over it.
const LAY_OVER: &str = include_str!("laid_over.py");

/// What a script has to know of the versions beside what they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The folders of the tree that modules are imported from (see `Project::roots`).
    pub roots: Vec<String>,
    /// Metadata of distributions that was laid over both versions: paths from the `….dist-info` folder on, and texts.
    pub metadata: Vec<(String, String)>,
    /// Paths of other files that were laid over both versions.
    pub others: Vec<String>,
    /// Variables that the versions ran with, where the environment does not set them: names and values.
    pub variables: Vec<(String, String)>,
    /// Whether they may hold a Flask application, in whose context functions run.
    pub flask: bool,
}

/// A Python script that makes the calls of an example in the tree given as its argument, and prints what came of the last one:
/// its result, and what differed between the versions of its arguments afterwards.
///
/// It needs nothing but Python: no harness, no sandbox.
pub fn script(example: &Example, surroundings: &Surroundings) -> String {
    let Example {
        target, before, input, ..
    } = example;
    let mut lines = head(&call(target, input), &surroundings.roots);
    lines.extend(laid_over(surroundings));
    lines.extend(frameworks(surroundings));
    if target.call == CallKind::Module {
        lines.extend([String::new(), SHOW.to_owned()]);
        lines.extend(shown_module(target, example));
    } else {
        let needs_stand_ins = surroundings::are_needed(example);
        if needs_stand_ins {
            // In front of the imports: what they take from the library is the stand-in already.
            lines.extend(surroundings::stand_ins());
        }
        lines.extend(imports(target, before, input));
        lines.extend([String::new(), String::new(), SHOW.to_owned()]);
        if surroundings.flask {
            lines.extend([String::new(), APPLICATION.to_owned()]);
        }
        lines.push(String::new());
        if needs_stand_ins || before.iter().chain([input]).any(Input::is_on_disk) {
            // What it lays out and leaves goes into a folder of its own.
            lines.extend(["import tempfile".to_owned(), "os.chdir(tempfile.mkdtemp())".to_owned()]);
        }
        let answers = |input: &Input| match needs_stand_ins {
            true => surroundings::given(target, input),
            false => Vec::new(),
        };
        for input in before {
            lines.extend(answers(input));
            lines.extend(earlier_call(&call(target, input)));
        }
        lines.extend(answers(input));
        let tells_errors = example.base.errors != example.head.errors;
        if tells_errors {
            lines.push(ERRORS_KEPT.to_owned());
        }
        let mut parts = differing_parts(example);
        let differing = parts.clone();
        let identity = differs_in_identity(&example.base.outcome, &example.head.outcome);
        if identity {
            parts = Part::of(input);
        }
        let last = call_of_parts(target, input, &parts);
        lines.extend(statements(&last).map(str::to_owned));
        let results = match (&example.base.outcome, &example.head.outcome) {
            (Outcome::Returned(base), Outcome::Returned(head)) => Some((base, head)),
            _ => None,
        };
        lines.extend(shown_call(&last, results));
        let (base, head) = (after(&example.base), after(&example.head));
        let all = Part::of(input);
        if identity {
            lines.extend(which_it_is(&parts));
        }
        lines.extend(differing.iter().map(|part| {
            let at = all.iter().position(|other| other == part);
            let sides = at.and_then(|at| base?.get(at).zip(head?.get(at)));
            told(&format!("{} afterwards:", part.in_words()), &part.name(), sides)
        }));
        if tells_errors {
            lines.push("print('on standard error:', _plain(str, sys.stderr.getvalue()))".to_owned());
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether one version gives an object of the call itself, and the other something else, be it equal.
fn differs_in_identity(base: &Outcome, head: &Outcome) -> bool {
    match (base, head) {
        (Outcome::Returned(base), Outcome::Returned(head)) => {
            let is_again = |value: &Observed| matches!(value, Observed::Again(_));
            (is_again(base) || is_again(head)) && !same(base, head)
        }
        _ => false,
    }
}

/// Lines that print which object of the call the result is.
fn which_it_is(parts: &[Part]) -> Vec<String> {
    let pairs: Vec<String> = parts
        .iter()
        .map(|part| format!("({}, {})", literal::string(&part.in_words()), part.name()))
        .collect();
    vec![
        "if 'result' in vars():".to_owned(),
        format!(
            "    print('the result is', [name for name, part in [{}] if part is result] or 'another object')",
            pairs.join(", ")
        ),
    ]
}

/// Receiver and arguments afterwards, where they were looked at.
pub(super) fn after(observation: &Observation) -> Option<&[Observed]> {
    match &observation.after {
        Some(Observed::List(items)) => Some(items),
        _ => None,
    }
}

/// The line that prints a value behind some words; where it is long, the part that differs comes first.
fn told(words: &str, value: &str, sides: Option<(&Observed, &Observed)>) -> String {
    let way = sides
        .map(|(base, head)| way_to_difference(base, head))
        .unwrap_or_default();
    let words = if words.is_empty() {
        String::new()
    } else {
        format!("{}, ", literal::string(words))
    };
    if way.is_empty() {
        return format!("print({words}_show({value}))");
    }
    let name = literal::string(&format!("{value}{way}:"));
    format!("_tell_part({name}, {value}, lambda: {value}{way})\nprint({words}_show({value}))")
}

/// Receiver and arguments that are not afterwards in one version what they are in the other.
pub(super) fn differing_parts(example: &Example) -> Vec<Part> {
    let parts = Part::of(&example.input);
    match (after(&example.base), after(&example.head)) {
        (None, None) => Vec::new(),
        (Some(base), Some(head)) => {
            let differs = |at: usize| !matches!((base.get(at), head.get(at)), (Some(a), Some(b)) if same(a, b));
            parts
                .into_iter()
                .enumerate()
                .filter(|(at, _)| differs(*at))
                .map(|(_, part)| part)
                .collect()
        }
        // They are as they were given in one version alone.
        _ => parts,
    }
}

/// Names of a module's globals that differ.
pub(super) fn differing_names(base: &Observation, head: &Observation) -> Vec<String> {
    let (Outcome::Returned(Observed::Dict(base)), Outcome::Returned(Observed::Dict(head))) =
        (&base.outcome, &head.outcome)
    else {
        return Vec::new();
    };
    let missing = |one: &[(Observed, Observed)], name: &Observed, value: &Observed| {
        !one.iter()
            .any(|(other, of_other)| other == name && same(value, of_other))
    };
    let here = base.iter().filter(|(name, value)| missing(head, name, value));
    let there = head
        .iter()
        .filter(|(name, _)| !base.iter().any(|(other, _)| other == name));
    here.chain(there)
        .filter_map(|(name, _)| name.as_str().map(str::to_owned))
        .collect()
}

fn head(last: &Printed, roots: &[String]) -> Vec<String> {
    let roots: Vec<String> = if roots.is_empty() {
        vec![literal::string("")]
    } else {
        roots.iter().map(|root| literal::string(root)).collect()
    };
    let shown: String = last.call.chars().take(200).collect();
    let lines = [
        "#!/usr/bin/env python3".to_owned(),
        format!(
            "# Shows what one version does with: {}",
            shown.replace(['\n', '\r'], " ")
        ),
        "# Usage: python3 SCRIPT TREE, where TREE is a checkout of the version.".to_owned(),
        "import os".to_owned(),
        "import re".to_owned(),
        "import sys".to_owned(),
        String::new(),
        "_tree = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else '.')".to_owned(),
        format!(
            "sys.path[:0] = [os.path.join(_tree, root) for root in [{}]]",
            roots.join(", ")
        ),
        "os.chdir(_tree)".to_owned(),
        String::new(),
    ];
    lines.into()
}

fn laid_over(surroundings: &Surroundings) -> Vec<String> {
    let Surroundings { metadata, others, .. } = surroundings;
    if metadata.is_empty() && others.is_empty() {
        return Vec::new();
    }
    let texts: Vec<String> = metadata
        .iter()
        .map(|(path, text)| format!("    {}: {},", literal::string(path), literal::string(text)))
        .collect();
    let others: Vec<String> = others.iter().map(|path| literal::string(path)).collect();
    let mut lines = vec![
        String::new(),
        LAY_OVER.to_owned(),
        String::new(),
        "_lay_over({".to_owned(),
    ];
    lines.extend(texts);
    lines.extend([format!("}}, [{}])", others.join(", ")), String::new()]);
    lines
}

/// What a check does before it imports anything: variables that the project holds, and Django with its settings.
fn frameworks(surroundings: &Surroundings) -> Vec<String> {
    let mut lines: Vec<String> = surroundings
        .variables
        .iter()
        .map(|(name, value)| {
            format!(
                "os.environ.setdefault({}, {})",
                literal::string(name),
                literal::string(value)
            )
        })
        .collect();
    if surroundings.variables.iter().any(|(name, _)| name == DJANGO_VARIABLE) {
        lines.extend([
            "try:".to_owned(),
            "    from django.apps import apps".to_owned(),
            "    from django.conf import settings".to_owned(),
            "except ImportError:".to_owned(),
            "    pass".to_owned(),
            "else:".to_owned(),
            "    # Without logging, whose handlers may want files and mail servers.".to_owned(),
            "    apps.populate(settings.INSTALLED_APPS)".to_owned(),
        ]);
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// Keeps what the call writes to standard error, warnings included, each time and without the place in the code.
const ERRORS_KEPT: &str = "\
import io
import warnings
warnings.filters[:] = [('always',) + tuple(entry[1:]) if entry[0] in ('default', 'module', 'once') else entry
                       for entry in warnings.filters]
warnings.defaultaction = 'always'
warnings.showwarning = lambda message, category, *_: print(f'{category.__name__}: {message}', file=sys.stderr)
sys.stderr = io.StringIO()";

/// Enters the context of the tree's Flask application, where there is one, behind the imports.
const APPLICATION: &str = include_str!("application.py");

pub(super) fn is_import(line: &str) -> bool {
    line.starts_with("import ") || line.starts_with("from ")
}

pub(super) fn statements(printed: &Printed) -> impl Iterator<Item = &str> {
    printed.setup.iter().map(String::as_str).filter(|line| !is_import(line))
}

/// All imports, each once; those of the target fall back to where it lived in base.
fn imports(target: &Target, before: &[Input], input: &Input) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for printed in before.iter().chain([input]).map(|input| call(target, input)) {
        for line in printed.setup.into_iter().filter(|line| is_import(line)) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let Some(older) = &target.base_module else { return lines };
    let prefix = format!("from {} import ", target.module);
    lines
        .into_iter()
        .flat_map(|line| match line.strip_prefix(&prefix) {
            Some(names) => vec![
                "try:".to_owned(),
                format!("    {line}"),
                "except ImportError:".to_owned(),
                format!("    from {older} import {names}"),
            ],
            None => vec![line],
        })
        .collect()
}

/// A call that only has to happen; what it raises is no concern here.
fn earlier_call(printed: &Printed) -> Vec<String> {
    let mut lines: Vec<String> = statements(printed).map(str::to_owned).collect();
    lines.extend([
        "try:".to_owned(),
        format!("    result = {}", printed.call),
        "except Exception:".to_owned(),
        "    pass".to_owned(),
    ]);
    lines
}

fn shown_call(printed: &Printed, results: Option<(&Observed, &Observed)>) -> Vec<String> {
    let told = told("", "result", results).replace('\n', "\n    ");
    [
        "try:",
        &format!("    result = {}", printed.call),
        "    if hasattr(result, '__await__'):",
        "        import asyncio",
        "        result = asyncio.run(result)",
        "    if hasattr(result, '__next__'):",
        "        import itertools",
        "        result = list(itertools.islice(result, 300))",
        "except BaseException as error:",
        "    print(f'raises {type(error).__name__}: {_plain(str, error)}')",
        "else:",
        &format!("    {told}"),
    ]
    .map(str::to_owned)
    .into()
}

/// The import of a module, and what it left in the names that differ.
fn shown_module(target: &Target, example: &Example) -> Vec<String> {
    let mut lines = vec!["import importlib.util".to_owned()];
    let module = literal::string(&target.module);
    match &target.base_module {
        Some(older) => {
            let older = literal::string(older);
            lines.extend([
                "try:".to_owned(),
                format!("    module = {module} if importlib.util.find_spec({module}) else {older}"),
                "except ImportError:".to_owned(),
                format!("    module = {older}"),
            ]);
        }
        None => lines.push(format!("module = {module}")),
    }
    let names_of_class: Vec<String> = match target.qualified_name.as_str() {
        "<module>" => Vec::new(),
        class => class.split('.').map(literal::string).collect(),
    };
    lines.push(format!("names = [{}]", names_of_class.join(", ")));
    lines.extend(
        [
            "try:",
            "    found = importlib.import_module(module)",
            "    for name in names:",
            "        found = getattr(found, name)",
            "    found = vars(found)",
            "except BaseException as error:",
            "    print(f'raises {type(error).__name__}: {_plain(str, error)}')",
            "else:",
            "    print('imported')",
        ]
        .map(str::to_owned),
    );
    let names = differing_names(&example.base, &example.head);
    lines.extend(names.iter().map(|name| {
        let text = literal::string(name);
        let sides = global(&example.base, name).zip(global(&example.head, name));
        let way = sides
            .map(|(base, head)| way_to_difference(base, head))
            .unwrap_or_default();
        let part = if way.is_empty() {
            String::new()
        } else {
            let part = literal::string(&format!("{name}{way}:"));
            format!("    if {text} in found:\n        _tell_part({part}, found[{text}], lambda: found[{text}]{way})\n")
        };
        format!("{part}    print({text}, '=', _show(found[{text}]) if {text} in found else 'missing')")
    }));
    lines
}

/// A global of a module by its name.
fn global<'a>(observation: &'a Observation, name: &str) -> Option<&'a Observed> {
    let Outcome::Returned(Observed::Dict(pairs)) = &observation.outcome else {
        return None;
    };
    let found = pairs.iter().find(|(other, _)| other.as_str() == Some(name));
    found.map(|(_, value)| value)
}
