//! Which versions of Python a project says it is for.

use super::Project;
use super::project::folder_of;

/// What the project that the file `path` belongs to says of the Python it needs (`>=3.12`), as far as its files say it plainly.
pub fn required(project: &Project, path: &str) -> Option<String> {
    let text = |path: &str| project.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut folder = path;
    loop {
        folder = folder_of(folder);
        let within = |name: &str| {
            if folder.is_empty() {
                name.to_owned()
            } else {
                format!("{folder}/{name}")
            }
        };
        let found = text(&within("pyproject.toml"))
            .and_then(|text| of_pyproject(&text))
            .or_else(|| text(&within("setup.cfg")).and_then(|text| after(&text, "python_requires")))
            .or_else(|| text(&within("setup.py")).and_then(|text| after(&text, "python_requires")));
        if found.is_some() || folder.is_empty() {
            return found;
        }
    }
}

fn of_pyproject(text: &str) -> Option<String> {
    let mut section = "";
    text.lines().map(str::trim).find_map(|line| {
        if line.starts_with('[') {
            section = line;
        }
        match section {
            "[project]" => after(line, "requires-python"),
            "[tool.poetry.dependencies]" => after(line, "python"),
            _ => None,
        }
    })
}

/// What is assigned to `name` in one of the lines, without quotes.
fn after(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let key = key.trim().rsplit(['(', ',']).next().unwrap_or_default().trim();
        let value = value.trim();
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next()?,
            _ => value,
        };
        let plain = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "<>=!~^.*, ".contains(c))
        };
        (key == name && value.chars().any(|c| c.is_ascii_digit()) && plain(value)).then(|| value.trim().to_owned())
    })
}

/// Whether Python `version` (`3.11.7`) meets a requirement; one that cannot be read excludes nothing.
pub fn admits(requirement: &str, version: &str) -> bool {
    let version = numbers(version);
    requirement
        .split(',')
        .all(|clause| meets(clause.trim(), &version).unwrap_or(true))
}

fn meets(clause: &str, version: &[u32]) -> Option<bool> {
    let end = clause.find(|c: char| c.is_ascii_digit())?;
    let (operator, wanted) = clause.split_at(end);
    let any_end = wanted.trim().ends_with(".*");
    let wanted = numbers(wanted);
    let starts = |length: usize| version.iter().take(length).eq(wanted.iter().take(length));
    // `3.11` stands for `3.11.0` where it is a bound.
    let mut bound = wanted.clone();
    bound.resize(bound.len().max(version.len()), 0);
    let least = *version >= *bound;
    Some(match operator.trim() {
        ">=" => least,
        ">" => least && *version != *bound,
        "<" => !least,
        "<=" => *version <= *bound,
        // `3.11` alone means any 3.11 to whoever writes it.
        "==" | "" => starts(wanted.len()),
        "!=" if any_end => !starts(wanted.len()),
        "!=" => *version != *bound,
        "~=" | "~" => least && starts(wanted.len().saturating_sub(1).max(1)),
        "^" => least && starts(1),
        _ => return None,
    })
}

fn numbers(text: &str) -> Vec<u32> {
    text.trim().split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_where_they_stand() {
        let of = |files: &[(&str, &str)], path: &str| {
            let files: std::collections::BTreeMap<String, String> = files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect();
            let paths: Vec<String> = files.keys().cloned().collect();
            let read = move |path: &str| {
                let found = files.get(path).map(|text| text.as_bytes().to_vec());
                found.ok_or_else(|| std::io::ErrorKind::NotFound.into())
            };
            required(&Project::new(paths, read), path)
        };
        let pyproject = (
            "pyproject.toml",
            "[project]\nname = 'a'\nrequires-python = \">=3.12\"  # new\n",
        );
        assert_eq!(of(&[pyproject], "src/a/b.py").as_deref(), Some(">=3.12"));
        let inner = ("one/setup.cfg", "[options]\npython_requires = >=3.9, <4\n");
        assert_eq!(of(&[pyproject, inner], "one/a.py").as_deref(), Some(">=3.9, <4"));
        assert_eq!(of(&[pyproject, inner], "two/a.py").as_deref(), Some(">=3.12"));
        let poetry = ("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.10'\n");
        assert_eq!(of(&[poetry], "a.py").as_deref(), Some("^3.10"));
        let setup = ("setup.py", "setup(name='a',\n      python_requires='>=3.8',\n)\n");
        assert_eq!(of(&[setup], "a.py").as_deref(), Some(">=3.8"));
        assert_eq!(of(&[("setup.py", "setup(python_requires=NEEDED)\n")], "a.py"), None);
    }

    #[test]
    fn a_version_meets_a_requirement_or_does_not() {
        for (requirement, met) in [
            (">=3.12", false),
            (">=3.11", true),
            (">=3.11.8", false),
            (">3.11", true),
            (">=3.8,<3.11", false),
            (">=3.8, <4", true),
            ("<=3.11.7", true),
            ("~=3.10", true),
            ("~=3.10.2", false),
            ("^3.12", false),
            ("^3.8", true),
            ("==3.11.*", true),
            ("==3.12.*", false),
            ("!=3.11.*", false),
            ("!=3.11.0", true),
            ("3.11", true),
            ("whatever", true),
        ] {
            assert_eq!(admits(requirement, "3.11.7"), met, "{requirement}");
        }
    }
}
