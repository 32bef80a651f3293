//! Values of dataclasses, enumerations, attrs, pydantic, numpy and pandas: what is equal is the same, what is not is shown.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Repository, checked, function, python_with_libraries, status};

const IMPORTS: &str = "\
import dataclasses
import enum

import attr
import numpy as np
import pandas as pd
import pydantic


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Point:
    x: int
    tags: list = dataclasses.field(default_factory=list)


@attr.s(slots=True)
class Size:
    width = attr.ib()
    unit = attr.ib(default='m')


class Order(pydantic.BaseModel):
    number: int
    price: float = 1.5


class Grid:
    def __init__(self, width: int):
        self.cells = np.zeros(abs(int(width)) % 4 + 1)
        self.table = pd.DataFrame({'a': [1, 2]})

";

/// Functions with two bodies each: name with parameters, body before, body after.
type Bodies = &'static [(&'static str, &'static str, &'static str)];

/// Written otherwise, with equal results.
const EQUAL: Bodies = &[
    (
        "many(n)",
        "return np.arange(5000)",
        "return np.array(list(range(5000)))",
    ),
    ("nan(n)", "return [float('nan'), n]", "return [np.inf - np.inf, n]"),
    (
        "array(n)",
        "return np.array([1.0, float('nan'), -0.0])",
        "return np.array([1.0, np.nan, -1 * 0.0])",
    ),
    (
        "typed(n)",
        "return np.arange(3, dtype=np.int16)",
        "return np.array([0, 1, 2], dtype='int16')",
    ),
    (
        "scalar(n)",
        "return np.float32(n % 7)",
        "return np.array([n % 7], dtype=np.float32)[0]",
    ),
    (
        "days(n)",
        "return np.array(['2020-01-01', 'NaT'], dtype='M8[D]')",
        "return pd.to_datetime(pd.Series(['2020-01-01', None])).values.astype('M8[D]')",
    ),
    (
        "frame(n)",
        "return pd.DataFrame({'a': [1, n % 5], 'b': [None, -0.0]})",
        "return pd.DataFrame([[1, np.nan], [n % 5, -0.0]], columns=['a', 'b'])",
    ),
    (
        "series(n)",
        "return pd.Series([1, None], index=['x', 'y'], name='s')",
        "return pd.Series({'x': 1, 'y': np.nan}).rename('s')",
    ),
    (
        "category(n)",
        "return pd.Series(['a', 'b'], dtype='category')",
        "return pd.Series(pd.Categorical.from_codes([0, 1], ['a', 'b']))",
    ),
    (
        "missing(n)",
        "return [pd.NaT, pd.NA, pd.Timedelta(days=1)]",
        "return [pd.Timestamp('nat'), pd.NA, pd.Timedelta(hours=24)]",
    ),
    (
        "twice(n)",
        "return pd.DataFrame([[n % 3, 2]], columns=['a', 'a'])",
        "return pd.DataFrame([[n % 3, 1 + 1]], columns=list('aa'))",
    ),
    (
        "point(n)",
        "return Point(n, [n])",
        "return dataclasses.replace(Point(0, [n]), x=n)",
    ),
    ("size(n)", "return Size(n)", "return attr.evolve(Size(0), width=n)"),
    (
        "order(n)",
        "return Order(number=abs(int(n)) % 9, price=2)",
        "return Order.model_validate({'number': abs(int(n)) % 9, 'price': 2.0})",
    ),
    (
        "colour(n)",
        "return Colour.RED if n > 3 else Colour.BLUE",
        "return Colour(1 if n > 3 else 2)",
    ),
    ("access(n)", "return Access.READ | Access.WRITE", "return Access(3)"),
    (
        "paint(grid: Grid, n: int)",
        "grid.cells[0] = n % 5",
        "grid.cells[:1] = n % 5",
    ),
    (
        "edit(grid: Grid, n: int)",
        "grid.table.loc[0, 'a'] = n % 5",
        "grid.table.iat[0, 0] = n % 5",
    ),
];

/// Changed, with an example that tells in what.
const CHANGED: Bodies = &[
    (
        "scale(values: np.ndarray)",
        "values[0] = 7; return values.sum() * 0",
        "values[0] = 8; return values.sum() * 0",
    ),
    (
        "many(n)",
        "return pd.DataFrame({'a': range(3000)})",
        "return pd.DataFrame({'a': [*range(2999), 0]})",
    ),
    ("sign(n)", "return np.array([0.0])", "return np.array([-0.0])"),
    ("typed(n)", "return np.arange(2)", "return np.arange(2, dtype=np.int32)"),
    ("shape(n)", "return np.zeros((0, 2))", "return np.zeros((0, 3))"),
    ("scalar(n)", "return np.float64(0.5)", "return np.float32(0.5)"),
    (
        "nan(n)",
        "return np.array([1.0, np.nan])",
        "return np.array([1.0, 0.0])",
    ),
    (
        "columns(n)",
        "return pd.DataFrame({'a': [1], 'b': [2]})",
        "return pd.DataFrame({'b': [2], 'a': [1]})",
    ),
    (
        "label(n)",
        "return pd.Series([1, 2])",
        "return pd.Series([1, 2], index=[0, 2])",
    ),
    (
        "name(n)",
        "return pd.Series([1], name='net')",
        "return pd.Series([1], name='gross')",
    ),
    (
        "category(n)",
        "return pd.Categorical(['a'], ['a', 'b'])",
        "return pd.Categorical(['a'], ['b', 'a'])",
    ),
    (
        "moment(n)",
        "return pd.Timedelta(1, 'ns')",
        "return pd.Timedelta(2, 'ns')",
    ),
    ("missing(n)", "return pd.NaT", "return pd.NA"),
    (
        "twice(n)",
        "return pd.DataFrame([[1, 2]], columns=['a', 'a'])",
        "return pd.DataFrame([[1, 3]], columns=['a', 'a'])",
    ),
    ("point(n)", "return Point(1, [2])", "return Point(1, [3])"),
    ("size(n)", "return Size(1)", "return Size(1, 'cm')"),
    ("order(n)", "return Order(number=1)", "return Order(number=1, price=2)"),
    ("colour(n)", "return Colour.RED", "return Colour.BLUE"),
    ("access(n)", "return Access.READ | Access.WRITE", "return Access.READ"),
    ("paint(grid: Grid)", "grid.cells[0] = 1", "grid.cells[0] = 2"),
    (
        "edit(grid: Grid)",
        "grid.table.loc[0, 'a'] = 5",
        "grid.table.loc[1, 'a'] = 5",
    ),
];

fn module(bodies: Bodies, body: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> String {
    let functions = bodies.iter().map(|it| format!("\ndef {}:\n    {}\n\n", it.0, body(it)));
    IMPORTS.to_owned() + &functions.collect::<String>()
}

/// The report of a check of both bodies; `None` where there is no interpreter with the libraries.
fn check(bodies: Bodies) -> Option<Value> {
    let python = python_with_libraries()?;
    let repository = Repository::new(&[("values.py", &module(bodies, |it| it.1))]);
    repository.write(&[("values.py", &module(bodies, |it| it.2))]);
    Some(repository.json(&["check", "--budget", "2m", "--python", python.to_str().expect("UTF-8")]))
}

fn names(bodies: Bodies) -> impl Iterator<Item = &'static str> {
    bodies.iter().map(|it| it.0.split('(').next().unwrap_or_default())
}

#[test]
fn equal_values_are_the_same() {
    let Some(report) = check(EQUAL) else { return };
    for name in names(EQUAL) {
        assert_eq!(status(&report, name), "same", "{:#}", function(&report, name));
    }
    assert_eq!(report["exit"], 0);
}

#[test]
fn a_changed_value_is_shown() {
    let Some(report) = check(CHANGED) else { return };
    let shown: BTreeMap<&str, String> = names(CHANGED)
        .map(|name| {
            let function = function(&report, name);
            assert_eq!(function["status"], "changed", "{function:#}");
            let example = &function["findings"][0]["example"];
            let text = |part: &str| example[part].as_str().unwrap_or_default().to_owned();
            (name, format!("{} → {}", text("base"), text("head")))
        })
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn the_two_zeros_are_two_values() {
    let before =
        "def alone():\n    return 0.0\n\n\ndef inside():\n    return {'a': [0.0]}\n\n\ndef pair():\n    return 0j\n";
    let after = "def alone():\n    return -0.0\n\n\ndef inside():\n    return {'a': [-0.0]}\n\n\ndef pair():\n    return complex(-0.0, 0)\n";
    let report = checked(before, after);
    for name in ["alone", "inside", "pair"] {
        assert_eq!(status(&report, name), "changed", "{report:#}");
    }
}

#[test]
fn what_stands_in_for_a_callback_prints_the_same_in_every_run() {
    let before = "from typing import Callable\n\n\ndef show(callback: Callable[[], int], n: int):\n    callback()\n    return f'{callback!r} {n}'\n";
    let repository = Repository::new(&[("show.py", before)]);
    repository.write(&[("show.py", &before.replace("{n}", "{n + 1}"))]);
    let report = repository.json(&["check"]);
    let example = &function(&report, "show")["findings"][0]["example"];
    let base = example["base"].as_str().unwrap();
    assert!(base.starts_with("'<function <lambda> at 0x…> "), "{example}");
}

const FACTORIES: &str = "\
import functools


def one(n):
    return [n]


def doubled():
    @functools.wraps(one)
    def wrapper(n):
        return one(n) * 2
    return wrapper


def pair(n: int):
    return n, lambda value: value + n


def placed():
    return one
";

#[test]
fn what_a_function_that_is_given_does_is_not_told_by_its_name() {
    let repository = Repository::new(&[("factories.py", FACTORIES)]);
    let after = FACTORIES
        .replace("one(n) * 2", "one(n) * 3")
        .replace("value + n", "value - n")
        .replace("return one\n", "given = one\n    return given\n");
    repository.write(&[("factories.py", &after)]);
    let report = repository.json(&["check"]);
    // Through what calls it, not by its result, which goes by the name of another.
    assert_eq!(status(&report, "doubled"), "changed", "{report:#}");
    let reason = function(&report, "pair")["reason"].to_string();
    assert!(reason.contains("cannot be looked into"), "{report:#}");
    assert_eq!(status(&report, "placed"), "same", "{report:#}");
}

#[test]
fn of_what_is_huge_a_part_is_looked_at_and_said_to_be_no_evidence() {
    let base = "class Book:\n    def __init__(self, pages: int, last: int = 7):\n        self.pages = [['page', str(number), 'of the book of all books'] for number in range(1900)]\n        \
        self.left = 1000 - pages\n        self.pages[1899].append(last)\n";
    let repository = Repository::new(&[("book.py", base)]);
    repository.write(&[("book.py", &base.replace("1000 - pages", "-pages + 1000"))]);
    let report = repository.json(&["check", "--budget", "10s"]);
    let same = function(&report, "Book.__init__");
    assert_eq!(status(&report, "Book.__init__"), "same", "{report:#}");
    let number = |key: &str| same[key].as_u64().expect("a number");
    // How many are looked at whole before the first is known to be huge depends on the machine.
    assert!(number("useful_inputs") * 10 < number("inputs") * 9, "{report:#}");
    // What differs behind the part is seen where all is looked at.
    repository.write(&[("book.py", &base.replace("append(last)", "append(last + 1)"))]);
    let report = repository.json(&["check", "--budget", "10s"]);
    assert_eq!(status(&report, "Book.__init__"), "changed", "{report:#}");
}

#[test]
fn what_reading_an_attribute_sets_leads_up_to_a_call() {
    let base = "\
class Job:
    def __init__(self, interval: int = 1):
        self.interval = interval
        self.unit = None

    @property
    def days(self):
        self.unit = 'days'
        return self

    def hours(self):
        if self.unit is None:
            raise ValueError('of what?')
        return self.interval * 24
";
    let repository = Repository::new(&[("jobs.py", base)]);
    repository.write(&[("jobs.py", &base.replace("* 24", "* 25"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "Job.hours"), "changed", "{report:#}");
    let example = &function(&report, "Job.hours")["findings"][0]["example"];
    assert!(example.to_string().contains(".days"), "{example:#}");
}
