//! Security as behaviour: texts of a caller that are read as more than text, and what a reader of the change must not miss.

use serde_json::Value;

use crate::support::{Repository, function};

const BASE: &str = "\
import html
import os
import pickle
import subprocess


def ping(host):
    return subprocess.run(['ping', '-c1', host]).returncode


def clone(url):
    subprocess.check_call(['git', 'clone', '--', url, 'copy'])


def title(text):
    return '<h1>' + html.escape(text) + '</h1>'


def read_upload(name):
    if '..' in name.split('/') or name.startswith('/'):
        raise ValueError('no name')
    with open(os.path.join('uploads', name)) as file:
        return file.read()


def find(cursor, name):
    cursor.execute('SELECT id FROM users WHERE name = ?', (name,))
    return cursor.fetchall()


def is_safe(url):
    return url.startswith('/') and not url.startswith('//')


def number(text):
    import ast
    return ast.literal_eval(text)


def shout(text):
    return text.upper() + '!'


def quiet(command):
    return subprocess.run(command, shell=True).returncode
";

/// The report of a change of `BASE` by these replacements, and of what is put behind it.
fn changed(replacements: &[(&str, &str)], more: &str) -> (Repository, Value) {
    let repository = Repository::new(&[("net.py", BASE)]);
    let mut head = BASE.to_owned();
    for (from, to) in replacements {
        assert!(head.contains(from), "{from}");
        head = head.replace(from, to);
    }
    repository.write(&[("net.py", &format!("{head}{more}"))]);
    let report = repository.json(&["check", "--budget", "60s"]);
    (repository, report)
}

/// Weakness, call and deed of the first finding of a function, where that is a new exposure.
fn exposed(report: &Value, name: &str) -> Option<(u64, String, String)> {
    let finding = &function(report, name)["findings"][0];
    let text = |key: &str| finding["example"][key].as_str().unwrap_or_default().to_owned();
    (finding["kind"] == "new_exposure").then(|| (finding["cwe"].as_u64().unwrap_or(0), text("call"), text("head")))
}

#[test]
fn text_that_is_read_as_more_than_text_in_head_alone() {
    let (_repository, report) = changed(
        &[
            ("['ping', '-c1', host]", "'ping -c1 ' + host, shell=True"),
            ("'--', ", ""),
            ("html.escape(text)", "text"),
            (
                "    if '..' in name.split('/') or name.startswith('/'):\n        raise ValueError('no name')\n",
                "",
            ),
            ("name = ?', (name,))", "name = \\'' + name + '\\'')"),
            (" and not url.startswith('//')", ""),
            (
                "    import ast\n    return ast.literal_eval(text)",
                "    return eval(text)",
            ),
            ("text.upper() + '!'", "text.upper() + '?'"),
        ],
        "",
    );
    let of = |name| exposed(&report, name).unwrap_or_else(|| panic!("{name}: {report:#}"));
    let tuple = |cwe: u64, call: &str, head: &str| (cwe, call.to_owned(), head.to_owned());
    assert_eq!(
        of("ping"),
        tuple(78, "ping('a;xmarkx')", "a shell runs 'ping -c1 a;xmarkx'")
    );
    assert_eq!(
        of("clone"),
        tuple(88, "clone('--xmarkx')", "`git` takes '--xmarkx' for an option")
    );
    assert_eq!(
        of("title"),
        tuple(79, "title('<xmarkx>')", "it lets '<h1><xmarkx></h1>' through")
    );
    let opens = "it opens 'uploads/../xmarkx', outside of 'uploads'";
    assert_eq!(of("read_upload"), tuple(22, "read_upload('../xmarkx')", opens));
    assert_eq!(
        of("is_safe"),
        tuple(601, "is_safe('//xmarkx.example')", "it takes that")
    );
    assert_eq!(of("number").0, 95);
    assert_eq!(of("find").0, 89);
    assert_eq!(exposed(&report, "shout"), None);
}

#[test]
fn what_base_does_already_is_not_new_and_a_runner_of_commands_is_none() {
    let (_repository, report) = changed(
        &[
            (
                "subprocess.run(command, shell=True).returncode",
                "subprocess.run(command, shell=True, check=True).returncode",
            ),
            ("['ping', '-c1', host]", "['ping', '-c2', host]"),
        ],
        "


def run(command):
    return os.system(command)


def archive(name):
    return os.system('tar czf backup.tgz ' + name)


def load(data):
    return pickle.loads(data)
",
    );
    for name in ["quiet", "ping"] {
        assert_eq!(exposed(&report, name), None, "{name}: {report:#}");
    }
    let findings = |name: &str| function(&report, name)["findings"].as_array().map_or(0, Vec::len);
    assert_eq!(findings("run"), 0, "{report:#}");
    let (cwe, call, head) = exposed(&report, "archive").expect("an exposure");
    assert_eq!((cwe, call.as_str()), (78, "archive('a;xmarkx')"));
    assert_eq!(head, "a shell runs 'tar czf backup.tgz a;xmarkx'");
}

#[test]
fn an_exposure_is_run_again_explained_and_in_sarif() {
    let (repository, report) = changed(&[("html.escape(text)", "text")], "");
    let id = function(&report, "title")["findings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let again = repository.run(&["reproduce", &id]);
    assert!(
        again.out.contains("The two versions differ.") || again.out.contains("It does so again."),
        "{}",
        again.out
    );
    let story = repository.run(&["check", "--explain", &id]).out;
    assert!(story.contains("CWE-79, Cross-site Scripting"), "{story}");
    let sarif = repository.run(&["check", "--format", "sarif"]).out;
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    let run = &sarif["runs"][0];
    assert_eq!(run["results"][0]["ruleId"], "new_exposure/cwe-79");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let rule = rules
        .iter()
        .find(|rule| rule["id"] == "new_exposure/cwe-79")
        .expect("the rule");
    assert_eq!(rule["properties"]["tags"][1], "external/cwe/cwe-079");
}

#[test]
fn what_a_reader_must_not_miss_counts_until_it_is_accepted() {
    let repository = Repository::new(&[
        ("net.py", "import ssl\n\n\ndef f(context):\n    return context\n"),
        ("requirements.txt", "six\n"),
    ]);
    repository.write(&[
        (
            "net.py",
            "import ssl\n\n\ndef f(context):\n    context.check_hostname = False\n    return context\n",
        ),
        ("requirements.txt", "six\nreqeusts\n"),
    ]);
    let report = repository.json(&["check"]);
    let concerns = report["concerns"].as_array().expect("concerns");
    let told: Vec<(&str, u64)> = concerns
        .iter()
        .map(|one| {
            (
                one["path"].as_str().unwrap_or_default(),
                one["cwe"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    assert_eq!(told, [("net.py", 295), ("requirements.txt", 1357)]);
    assert_eq!(report["exit"], 1);
    let id = concerns[0]["id"].as_str().expect("an id");
    repository.git(&["config", "user.name", "Ada"]);
    let accepted = repository.run(&["accept", id, "--reason", "for tests alone"]);
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    assert_eq!(
        repository.json(&["check"])["concerns"][0]["acceptance"]["state"],
        "pending"
    );
}
