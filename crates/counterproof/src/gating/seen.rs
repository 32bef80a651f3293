//! A check's report as the gate asks about it.

use model::gate_input::{EvidenceFacts, FileKind, FindingFacts, FunctionCounts};
use model::report::{AcceptanceState, CheckReport, FindingReport, FunctionReport, Status};
use model::{Concern, Strength, TestStatus, Unverified};

/// Parts of a path that tell a test: folders and files of these names.
const TEST_FOLDERS: [&str; 4] = ["test", "tests", "testing", "__tests__"];
/// Endings of documents.
const DOCUMENTS: [&str; 5] = [".md", ".rst", ".txt", ".adoc", ".ipynb"];
/// Endings of code that is shipped, whatever language it is in.
const CODE: [&str; 31] = [
    ".py", ".pyi", ".pyx", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte", ".go", ".rs", ".java",
    ".kt", ".scala", ".rb", ".php", ".cs", ".c", ".h", ".cc", ".cpp", ".hpp", ".swift", ".m", ".ex", ".erl", ".sh",
    ".sql", ".tf",
];

/// What a file is for, by its name.
pub fn kind_of(path: &str) -> FileKind {
    let lower = path.to_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let is_code = CODE.iter().any(|ending| name.ends_with(ending));
    let stem = name.split('.').next().unwrap_or(name);
    let is_test = folders.split('/').any(|folder| TEST_FOLDERS.contains(&folder))
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name == "conftest.py";
    match (is_test, is_code) {
        (true, true) => FileKind::Test,
        (_, true) => FileKind::Code,
        // They decide what is installed, and built.
        _ if name.starts_with("requirements") || name.starts_with("constraints") || name == "cmakelists.txt" => {
            FileKind::Other
        }
        _ if DOCUMENTS.iter().any(|ending| name.ends_with(ending)) => FileKind::Document,
        _ => FileKind::Other,
    }
}

/// What a report shows; who made it is said by whoever knows.
pub fn facts(report: &CheckReport) -> EvidenceFacts {
    let tests = |status: TestStatus| -> Vec<String> {
        let of = report.tests.iter().filter(|test| test.status == status);
        of.map(|test| {
            if test.name.is_empty() {
                test.path.clone()
            } else {
                format!("{}::{}", test.path, test.name)
            }
        })
        .collect()
    };
    let number = |status: TestStatus| u32::try_from(tests(status).len()).unwrap_or(u32::MAX);
    EvidenceFacts {
        tool_version: report.tool_version.clone(),
        functions: counts(&report.functions),
        unverified_reasons: report
            .verified
            .reasons
            .iter()
            .map(|reason| format!("{} ({})", reason.reason, reason.functions))
            .collect(),
        unverified_files: unverified_files(&report.unverified),
        findings: findings(&report.functions),
        concerns: report
            .concerns
            .iter()
            .filter(|concern| !concern.is_accepted())
            .map(concern)
            .collect(),
        broken_tests: tests(TestStatus::Broken),
        fitted_tests: tests(TestStatus::ChangedToFit),
        passed_tests: number(TestStatus::Passed),
        tests_not_run: number(TestStatus::NotRun),
        missing_layers: report.missing_layers.clone(),
        ..EvidenceFacts::default()
    }
}

/// Files of code that differ and cannot be run, each with why.
pub fn unverified_files(files: &[Unverified]) -> Vec<String> {
    files
        .iter()
        .filter(|file| kind_of(&file.path) == FileKind::Code || runs(&file.path) || is_led_elsewhere(&file.reason))
        .map(|file| format!("{} ({})", file.path, file.reason))
        .collect()
}

/// Endings of what is run, loaded or built from, beside those of code.
const RUNS: [&str; 30] = [
    ".py",
    ".pyw",
    ".pyc",
    ".pth",
    ".so",
    ".pyd",
    ".dll",
    ".dylib",
    ".exe",
    ".jar",
    ".class",
    ".wasm",
    ".bash",
    ".zsh",
    ".fish",
    ".ps1",
    ".bat",
    ".cmd",
    ".lua",
    ".pl",
    ".pm",
    ".r",
    ".dart",
    ".ipynb",
    ".dockerfile",
    ".mk",
    ".egg",
    ".whl",
    ".awk",
    ".groovy",
];
/// Files without an ending that only people read.
const READ: [&str; 14] = [
    "license",
    "licence",
    "copying",
    "notice",
    "readme",
    "changelog",
    "changes",
    "authors",
    "contributors",
    "maintainers",
    "codeowners",
    "news",
    "todo",
    "version",
];

/// Whether a file is run, loaded or built from, by its name.
fn runs(path: &str) -> bool {
    let lower = path.to_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let has_ending = name.trim_start_matches('.').contains('.');
    RUNS.iter().any(|ending| name.ends_with(ending))
        || name.starts_with("dockerfile")
        || matches!(name, "setup.cfg" | "containerfile" | "procfile")
        // A script needs no ending.
        || !(has_ending || name.starts_with('.') || READ.contains(&name))
}

/// Whether what stands at a path is not its content: a link, another repository, or a right to be run.
fn is_led_elsewhere(reason: &str) -> bool {
    [
        "symbolic link",
        "submodule",
        "permission to execute",
        "line that says what it is run by",
    ]
    .iter()
    .any(|word| reason.contains(word))
}

fn concern(concern: &model::report::ConcernReport) -> Concern {
    Concern {
        id: concern.id.clone(),
        kind: concern.kind,
        cwe: concern.cwe,
        path: concern.path.clone(),
        line: concern.line,
        function: concern.function.clone(),
        text: concern.text.clone(),
    }
}

fn counts(functions: &[FunctionReport]) -> FunctionCounts {
    let mut counts = FunctionCounts::default();
    for function in functions {
        let counted = match (function.status, function.strength) {
            (Status::Same, Some(Strength::Proved)) => &mut counts.proved,
            (Status::Same, Some(Strength::Strong)) => &mut counts.strong,
            (Status::Same, _) => &mut counts.weak,
            (Status::New, _) => &mut counts.new,
            (Status::Removed, _) => &mut counts.removed,
            (Status::NotVerified, _) => &mut counts.not_verified,
            _ => &mut counts.different,
        };
        *counted += 1;
    }
    counts
}

fn findings(functions: &[FunctionReport]) -> Vec<FindingFacts> {
    let all = || {
        functions
            .iter()
            .flat_map(|function| function.findings.iter().map(move |finding| (function, finding)))
    };
    let open: Vec<&str> = all()
        .filter(|(_, finding)| !finding.is_accepted())
        .map(|(_, finding)| finding.id.as_str())
        .collect();
    // What is shown with another is the same difference, and is read there; unless that one counts no more.
    let is_read_elsewhere =
        |finding: &FindingReport| finding.shown_with.as_deref().is_some_and(|with| open.contains(&with));
    all()
        .filter(|(_, finding)| !is_read_elsewhere(finding))
        .map(|(function, finding)| of_finding(&format!("{}::{}", function.path, function.qualified_name), finding))
        .collect()
}

fn of_finding(function: &str, finding: &FindingReport) -> FindingFacts {
    let state = finding.acceptance.as_ref().map(|acceptance| acceptance.state);
    let example = &finding.example;
    FindingFacts {
        id: finding.id.clone(),
        kind: finding.kind,
        function: function.to_owned(),
        text: format!("{} was {}, now {}", example.call, example.base, example.head),
        minor: finding.minor,
        accepted: state == Some(AcceptanceState::Accepted),
        pending: state == Some(AcceptanceState::Pending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_names() {
        for (path, kind) in [
            ("cart/delivery.py", FileKind::Code),
            ("tests/test_delivery.py", FileKind::Test),
            ("cart/test_delivery.py", FileKind::Test),
            ("web/cart.spec.ts", FileKind::Test),
            ("tests/data/a.json", FileKind::Other),
            ("README.md", FileKind::Document),
            ("requirements-dev.txt", FileKind::Other),
            ("contest/entry.py", FileKind::Code),
            ("infra/main.tf", FileKind::Code),
        ] {
            assert_eq!(kind_of(path), kind, "{path}");
        }
    }
}
