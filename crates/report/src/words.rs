//! The words that several outputs share, so that they say the same thing in the same way.

use model::report::{Share, Status};
use model::{FindingKind, FunctionChange, Reason, Strength, Target};

/// The heading of a finding.
pub(crate) fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::NewExposure => "NEW EXPOSURE",
        FindingKind::NewCrash => "NEW CRASH",
        FindingKind::NewHang => "NEW HANG",
        FindingKind::ChangedEffect => "CHANGED EFFECT",
        FindingKind::Changed => "CHANGED",
        FindingKind::LostError => "LOST ERROR",
        FindingKind::Suspicious => "SUSPICIOUS",
        FindingKind::Slower => "SLOWER",
    }
}

/// What a kind of finding means, and so why it ranks where it does.
pub(crate) fn meaning(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::NewExposure => {
            "text of a caller is read as more than text (a command, a query, markup, a path out of its folder) in head, and not in base; this ranks before all other kinds"
        }
        FindingKind::NewCrash => {
            "base returns and head raises or ends the interpreter; this ranks right after new exposures"
        }
        FindingKind::NewHang => "base ends and head does not; this ranks right after new crashes",
        FindingKind::ChangedEffect => {
            "what it does to the world around it differs; this ranks after crashes and hangs and before values"
        }
        FindingKind::Changed => "both versions end, with another result; this ranks after crashes, hangs and effects",
        FindingKind::LostError => "base raises and head returns; this ranks after changed values",
        FindingKind::Suspicious => {
            "it is new, and contradicts its own annotations, docstring or name; this ranks after what changed"
        }
        FindingKind::Slower => "head executes at least ten times the lines for the same result; this ranks last",
    }
}

/// The status that a finding gives its function.
pub(crate) fn status_of(kind: FindingKind) -> Status {
    match kind {
        FindingKind::NewExposure => Status::NewExposure,
        FindingKind::NewCrash => Status::NewCrash,
        FindingKind::NewHang => Status::NewHang,
        FindingKind::ChangedEffect => Status::ChangedEffect,
        FindingKind::Changed => Status::Changed,
        FindingKind::LostError => Status::LostError,
        FindingKind::Suspicious => Status::Suspicious,
        FindingKind::Slower => Status::Slower,
    }
}

/// The name of a weakness of the Common Weakness Enumeration, shortened, as far as it is one that Counterproof tells.
pub(crate) fn weakness(cwe: u32) -> &'static str {
    match cwe {
        22 => "Path Traversal",
        78 => "OS Command Injection",
        79 => "Cross-site Scripting",
        88 => "Argument Injection",
        89 => "SQL Injection",
        93 => "CRLF Injection",
        95 => "Eval Injection",
        113 => "HTTP Response Splitting",
        295 => "Improper Certificate Validation",
        347 => "Improper Verification of Cryptographic Signature",
        470 => "Unsafe Reflection",
        502 => "Deserialization of Untrusted Data",
        601 => "Open Redirect",
        732 => "Incorrect Permission Assignment for Critical Resource",
        776 => "XML Entity Expansion",
        798 => "Use of Hard-coded Credentials",
        862 => "Missing Authorization",
        306 => "Missing Authentication for Critical Function",
        918 => "Server-Side Request Forgery",
        1104 => "Use of Unmaintained Third Party Components",
        1333 => "Inefficient Regular Expression Complexity",
        1336 => "Template Injection",
        1357 => "Reliance on Insufficiently Trustworthy Component",
        _ => "",
    }
}

/// `CWE-78, OS Command Injection`.
pub(crate) fn cwe(cwe: u32) -> String {
    match weakness(cwe) {
        "" => format!("CWE-{cwe}"),
        name => format!("CWE-{cwe}, {name}"),
    }
}

/// The words before the two sides of an example: what base did and what head does; of a new function, what it says itself and
/// what it does.
pub(crate) fn sides(kind: FindingKind) -> (&'static str, &'static str) {
    match kind {
        FindingKind::Suspicious => ("said", "yet"),
        _ => ("was", "now"),
    }
}

/// How sure a "same" is.
pub(crate) fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Weak => "weak",
        Strength::Strong => "strong",
        Strength::Proved => "proved",
    }
}

/// Why a function counts as changed, one entry for each reason.
pub(crate) fn reasons(function: &FunctionChange) -> Vec<String> {
    function.reasons.iter().map(|one| reason(one, function)).collect()
}

fn reason(reason: &Reason, function: &FunctionChange) -> String {
    let plain = match reason {
        Reason::Added => "it is new",
        Reason::Removed => "it is gone",
        Reason::Override if function.base_line.is_none() => "its class had it by inheritance and has its own now",
        Reason::Override => "its class had its own and has it by inheritance now",
        Reason::Code => "its code differs",
        Reason::Renamed => "names of its locals differ",
        Reason::Moved => return moved(function),
        Reason::Signature => "its parameters differ",
        Reason::Annotations => "its annotations differ",
        Reason::Docstring => DOCSTRING,
        Reason::Decorators => "its decorators differ",
        Reason::Dependency(id) => return uses(id),
    };
    plain.to_owned()
}

fn moved(function: &FunctionChange) -> String {
    match (function.path_in_base(), function.name_in_base()) {
        (path, name) if path != function.path => format!("it moved from {path} ({name})"),
        (_, name) if name != function.qualified_name => format!("it was called {name}"),
        _ => "it moved within its file".to_owned(),
    }
}

/// That the documentation of a function differs.
pub(crate) const DOCSTRING: &str = "its docstring differs";

/// That a function uses the changed `path::name`.
pub(crate) fn uses(id: &str) -> String {
    format!("it uses {}, which changed", dependency(id))
}

/// `path::name` as a person reads it.
fn dependency(id: &str) -> String {
    match id.split_once("::") {
        Some((path, "<module>")) => format!("code at module level of {path}"),
        Some((path, name)) => format!("`{name}` of {path}"),
        None => format!("`{id}`"),
    }
}

/// A function's name as a person reads it.
pub(crate) fn name(qualified_name: &str) -> &str {
    if qualified_name == "<module>" {
        "(module level)"
    } else {
        qualified_name
    }
}

/// What was called.
pub(crate) fn target(target: &Target) -> String {
    if target.qualified_name == "<module>" {
        format!("import of {}", target.module)
    } else {
        target.qualified_name.clone()
    }
}

/// `1 function`, `2,114 inputs`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{} {}", thousands(number), plural(number, noun))
}

/// A noun as it stands after a number.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    match noun {
        one if number == 1 => one.to_owned(),
        branch if branch.ends_with("ch") => format!("{branch}es"),
        other => format!("{other}s"),
    }
}

/// `7 of 9 branches`, `1 of 1 fault`.
pub(crate) fn part(share: Share, noun: &str) -> String {
    let (reached, all) = (u64::from(share.reached), u64::from(share.all));
    format!("{} of {}", thousands(reached), count(all, noun))
}

/// Digits in groups of three.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in as many digits as anybody reads.
pub(crate) fn seconds(seconds: f64) -> String {
    match seconds {
        short if short < 0.0995 => format!("{:.0} ms", (short * 1000.0).max(1.0)),
        middle if middle < 59.95 => format!("{middle:.1} s"),
        long => format!("{} min {:02} s", long.round() as u64 / 60, long.round() as u64 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(2_114), "2,114");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1, "input"), "1 input");
        assert_eq!(count(0, "input"), "0 inputs");
        assert_eq!(count(1, "branch"), "1 branch");
        assert_eq!(count(2, "branch"), "2 branches");
        assert_eq!(
            part(Share { reached: 0, all: 1 }, "changed line"),
            "0 of 1 changed line"
        );
    }

    #[test]
    fn times_read_well() {
        assert_eq!(seconds(0.0), "1 ms");
        assert_eq!(seconds(0.042), "42 ms");
        assert_eq!(seconds(1.84), "1.8 s");
        assert_eq!(seconds(59.96), "1 min 00 s");
        assert_eq!(seconds(125.0), "2 min 05 s");
    }

    #[test]
    fn a_dependency_names_what_changed() {
        assert_eq!(dependency("cart/money.py::LIMIT"), "`LIMIT` of cart/money.py");
        assert_eq!(
            dependency("cart/money.py::<module>"),
            "code at module level of cart/money.py"
        );
    }
}
