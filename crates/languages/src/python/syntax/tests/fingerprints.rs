//! What counts as the same.

use super::super::{alphas, whole};
use super::parsed;

fn same(one: &str, other: &str) -> bool {
    whole(&parsed(one)) == whole(&parsed(other))
}

fn same_up_to_locals(one: &str, other: &str) -> bool {
    let digest = |source: &str| {
        let parsed = parsed(source);
        let start = super::super::Outline::of(&parsed).functions[0].span.start;
        alphas(&parsed)[&start]
    };
    digest(one) == digest(other)
}

#[test]
fn spelling_is_no_change() {
    for (one, other) in [
        ("x = 'a'", "x = \"a\" # note"),
        ("x = 'ab'", "x = ('a'\n  'b')"),
        ("x = 0x10", "x = 16"),
        ("x = 1_000", "x = 1000"),
        ("x = 0xFFFFFFFFFFFFFFFFFFFF", "x = 1208925819614629174706175"),
        ("x = 1e3", "x = 1000.0"),
        ("x = u'a'", "x = 'a'"),
        ("x = b'a'", "x = b\"\\x61\""),
        ("x = r'\\d'", "x = '\\\\d'"),
        ("x = f'a{y}' 'b'", "x = f\"a{ y }b\""),
        ("x = f'abc'", "x = 'abc'"),
        ("x = f'{y:>{w}}'", "x = f\"{y:>{w}}\""),
        ("f(a, b)", "f(\n  a,\n  b,\n)"),
        ("x = (1, 2)", "x = 1, 2"),
        ("x[(1, 2)]", "x[1, 2]"),
        ("import a, b", "import a\nimport b"),
        ("from a import (b, c)", "from a import b\nfrom a import c"),
        ("x = not a in b", "x = a not in b"),
        ("x = not (a is b)", "x = a is not b"),
        ("class A: x = 1", "class A():\n  x = 1"),
        ("def f():\n  return None", "def f():\n  return"),
        ("if a:\n  b()\nelif c:\n  d()", "if a:\n  b()\nelse:\n  if c:\n    d()"),
        ("def f():\n  'doc'\n  pass", "def f():\n  'doc'"),
        ("def f():\n  x: int = 1\n  return x", "def f():\n  x = 1\n  return x"),
        ("with (a as b, c as d):\n  pass", "with a as b, c as d:\n  pass"),
        ("x = lambda: (yield)", "x = lambda: ((yield))"),
    ] {
        assert!(same(one, other), "{one}\n{other}");
    }
}

#[test]
fn meaning_is_a_change() {
    for (one, other) in [
        ("x = 'a'", "x = b'a'"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1j"),
        ("x = 0.0", "x = -0.0"),
        ("x = f'{y}'", "x = f'{y!r}'"),
        ("x = f'{y=}'", "x = f'{y = }'"),
        ("x = f'{y}a'", "x = f'a{y}'"),
        ("x = f'{y:>3}'", "x = f'{y:<3}'"),
        ("x = t'{y}'", "x = t'{ y }'"),
        ("x = (1,)", "x = [1]"),
        ("x = {1}", "x = {1: 1}"),
        ("x = a or b", "x = a and b"),
        ("x = a < b", "x = a <= b"),
        ("x = a < b < c", "x = (a < b) < c"),
        ("x = a - b - c", "x = a - (b - c)"),
        ("x = not a", "x = ~a"),
        ("f(*a)", "f(a)"),
        ("f(a=1)", "f(b=1)"),
        ("f(**a)", "f(*a)"),
        ("x = [i for i in y]", "x = (i for i in y)"),
        ("x = [i for i in y if i]", "x = [i for i in y if not i]"),
        ("def f(a): pass", "def f(a=1): pass"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("def f(*, a): pass", "def f(a): pass"),
        ("def f(a: int): pass", "def f(a: str): pass"),
        ("def f(): pass", "async def f(): pass"),
        ("class A:\n  x: int", "class A:\n  x: str"),
        ("class A(B): pass", "class A(C): pass"),
        ("if a:\n  b()\n  c()", "if a:\n  b()\nc()"),
        ("for x in y:\n  a()\nelse:\n  b()", "for x in y:\n  a()\nb()"),
        ("try:\n  a()\nexcept E:\n  b()", "try:\n  a()\nexcept F:\n  b()"),
        ("try:\n  a()\nfinally:\n  b()", "try:\n  a()\nexcept E:\n  b()"),
        ("try:\n  a()\nexcept E: pass", "try:\n  a()\nexcept* E: pass"),
        ("import a.b", "import a.b as a"),
        ("import a.b as c", "from a import b as c"),
        ("from . import a", "from .. import a"),
        ("match x:\n  case 1: a()", "match x:\n  case 2: a()"),
        ("match x:\n  case [a, *b]: c()", "match x:\n  case [a, b]: c()"),
        ("match x:\n  case A(y=1): c()", "match x:\n  case A(z=1): c()"),
        ("x[1:2]", "x[1:2:3]"),
        ("def f():\n  'doc'", "def f():\n  'other'"),
        ("raise A", "raise A from B"),
        ("del a", "a"),
        ("global_ = 1", "global_ += 1"),
        ("type X = int", "X = int"),
    ] {
        assert!(!same(one, other), "{one}\n{other}");
    }
}

#[test]
fn names_of_locals_do_not_count() {
    for (one, other) in [
        ("def f(a):\n  b = a\n  return b", "def f(a):\n  c = a\n  return c"),
        (
            "def f(a):\n  return [x for x in a]",
            "def f(a):\n  return [y for y in a]",
        ),
        (
            "def f():\n  with o() as h:\n    return h",
            "def f():\n  with o() as g:\n    return g",
        ),
        (
            "def f():\n  n = 0\n  def g():\n    nonlocal n\n    n += 1\n  return g",
            "def f():\n  m = 0\n  def g():\n    nonlocal m\n    m += 1\n  return g",
        ),
        (
            "def f():\n  try:\n    a()\n  except E as e:\n    return e",
            "def f():\n  try:\n    a()\n  except E as x:\n    return x",
        ),
        (
            "def f():\n  import numpy as np\n  return np.a",
            "def f():\n  import numpy as n\n  return n.a",
        ),
        (
            "def f(x):\n  match x:\n    case [a, *b]: return a, b",
            "def f(x):\n  match x:\n    case [c, *d]: return c, d",
        ),
        (
            "def f(x):\n  if (n := x) > 1: return n",
            "def f(x):\n  if (m := x) > 1: return m",
        ),
        (
            "def f():\n  k = 1\n  class A:\n    y = k\n  return A",
            "def f():\n  j = 1\n  class A:\n    y = j\n  return A",
        ),
        (
            "def f(a):\n  b = a\n  return lambda q: q + b",
            "def f(a):\n  z = a\n  return lambda q: q + z",
        ),
    ] {
        assert!(same_up_to_locals(one, other), "{one}\n{other}");
    }
}

#[test]
fn names_that_others_see_count() {
    for (one, other) in [
        (
            "def f():\n  a = 1\n  b = 2\n  return a",
            "def f():\n  a = 1\n  b = 2\n  return b",
        ),
        ("def f():\n  a = g\n  return a", "def f():\n  g = g\n  return g"),
        ("def f():\n  global a\n  a = 1", "def f():\n  global b\n  b = 1"),
        (
            "def f():\n  def g(): pass\n  return g",
            "def f():\n  def h(): pass\n  return h",
        ),
        ("def f():\n  return lambda a: a", "def f():\n  return lambda b: b"),
        (
            "def f():\n  class A:\n    x = 1\n  return A",
            "def f():\n  class A:\n    y = 1\n  return A",
        ),
        ("def f(a):\n  a.b = 1", "def f(a):\n  a.c = 1"),
        ("def f():\n  return a", "def f():\n  return b"),
        (
            "def f(a):\n  b = 1\n  return [b for b in a]",
            "def f(a):\n  c = 1\n  return [c for d in a]",
        ),
        (
            "def f():\n  a, b = g()\n  return a - b",
            "def f():\n  b, a = g()\n  return a - b",
        ),
        (
            "def f():\n  a = 1\n  def g(): return a\n  return g",
            "def f():\n  b = 1\n  def g(): return a\n  return g",
        ),
        (
            "def f():\n  k = 1\n  class A:\n    k = k\n  return A",
            "def f():\n  j = 1\n  class A:\n    k = j\n  return A",
        ),
    ] {
        assert!(!same_up_to_locals(one, other), "{one}\n{other}");
    }
}
