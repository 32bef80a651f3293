//! Files that verification rests on: whoever may change them unseen need not pass it.

mod weaker;

/// What a file has to do with verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// A test.
    Test,
    /// What CI does.
    Ci,
    /// The policy, thresholds and owners.
    Policy,
    /// The ledger, acceptances and kept evidence.
    Evidence,
    /// Hooks of git and of agents, this tool's among them.
    Hook,
    /// What test runners and linters are told.
    Thresholds,
}

impl Guarded {
    /// What a path of the repository (or below a home) has to do with it, if anything.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.trim_start_matches("./");
        let name = path.rsplit('/').next().unwrap_or(path);
        let has_folder = |folder: &str| {
            path.match_indices(folder).any(|(at, _)| {
                let (before, after) = (&path[..at], &path[at + folder.len()..]);
                (before.is_empty() || before.ends_with('/')) && (after.is_empty() || after.starts_with('/'))
            })
        };
        if has_folder(".counterproof") {
            return Some(Self::Evidence);
        }
        if matches!(name, "counterproof.toml" | "CODEOWNERS") {
            return Some(Self::Policy);
        }
        let is_agents_own = [
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".cursor/hooks.json",
            ".gemini/settings.json",
            ".codex/hooks.json",
            ".codex/config.toml",
            ".kiro/agents",
            ".kiro/hooks",
            ".github/hooks",
            ".github/copilot/settings",
            ".copilot/hooks",
            ".copilot/settings.json",
            ".claude/hooks",
            ".cursor/hooks",
        ];
        if has_folder(".git/hooks")
            || has_folder(".husky")
            || has_folder(".githooks")
            || is_agents_own.iter().any(|own| path.contains(own))
            || matches!(
                name,
                ".pre-commit-config.yaml" | "lefthook.yml" | "lefthook.yaml" | ".lefthook.yml" | "lefthook-local.yml"
            )
        {
            return Some(Self::Hook);
        }
        let is_ci = has_folder(".github/workflows")
            || has_folder(".github/actions")
            || has_folder(".gitlab-ci")
            || has_folder(".circleci")
            || has_folder(".buildkite")
            || matches!(
                name,
                ".gitlab-ci.yml"
                    | "Jenkinsfile"
                    | "azure-pipelines.yml"
                    | "azure-pipelines.yaml"
                    | ".travis.yml"
                    | "bitbucket-pipelines.yml"
                    | ".drone.yml"
                    | "cloudbuild.yaml"
                    | "cloudbuild.yml"
            );
        if is_ci {
            return Some(Self::Ci);
        }
        if matches!(
            name,
            ".coveragerc"
                | "pytest.ini"
                | "sitecustomize.py"
                | "usercustomize.py"
                | "tox.ini"
                | "codecov.yml"
                | "codecov.yaml"
                | ".codecov.yml"
                | "sonar-project.properties"
                | ".nycrc"
                | ".nycrc.json"
        ) || name.starts_with("jest.config.")
            || name.starts_with("vitest.config.")
        {
            return Some(Self::Thresholds);
        }
        Self::is_test(path, name).then_some(Self::Test)
    }

    /// What a path has to do with verification in whatever repository it lies; letters of either case, since some file systems take them for
    /// one another.
    pub fn anywhere(path: &str) -> Option<Self> {
        // Most paths are told by one look: each of these holds a name that begins so, or one of a few others.
        let is_worth_a_look = path.split('/').any(|part| {
            part.starts_with('.')
                || matches!(
                    part.as_bytes().first(),
                    Some(b'c' | b'C' | b'j' | b'J' | b'l' | b'L' | b'a' | b'A' | b'b' | b'B')
                )
        });
        if !is_worth_a_look {
            return None;
        }
        let lower = path.to_lowercase();
        let is_of_all = |guarded: &Self| matches!(guarded, Self::Evidence | Self::Policy | Self::Hook | Self::Ci);
        let folder = lower.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        // The folders that agents read their hooks from, as a whole.
        let is_folder = [".claude", ".cursor", ".gemini", ".codex", ".kiro", ".copilot"].contains(&folder);
        Self::of(&lower)
            .filter(is_of_all)
            .or_else(|| lower.contains(".local/state/counterproof").then_some(Self::Evidence))
            .or_else(|| is_folder.then_some(Self::Hook))
            .or_else(|| (folder == "codeowners").then_some(Self::Policy))
    }

    fn is_test(path: &str, name: &str) -> bool {
        let is_code = [
            ".py", ".js", ".ts", ".tsx", ".jsx", ".rb", ".go", ".rs", ".java", ".kt", ".cs", ".php", ".swift", ".snap",
            ".feature", ".ipynb",
        ]
        .iter()
        .any(|end| name.ends_with(end));
        let stem = name.split('.').next().unwrap_or(name);
        let by_name = is_code
            && (stem.starts_with("test_")
                || stem.ends_with("_test")
                || stem.ends_with("_spec")
                || name.contains(".test.")
                || name.contains(".spec.")
                || stem.ends_with("Test")
                || stem.ends_with("Tests")
                || name == "conftest.py");
        let folders: Vec<&str> = path.split('/').collect();
        let in_tests = folders
            .iter()
            .any(|folder| matches!(*folder, "tests" | "test" | "__tests__" | "spec" | "specs" | "e2e"));
        let is_folder_of_them = !name.contains('.') && in_tests;
        by_name || (is_code && in_tests) || is_folder_of_them
    }

    /// What it is, in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Test => "a test",
            Self::Ci => "what CI does",
            Self::Policy => "the policy that changes are judged by",
            Self::Evidence => "the evidence and the ledger",
            Self::Hook => "a hook that checks what is done",
            Self::Thresholds => "what the tests have to reach",
        }
    }
}

/// Whether an edit takes verification away, told from both texts: tests that are gone or skipped, assertions fewer, thresholds lower.
pub fn weakens(path: &str, before: &str, after: &str) -> Option<String> {
    let guarded = Guarded::of(path)?;
    match guarded {
        Guarded::Test => weaker::weaker(path, before, after),
        Guarded::Thresholds => Some(format!("{path} says what the tests have to reach")),
        other => Some(format!("{path} is {}", other.words())),
    }
}

/// Files that say, among much else, how strict the tools are that look at the code.
pub fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        "pyproject.toml"
            | "setup.cfg"
            | "package.json"
            | "Cargo.toml"
            | ".flake8"
            | "mypy.ini"
            | ".mypy.ini"
            | "ruff.toml"
            | ".ruff.toml"
            | ".pylintrc"
            | ".rubocop.yml"
            | ".golangci.yml"
            | ".golangci.yaml"
            | "biome.json"
            | "clippy.toml"
            | "deny.toml"
            | "phpstan.neon"
            | "phpunit.xml"
            | "build.gradle"
            | "pom.xml"
    ) || name.starts_with(".eslintrc")
        || name.starts_with("eslint.config.")
        || name.starts_with("tsconfig") && name.ends_with(".json")
        || name.starts_with("vite.config.")
}

/// What takes a check away where it stands more often than before.
const LOOSE: [&str; 19] = [
    "\"off\"",
    "'off'",
    ": off",
    "|| true",
    "|| exit 0",
    "passWithNoTests",
    "--no-cov",
    "--deselect",
    "--ignore=",
    "continue-on-error",
    "ignore_errors = true",
    "ignore_errors = True",
    "ignore_missing_imports",
    "skipLibCheck",
    "not slow",
    "-A warnings",
    "= \"allow\"",
    "testPathIgnorePatterns",
    "haltOnFailure=\"false\"",
];
/// What makes a check where it stands.
const STRICT: [&str; 18] = [
    "\"error\"",
    "'error'",
    "strict = true",
    "strict = True",
    "\"strict\": true",
    "noImplicit",
    "strictNullChecks\": true",
    "noUnused",
    "noUnchecked",
    "disallow_",
    "check_untyped_defs",
    "warn_unused",
    "warn_return_any",
    "--strict",
    "= \"deny\"",
    "= \"forbid\"",
    "--max-warnings",
    "fail_under",
];
/// Numbers that the code has to reach.
const FLOORS: [&str; 9] = [
    "fail_under",
    "fail-under",
    "\"branches\"",
    "\"functions\"",
    "\"lines\"",
    "\"statements\"",
    "minimum_coverage",
    "min_coverage",
    "minimumCoverage",
];

/// Whether an edit of such a file asks less of the code than before: a threshold lower, a rule off, a check gone.
pub fn loosens(path: &str, before: &str, after: &str) -> Option<String> {
    if !is_settings(path) {
        return None;
    }
    for name in FLOORS {
        let lowest = |text: &str| numbers_after(text, name).into_iter().reduce(f64::min);
        if let Some(floor) = lowest(before)
            && lowest(after).is_none_or(|now| now < floor)
        {
            return Some(format!("it lowers `{}`", name.trim_matches('"')));
        }
    }
    if let Some(word) = STRICT
        .iter()
        .find(|word| after.matches(**word).count() < before.matches(**word).count())
    {
        return Some(format!("it takes `{}` away", word.trim_matches(['"', '\''])));
    }
    LOOSE
        .iter()
        .find(|word| after.matches(**word).count() > before.matches(**word).count())
        .map(|word| format!("it adds `{}`", word.trim_matches(['"', '\''])))
}

/// Numbers that follow a name: `fail_under = 90`, `--cov-fail-under=90`, `"lines": 80`.
fn numbers_after(text: &str, name: &str) -> Vec<f64> {
    let after = |at: usize| {
        let rest = text[at + name.len()..].trim_start_matches([' ', '=', ':', '"', '\'']);
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    };
    text.match_indices(name).filter_map(|(at, _)| after(at)).collect()
}

/// Whether a script of an editor names what says how strict tools are.
pub fn names_strictness(script: &str) -> bool {
    let plain = script.replace('\\', "");
    let named = [
        "\"strict\"",
        "coverageThreshold",
        "strictNullChecks",
        "no-unused",
        "\"rules\"",
    ];
    FLOORS
        .iter()
        .chain(&STRICT)
        .chain(&LOOSE)
        .chain(&named)
        .any(|word| plain.contains(word))
}

/// Whether an editor's script switches off what keeps something from being deleted.
pub fn unprotects(script: &str) -> bool {
    let plain: String = script.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
    [
        "prevent_destroy",
        "deletion_protection",
        "deletionProtection",
        "termination_protection",
        "DeletionPolicy",
    ]
    .iter()
    .any(|name| plain.contains(name))
        && (plain.contains("false") || plain.ends_with("/d") || plain.contains("Delete"))
}

/// Whether a text has a hook by which `conftest.py` leaves tests out, or changes what they say.
pub fn leaves_tests_out(text: &str) -> bool {
    weaker::LEFT_OUT.iter().any(|word| text.contains(word))
}

/// Whether an editor's script writes marks by which checks pass code over.
pub fn silences(script: &str) -> bool {
    const MARKS: [&str; 20] = [
        "@ts-nocheck",
        "@ts-ignore",
        "eslint-disable",
        "type: ignore",
        "# noqa",
        "# nosec",
        "pragma: no cover",
        "istanbul ignore",
        "nolint",
        "@SuppressWarnings",
        "rubocop:disable",
        "pylint: disable",
        "#![allow",
        ".skip(",
        ".only(",
        "pytest.mark.skip",
        "pytest.mark.xfail",
        "#[ignore",
        "t.Skip(",
        "@Disabled",
    ];
    // Taking such a mark away is the opposite: `/…/d`, `s/…//`.
    let plain = script.trim_end_matches(['g', ' ', '"', '\'']);
    let takes_away = plain.ends_with("//") || plain.ends_with("||") || plain.ends_with("/d");
    !takes_away && MARKS.iter().any(|mark| script.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_verification_rests_on_are_told() {
        for (path, is) in [
            ("tests/test_cart.py", Some(Guarded::Test)),
            ("src/cart.test.ts", Some(Guarded::Test)),
            ("tests", Some(Guarded::Test)),
            ("tests/data/cart.json", None),
            ("src/testing.py", None),
            ("src/latest.py", None),
            (".github/workflows/ci.yml", Some(Guarded::Ci)),
            ("counterproof.toml", Some(Guarded::Policy)),
            (".counterproof/accepted.toml", Some(Guarded::Evidence)),
            (".git/hooks/pre-push", Some(Guarded::Hook)),
            (".claude/settings.json", Some(Guarded::Hook)),
            ("src/cart.py", None),
        ] {
            assert_eq!(Guarded::of(path), is, "{path}");
        }
    }

    #[test]
    fn settings_that_ask_less_are_told() {
        for (path, before, after) in [
            ("pyproject.toml", "fail_under = 90", "fail_under = 50"),
            ("pyproject.toml", "fail_under = 90", ""),
            ("package.json", "\"lines\": 80", "\"lines\": 0"),
            ("tsconfig.json", "\"strict\": true", "\"strict\": false"),
            (".eslintrc.json", "\"no-eval\": \"error\"", "\"no-eval\": \"warn\""),
            ("package.json", "\"test\": \"jest\"", "\"test\": \"jest || true\""),
            ("setup.cfg", "addopts = -q", "addopts = -q --ignore=tests/unit"),
        ] {
            assert!(loosens(path, before, after).is_some(), "{path}: {after}");
            assert_eq!(loosens(path, after, after), None);
        }
        for (path, before, after) in [
            ("package.json", "\"version\": \"1.0.0\"", "\"version\": \"1.0.1\""),
            ("pyproject.toml", "fail_under = 90", "fail_under = 92"),
            (
                "tsconfig.json",
                "\"target\": \"es5\"",
                "\"target\": \"es2022\", \"strict\": true",
            ),
            ("src/cart.py", "fail_under = 90", ""),
        ] {
            assert_eq!(loosens(path, before, after), None, "{path}: {after}");
        }
    }

    #[test]
    fn an_edit_of_a_test_is_weaker_where_less_is_left() {
        let before = "def test_a():\n    assert f() == 1\n    assert g() == 2\n";
        assert_eq!(weakens("tests/test_a.py", before, before), None);
        for after in [
            "def test_a():\n    assert f() == 1\n",
            "@pytest.mark.skip\ndef test_a():\n    assert f() == 1\n    assert g() == 2\n",
            "",
            "def test_a():\n    assert True\n    assert g() == 2\n",
        ] {
            assert!(weakens("tests/test_a.py", before, after).is_some(), "{after}");
        }
        assert_eq!(
            weakens(
                "tests/test_a.py",
                before,
                "def test_a():\n    assert f() == 1\n    assert g() == 3\n    assert h()\n"
            ),
            None
        );
    }
}
