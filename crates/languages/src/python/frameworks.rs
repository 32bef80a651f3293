//! What a framework needs to know before its project's modules can be imported, as far as files say it plainly.

use super::Project;

/// The variable that names the settings of a Django project.
pub const DJANGO_VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// Settings of a Django project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Django {
    /// Their module.
    pub settings: String,
    /// The file that names it.
    pub from: String,
}

/// The settings of a Django project: those that its tests use, else those that `manage.py` or its server uses. Only a module that the
/// version has is taken.
pub(super) fn django(project: &Project) -> Option<Django> {
    let mut said = Vec::new();
    for path in ["pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"] {
        said.extend(
            text(project, path)
                .and_then(|text| of_configuration(&text))
                .map(|name| (name, path.to_owned())),
        );
    }
    for script in ["manage.py", "wsgi.py", "asgi.py"] {
        let mut paths: Vec<&str> = project
            .paths()
            .filter(|path| path.rsplit('/').next() == Some(script) && !super::syntax::is_test(path))
            .collect();
        paths.sort_by_key(|path| path.matches('/').count());
        let named = paths
            .into_iter()
            .filter_map(|path| Some((of_script(&text(project, path)?)?, path.to_owned())));
        said.extend(named);
    }
    let held = said.into_iter().find(|(name, _)| project.path_of(name).is_some());
    held.map(|(settings, from)| Django { settings, from })
}

fn text(project: &Project, path: &str) -> Option<String> {
    String::from_utf8(project.read(path).ok()?).ok()
}

/// `DJANGO_SETTINGS_MODULE = x` of pytest's configuration, or `--ds=x` among its options.
fn of_configuration(text: &str) -> Option<String> {
    let of_line = |line: &str| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(DJANGO_VARIABLE) {
            return name(rest.trim_start().strip_prefix(['=', ':'])?);
        }
        line.split(['"', '\'', ' ', '\t', ','])
            .find_map(|word| name(word.strip_prefix("--ds=")?))
    };
    text.lines().find_map(of_line)
}

/// `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x")` or `os.environ["DJANGO_SETTINGS_MODULE"] = "x"`.
fn of_script(text: &str) -> Option<String> {
    text.match_indices(DJANGO_VARIABLE).find_map(|(at, found)| {
        let rest = text[at + found.len()..].trim_start_matches(['"', '\'']).trim_start();
        let rest = rest
            .trim_start_matches([']', ' '])
            .strip_prefix([',', '='])?
            .trim_start();
        rest.starts_with(['"', '\'']).then(|| name(rest)).flatten()
    })
}

/// A dotted name at the beginning of a text, with or without quotes.
fn name(text: &str) -> Option<String> {
    let text = text.trim_start().trim_start_matches(['"', '\'']);
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    let name = &text[..end.unwrap_or(text.len())];
    (!name.is_empty() && name.split('.').all(|part| !part.is_empty())).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &'static [(&str, &str)]) -> Project {
        Project::new(files.iter().map(|(path, _)| (*path).to_owned()), move |path| {
            let found = files.iter().find(|(other, _)| *other == path);
            found
                .map(|(_, text)| text.as_bytes().to_vec())
                .ok_or_else(|| std::io::ErrorKind::NotFound.into())
        })
    }

    const MANAGE: &str = "import os\nos.environ.setdefault(\n    \"DJANGO_SETTINGS_MODULE\", 'shop.settings.dev')\n";

    #[test]
    fn settings_are_those_of_tests_and_else_of_the_scripts() {
        let of = |files: &'static [(&'static str, &'static str)]| {
            django(&project(files)).map(|found| (found.settings, found.from))
        };
        let some = |settings: &str, from: &str| Some((settings.to_owned(), from.to_owned()));
        assert_eq!(
            of(&[
                ("manage.py", MANAGE),
                ("shop/settings/dev.py", ""),
                ("shop/__init__.py", "")
            ]),
            some("shop.settings.dev", "manage.py")
        );
        assert_eq!(
            of(&[
                ("manage.py", MANAGE),
                ("shop/settings/dev.py", ""),
                ("shop/settings/test.py", ""),
                (
                    "pyproject.toml",
                    "[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = \"shop.settings.test\"\n"
                ),
            ]),
            some("shop.settings.test", "pyproject.toml")
        );
        assert_eq!(
            of(&[
                ("setup.cfg", "[tool:pytest]\naddopts = -q --ds=conf.test\n"),
                ("conf/test.py", "")
            ]),
            some("conf.test", "setup.cfg")
        );
        const WSGI: &str = "os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n";
        assert_eq!(
            of(&[("shop/wsgi.py", WSGI), ("shop/settings.py", "")]),
            some("shop.settings", "shop/wsgi.py")
        );
        // Named and not there, or computed: nothing is guessed.
        assert_eq!(of(&[("manage.py", MANAGE)]), None);
        assert_eq!(
            of(&[
                ("manage.py", "environ['DJANGO_SETTINGS_MODULE'] = name\n"),
                ("name.py", "")
            ]),
            None
        );
    }

    #[test]
    fn a_project_below_a_folder_starts_where_its_script_is() {
        let found = django(&project(&[
            ("site/manage.py", MANAGE),
            ("site/shop/__init__.py", ""),
            ("site/shop/settings/dev.py", ""),
        ]));
        assert_eq!(found.map(|found| found.settings).as_deref(), Some("shop.settings.dev"));
    }
}
