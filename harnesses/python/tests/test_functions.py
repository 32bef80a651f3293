"""Functions that a call gives are told by what they do."""

import unittest

from client import Harness, observe, plain

SOURCE = '''
import functools, os, socket

def one(x):
    return [x]

def given():
    return one

def adder(n):
    return lambda x: x + n

def decorated():
    @functools.wraps(one)
    def wrapper(*args, **kwargs):
        return "w", one(*args, **kwargs)
    return wrapper

def keyword():
    def g(*, a, b=2):
        return a, b
    return g

def parameterised(n):
    def decorator(function):
        def wrapper(*args):
            return n, function(*args)
        return wrapper
    return decorator

def refusing():
    def g(x):
        raise ValueError(x)
    return g

def stumbling():
    def g(x):
        return x.no_such_thing
    return g

def endless():
    def g():
        while True:
            pass
    return g

def connecting():
    def g():
        return socket.create_connection(("127.0.0.1", 9))
    return g

def leaving():
    def g():
        os._exit(3)
    return g

def itself():
    def g():
        return g
    return g
'''


def told(name, *args, **options):
    return observe(SOURCE, name, [plain(*args)], **options)[0][1]


class Functions(unittest.TestCase):
    def does(self, form):
        """What a function gives, by the arguments that it was called with."""
        self.assertEqual(form[:2], ("o", "function"), form)
        return {repr(args[1]): value for args, value in form[3][1]}

    def test_one_with_a_place_of_its_own_is_told_by_name(self):
        self.assertEqual(told("given"), ("n", "sample.one"))

    def test_a_closure_is_told_by_what_it_does(self):
        by_accident = ("n", "raises TypeError by accident")
        self.assertEqual(self.does(told("adder", 3)), {
            "[1]": 4, "['a']": by_accident, "[('l', [1, 2])]": by_accident, "[('n', 'function')]": by_accident})
        self.assertEqual(self.does(told("refusing"))["[1]"], ("n", "raises ValueError"))
        self.assertEqual(self.does(told("keyword")), {"[]": ("t", [1, 2])})

    def test_a_wrapper_takes_what_it_wraps_whatever_it_is_called(self):
        form = told("decorated")
        self.assertEqual(self.does(form)["['a']"], ("t", ["w", ("l", ["a"])]))
        self.assertEqual(form[4], [("name", ("n", "sample.one"))])

    def test_a_decorator_with_arguments_is_followed(self):
        does = self.does(told("parameterised", 5))
        self.assertEqual(self.does(does["[('n', 'function')]"])["[1]"], ("t", [5, ("t", [("t", [1]), ("d", [])])]))

    def test_what_cannot_be_seen_is_not(self):
        for name in ("stumbling", "endless", "connecting"):
            self.assertEqual(told(name, ticks=6), ("x", "function"), name)
        self.assertEqual(told("itself")[0], "o")

    def test_what_happens_meanwhile_does_not_spoil_the_next_call(self):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            for name in ("endless", "connecting", "stumbling"):
                self.assertTrue(harness.fork("sample", name, ticks=6)["ok"])
                first, second = harness.run([plain(), plain()])
                self.assertEqual(first[:2], (1, ("x", "function")), name)
                self.assertEqual(second[:2], first[:2], name)
                self.assertFalse((first[3] or {}).get("effects"), name)
                harness.end()

    def test_one_that_ends_the_process_ends_the_call(self):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", "leaving")
            harness.data.send(("run", [plain()]))
            kind, *_rest = harness.control.receive()
            self.assertEqual(kind, "ended")


if __name__ == "__main__":
    unittest.main()
