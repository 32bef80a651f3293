"""What tests are seen to do with the project, by fixtures, tables and helpers, under pytest and unittest."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

SHOP = """
    import enum
    from dataclasses import dataclass

    class Size(enum.Enum):
        SMALL = 1

    @dataclass
    class Item:
        name: str
        size: object = None

    class Cart:
        def __init__(self, owner="me"):
            self.owner, self.items = owner, []

        def add(self, item, count=1, *more, note=None, **rest):
            self.items.append(item)
            return self

        @property
        def total(self):
            return _total(self.items)

        @classmethod
        def of(cls, names):
            cart = cls()
            for name in names:
                cart.add(name)
            return cart

    def _total(items):
        return len(items)

    class Till:
        def count(self, coins):
            return _total(coins)

    OPEN = Cart("open")

    def each(cart):
        for item in cart.items:
            yield item
"""


def recorded(tests, watched, runner, files=(), more=None):
    """The steps of each test by its id, of tests of a shop in which functions are watched."""
    with tempfile.TemporaryDirectory() as tree:
        tree = os.path.realpath(tree)
        for name, text in (("shop.py", SHOP), ("test_shop.py", tests)) + tuple((more or {}).items()):
            with open(os.path.join(tree, name), "w") as file:
                file.write(textwrap.dedent(text))
        lines = textwrap.dedent(SHOP).splitlines()
        line_of = {name: next(at for at, line in enumerate(lines, 1) if "def %s(" % name in line) for name in watched}
        request = {
            "runner": runner, "nonce": "N", "files": ["test_shop.py"], "first": [], "only": None, "without": [],
            "scratch": tree, "tree": tree, "tops": ["shop"],
            "record": {"watched": [["shop.py", name, line_of[name]] for name in watched], "files": list(files),
                       "tests": ["test_shop.py"]},
        }
        asked, ask = os.pipe()
        told, tell = os.pipe()
        child = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "tests_main.py"), str(asked), str(tell)], cwd=tree,
                                 pass_fds=(asked, tell), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(asked)
        os.close(tell)
        os.write(ask, json.dumps(request).encode() + b"\n")
        os.close(ask)
        with os.fdopen(told) as lines:
            events = [json.loads(line.partition(" ")[2]) for line in lines]
        child.wait()
        assert events[-1]["event"] == "done", events
        return {event["id"].rpartition("::")[2]: event["steps"] for event in events if event["event"] == "recorded"}


class Recording(unittest.TestCase):
    def test_what_unittest_does_by_set_up_and_helpers(self):
        told = recorded("""
            import unittest
            from shop import Cart, Item, Size, each

            class Base(unittest.TestCase):
                def check(self, count, *names):
                    for name in names:
                        self.cart.add(Item(name, Size.SMALL), note=(1, {"a": [None]}), extra=2.5)
                    self.assertEqual(self.cart.total, count)

            class Carts(Base):
                def setUp(self):
                    self.cart = Cart("you")

                def test_two(self):
                    self.check(2, "fig", "pear")

                def test_each(self):
                    self.assertEqual(list(each(Cart.of(["fig"]))), ["fig"])

                def test_nothing_watched(self):
                    Cart()
        """, ["_total", "each"], "unittest")
        cart = ["c", "shop", "Cart", [["v", "you"]], []]
        self.assertEqual(sorted(told), ["test_each", "test_two"])
        self.assertEqual(told["test_two"][0], cart)
        self.assertIn(["c", "shop", "Item", [["v", "fig"], ["a", ["g", "shop", "Size"], "SMALL"]], []], told["test_two"])
        add = next(step for step in told["test_two"] if step[0] == "m")
        self.assertEqual(add[1:3], [["n", 0], "add"])
        self.assertEqual(add[4], [["note", ["t", [["v", 1], ["d", [[["v", "a"], ["l", [["v", None]]]]]]]]], ["extra", ["v", 2.5]]])
        self.assertEqual(told["test_two"][-1], ["a", ["n", 0], "total"])
        self.assertEqual(told["test_each"][1:], [["c", "shop", "Cart.of", [["l", [["v", "fig"]]]], []],
                                                 ["c", "shop", "each", [["n", 1]], []]])

    def test_what_pytest_does_by_fixtures_and_tables(self):
        try:
            import pytest  # noqa: F401
        except ImportError:
            self.skipTest("there is no pytest")
        told = recorded("""
            import pytest
            from shop import Cart

            @pytest.fixture(scope="module")
            def owner():
                return Cart("owner")

            @pytest.fixture
            def cart(owner):
                return Cart(owner)

            @pytest.mark.parametrize("count", [3, 4])
            def test_add(cart, count):
                cart.add("fig", count)
                assert cart.total == 1
        """, ["add"], "pytest")
        self.assertEqual(sorted(told), ["test_add[3]", "test_add[4]"])
        for count in (3, 4):
            self.assertEqual(told["test_add[%d]" % count], [
                ["c", "shop", "Cart", [["v", "owner"]], []], ["c", "shop", "Cart", [["n", 0]], []],
                ["m", ["n", 1], "add", [["v", "fig"], ["v", count]], []]])

    def test_what_cannot_be_come_by_is_left_out(self):
        told = recorded("""
            import os, unittest
            from shop import OPEN, Cart

            class Own(Cart):
                pass

            class Carts(unittest.TestCase):
                def test_own(self):
                    Own().add("fig")
                    Cart().add(lambda: 1)
                    Cart().add(os.getcwd() + "/gone")
                    Cart().add(b"\\xff")
                    OPEN.add(1)
        """, ["add"], "unittest")
        self.assertEqual([step for step in told["test_own"] if step[0] == "m"],
                         [["m", ["n", 2], "add", [["b", "\\xff".encode().decode("unicode_escape")]], []],
                          ["m", ["g", "shop", "OPEN"], "add", [["v", 1]], []]])

    def test_what_only_tests_have_is_told_as_what_it_inherits_from(self):
        told = recorded("""
            import io, unittest
            from shop import Cart

            class Snippet(io.StringIO):
                def __init__(self, text):
                    super().__init__(text.upper())

            class Loud(str):
                def __str__(self):
                    raise RuntimeError

            class Carts(unittest.TestCase):
                def test_one(self):
                    Cart().add(Snippet("a")).add(Loud("b"))
        """, ["add"], "unittest")
        cart = ["c", "shop", "Cart", [], []]
        text = ["c", "_io", "StringIO", [["v", "A"]], []]
        self.assertEqual(told["test_one"], [cart, ["m", ["n", 0], "add", [text], []], ["m", ["n", 0], "add", [["v", "b"]], []]])

    def test_what_has_no_constructor_is_made_by_a_step(self):
        told = recorded("""
            import unittest
            from shop import Till

            class Tills(unittest.TestCase):
                def setUp(self):
                    self.till = Till()

                def test_one(self):
                    self.till.count([1])
                    self.till.count([2])
        """, ["count"], "unittest")
        self.assertEqual(told["test_one"], [["c", "shop", "Till", [], []]] + [
            ["m", ["n", 0], "count", [["l", [["v", number]]]], []] for number in (1, 2)])

    def test_files_of_the_tree_are_told_with_what_they_hold(self):
        told = recorded("""
            import os, pathlib, unittest
            from shop import Cart

            class Carts(unittest.TestCase):
                def test_one(self):
                    Cart().add("shop.txt").add(os.path.abspath("shop.txt")).add(pathlib.Path("shop.txt"))
                    with open("shop.txt", "rb") as file:
                        Cart().add(file)
        """, ["add"], "unittest", more={"shop.txt": "figs\n"})
        told = [step[3][0] for step in told["test_one"] if step[0] == "m"]
        file = lambda kind: ["c", "<file>", kind, [["v", "shop.txt"], ["v", "figs\n"]], []]
        self.assertEqual(told, [file("text"), file("text"), file("path"), ["c", "io", "BytesIO", [["b", "figs\n"]], []]])

    def test_what_goes_wrong_while_telling_is_not_the_tests_affair(self):
        told = recorded("""
            import io, unittest
            from shop import Cart

            class Odd:
                @property
                def __dataclass_fields__(self):
                    raise RuntimeError

            class Carts(unittest.TestCase):
                def test_one(self):
                    closed = io.TextIOWrapper(io.BytesIO())
                    closed.detach()
                    for odd in (io.TextIOWrapper(io.BytesIO(b"a")), closed, "shop.py\\0", Odd()):
                        self.assertEqual(Cart().add(odd).total, 1)
                    Cart().add(1)
        """, ["add"], "unittest")
        self.assertEqual(told["test_one"][-1][2:], ["add", [["v", 1]], []])

    def test_a_file_counts_whole(self):
        told = recorded("""
            import unittest
            from shop import Cart

            class Carts(unittest.TestCase):
                def test_one(self):
                    Cart("a")
        """, [], "unittest", files=["shop.py"])
        self.assertEqual(told, {"test_one": [["c", "shop", "Cart", [["v", "a"]], []]]})


if __name__ == "__main__":
    unittest.main()
