//! Where an action would happen.

use std::collections::BTreeMap;

use crate::effect::Environment;

/// Files that scripts, targets and plans are read from. Nothing is ever run.
pub trait Files {
    /// The text of a file at an absolute path; none where there is none, or it is no text, or too long.
    fn read(&self, path: &str) -> Option<String>;

    /// Where a path leads when links are followed, as far as it is there; none where that is not known.
    fn real(&self, _path: &str) -> Option<String> {
        None
    }

    /// Whether there is a file, whatever it holds.
    fn exists(&self, path: &str) -> bool {
        self.read(path).is_some()
    }
}

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Option<String> {
        None
    }
}

/// A service of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// 1 matters most.
    pub tier: u8,
    /// Patterns of the files that belong to it, as in `.gitignore`: `services/checkout/`.
    pub paths: Vec<String>,
}

impl Service {
    /// Whether a folder, relative to the top of the repository, is its own: one that a pattern names, or inside of one.
    fn has_folder(&self, folder: &str) -> bool {
        self.paths.iter().any(|pattern| {
            let plain = pattern.trim_end_matches('*').trim_end_matches('/');
            if plain.contains(['*', '?', '[', '!']) {
                return false;
            }
            let anchored = plain.trim_start_matches('/');
            let is_in = |folder: &str| folder == anchored || folder.starts_with(&format!("{anchored}/"));
            // All of the repository.
            anchored.is_empty()
                || is_in(folder)
                || (!plain.contains('/') && folder.split('/').any(|part| part == anchored))
        })
    }
}

/// What is known of the place.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// The folder that the action runs in, absolute.
    pub folder: String,
    /// The top of its repository.
    pub repository: Option<String>,
    /// The user's home.
    pub home: String,
    /// The branch that is checked out.
    pub branch: Option<String>,
    /// The default branch, as far as it is told.
    pub default_branch: Option<String>,
    /// Variables that tell of an environment: `AWS_PROFILE`, `KUBECONFIG`, `DATABASE_URL`, and whatever else is known.
    pub variables: BTreeMap<String, String>,
    /// The context that `kubectl` would use.
    pub kube_context: Option<String>,
    /// The workspace that Terraform would use.
    pub terraform_workspace: Option<String>,
    /// This program's own file, at an absolute path.
    pub executable: Option<String>,
    /// The folder of what this program remembers: what was let run, and the log; absolute.
    pub state: Option<String>,
    /// Services of the configuration.
    pub services: Vec<Service>,
    /// Files to read.
    pub files: &'a dyn Files,
    /// Whether the time for a judgement is used up; what was not looked into by then is asked about.
    pub is_late: Option<&'a dyn Fn() -> bool>,
}

impl<'a> Surroundings<'a> {
    /// A folder of which nothing else is known.
    pub fn bare(folder: &str, files: &'a dyn Files) -> Self {
        Self {
            folder: folder.to_owned(),
            repository: Some(folder.to_owned()),
            home: "/home/user".to_owned(),
            branch: None,
            default_branch: None,
            variables: BTreeMap::new(),
            kube_context: None,
            terraform_workspace: None,
            executable: None,
            state: None,
            services: Vec::new(),
            files,
            is_late: None,
        }
    }

    /// What the names say of where something is: the gravest of them, but one that is plainly a place to try things counts where
    /// nothing says more.
    pub fn environment_of<'t>(names: impl IntoIterator<Item = &'t str>) -> Environment {
        names
            .into_iter()
            .map(Environment::of)
            .max_by_key(|environment| match environment {
                Environment::Unknown => 0,
                Environment::Development => 1,
                Environment::Staging => 2,
                Environment::Production => 3,
            })
            .unwrap_or_default()
    }

    /// What a path is called below the top of the repository: empty for the top itself.
    pub fn inner<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.repository.as_deref()?)?;
        match rest.strip_prefix('/') {
            Some(inner) => Some(inner),
            None => rest.is_empty().then_some(""),
        }
    }

    /// The service that one of the names is about.
    pub fn service_of<'t>(&self, names: impl IntoIterator<Item = &'t str>) -> Option<(String, u8)> {
        let names: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
        let is_named = |service: &&Service| {
            let name = service.name.to_lowercase();
            names.iter().any(|one| {
                one.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                    .any(|part| {
                        part == name
                            || part.starts_with(&format!("{name}-"))
                            || part.ends_with(&format!("-{name}"))
                            || part.contains(&format!("-{name}-"))
                    })
            })
        };
        let mut found: Vec<&Service> = self.services.iter().filter(is_named).collect();
        found.sort_by_key(|service| service.tier);
        found.first().map(|service| (service.name.clone(), service.tier))
    }

    /// The service whose files are in a folder, at an absolute path: what is run there is mostly about it.
    pub fn service_at(&self, folder: &str) -> Option<(String, u8)> {
        let inner = folder.strip_prefix(self.repository.as_deref()?)?;
        if !(inner.is_empty() || inner.starts_with('/')) {
            return None;
        }
        let inner = inner.trim_start_matches('/');
        let mut found: Vec<&Service> = self.services.iter().filter(|one| one.has_folder(inner)).collect();
        found.sort_by_key(|service| service.tier);
        found.first().map(|service| (service.name.clone(), service.tier))
    }

    /// Whether a branch is one that others build on.
    pub fn is_shared_branch(&self, name: &str) -> bool {
        let plain = name.strip_prefix("refs/heads/").unwrap_or(name);
        self.default_branch.as_deref() == Some(plain)
            || matches!(
                plain,
                "main" | "master" | "trunk" | "develop" | "production" | "prod" | "staging" | "stable" | "gh-pages"
            )
            || plain.starts_with("release")
            || plain.starts_with("hotfix/")
    }
}

/// A path as the file system would see it: absolute, without `.` and `..`. A tilde is the home.
pub fn resolved(path: &str, folder: &str, home: &str) -> String {
    let expanded = if path == "~" {
        home.to_owned()
    } else if let Some(rest) = path.strip_prefix("~/") {
        format!("{home}/{rest}")
    } else if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in expanded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_as_the_file_system_sees_them() {
        let of = |path: &str| resolved(path, "/code/shop", "/home/ada");
        assert_eq!(of("a/../b/./c"), "/code/shop/b/c");
        assert_eq!(of("../.."), "/");
        assert_eq!(of("../../../.."), "/");
        assert_eq!(of("~"), "/home/ada");
        assert_eq!(of("~/x"), "/home/ada/x");
        assert_eq!(of("/etc//passwd"), "/etc/passwd");
    }

    #[test]
    fn a_service_is_found_by_its_name_in_others() {
        let files = NoFiles;
        let mut place = Surroundings::bare("/code", &files);
        place.services = vec![
            Service {
                name: "checkout".to_owned(),
                tier: 1,
                paths: vec!["/services/checkout/**".to_owned()],
            },
            Service {
                name: "blog".to_owned(),
                tier: 3,
                paths: vec!["blog".to_owned()],
            },
        ];
        for (folder, service) in [
            ("/code/services/checkout", Some("checkout")),
            ("/code/services/checkout/infra", Some("checkout")),
            ("/code/services/checkouts", None),
            ("/code/x/blog/y", Some("blog")),
            ("/code", None),
            ("/workx/services/checkout", None),
        ] {
            assert_eq!(
                place.service_at(folder).map(|(name, _)| name).as_deref(),
                service,
                "{folder}"
            );
        }
        assert_eq!(place.service_of(["prod-checkout-db"]), Some(("checkout".to_owned(), 1)));
        assert_eq!(place.service_of(["deployment/blog"]), Some(("blog".to_owned(), 3)));
        assert_eq!(place.service_of(["checkoutx"]), None);
    }
}
