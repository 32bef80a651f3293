//! What a function does with parameters that it has in head alone: there is nothing to compare it with, so that it is shown by
//! examples, as a new function is.

use std::time::{Duration, Instant};

use languages::python::added::{self, Added};
use model::{Check, FunctionChange, Input, Reason, Target, Value, Verification, Way};
use search::{Parameter, ParameterKind, Subject};

use crate::function::{Checked, Work};
use crate::judge::first_lines;

/// Time for a search that no verdict hangs on; the least for one on which it does.
const FOR_EXAMPLES: Duration = Duration::from_millis(150);

impl Work<'_, '_> {
    /// What new parameters add to a function that is called itself.
    pub(crate) fn added_by_parameters(&self, function: &FunctionChange) -> Option<Added> {
        if function.is_added() || function.is_removed() || function.is_body() {
            return None;
        }
        added::by_parameters(&self.context.base.project, &self.context.head.project, function)
    }

    /// Shows what a function does with its new parameters, where the rest of it was compared. What only they reach has to have
    /// run, too, before "same" may be said.
    pub(crate) fn with_new_arguments(&mut self, check: &Check, mut checked: Checked, deadline: Instant) -> Checked {
        let function = &self.change.functions[check.function];
        if matches!(checked.evidence.verification, Verification::NotVerified(_)) {
            return checked;
        }
        let direct = checked.evidence.way.clone().filter(|way| way.through.is_empty());
        let Some((way, added)) = direct.zip(self.added_by_parameters(function)) else {
            return checked;
        };
        let changed = function.changed_lines.iter().copied();
        let own: Vec<u32> = changed.filter(|line| added.lines.contains(line)).collect();
        let alone = FunctionChange {
            reasons: vec![Reason::Added],
            changed_lines: own.clone(),
            ..function.clone()
        };
        // As head has it alone.
        let target = Target {
            base_name: None,
            base_module: None,
            ..way.target.clone()
        };
        let way = Way { target, ..way };
        let (subject, defaults) = self.subject_with(&added, function, &way);
        let is_added = |pair: &&(String, Value)| added.names.contains(&pair.0);
        // What says the same as leaving it out shows nothing new.
        let wanted = |input: &Input| !input.kwargs.iter().filter(is_added).all(|pair| defaults.contains(pair));
        // Where nothing hangs on it but examples, the time is the others'.
        let deadline = match own.is_empty() {
            true => deadline.min(Instant::now() + FOR_EXAMPLES),
            false => deadline.max(Instant::now() + FOR_EXAMPLES),
        };
        let shown = self.search(check.function, &alone, &way, &subject, &wanted, deadline);
        let names: Vec<String> = added.names.iter().map(|name| format!("`{name}`")).collect();
        let names = names.join(", ");
        let trouble = match shown {
            Ok(shown) => {
                let of_it = |place: &model::Place| place.path == function.path && added.lines.contains(&place.line);
                let suspicions = shown.suspicions.into_iter();
                let suspicions = suspicions.filter(|one| one.place.as_ref().is_some_and(of_it));
                checked.suspicions.extend(suspicions);
                let missing: Vec<u32> = shown.missing.into_iter().collect();
                let inputs = shown.evidence.inputs;
                if !shown.evidence.examples.is_empty() {
                    checked.evidence.examples = shown.evidence.examples;
                    checked.evidence.new_parameters = added.names;
                }
                match shown.evidence.verification {
                    Verification::NotVerified(reason) if !own.is_empty() => Some((own, not_looked_at(&reason))),
                    _ if missing.is_empty() => None,
                    _ => Some((missing, format!("were not reached by {inputs} inputs that pass it"))),
                }
            }
            Err(_) if own.is_empty() => None,
            Err(blocked) => Some((own, not_looked_at(&blocked.reason))),
        };
        if let (Some((lines, why)), Verification::Same(_)) = (trouble, &checked.evidence.verification) {
            let text = format!(
                "the same for calls without its new {names}, and changed {}, for calls with it alone, {why}",
                first_lines(&lines)
            );
            checked.evidence.verification = Verification::NotVerified(text);
        }
        checked
    }
}

impl Work<'_, '_> {
    /// What is known of the inputs of head's function, where all new parameters are passed; with the defaults of these.
    fn subject_with(&self, added: &Added, function: &FunctionChange, way: &Way) -> (Subject, Vec<(String, Value)>) {
        let head = &self.context.head.project;
        let changed = (function.path.clone(), function.changed_lines.clone());
        let mut subject = languages::python::shapes::subject(head, head, &way.target, &[changed]);
        let parameters = std::mem::take(&mut subject.parameters);
        let known = parameters.iter().filter(|one| added.names.contains(&one.name));
        let defaults = known.filter_map(|one| Some((one.name.clone(), one.default.clone()?)));
        let defaults = defaults.collect();
        subject.parameters = passed(parameters, &added.names);
        // Calls that are known from elsewhere know nothing of it, mostly.
        let passes = |seed: &Input| seed.kwargs.iter().any(|(name, _)| added.names.contains(name));
        subject.seeds.retain(passes);
        (subject, defaults)
    }
}

fn not_looked_at(reason: &str) -> String {
    let reason = reason.strip_prefix("new; ").unwrap_or(reason);
    format!("were not looked at: {reason}")
}

/// Parameters of which the new ones are always passed, by their names.
fn passed(parameters: Vec<Parameter>, new: &[String]) -> Vec<Parameter> {
    let is_new = |one: &Parameter| new.contains(&one.name);
    let (added, mut kept): (Vec<Parameter>, Vec<Parameter>) = parameters.into_iter().partition(is_new);
    let rest = kept.iter().position(|one| one.kind == ParameterKind::KeywordRest);
    let at = rest.unwrap_or(kept.len());
    let added = added.into_iter().map(|one| Parameter {
        kind: ParameterKind::Keyword,
        optional: false,
        ..one
    });
    kept.splice(at..at, added);
    kept
}
