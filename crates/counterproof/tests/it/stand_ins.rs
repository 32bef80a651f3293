//! Effects as behaviour: what functions ask their surroundings for is answered, searched and compared.

use std::process::Command;

use serde_json::Value;

use crate::support::{Repository, function, status};

/// The report on one file before and after, with time enough on a busy machine.
fn checked(before: &str, after: &str) -> Value {
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", after)]);
    repository.json(&["check", "--budget", "90s"])
}

/// The first example of a function: setup, call, what base and head did.
fn example(report: &Value, name: &str) -> String {
    let example = &function(report, name)["findings"][0]["example"];
    let setup: Vec<&str> = example["setup"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let part = |name: &str| example[name].as_str().unwrap_or_default().to_owned();
    format!(
        "{}; {}: {} / {}",
        setup.join("; "),
        part("call"),
        part("base"),
        part("head")
    )
}

fn kind<'a>(report: &'a Value, name: &str) -> &'a str {
    function(report, name)["findings"][0]["kind"]
        .as_str()
        .unwrap_or_default()
}

const SURROUNDINGS: &str = "\
import os
from datetime import date, datetime


def cache_dir():
    return os.environ.get('X_CACHE', '/tmp') + '/x'


def debug():
    return os.getenv('APP_DEBUG', '').lower() in ('1', 'true', 'yes')


def is_weekend():
    return date.today().weekday() >= 5


def greeting():
    return 'morning' if datetime.now().hour < 12 else 'day'


def sure():
    return input('sure? ').strip().lower() == 'yes'


def home():
    return os.environ.get('X_HOME') or '/home'
";

#[test]
fn variables_the_time_and_typed_lines_are_searched() {
    let after = SURROUNDINGS
        .replace(
            "return os.environ.get('X_CACHE', '/tmp')",
            "base = os.environ.get('X_CACHE')\n    return (base or '/tmp')",
        )
        .replace("'true', 'yes'", "'true'")
        .replace(">= 5", "> 5")
        .replace("hour < 12", "hour <= 12")
        .replace("== 'yes'", "in ('y', 'yes')")
        .replace(
            "return os.environ.get('X_HOME') or '/home'",
            "found = os.environ.get('X_HOME')\n    return found if found else '/home'",
        );
    let report = checked(SURROUNDINGS, &after);
    for name in ["cache_dir", "debug", "is_weekend", "greeting", "sure"] {
        assert_eq!(kind(&report, name), "changed", "{name}: {report:#}");
    }
    assert_eq!(status(&report, "home"), "same", "{report:#}");
    assert_eq!(
        example(&report, "cache_dir"),
        "import os; from a import cache_dir; os.environ['X_CACHE'] = ''; cache_dir(): '/x' / '/tmp/x'"
    );
    assert!(
        example(&report, "debug").contains("os.environ['APP_DEBUG'] = 'yes'"),
        "{report:#}"
    );
    assert!(example(&report, "is_weekend").contains("# the time is "), "{report:#}");
    assert!(example(&report, "sure").contains("# typed is ['y']"), "{report:#}");
}

const PROCESSES: &str = "\
import json
import os
import subprocess


def revision():
    done = subprocess.run(['git', 'rev-parse', 'HEAD'], capture_output=True, text=True)
    if done.returncode != 0:
        return 'unknown'
    return done.stdout.strip()[:12]


def packages():
    listed = json.loads(subprocess.check_output(['pip', 'list', '--format=json']))
    return {one['name']: one['version'] for one in listed}


def deploy(target):
    if os.system('make ' + target) != 0:
        raise RuntimeError('failed')
    return True


def branches():
    return [line[2:] for line in subprocess.check_output(['git', 'branch']).decode().splitlines()]
";

#[test]
fn results_of_processes_are_searched_and_commands_compared() {
    let after = PROCESSES
        .replace("[:12]", "[:10]")
        .replace("{one['name']:", "{one['name'].lower():")
        .replace("'make '", "'make -s '")
        .replace(
            "    return [line[2:] for line in subprocess.check_output(['git', 'branch']).decode().splitlines()]",
            "    text = subprocess.check_output(['git', 'branch'])\n    return [line[2:] for line in text.decode().splitlines()]",
        );
    let report = checked(PROCESSES, &after);
    assert_eq!(kind(&report, "revision"), "changed", "{report:#}");
    assert!(
        example(&report, "revision").contains("# the process prints '"),
        "{report:#}"
    );
    assert_eq!(kind(&report, "packages"), "changed", "{report:#}");
    assert_eq!(kind(&report, "deploy"), "changed_effect", "{report:#}");
    assert!(
        example(&report, "deploy").ends_with("process sh -c 'make ' / process sh -c 'make -s '"),
        "{report:#}"
    );
    assert_eq!(status(&report, "branches"), "same", "{report:#}");
}

const SERVERS: &str = "\
import json
import sqlite3
import urllib.request


def versions(package):
    with urllib.request.urlopen('https://x.test/%s/json' % package) as answer:
        found = json.load(answer)
    return sorted(found['releases'], reverse=True)


def send(title):
    request = urllib.request.Request('https://x.test/items', data=json.dumps({'title': title}).encode())
    with urllib.request.urlopen(request) as answer:
        return answer.status


def adult(name):
    cursor = sqlite3.connect('people.db').cursor()
    cursor.execute('SELECT id, age FROM people WHERE name = ?', (name,))
    row = cursor.fetchone()
    return row is not None and row[1] >= 18
";

#[test]
fn responses_and_rows_are_searched_and_requests_compared() {
    let after = SERVERS
        .replace(", reverse=True", "")
        .replace("{'title': title}", "{'name': title}")
        .replace(">= 18", "> 18");
    let report = checked(SERVERS, &after);
    assert_eq!(kind(&report, "versions"), "changed", "{report:#}");
    assert!(
        example(&report, "versions").contains("# the server sends {'releases': "),
        "{report:#}"
    );
    assert_eq!(kind(&report, "send"), "changed_effect", "{report:#}");
    assert_eq!(kind(&report, "adult"), "changed", "{report:#}");
    assert!(example(&report, "adult").contains("# the query finds ["), "{report:#}");
}

/// A script carries the stand-ins that it needs: plain Python shows the difference, and nothing is really started.
#[test]
fn a_script_shows_it_without_the_harness() {
    let repository = Repository::new(&[("a.py", PROCESSES)]);
    let after = PROCESSES.replace("'make '", "'make -s '").replace("[:12]", "[:10]");
    repository.write(&[("a.py", &after)]);
    let report = repository.json(&["check", "--budget", "90s"]);
    let base = Repository::new(&[("a.py", PROCESSES)]);
    let run = |script: &str, tree: &Repository| {
        let python = std::env::var("COUNTERPROOF_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let ran = Command::new(python)
            .args(["-c", script])
            .arg(tree.path())
            .output()
            .expect("Python");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    for name in ["deploy", "revision"] {
        let finding = &function(&report, name)["findings"][0];
        let text = |path: &str| {
            finding
                .pointer(path)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let script = repository.run(&["reproduce", &text("/id"), "--format", "python"]).out;
        let (base, head) = (run(&script, &base), run(&script, &repository));
        let shows = base.contains(&text("/example/base")) && head.contains(&text("/example/head"));
        assert!(
            shows && base != head && base.contains("effect: process "),
            "{base}{head}{script}"
        );
    }
}
