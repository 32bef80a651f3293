//! Which paths belong to whom: patterns as `.gitignore` and CODEOWNERS have them, services, and what decides how changes are judged.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::policy::Policy;

/// Where CODEOWNERS may be, the first that exists counts. Source: GitHub and GitLab documentation, "code owners".
pub const CODEOWNERS: [&str; 4] = [
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
];

/// Files that decide what is judged, and how: a pattern, and what for.
const GUARDING: [(&str, &str); 23] = [
    // They say what git takes for text, and how it merges.
    (".gitattributes", "policy"),
    ("/counterproof.toml", "policy"),
    ("/.counterproof/accepted.toml", "acceptances"),
    ("/.counterproof/", "ledger"),
    ("CODEOWNERS", "owners"),
    ("/.github/workflows/", "ci"),
    ("/.github/actions/", "ci"),
    ("/.gitlab-ci.yml", "ci"),
    ("/.gitlab/ci/", "ci"),
    ("/.circleci/", "ci"),
    ("/azure-pipelines.yml", "ci"),
    ("/Jenkinsfile", "ci"),
    ("/.buildkite/", "ci"),
    ("/bitbucket-pipelines.yml", "ci"),
    ("/.travis.yml", "ci"),
    ("/.pre-commit-config.yaml", "hooks"),
    ("/.husky/", "hooks"),
    ("/.githooks/", "hooks"),
    ("/.claude/settings.json", "hooks"),
    ("/.cursor/hooks.json", "hooks"),
    ("/.github/hooks/", "hooks"),
    ("/.kiro/", "hooks"),
    ("/.gemini/settings.json", "hooks"),
];

/// A pattern of paths, as `.gitignore` has them.
#[derive(Clone, Debug)]
pub struct Pattern(Gitignore);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is none, in words.
    pub fn new(pattern: &str) -> Result<Self, String> {
        if pattern.trim().is_empty() || pattern.starts_with('!') {
            return Err("it has to say which files are meant".to_owned());
        }
        let mut builder = GitignoreBuilder::new("/");
        // A pattern is data, never a comment.
        let escaped = if pattern.starts_with('#') {
            format!("\\{pattern}")
        } else {
            pattern.to_owned()
        };
        builder.add_line(None, &escaped).map_err(|error| error.to_string())?;
        builder.build().map(Self).map_err(|error| error.to_string())
    }

    /// Whether it means this path, relative to the repository.
    pub fn matches(&self, path: &str) -> bool {
        self.0
            .matched_path_or_any_parents(std::path::Path::new("/").join(path), false)
            .is_ignore()
    }
}

/// A CODEOWNERS file: patterns and owners; for a path, the last line that matches counts.
#[derive(Clone, Debug, Default)]
pub struct CodeOwners {
    lines: Vec<(Pattern, Vec<String>)>,
    /// Lines that could not be read: number and why.
    pub unread: Vec<String>,
}

impl CodeOwners {
    /// Reads the text of a file. GitLab's sections (`[Documentation][2] @docs`) give the owners of lines without any.
    pub fn parse(text: &str) -> Self {
        let mut all = Self::default();
        let mut of_section: Vec<String> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[').or_else(|| line.strip_prefix("^[")) {
                let after = rest.rsplit_once(']').map_or("", |(_, after)| after);
                of_section = words(after);
                continue;
            }
            let mut words = words(line);
            if words.is_empty() {
                continue;
            }
            let pattern = words.remove(0);
            let owners = if words.is_empty() { of_section.clone() } else { words };
            match Pattern::new(&pattern) {
                Ok(read) => all.lines.push((read, owners)),
                Err(why) => all.unread.push(format!(
                    "CODEOWNERS, line {}: `{pattern}` is no pattern: {why}",
                    number + 1
                )),
            }
        }
        all
    }

    /// Owners of a path; empty where it has none.
    pub fn of(&self, path: &str) -> &[String] {
        let found = self.lines.iter().rev().find(|(pattern, _)| pattern.matches(path));
        found.map_or(&[], |(_, owners)| owners)
    }
}

/// The words of a line up to a comment; a blank after a backslash is part of its word.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let current = words.last_mut();
        match (character, current) {
            ('\\', Some(word)) => {
                if let Some(next) = characters.next() {
                    if next != ' ' {
                        word.push('\\');
                    }
                    word.push(next);
                }
            }
            ('#', Some(word)) if word.is_empty() => break,
            (blank, _) if blank.is_whitespace() => words.push(String::new()),
            (other, Some(word)) => word.push(other),
            (_, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Services, owners and what guards what, ready to be asked of many paths.
pub struct Map<'a> {
    services: Vec<(&'a str, &'a [String], Vec<Pattern>)>,
    owners: &'a CodeOwners,
    guarding: Vec<(Pattern, &'static str)>,
    protected: Vec<Pattern>,
}

impl<'a> Map<'a> {
    /// Prepares it. Patterns that are none were told by the policy's validation, and mean nothing here.
    pub fn new(policy: &'a Policy, owners: &'a CodeOwners) -> Self {
        let read = |patterns: &[String]| patterns.iter().filter_map(|one| Pattern::new(one).ok()).collect();
        let services = policy.service.iter();
        Self {
            services: services
                .map(|service| {
                    (
                        service.name.get_ref().as_str(),
                        service.owners.as_slice(),
                        read(&service.paths),
                    )
                })
                .collect(),
            owners,
            guarding: GUARDING
                .iter()
                .filter_map(|(pattern, what)| Some((Pattern::new(pattern).ok()?, *what)))
                .collect(),
            protected: read(&policy.gate.protect),
        }
    }

    /// Names of the services that claim a path.
    pub fn services(&self, path: &str) -> Vec<String> {
        self.claiming(path).map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn claiming(&self, path: &str) -> impl Iterator<Item = &(&'a str, &'a [String], Vec<Pattern>)> {
        self.services
            .iter()
            .filter(move |(.., patterns)| patterns.iter().any(|pattern| pattern.matches(path)))
    }

    /// Owners of a path: those that CODEOWNERS names, else those of its services.
    pub fn owners(&self, path: &str) -> Vec<String> {
        let named = self.owners.of(path);
        if !named.is_empty() {
            return named.to_vec();
        }
        let mut all: Vec<String> = self
            .claiming(path)
            .flat_map(|(_, owners, _)| owners.iter().cloned())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What it decides about how changes are judged, where it does.
    pub fn guards(&self, path: &str) -> Option<String> {
        let known = self.guarding.iter().find(|(pattern, _)| pattern.matches(path));
        if let Some((_, what)) = known {
            return Some((*what).to_owned());
        }
        let own = self.protected.iter().any(|pattern| pattern.matches(path));
        own.then(|| "protected".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore() {
        for (pattern, path, is) in [
            ("services/checkout/", "services/checkout/a/b.py", true),
            ("services/checkout/", "other/services/checkout/a.py", false),
            ("/cart", "cart/delivery.py", true),
            ("*.sql", "db/x.sql", true),
            ("docs/*", "docs/a.md", true),
            ("**/settings.py", "a/b/settings.py", true),
            ("#odd", "#odd", true),
            ("cart", "shopping_cart/x.py", false),
        ] {
            let read = Pattern::new(pattern).expect(pattern);
            assert_eq!(read.matches(path), is, "{pattern} {path}");
        }
        assert!(Pattern::new("").is_err() && Pattern::new("!x").is_err());
    }

    #[test]
    fn the_last_line_of_codeowners_that_matches_counts() {
        let owners = CodeOwners::parse(
            "# who\n* @all\n/cart/ @shop/cart ada@example.com # a remark\n/cart/free.py\n[Docs][2] @docs\n*.md\nwith\\ blank.txt @b\n",
        );
        assert_eq!(owners.of("x.py"), ["@all"]);
        assert_eq!(owners.of("cart/delivery.py"), ["@shop/cart", "ada@example.com"]);
        assert!(owners.of("cart/free.py").is_empty());
        assert_eq!(owners.of("README.md"), ["@docs"]);
        assert_eq!(owners.of("with blank.txt"), ["@b"]);
        assert!(owners.unread.is_empty());
    }

    #[test]
    fn what_judges_is_guarded() {
        let (policy, owners) = (Policy::default(), CodeOwners::default());
        let map = Map::new(&policy, &owners);
        for (path, what) in [
            ("counterproof.toml", Some("policy")),
            (".counterproof/accepted.toml", Some("acceptances")),
            (".github/workflows/ci.yml", Some("ci")),
            (".github/CODEOWNERS", Some("owners")),
            ("cart/counterproof.toml", None),
            ("cart/delivery.py", None),
        ] {
            assert_eq!(map.guards(path).as_deref(), what, "{path}");
        }
    }
}
