"""What a helper of the project's tests gives, held against what an example makes."""

import os
import subprocess
import sys
import textwrap
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLASSES = """
    import os, sys, types
    sys.path.insert(0, %r)
    from counterproof_tests.fitting import fits

    class Item:
        def __init__(self, size=0, of=None):
            self.size, self.of = size, of

    def told(*others):
        try:
            for at, (give, make) in enumerate(others):
                fits("a", give, make)
        except BaseException as error:
            print(type(error).__name__)
        else:
            print("fits")
""" % HERE
CONSTANT = "CONSTANT = Item(1)\n"


def told(*lines):
    """What is said of each line, in a process of its own: what was recorded stays recorded."""
    text = textwrap.dedent(CLASSES) + CONSTANT + "\n".join(lines) + "\n"
    ran = subprocess.run([sys.executable, "-B", "-c", text], stdout=subprocess.PIPE, check=True)
    return ran.stdout.decode().split()


class Fitting(unittest.TestCase):
    def test_the_same_each_time_anew(self):
        self.assertEqual(told("pair = lambda: Item(2, Item()), lambda: Item(2, Item())", "told(pair, pair)"), ["fits"])
        self.assertEqual(told("pair = lambda: Item(0, CONSTANT), lambda: Item(0, CONSTANT)", "told(pair, pair)"), ["fits"])

    def test_another_value_or_type(self):
        self.assertEqual(told("told((lambda: Item(2), lambda: Item(3)))"), ["AssertionError"])
        self.assertEqual(told("told((lambda: Item(True), lambda: Item(1)))"), ["AssertionError"])
        self.assertEqual(told("class Other(Item): pass", "told((lambda: Other(), lambda: Item()))"), ["AssertionError"])

    def test_one_for_all(self):
        self.assertEqual(told("pair = lambda: CONSTANT, lambda: Item(1)", "told(pair, pair)"), ["AssertionError"])
        self.assertEqual(told("pair = lambda: Item(0, CONSTANT), lambda: Item(0, Item(1))", "told(pair, pair)"),
                         ["AssertionError"])
        self.assertEqual(told("many = []", "pair = lambda: Item(many), lambda: Item([])", "told(pair, pair)"),
                         ["AssertionError"])

    def test_what_cannot_be_looked_into(self):
        self.assertEqual(told("told((lambda: Item(iter([1])), lambda: Item(iter([1]))))"), ["AssertionError"])
        self.assertEqual(told("told((lambda: Item(lambda: 1), lambda: Item(lambda: 2)))"), ["AssertionError"])

    def test_effects(self):
        self.assertEqual(told("def give(): os.environ['X'] = '1'; return Item()", "told((give, Item))"), ["AssertionError"])
        self.assertEqual(told("def give(): os.mkdir('/tmp/never-made'); return Item()", "told((give, Item))"),
                         ["PermissionError"])


if __name__ == "__main__":
    unittest.main()
