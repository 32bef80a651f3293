//! New functions that contradict their own word.

use serde_json::Value;

use crate::support::{Repository, function, status};

const HEAD: &str = "\
from __future__ import annotations


def old():
    return 1
";

/// The report of a change that adds `code` to a module.
fn added(code: &str) -> (Repository, Value) {
    let repository = Repository::new(&[("shop.py", HEAD)]);
    repository.write(&[("shop.py", &format!("{HEAD}\n\n{code}"))]);
    let report = repository.json(&["check", "--budget", "60s"]);
    (repository, report)
}

/// Call, word and deed of the only finding of a function.
fn told(report: &Value, name: &str) -> (String, String, String) {
    let findings = function(report, name)["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{name}: {report:#}");
    let example = &findings[0]["example"];
    let text = |key: &str| example[key].as_str().unwrap_or_default().to_owned();
    (text("call"), text("base"), text("head"))
}

const CRASHES: &str = "\
from dataclasses import dataclass
from typing import Literal, Optional


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def greet(name: Optional[str]) -> str:
    return 'hello ' + name


def last(items):
    for item in items:
        found = item
    return found


def rate(level: Literal['low', 'high']) -> int:
    return {'low': 1}[level]


def steps(n: int) -> int:
    count = 0
    while n != 1:
        n = n // 2
        count += 1
    return count


@dataclass
class Order:
    prices: list[float]

    def average(self) -> float:
        return sum(self.prices) / len(self.prices)


def total(a: int, b: int) -> int:
    return a + b


def wrong(a: int) -> int:
    return total(a) if a > 1 else a
";

#[test]
fn what_stumbles_on_what_it_declares_is_suspicious() {
    let (repository, report) = added(CRASHES);
    assert_eq!(report["exit"], 1, "{report:#}");
    for (name, call, deed) in [
        ("mean", "mean([])", "raises ZeroDivisionError"),
        ("greet", "greet(None)", "raises TypeError"),
        ("last", "last(", "raises UnboundLocalError"),
        ("steps", "steps(0)", "does not end"),
        (
            "Order.average",
            "Order(prices=[]).average()",
            "raises ZeroDivisionError",
        ),
        ("wrong", "wrong(2)", "raises TypeError: total() missing"),
    ] {
        let (called, _, did) = told(&report, name);
        assert_eq!(status(&report, name), "suspicious", "{name}");
        assert!(called.starts_with(call) && did.starts_with(deed), "{called} {did}");
    }
    assert_eq!(told(&report, "mean").1, "`values: list[float]`, nothing of an error");
    assert_eq!(status(&report, "total"), "new");
    let id = function(&report, "mean")["findings"][0]["id"]
        .as_str()
        .expect("id")
        .to_owned();
    let again = repository.run(&["reproduce", &id]).to_string();
    assert!(again.contains("It does so again."), "{again}");
    let story = repository
        .run(&["check", "--budget", "60s", "--explain", &id])
        .to_string();
    let why =
        "Why it is suspicious\n  line 13 `return sum(values) / len(values)` raises it, and nobody says that it may";
    assert!(story.contains(why), "{story}");
}

#[test]
fn what_a_caller_expects_is_not() {
    let code = "\
import re


def first(values: list[int]) -> int:
    return values[0]


def ratio(a: float, b: float) -> float:
    return a / b


def item(values: list[int], at: int) -> int:
    found = values[at]
    return found


def named(table: dict[str, int], name: str) -> int:
    return table[name] + 1


def number(text: str) -> int:
    return int(re.match('v([0-9]+)', text).group(1))


def checked(values: list[float]) -> float:
    '''The mean of values, which must not be empty.'''
    return sum(values) / len(values)


def documented(values: list[float]) -> float:
    '''Raises ZeroDivisionError for no values.'''
    return sum(values) / len(values)


def tested(values: list[float]) -> float:
    return sum(values) / len(values)


def strict(values: list[float]) -> float:
    if not values:
        raise IndexError('no values')
    return values[0]


def apply(f, x):
    return f(x)


def _inner(values: list[float]) -> float:
    return sum(values) / len(values)


def loose(values) -> float:
    return values.total / values.number


def latest(groups: dict[str, list[int]], name: str) -> int:
    rows = groups.get(name) or next(iter(groups.values()), [0])
    newest = sorted(rows)[0]
    return newest + 1


def place(line: str) -> dict[str, str]:
    return _of_parts(line.split(','))


def _of_parts(parts: list[str]) -> dict[str, str]:
    return {'name': parts[0], 'region': parts[1]}


def marked(dots: list[int]) -> str:
    marks = ['0'] * 8
    for dot in dots:
        marks[8 - dot] = '1'
    return ''.join(marks)
";
    let repository = Repository::new(&[("shop.py", HEAD)]);
    let test = "import pytest\nfrom shop import tested\n\n\ndef test_it():\n    with pytest.raises(ZeroDivisionError):\n        tested([])\n";
    repository.write(&[("shop.py", &format!("{HEAD}\n\n{code}")), ("tests/test_shop.py", test)]);
    let report = repository.json(&["check", "--tests", "off", "--budget", "30s"]);
    for function in report["functions"].as_array().expect("functions") {
        assert_ne!(function["status"], "suspicious", "{function:#}");
    }
}

#[test]
fn what_a_docstring_or_an_annotation_says_wrongly_is_suspicious() {
    let code = "\
import random
import sys


def label(n: int) -> str:
    '''
    >>> label(1)
    'one'
    >>> label(2)
    'two!'
    '''
    return 'one' if n == 1 else 'two'


def half(n: int) -> int:
    return n / 2


def find(names: list[str], name: str) -> str:
    for one in names:
        if one == name:
            return one


def pick(values: list[int]) -> int:
    '''
    >>> pick([1, 2, 3])
    7
    '''
    return random.choice(values)


def table(a: int) -> dict[str, int]:
    '''
    >>> table(1)
    {'b': 2,   'a': 1}
    >>> table(0.1)['c']
    Traceback (most recent call last):
    KeyError: 'c'
    >>> undefined(table(1))
    3
    '''
    return {'a': 1, 'b': 2}


def declared(x: int) -> str:
    ...


def first_line(path: str) -> str:
    '''
    >>> first_line('notes/of/somebody.txt')
    'Hello'
    '''
    with open(path) as file:
        return file.readline()


class Source:
    name = None

    def title(self, full: bool) -> str:
        if not full or self.name is None:
            return self.name
        return self.name.title()


def joined(*parts: str) -> str:
    return max(parts, key=len, default=None).strip()


def maybe(x: int) -> 'str | None':
    return None if x else 'a'


def scaled(x: float) -> float:
    return True if x else 1


def letters(x: int) -> list[str]:
    yield 'a'


def quotient(a: int, b: int) -> float:
    '''
    >>> quotient(1, 3)
    0.333333333
    >>> quotient(1,
    ...          0)
    0
    '''
    return a / b


def red(text: str) -> str:
    r'''
    >>> red('a')
    '\\x1b[31ma\\x1b[0m'
    '''
    return f'\\x1b[31m{text}\\x1b[0m' if sys.stdout.isatty() else text
";
    let (_, report) = added(code);
    let told = |name: &str| {
        let (call, word, deed) = told(&report, name);
        format!("{call} {word} {deed}")
    };
    assert_eq!(told("label"), "label(2) 'two!' 'two'");
    assert_eq!(told("half"), "half(0) -> int 0.0");
    assert_eq!(told("find"), "find([], '') -> str None");
    assert_eq!(told("quotient"), "quotient(1,\n         0) 0 raises ZeroDivisionError");
    for name in [
        "pick",
        "table",
        "declared",
        "maybe",
        "scaled",
        "letters",
        "red",
        "first_line",
        "Source.title",
        "joined",
    ] {
        assert_eq!(status(&report, name), "new", "{name}: {report:#}");
    }
}

#[test]
fn what_does_not_come_back_what_leaks_and_what_is_changed_is_suspicious() {
    let code = "\
def encode_name(name: str) -> str:
    return name.replace(' ', '_').replace('/', '')


def decode_name(text: str) -> str:
    return text.replace('_', ' ')


def to_pairs(table: dict[str, int]) -> list:
    return [[key, value] for key, value in table.items()]


def from_pairs(pairs: list) -> dict[str, int]:
    return dict(pairs)


def pack_first(text: str) -> str:
    '''A lossy form.'''
    return text[:1]


def unpack_first(text: str) -> str:
    return text


def collect(item: int, into: list = []) -> list:
    into.append(item)
    return into


def collected(item: int, _cache: dict = {}) -> int:
    return _cache.setdefault(item, len(_cache))


def counted(item: int, seen=None) -> list:
    seen = seen or []
    seen.append(item)
    return seen


def median(values: list[int]) -> int:
    values.sort()
    return values[len(values) // 2] if values else 0


def sorted_names(names: list[str]) -> list[str]:
    '''Sorts the names in place, and returns them.'''
    names.sort()
    return names


def with_zero(values: list[int]) -> list[int]:
    return values + [0]


def separator_count(text: str) -> int:
    return len(text.split()) - 1


def price(base: float, discount: float) -> float:
    return base - discount
";
    let (repository, report) = added(code);
    let told = |name: &str| {
        let (call, word, deed) = told(&report, name);
        format!("{call} {word} {deed}")
    };
    assert_eq!(told("encode_name"), "decode_name(encode_name('x/y')) 'x/y' 'xy'");
    assert_eq!(told("collect"), "collect(0) [0] the first time [0, 0]");
    assert_eq!(told("median"), "median([1, 0]) [1, 0] [0, 1]");
    assert_eq!(told("separator_count"), "separator_count('') a count -1");
    for name in [
        "price",
        "decode_name",
        "to_pairs",
        "from_pairs",
        "pack_first",
        "unpack_first",
        "collected",
        "counted",
        "sorted_names",
        "with_zero",
    ] {
        assert_eq!(status(&report, name), "new", "{name}: {report:#}");
    }
    for name in ["encode_name", "collect", "median"] {
        let id = function(&report, name)["findings"][0]["id"]
            .as_str()
            .expect("id")
            .to_owned();
        let again = repository.run(&["reproduce", &id]).to_string();
        assert!(again.contains("It does so again."), "{name}: {again}");
    }
}

#[test]
fn what_is_not_annotated_is_tried_with_what_is_known_of_it_otherwise() {
    let code = "\
def documented(values):
    '''The mean.

    :param values: the numbers
    :type values: list of float
    '''
    return sum(values) / len(values)


def google(names):
    '''The first words.

    Args:
        names (list[str]): Names.
    '''
    return [name.split()[0] for name in names]


def numpy(text, width=4):
    '''Cuts.

    Parameters
    ----------
    text : str
    width : int, optional
    '''
    return text.split()[0] * width


def called(values):
    best = sorted(values)[0]
    for value in values:
        best = max(best, value)
    return best


def used(values):
    return sum(values) / len(values)


def anything(values):
    return values.first / values.second


def middle(table):
    at = 0
    while table[at + 1:] and table[at] is None:
        at += 1
    row = table[at]
    return row


def padding(text, unit):
    return text + ' ' * (len(text) % len(unit))


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


class Shelf:
    def __init__(self, books):
        self.books = books

    def mean(self):
        return sum(self.books) / len(self.books)


TOP = [called([3, 4]), called([5]), padding('a', 'b'), depth(4), depth(6)]
";
    let (_, report) = added(code);
    let told = |name: &str| {
        let (call, word, deed) = told(&report, name);
        let deed = deed.split(':').next().unwrap_or_default().to_owned();
        format!("{call} | {word} | {deed}")
    };
    assert_eq!(
        told("documented"),
        "documented([]) | `values: list[float]` by its docstring, nothing of an error | raises ZeroDivisionError"
    );
    assert_eq!(
        told("google"),
        "google(['']) | `names: list[str]` by its docstring, nothing of an error | raises IndexError"
    );
    assert_eq!(
        told("numpy"),
        "numpy('') | `text: str, width: int` by its docstring, nothing of an error | raises IndexError"
    );
    assert_eq!(
        told("called"),
        "called([]) | `values: list[int]` where it is called, nothing of an error | raises IndexError"
    );
    assert_eq!(
        told("used"),
        "used([]) | `values: list[int]` by how it is used, nothing of an error | raises ZeroDivisionError"
    );
    assert_eq!(
        told("Shelf.mean"),
        "Shelf(books=[]).mean() | nothing of an error | raises ZeroDivisionError"
    );
    assert_eq!(status(&report, "anything"), "new");
    // That there is something in a table that nobody says anything of is left to the caller.
    for name in ["middle", "padding", "depth"] {
        assert_eq!(status(&report, name), "new", "{name}: {report:#}");
    }
}

#[test]
fn what_comes_in_the_wrong_order_is_suspicious() {
    let code = "\
from dataclasses import dataclass
from datetime import date, timedelta


def month_of(day: date) -> dict:
    return {'start': day, 'end': day.replace(day=30 if day.month > 2 else 29)}


def next_month(day: date) -> date:
    return date(day.year, day.month + 1, 1)


def first_of(year: int, month: int) -> date:
    return date(year, month, 1)


def window(day: date, days: int) -> dict:
    return {'start_date': day, 'end_date': day + timedelta(days=days - 1)}


@dataclass
class Page:
    begin: int
    end: int


def page(text: str) -> Page:
    return Page(len(text), len(text.rstrip('b')))


def extremes(values: list[int]):
    if not values:
        return None
    low, high = values[0], values[-1]
    return low, high


def min_max(values: list[int]):
    if not values:
        return None
    return values[0], values[-1]


def given(start: int, end: int) -> dict:
    return {'start': start, 'end': end}


def found(text: str) -> dict:
    return {'start': text.find(','), 'end': -1}


def reversed_span(text: str):
    return len(text), 0
";
    let (_, report) = added(code);
    let told = |name: &str| {
        let (call, word, deed) = told(&report, name);
        format!("{call} | {word} | {deed}")
    };
    assert_eq!(
        told("month_of"),
        "month_of(date(2024, 1, 31)) | `start` not after `end` | {'start': date(2024, 1, 31), 'end': date(2024, 1, 29)}"
    );
    assert_eq!(
        told("next_month"),
        "next_month(date(2024, 12, 31)) | `day: date`, nothing of an error | raises ValueError: month must be in 1..12"
    );
    assert_eq!(
        told("page"),
        "page('a b') | `begin` not after `end` | Page(begin=3, end=2)"
    );
    assert_eq!(told("min_max"), "min_max([1, 0]) | `min` not after `max` | (1, 0)");
    for name in ["window", "first_of", "extremes", "given", "found", "reversed_span"] {
        assert_eq!(status(&report, name), "new", "{name}: {report:#}");
    }
}

#[test]
fn methods_that_take_back_what_others_do_are_held_to_it() {
    let code = "\
from dataclasses import dataclass


@dataclass
class Item:
    name: str
    weight: int
    note: str = ''

    def to_dict(self) -> dict:
        return {'name': self.name, 'weight': self.weight}

    @classmethod
    def from_dict(cls, data: dict) -> 'Item':
        return cls(data['name'], data['weight'])


@dataclass
class Point:
    x: int
    y: int = 0

    def to_dict(self) -> dict:
        return {'x': self.x, 'y': self.y}

    @classmethod
    def from_dict(cls, data: dict) -> 'Point':
        return cls(**data)


class Codec:
    def __init__(self, comma: str):
        self.comma = comma or ','

    def encode(self, parts: list[str]) -> str:
        return self.comma.join(parts)

    def decode(self, text: str) -> list[str]:
        return text.split(self.comma)

    @staticmethod
    def pack(text: str) -> bytes:
        return text.encode('ascii', 'replace')

    @staticmethod
    def unpack(data: bytes) -> str:
        return data.decode('ascii')
";
    let (repository, report) = added(code);
    let told = |name: &str| {
        let (call, word, deed) = told(&report, name);
        format!("{call} | {word} | {deed}")
    };
    assert_eq!(
        told("Item.to_dict"),
        "Item.from_dict(Item(name='a', weight=1, note='a').to_dict()) | Item(name='a', weight=1, note='a') | \
         Item(name='a', note='', weight=1)"
    );
    assert_eq!(
        told("Codec.encode"),
        "Codec(comma='a').decode(Codec(comma='a').encode([])) | [] | ['']"
    );
    assert_eq!(told("Codec.pack"), "Codec.unpack(Codec.pack('é')) | 'é' | '?'");
    for name in ["Item.from_dict", "Point.to_dict", "Codec.decode", "Codec.unpack"] {
        assert_ne!(status(&report, name), "suspicious", "{name}: {report:#}");
    }
    for name in ["Item.to_dict", "Codec.encode"] {
        let id = function(&report, name)["findings"][0]["id"]
            .as_str()
            .expect("id")
            .to_owned();
        let again = repository.run(&["reproduce", &id]).to_string();
        assert!(again.contains("It does so again."), "{name}: {again}");
    }
}

#[test]
fn an_example_is_held_to_a_program_that_imports_nothing_else() {
    let levels = "\
LEVELS = ['low', 'high']


def levels():
    '''
    >>> levels()
    ['low', 'high']
    '''
    return list(LEVELS)


def upper():
    '''
    >>> upper()
    ['LOW']
    '''
    return [one.upper() for one in LEVELS[:2]]
";
    let more = "\
import levels

levels.LEVELS.append('higher')


def more():
    return len(levels.LEVELS)
";
    let repository = Repository::new(&[("shop.py", HEAD)]);
    repository.write(&[("levels.py", levels), ("more.py", more)]);
    let report = repository.json(&["check", "--budget", "60s"]);
    assert_eq!(status(&report, "levels"), "new", "{report:#}");
    assert_eq!(told(&report, "upper").2, "['LOW', 'HIGH']");
}
