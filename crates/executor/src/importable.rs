//! Whether a function can be had in both versions at all: why an import of its module does not give it, in words with the mend.

use model::{FunctionChange, Target};

use crate::duo::{Import, Version, names};
use crate::function::{Blocked, Work, blocked, path_in_base};
use crate::newer;

impl Work<'_, '_> {
    /// Why a target cannot be called in a version that has it.
    pub(crate) fn importable(&mut self, function: &FunctionChange, target: &Target) -> Result<(), Blocked> {
        let versions: &[Version] = if function.is_added() {
            &[Version::Head]
        } else {
            &[Version::Base, Version::Head]
        };
        for version in versions {
            let (module, _) = names(target, *version);
            let import = self.duo.half(*version).imports.get(&module).cloned();
            let project = self.duo.half(*version).project();
            if let Some(reason) = import_trouble(import.as_ref(), &module, *version, project) {
                return Err(blocked(newer::explained(
                    reason,
                    import.as_ref(),
                    self.context,
                    *version,
                    &target.path,
                )));
            }
            let path = match version {
                Version::Base => path_in_base(function, target),
                Version::Head => &target.path,
            };
            if let Some(reason) = hidden(import.as_ref(), &module, path, project) {
                return Err(blocked(reason));
            }
        }
        Ok(())
    }
}

/// Why a module cannot be used in one version, in words with the mend; `None` when it can.
pub fn import_trouble(
    import: Option<&Import>,
    module: &str,
    version: Version,
    project: &languages::python::Project,
) -> Option<String> {
    let version = if version == Version::Base { "base" } else { "head" };
    Some(match import {
        None => format!("its module {module} was not imported in {version}"),
        Some(Import::DoesNotEnd) => format!(
            "importing {module} does not end in {version}: if it starts something, guard that with `if __name__ == \"__main__\":`; if it is slow, raise import_seconds in counterproof.toml"
        ),
        Some(Import::OutOfTime(limit)) if limit.is_zero() => {
            format!("the time budget ran out before {module} was imported in {version} (--budget gives more)")
        }
        Some(Import::OutOfTime(limit)) => format!(
            "importing {module} takes longer in {version} than the {:.1} s that the time budget leaves for it (--budget gives more): if it starts something, guard that with `if __name__ == \"__main__\":`",
            limit.as_secs_f64()
        ),
        Some(Import::EndsInterpreter) => format!("importing {module} ends the interpreter in {version}"),
        Some(Import::Answered(imported)) => match &imported.error {
            Some(error) => match &error.missing {
                Some(missing) if !error.in_tree => {
                    let top = missing.split('.').next().unwrap_or(missing);
                    match project.holding(top, module) {
                        Some(found) => format!(
                            "{module} needs `{missing}`, which is not installed; {found} is in the tree, but nothing declares that imports start in {}: declare it as for an installation (pyproject.toml, setup.cfg), or install the project",
                            found.rsplit_once('/').map_or("its root", |(folder, _)| folder)
                        ),
                        None => format!(
                            "{module} needs the package that has `{missing}`, which is not installed: install the project's dependencies, or name their interpreter with --python"
                        ),
                    }
                }
                _ => {
                    let message = error.message.lines().next().unwrap_or_default();
                    let colon = if message.is_empty() { "" } else { ": " };
                    format!("{module} does not import in {version}: {}{colon}{message}", error.class)
                }
            },
            None if !imported.foreign.is_empty() => {
                format!(
                    "{} came from outside the {version} tree, so the version there would not be the one that runs",
                    imported.foreign.join(", ")
                )
            }
            None => return None,
        },
    })
}

/// Why the file `path` is not what an import of its module gives: a package of its name, or a file in a folder before it.
fn hidden(import: Option<&Import>, module: &str, path: &str, project: &languages::python::Project) -> Option<String> {
    let Some(Import::Answered(imported)) = import else {
        return None;
    };
    let file = imported.file.as_deref()?;
    (file != path && project.has(path) && project.module_name(path) == module)
        .then(|| format!("{path} cannot be imported: `import {module}` gives {file}"))
}
