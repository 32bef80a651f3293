//! What a shell keeps while it runs: variables, functions, aliases, its folder.

use std::collections::HashMap;
use std::rc::Rc;

use super::Arg;
use crate::shell::tree::Command;

/// What a shell has been told so far.
#[derive(Clone)]
pub(super) struct State {
    pub(super) variables: HashMap<String, Option<String>>,
    /// Arrays; none where they cannot be told.
    pub(super) arrays: HashMap<String, Option<Vec<Arg>>>,
    /// What a name may stand for: more than one where branches define it differently.
    pub(super) functions: HashMap<String, Vec<Rc<Command>>>,
    pub(super) aliases: HashMap<String, String>,
    /// The folder; none where it cannot be told.
    pub(super) folder: Option<String>,
    /// `$1` and so on; none where they cannot be told.
    pub(super) arguments: Option<Vec<Arg>>,
}

/// What both states say.
pub(super) fn merged(mut one: State, other: &State) -> State {
    for (name, value) in &other.variables {
        match one.variables.get(name) {
            Some(own) if own == value => {}
            _ => {
                one.variables.insert(name.clone(), None);
            }
        }
    }
    for (name, value) in &mut one.variables {
        if !other.variables.contains_key(name) {
            *value = None;
        }
    }
    for (name, values) in &other.arrays {
        if one.arrays.get(name) != Some(values) {
            one.arrays.insert(name.clone(), None);
        }
    }
    for (name, values) in &mut one.arrays {
        if !other.arrays.contains_key(name) {
            *values = None;
        }
    }
    for (name, functions) in &other.functions {
        let all = one.functions.entry(name.clone()).or_default();
        for function in functions {
            if all.len() < super::VALUES && !all.contains(function) {
                all.push(Rc::clone(function));
            }
        }
    }
    for (name, alias) in &other.aliases {
        one.aliases.entry(name.clone()).or_insert_with(|| alias.clone());
    }
    if one.folder != other.folder {
        one.folder = None;
    }
    one
}
