"""Mutants: edited statements in place of functions that live."""

import textwrap
import unittest

from client import Harness, plain, recipe

SOURCE = textwrap.dedent("""\
    from __future__ import annotations
    import functools


    def kept(function):
        @functools.wraps(function)
        def call(*args):
            return function(*args), "kept"
        return call


    def outer(n):
        def inner(x): return x + n
        return inner


    adder = outer(10)


    @kept
    def decorated(a: Unknown):
        return a + 1


    class Shelf:
        size = 3

        def __init__(self, n):
            self.n = n

        @property
        def twice(self):
            return self.n * 2

        @twice.setter
        def twice(self, value):
            self.n = value // 2

        @staticmethod
        def of(n):
            return n - 1

        def up(self):
            return super().__eq__(self) and self.n + 1


    def use(n):
        shelf = Shelf(n)
        shelf.twice = shelf.twice + 4
        return shelf.twice, shelf.up(), Shelf.of(n), adder(n), decorated(n)
    """)


def statement(name, *edit):
    """The mutant that one edit of the statement with this first line makes."""
    lines = SOURCE.splitlines()
    first = lines.index(name)
    last = next((at for at in range(first + 1, len(lines)) if lines[at:at + 2] == ["", ""]), len(lines))
    source = "\n".join(lines[first:last]) + "\n"
    assert source.count(edit[0]) == 1, source
    return {"path": "sample.py", "line": first + 1, "source": source.replace(*edit)}


class Mutants(unittest.TestCase):
    def test_each_way_to_keep_a_function_takes_the_mutant(self):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", "use")
            for mutant, expected in [
                (None, (10, 6, 2, 13, (4, "kept"))),
                (statement("@kept", "a + 1", "a - 1"), (10, 6, 2, 13, (2, "kept"))),
                (statement("def outer(n):", "x + n", "x * n"), (10, 6, 2, 30, (4, "kept"))),
                (statement("class Shelf:", "self.n * 2", "self.n * 3"), (18, 7, 2, 13, (4, "kept"))),
                (statement("class Shelf:", "value // 2", "value"), (20, 11, 2, 13, (4, "kept"))),
                (statement("class Shelf:", "n - 1", "n"), (10, 6, 3, 13, (4, "kept"))),
                (statement("class Shelf:", "self.n + 1", "None"), (10, None, 2, 13, (4, "kept"))),
                (None, (10, 6, 2, 13, (4, "kept"))),
            ]:
                self.assertIsNone(harness.swap(mutant))
                (record,) = harness.run([plain(3)])
                self.assertEqual(record[1], expected)

    def test_what_is_no_mutant_is_said(self):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", "adder")
            for mutant, reason in [
                (statement("@kept", "a + 1", "a + (1)"), "it compiles to the same code"),
                (statement("class Shelf:", "size = 3", "size = 4"), "it compiles to the same code"),
                (statement("@kept", "a + 1", "a +"), "it does not compile: SyntaxError"),
                (statement("def outer(n):", "x + n", "x"), "it closes over other names"),
                (dict(statement("@kept", "a + 1", "a"), path="other.py"), "no function of its file lives"),
            ]:
                self.assertEqual(harness.swap(mutant), reason)
                (record,) = harness.run([plain(3)])
                self.assertEqual(record[1], 13)

    def test_a_part_of_a_class_is_enough(self):
        lines = SOURCE.splitlines()
        line = lines.index("    def up(self):")
        source = "class Shelf:\n    def up(self):\n        return super().__eq__(self) and self.n - 1\n"
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", "Shelf.up", call="method")
            self.assertIsNone(harness.swap({"path": "sample.py", "line": line, "source": source}))
            (record,) = harness.run([recipe(receiver=("c", "sample", "Shelf", [("v", 5)], []))])
            self.assertEqual(record[1], 4)

    def test_a_default_is_another_one(self):
        source = "def own(a, b=1, *, c=2):\n    return a, b, c\n\n\ndef other(b=1):\n    return b\n"
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "own")
            for name, text, expected in [("b", "7", (0, 7, 2)), ("c", "'x'", (0, 1, "x"))]:
                parameter = {"function": "own", "line": 1, "name": name}
                mutant = {"path": "sample.py", "line": 1, "source": text, "parameter": parameter}
                self.assertIsNone(harness.swap(mutant))
                (record,) = harness.run([plain(0)])
                self.assertEqual(record[1], expected)
            for name, line in [("a", 1), ("b", 2)]:
                parameter = {"function": "own", "line": line, "name": name}
                mutant = {"path": "sample.py", "line": 1, "source": "7", "parameter": parameter}
                self.assertEqual(harness.swap(mutant), "no function with such a default lives")
                (record,) = harness.run([plain(0)])
                self.assertEqual(record[1], (0, 1, 2))

    def test_a_method_takes_its_mutant_with_its_receiver(self):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", "Shelf.up", call="method")
            self.assertIsNone(harness.swap(statement("class Shelf:", "self.n + 1", "self.n - 1")))
            (record,) = harness.run([recipe(receiver=("c", "sample", "Shelf", [("v", 5)], []))])
            self.assertEqual(record[1], 4)


if __name__ == "__main__":
    unittest.main()
