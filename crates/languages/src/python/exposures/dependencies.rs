//! Packages that a change makes the project need: who wrote them is trusted from then on.

use std::collections::BTreeMap;

use model::ConcernKind;
use toml::Value;

use super::review::Note;

/// Packages that most know, from the most downloaded of the Python Package Index: names a letter away from one are to be looked at.
const KNOWN: &str = "
    aiohttp anyio attrs azure-core beautifulsoup4 black boto3 botocore cachetools celery certifi cffi chardet charset-normalizer click
    colorama coverage cryptography cython dateparser decorator django dnspython docker docutils fastapi filelock flake8 flask
    fsspec gevent gitpython google-auth greenlet grpcio gunicorn h11 httpcore httplib2 httpx idna importlib-metadata isort
    itsdangerous jinja2 jmespath jsonschema keras kombu lxml mako markdown markdown-it-py markupsafe matplotlib mypy networkx nltk
    numpy oauthlib openai openpyxl opencv-python orjson packaging pandas paramiko pathspec pillow pip platformdirs pluggy
    prompt-toolkit protobuf psutil psycopg2 psycopg2-binary pyarrow pyasn1 pycparser pycryptodome pydantic pygments pyjwt pymongo
    pymysql pynacl pyopenssl pyparsing pytest python-dateutil python-dotenv pytz pyyaml redis regex requests requests-oauthlib rich
    rsa ruamel-yaml s3transfer scikit-learn scipy selenium sentry-sdk setuptools simplejson six sqlalchemy starlette sympy tabulate
    tensorflow toml tomli tomlkit torch tornado tqdm transformers typer typing-extensions tzdata uritemplate urllib3 uvicorn
    virtualenv watchdog websocket-client websockets werkzeug wheel wrapt xmltodict yarl zipp
";

/// Packages that head needs to run or to be built, and base does not; and others whose names are a letter away from well-known ones.
pub(super) fn brought(path: &str, base: &str, head: &str) -> Vec<Note> {
    let (before, after) = (needed(path, base), needed(path, head));
    // A file that is new says nothing of what is: what it lists may have been listed elsewhere.
    let is_new = base.trim().is_empty();
    let mut notes = Vec::new();
    for (name, need) in &after {
        if before.contains_key(name) {
            continue;
        }
        let near = near_known(name);
        let text = match near {
            Some(known) => format!("the new dependency `{name}` is a letter away from `{known}`"),
            None if need.is_needed && !is_new => format!("`{name}` is a new dependency"),
            None => continue,
        };
        notes.push(Note {
            line: need.line,
            kind: ConcernKind::Dependency,
            cwe: if near.is_some() { 1357 } else { 1104 },
            function: String::new(),
            text,
        });
    }
    notes
}

struct Need {
    line: u32,
    /// Whether the program needs it, and not only those who work on it.
    is_needed: bool,
}

/// What a file lists, by normal name.
fn needed(path: &str, text: &str) -> BTreeMap<String, Need> {
    let file = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let mut needs = BTreeMap::new();
    let mut add = |requirement: &str, is_needed: bool| {
        if let Some(name) = name_of(requirement) {
            let line = line_of(text, requirement);
            let need = needs.entry(name).or_insert(Need { line, is_needed });
            need.is_needed |= is_needed;
        }
    };
    if file.ends_with(".txt") && file.contains("requirement") || file.ends_with(".in") && file.contains("requirement") {
        let is_needed = !["dev", "test", "doc", "lint", "ci", "bench", "typing"]
            .iter()
            .any(|word| path.to_lowercase().contains(word));
        text.lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.starts_with('-'))
            .for_each(|line| add(line, is_needed));
    } else if file == "pyproject.toml" {
        of_pyproject(text, &mut add);
    } else if file == "setup.cfg" {
        of_setup_cfg(text, &mut add);
    }
    needs
}

fn of_pyproject(text: &str, add: &mut impl FnMut(&str, bool)) {
    let Ok(table) = text.parse::<toml::Table>() else { return };
    let at = |names: &[&str]| {
        let mut names = names.iter();
        let first = names.next().and_then(|name| table.get(*name));
        names.fold(first, |value, name| value.and_then(|value| value.get(*name)))
    };
    let mut list = |value: Option<&Value>, is_needed: bool| {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).for_each(|one| add(one, is_needed));
    };
    list(at(&["project", "dependencies"]), true);
    for groups in [at(&["project", "optional-dependencies"]), at(&["dependency-groups"])] {
        let groups = groups.and_then(Value::as_table).into_iter().flatten();
        groups.for_each(|(_, group)| list(Some(group), false));
    }
    for (names, is_needed) in [
        (["tool", "poetry", "dependencies"], true),
        (["tool", "poetry", "dev-dependencies"], false),
    ] {
        let packages = at(&names).and_then(Value::as_table).into_iter().flatten();
        packages
            .filter(|(name, _)| *name != "python")
            .for_each(|(name, _)| add(name, is_needed));
    }
}

/// `install_requires` of `setup.cfg`: the lines below it that are indented.
fn of_setup_cfg(text: &str, add: &mut impl FnMut(&str, bool)) {
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("install_requires") {
            inside = true;
            line.split_once('=')
                .into_iter()
                .for_each(|(_, rest)| add(rest.trim(), true));
        } else if inside && line.starts_with([' ', '\t']) {
            add(line.trim(), true);
        } else if !line.trim().is_empty() {
            inside = false;
        }
    }
}

/// The normal name of a requirement, as in PEP 503; nothing where it is none.
fn name_of(requirement: &str) -> Option<String> {
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
        .unwrap_or(requirement.len());
    let name = requirement[..end].to_lowercase().replace(['_', '.'], "-");
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !requirement[end..].starts_with([':', '/']);
    is_name.then_some(name)
}

fn line_of(text: &str, requirement: &str) -> u32 {
    let found = (1..).zip(text.lines()).find(|(_, line)| line.contains(requirement));
    found.map_or(1, |(line, _)| line)
}

/// The well-known name that a name is a letter away from, without being one itself.
fn near_known(name: &str) -> Option<&'static str> {
    let known = || KNOWN.split_whitespace();
    if name.len() < 5 || known().any(|one| one == name) {
        return None;
    }
    known().find(|one| one.len() >= 5 && is_one_edit(name, one))
}

/// Whether one letter more, less or other, or two neighbours the other way round, make one text of the other.
fn is_one_edit(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[common..], &other[common..]);
    match one.len() as i64 - other.len() as i64 {
        0 => {
            one.get(1..) == other.get(1..)
                || one.len() > 1 && one[0] == other[1] && one[1] == other[0] && one[2..] == other[2..]
        }
        1 => one[1..] == *other,
        -1 => *one == other[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, base: &str, head: &str) -> Vec<(u32, String)> {
        let notes = brought(path, base, head);
        notes.into_iter().map(|note| (note.line, note.text)).collect()
    }

    #[test]
    fn a_new_name_is_told_and_a_new_version_is_not() {
        let new = "`left-pad` is a new dependency".to_owned();
        let (base, head) = ("requests>=2\n", "requests>=3  # newer\nleft_pad==1\n");
        assert_eq!(told("requirements.txt", base, head), [(2, new.clone())]);
        assert_eq!(told("requirements-dev.txt", base, head), []);
        let of = |list: &str| format!("[project]\nname = 'a'\ndependencies = [{list}]\n");
        assert_eq!(
            told("pyproject.toml", &of("'requests'"), &of("'requests', 'left-pad'")),
            [(3, new.clone())]
        );
        let of = |list: &str| format!("[options]\ninstall_requires =\n    {list}\n[b]\n");
        assert_eq!(
            told("setup.cfg", &of("requests"), &of("requests\n    left-pad")),
            [(4, new)]
        );
    }

    #[test]
    fn a_letter_away_is_told_wherever_it_stands() {
        let near = |name: &str| told("requirements-dev.txt", "", name).len();
        assert_eq!(["reqeusts", "requsts", "requestss", "numpi"].map(near), [1; 4]);
        assert_eq!(["requests", "toml", "numpy", "request-id", "attr"].map(near), [0; 5]);
    }
}
