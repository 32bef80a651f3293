//! What documentation shows, step by step: examples of docstrings, READMEs and pages, read as tests are.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::module::Module;
use super::scripts::{Recorder, Script, Wanted};
use super::world::World;
use crate::python::Parsed;
use crate::python::project::folder_of;
use crate::python::syntax::is_test;

/// So many files are read for the examples of their docstrings, and so many documents.
const MOST_FILES: usize = 10;
const MOST_DOCUMENTS: usize = 6;
/// So many documents are looked at for what they mention.
const MOST_LOOKED_AT: usize = 100;
/// So many scripts at most.
const MOST: usize = 40;
/// Where examples go on, a new script begins after so many steps: names that stand for what earlier steps made are unknown there.
const STEPS: usize = 24;
/// So many modules whose names an example of a document may use without importing them.
const MOST_TOPS: usize = 6;

/// Scripts of the documentation: those that mention what is wanted, then the others.
pub(super) fn scripts(world: &World<'_>, wanted: &Wanted) -> (Vec<Script>, Vec<Script>) {
    let (mut telling, mut others) = (Vec::new(), Vec::new());
    let documents = documents(world, wanted);
    let tops = tops(world);
    let sources = files(world, wanted).into_iter().map(|path| {
        let host = vec![world.project.module_name(&path)];
        (path, host)
    });
    for (path, hosts) in sources.chain(documents.into_iter().map(|path| (path, tops.clone()))) {
        for parsed in world.project.examples(&path) {
            let is_telling = mentions(&parsed.text, &wanted.names);
            let found = if is_telling { &mut telling } else { &mut others };
            if found.len() < MOST {
                found.append(&mut of(world, parsed, &hosts));
            }
        }
    }
    telling.truncate(MOST);
    others.truncate(MOST);
    (telling, others)
}

fn mentions(text: &str, names: &BTreeSet<String>) -> bool {
    names.iter().any(|name| text.contains(name.as_str()))
}

/// The scripts of one sequence of examples, which sees the names of `hosts` as if it had imported them.
fn of<'p>(world: &World<'p>, parsed: &'p Parsed, hosts: &[String]) -> Vec<Script> {
    let mut module = Module::new(parsed, world.side);
    module.stars.extend(hosts.iter().cloned());
    let mut recorder = Recorder::new(world, Rc::new(module));
    let mut found = Vec::new();
    for statement in &parsed.ast.body {
        recorder.body(std::slice::from_ref(statement));
        if recorder.steps.len() >= STEPS {
            found.push(recorder.take());
        }
    }
    found.push(recorder.take());
    found.retain(|steps| !steps.is_empty());
    let script = |steps| Script {
        path: parsed.path.clone(),
        steps,
    };
    found.into_iter().map(script).collect()
}

/// Files whose docstrings are looked at: those of the wanted modules and the packages around them, then others that mention what is wanted.
fn files(world: &World<'_>, wanted: &Wanted) -> Vec<String> {
    let project = world.project;
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for path in wanted.modules.iter().filter_map(|module| project.path_of(module)) {
        *ranks.entry(path).or_default() += 100;
        let init = format!("{}/__init__.py", folder_of(path));
        if let Some(init) = project.paths().find(|path| *path == init) {
            *ranks.entry(init).or_default() += 50;
        }
    }
    for name in &wanted.names {
        for path in project.calling(name).into_iter().filter(|path| !is_test(path)) {
            *ranks.entry(path).or_default() += 1;
        }
    }
    first(ranks, MOST_FILES)
}

/// Documents that mention what is wanted, those that do so most often first. READMEs and the like lie at the top and are looked at
/// before the pages below.
fn documents(world: &World<'_>, wanted: &Wanted) -> Vec<String> {
    let mut paths: Vec<&str> = world.project.documents().collect();
    paths.sort_by_key(|path| path.matches('/').count());
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths.into_iter().take(MOST_LOOKED_AT) {
        let Ok(bytes) = world.project.read(path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let named = wanted.names.iter().filter(|name| text.contains(name.as_str()));
        ranks.insert(path, named.count());
    }
    first(ranks, MOST_DOCUMENTS)
}

fn first(ranks: BTreeMap<&str, usize>, most: usize) -> Vec<String> {
    let mut ranked: Vec<(usize, &str)> = ranks.into_iter().map(|(path, rank)| (rank, path)).collect();
    ranked.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    ranked.into_iter().take(most).map(|(_, path)| path.to_owned()).collect()
}

/// What a document may mean by a name that it does not import: something of a package at the top.
fn tops(world: &World<'_>) -> Vec<String> {
    let project = world.project;
    let is_code = |path: &&str| !is_test(path) && !matches!(*path, "setup.py" | "conf.py");
    let modules = project.paths().filter(is_code).filter_map(|path| {
        let module = project.module_name(path);
        let is_script = path.starts_with("docs/") || path.starts_with("examples/") || path.starts_with("benchmarks/");
        (!module.contains('.') && !is_script).then(|| (!path.ends_with("/__init__.py"), module))
    });
    let modules: BTreeSet<(bool, String)> = modules.collect();
    modules.into_iter().take(MOST_TOPS).map(|(_, module)| module).collect()
}
