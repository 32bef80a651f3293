//! What a change says that it means to do, held against what it does.

use crate::redact;
use model::report::{CheckReport, FindingReport, FunctionReport, Intent, Status};

/// Marks what is declared. Call it before [`crate::fold`]: what was declared ranks below what was not.
///
/// Where the change says that no behaviour changes, no finding is minor any more. What is declared and does not show is a note.
pub fn mark(report: &mut CheckReport, intent: Intent) {
    if intent == Intent::default() {
        return;
    }
    let mut intent = redacted(intent);
    let mut notes: Vec<String> = Vec::new();
    if let Some(by) = &intent.none {
        notes.push(format!("the change says that no behaviour changes ({by})"));
    }
    for function in &mut report.functions {
        let full = FullName::of(&function.path, &function.qualified_name);
        for finding in &mut function.findings {
            let declared = intent
                .declared
                .iter_mut()
                .filter(|one| covers(&one.name, &full, finding));
            let said: Vec<String> = declared
                .map(|one| {
                    one.seen = true;
                    format!("{} ({})", one.says, one.by)
                })
                .collect();
            finding.declared = (!said.is_empty()).then(|| said.join("; "));
            finding.minor &= intent.none.is_none();
        }
    }
    for one in intent.declared.iter().filter(|one| !one.seen) {
        let state = not_seen(report, &one.name);
        notes.push(format!(
            "declared and not seen: {}: {} ({}); {state}",
            one.name, one.says, one.by
        ));
    }
    notes.append(&mut report.notes);
    report.notes = notes;
    report.intent = Some(intent);
}

/// Texts that come from commits and from the command line are anybody's.
fn redacted(mut intent: Intent) -> Intent {
    let hide = |text: &mut String| *text = redact::text(text).into_owned();
    intent.none.iter_mut().for_each(hide);
    for one in &mut intent.declared {
        [&mut one.name, &mut one.says, &mut one.by].into_iter().for_each(hide);
    }
    intent
}

/// Why a declared change was not seen.
fn not_seen(report: &CheckReport, name: &str) -> String {
    let is_meant =
        |function: &&FunctionReport| FullName::of(&function.path, &function.qualified_name).is_meant_by(name);
    let meant: Vec<&FunctionReport> = report.functions.iter().filter(is_meant).collect();
    let has = |status: Status| meant.iter().any(|function| function.status == status);
    match meant.as_slice() {
        [] => "nothing that changed is called so".to_owned(),
        _ if has(Status::NotVerified) => "not all of it could be verified".to_owned(),
        _ if has(Status::New) => "it is new".to_owned(),
        _ if has(Status::Removed) => "it is removed".to_owned(),
        _ => "no input showed a difference".to_owned(),
    }
}

/// The dotted parts of a function's name.
struct FullName {
    module: Vec<String>,
    inside: Vec<String>,
}

impl FullName {
    /// Of `cart/delivery.py` and `delivery_days`; of code at module level the second part is empty.
    fn of(path: &str, qualified_name: &str) -> Self {
        let own = |parts: &mut dyn Iterator<Item = &str>| parts.map(str::to_owned).collect();
        let module = path.trim_end_matches(".py");
        Self {
            module: own(&mut module.split('/').filter(|part| *part != "__init__")),
            inside: own(&mut qualified_name.split('.').filter(|part| *part != "<module>")),
        }
    }

    fn with(&self, constant: &str) -> Self {
        Self {
            module: self.module.clone(),
            inside: self.inside.iter().cloned().chain([constant.to_owned()]).collect(),
        }
    }

    /// Whether a declared name means this one, or something that this one is part of.
    ///
    /// Folders above the package need not be written, so that `src/cart/money.py` is `cart.money`. A name of one part is that of
    /// a function or class in whichever module, or of a module that is in no package.
    fn is_meant_by(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('.').collect();
        if let [one] = parts.as_slice() {
            let module = match self.module.as_slice() {
                [module] => Some(module),
                [folder, module] if folder == "src" => Some(module),
                _ => None,
            };
            return self.inside.first().or(module).is_some_and(|part| part == one)
                || module.is_some_and(|part| part == one);
        }
        let full: Vec<&String> = self.module.iter().chain(&self.inside).collect();
        full.windows(parts.len()).any(|window| window.iter().eq(parts.iter()))
    }
}

/// Whether a declared name covers a finding: it means the function, or, where constants of a module differ, all of these.
fn covers(name: &str, of: &FullName, finding: &FindingReport) -> bool {
    let is_constant = |constant: &String| of.with(constant).is_meant_by(name);
    of.is_meant_by(name) || (!finding.names.is_empty() && finding.names.iter().all(is_constant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{caller_and_called, full_report, sample_report};
    use model::report::DeclaredChange;

    fn declared(name: &str) -> Intent {
        let one = DeclaredChange {
            name: name.to_owned(),
            says: "a day more".to_owned(),
            by: "commit 1a2b3c4".to_owned(),
            seen: false,
        };
        Intent {
            none: None,
            declared: vec![one],
        }
    }

    #[test]
    fn a_name_means_a_function_and_what_it_is_part_of() {
        let method = FullName::of("src/cart/delivery.py", "Cart.add");
        for name in [
            "cart.delivery.Cart.add",
            "cart.delivery",
            "delivery.Cart",
            "Cart.add",
            "Cart",
        ] {
            assert!(method.is_meant_by(name), "{name}");
        }
        for name in [
            "cart",
            "add",
            "delivery",
            "cart.money",
            "Cart.ad",
            "cart.delivery.Cart.add.x",
        ] {
            assert!(!method.is_meant_by(name), "{name}");
        }
        assert!(FullName::of("cart.py", "add").is_meant_by("cart"));
        assert!(
            FullName::of("cart/__init__.py", "<module>")
                .with("LIMIT")
                .is_meant_by("cart.LIMIT")
        );
    }

    #[test]
    fn what_is_declared_ranks_last_with_what_it_is_shown_with() {
        let mut report = caller_and_called();
        let name = |report: &CheckReport| {
            report
                .functions
                .iter()
                .map(|one| one.qualified_name.clone())
                .collect::<Vec<_>>()
        };
        let called = report
            .functions
            .iter()
            .find(|one| one.findings[0].id == "called")
            .expect("it is there");
        let called = called.qualified_name.clone();
        assert!(name(&report).contains(&called));
        mark(&mut report, declared(&called));
        let said: Vec<bool> = report
            .functions
            .iter()
            .map(|one| one.findings[0].declared.is_some())
            .collect();
        assert_eq!(said.iter().filter(|said| **said).count(), 1);
        assert!(report.intent.expect("an intent").declared[0].seen);
    }

    #[test]
    fn what_does_not_show_is_told() {
        let mut report = sample_report();
        mark(&mut report, declared("cart.no_such_thing"));
        assert!(
            report.notes[0]
                .starts_with("declared and not seen: cart.no_such_thing: a day more (commit 1a2b3c4); nothing")
        );
    }

    #[test]
    fn where_nothing_may_change_nothing_is_minor() {
        let mut report = full_report();
        let minor = |report: &CheckReport| {
            report
                .functions
                .iter()
                .flat_map(|one| &one.findings)
                .filter(|one| one.minor)
                .count()
        };
        assert!(minor(&report) > 0);
        let none = Intent {
            none: Some("--intent".to_owned()),
            declared: vec![],
        };
        mark(&mut report, none);
        assert_eq!(minor(&report), 0);
        assert_eq!(report.notes[0], "the change says that no behaviour changes (--intent)");
    }
}
