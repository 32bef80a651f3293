"""Functions that compile to the same code, and those that only look like it."""

import os
import sys
import unittest

from client import MAIN, Harness

sys.path.insert(0, os.path.dirname(MAIN))
from counterproof_harness import compiled  # noqa: E402


def same(old, new, name="f"):
    old, new = compiled.forms([(old, name), (new, name)])
    return old is not None and old == new


class Forms(unittest.TestCase):
    def test_same_code(self):
        for old, new in [
            ("def f(a):\n  b = a\n  return b", "def f(a):\n  other = a\n\n  return other"),
            ("def f(a): return a * (60 * 60)", "def f(a): return a * 3600"),
            ("def f(a):\n  while True: a()", "def f(a):\n  while 1: a()"),
            ("def f(a):\n  n = a\n  def g(): return n\n  return g", "def f(a):\n  m = a\n  def g(): return m\n  return g"),
            ("def f(a): return a in {1, 2}", "def f(a): return a in {2, 1}"),
            ("class f:\n  def f(self): return super().x + (1 + 1)", "class f:\n  def f(self): return super().x + 2"),
        ]:
            self.assertTrue(same(old, new), (old, new))

    def test_other_code(self):
        for old, new in [
            ("def f(a): return 1", "def f(a): return 1.0"),
            ("def f(a): return 1", "def f(a): return True"),
            ("def f(a): return 0.0", "def f(a): return -0.0"),
            ("def f(a): return (1, 2)", "def f(a): return (1, 2.0)"),
            ("def f(a): return a", "def f(b): return b"),
            ("def f(*a): return a", "def f(*b): return b"),
            ("def f(a): return a.x", "def f(a): return a.y"),
            ("def f(a): return x", "def f(a): return y"),
            ("def f(a):\n  def g(): return 1\n  return g", "def f(a):\n  def h(): return 1\n  return h"),
            ("def f(a):\n  b = 1\n  class C:\n    d = b\n  return C", "def f(a):\n  d = 1\n  class C:\n    d = d\n  return C"),
            ("def f(a):\n  try:\n    a()\n  except ValueError: pass", "def f(a):\n  try:\n    a()\n  except KeyError: pass"),
            ("def f(a, b):\n  x, y = a, b\n  return x", "def f(a, b):\n  x, y = a, b\n  return y"),
        ]:
            self.assertFalse(same(old, new), (old, new))

    def test_no_form(self):
        bad = ["def f(:", "x = 1", "class f: pass", "def f(): return '\0'", "(" * 500]
        self.assertEqual(compiled.forms([(source, "f") for source in bad]), [None] * len(bad))

    def test_the_parent_answers(self):
        with Harness({}) as harness:
            kind, forms = harness.ask(("compile", [("def f(): 1 + 1", "f"), ("", "g")]))
        self.assertEqual((kind, type(forms[0]), forms[1]), ("compiled", bytes, None))
