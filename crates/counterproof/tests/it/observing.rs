//! What the project's own tests show: objects that only its own code makes, and what is done to them.

use serde_json::Value;

use crate::support::{Repository, function, status};

/// Nodes can be made by `grow` alone, and what a node keeps is set by `note` alone.
const TREE: &str = "\
_seals = []


class Node:
    def __init__(self, seal, name):
        _seals.remove(seal)
        self.name = name
        self.children = []
        self._notes = {}

    def note(self, key, text):
        self._notes[key] = text

    def line(self):
        if 'due' in self._notes:
            return '%s (%s)' % (self.name, self._notes['due'])
        return self.name


def _node(name):
    seal = object()
    _seals.append(seal)
    return Node(seal, name)


def grow(text):
    root = _node('root')
    root.children = [_node(part) for part in text.split('/')]
    return root
";

const PAINT: &str = "\
from .tree import grow


def _label(node, width):
    return node.line().upper()[:width]


STYLES = {'plain': lambda node, width: node.name, 'label': _label}


def paint(text, style):
    return [STYLES[style](child, 4) for child in grow(text).children]
";

const TESTS: &str = "\
from shelf.paint import paint
from shelf.tree import grow


def test_paint():
    assert paint('fig/apple', 'label') == ['FIG', 'APPL']


def test_notes():
    root = grow('a/b')
    child = root.children[0]
    child.note('due', 'May')
    assert child.line() == 'a (May)'
";

fn repository() -> Repository {
    Repository::new(&[
        ("shelf/__init__.py", ""),
        ("shelf/tree.py", TREE),
        ("shelf/paint.py", PAINT),
        ("tests/test_shelf.py", TESTS),
    ])
}

fn example(report: &Value, name: &str) -> (String, String) {
    let example = &function(report, name)["findings"][0]["example"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let setup = example["setup"].as_array().into_iter().flatten().map(text);
    (setup.collect::<Vec<_>>().join("\n"), text(&example["call"]))
}

#[test]
fn an_object_that_only_the_code_itself_makes_is_come_by_as_the_tests_do() {
    let repository = repository();
    repository.write(&[(
        "shelf/paint.py",
        &PAINT.replace(".upper()[:width]", ".upper()[:width - 1]"),
    )]);
    let report = repository.json(&["check", "--tests", "off"]);
    assert_eq!(status(&report, "_label"), "changed", "{report:#}");
    let (setup, call) = example(&report, "_label");
    assert!(call.starts_with("_label(") || call.starts_with("paint("), "{call}");
    assert!(
        format!("{setup}{call}").contains("grow(") || call.starts_with("paint("),
        "{setup}\n{call}"
    );
}

#[test]
fn what_a_test_does_to_an_object_before_is_part_of_the_example() {
    let repository = repository();
    repository.write(&[("shelf/tree.py", &TREE.replace("'%s (%s)'", "'%s [%s]'"))]);
    let report = repository.json(&["check", "--tests", "off"]);
    assert_eq!(status(&report, "Node.line"), "changed", "{report:#}");
    let (setup, call) = example(&report, "Node.line");
    assert!(setup.contains(".note('due', "), "{setup}\n{call}");
    assert!(call.ends_with(".line()"), "{call}");
}

/// A vault opens with a word that stands in a file of the tests alone.
const VAULT: &str = "\
import zlib


class Vault:
    def __init__(self, word):
        if zlib.crc32(word.encode()) != 0x43bab07e:
            raise ValueError('closed')
        self.gold = 3

    def take(self, times):
        return self.gold * times
";

const TESTS_BY_FILE: &str = "\
import json
import os
import unittest

from vault import Vault

with open(os.path.join(os.path.dirname(__file__), 'words.json')) as file:
    WORDS = json.load(file)


class Vaults(unittest.TestCase):
    def setUp(self):
        self.vault = Vault(WORDS['first'])

    def test_take(self):
        self.assertEqual(self.vault.take(2), 6)
";

#[test]
fn what_only_a_run_of_the_tests_tells_is_where_the_search_begins() {
    let repository = Repository::new(&[
        ("vault.py", VAULT),
        ("tests/test_vault.py", TESTS_BY_FILE),
        ("tests/words.json", "{\"first\": \"open sesame\"}\n"),
    ]);
    repository.write(&[(
        "vault.py",
        &VAULT.replace("gold * times", "gold * times if times < 5 else 15"),
    )]);
    let unseen = repository.json(&["check", "--tests", "off", "--budget", "8s"]);
    assert_eq!(status(&unseen, "Vault.take"), "not_verified", "{unseen:#}");
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "Vault.take"), "changed", "{report:#}");
    let (_, call) = example(&report, "Vault.take");
    assert!(call.starts_with("Vault('open sesame').take("), "{call}");
}
