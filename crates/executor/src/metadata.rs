//! What a module says of itself alone: its version, its author. That such a constant differs is what every release does.

use model::{FunctionChange, FunctionKind, Observation, Observed, Outcome, Reason};

/// Names between two underscores on each side that say something of a module and steer nothing.
const ABOUT: [&str; 18] = [
    "about",
    "author",
    "author_email",
    "build",
    "copyright",
    "credits",
    "date",
    "description",
    "email",
    "homepage",
    "license",
    "maintainer",
    "release",
    "revision",
    "summary",
    "title",
    "url",
    "version",
];

/// Modules that hold nothing but a version, mostly.
const MODULES: [&str; 5] = ["version", "_version", "__version__", "__about__", "about"];

/// Whether a constant of the module at `path` says something of the module alone.
fn is_about(path: &str, name: &str) -> bool {
    let stem = |text: &'_ str| text.trim_end_matches("_info").trim_end_matches("_tuple").to_owned();
    if let Some(inner) = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__")) {
        return ABOUT.contains(&stem(inner).as_str());
    }
    let module = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".py");
    MODULES.contains(&module) && stem(&name.to_lowercase()) == "version"
}

/// Whether such constants are all that a difference of a function rests on.
pub(crate) fn alone(function: &FunctionChange, base: &Observation, head: &Observation) -> bool {
    if function.kind == FunctionKind::Module {
        let names = differing(base, head);
        return !names.is_empty() && names.iter().all(|name| is_about(&function.path, name));
    }
    let constant = |reason: &Reason| match reason {
        Reason::Dependency(on) => on.split_once("::").is_some_and(|(path, name)| is_about(path, name)),
        _ => false,
    };
    !function.reasons.is_empty() && function.reasons.iter().all(constant)
}

/// The names in which the globals of two versions of a module differ; none, where something else was observed.
fn differing<'a>(base: &'a Observation, head: &'a Observation) -> Vec<&'a str> {
    let (Outcome::Returned(Observed::Dict(base)), Outcome::Returned(Observed::Dict(head))) =
        (&base.outcome, &head.outcome)
    else {
        return Vec::new();
    };
    let gone = base.iter().filter(|pair| !head.contains(pair));
    gone.filter_map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_something_of_its_module_alone() {
        for (path, name, about) in [
            ("a/__init__.py", "__version__", true),
            ("a/__init__.py", "__version_info__", true),
            ("a/__init__.py", "__date__", true),
            ("a/__init__.py", "__all__", false),
            ("a/__init__.py", "VERSION", false),
            ("a/_version.py", "version_tuple", true),
            ("version.py", "VERSION", true),
            ("a/__about__.py", "LIMIT", false),
        ] {
            assert_eq!(is_about(path, name), about, "{path} {name}");
        }
    }
}
