"""What is told of how watched functions are called while steps run that tests write down."""

import textwrap
import unittest

from client import Harness

SHOP = """
    class Item:
        def __init__(self, name, price):
            self.name, self.price = name, price

    class Cart:
        def __init__(self):
            self._items = []

        def add(self, item, count=1, *more, gift=False, **notes):
            for _ in range(count):
                _append(self, item)
            return self

    def _append(cart, item):
        cart._items.append(item)

    def fill(prices):
        cart = Cart()
        for price in prices:
            cart.add(Item("x", price))
        return cart
"""


def call(name, *args, module="shop"):
    return "c", module, name, list(args), []


class Observing(unittest.TestCase):
    def setUp(self):
        self.harness = Harness({"shop.py": SHOP})
        self.addCleanup(self.harness.close)
        self.harness.load("shop")

    def observe(self, watched, *steps):
        self.harness.fork("counterproof_harness.observing", "observe")
        lines = textwrap.dedent(SHOP).splitlines()
        line_of = {name: next(at for at, line in enumerate(lines, 1) if "def %s(" % name in line) for name in watched}
        watched = [("shop.py", name, line_of[name]) for name in watched]
        (tag, value, _after, _extra), = self.harness.run([(0, (watched, list(steps)), None)])
        self.assertEqual(tag, 0, value)
        return value

    def test_an_object_is_told_by_where_it_was_before_the_step(self):
        cart, item = call("Cart"), call("Item", ("v", "tea"), ("v", 3))
        told = self.observe(["add"], cart, item, call("add", ("n", 0), ("n", 1), ("v", 2), module="<method>"))
        self.assertEqual(told["failed"], [])
        self.assertEqual(told["calls"], [(0, 2, [
            ("self", "by position", ("p", 0, [])), ("item", "by position", ("p", 1, [])), ("count", "by position", ("v", 2)),
            ("more", "rest", ("v", ())), ("gift", "by keyword", ("v", False)), ("notes", "keywords", ("v", {}))])])
        self.assertIn(("shop", "Item", 1, []), told["lent"])

    def test_what_a_step_makes_is_told_by_its_path_in_it(self):
        told = self.observe(["_append"], call("fill", ("l", [("v", 5), ("v", 6)])))
        first, second = told["calls"]
        self.assertEqual(first, (0, 0, [("cart", "by position", ("p", 0, [])),
                                        ("item", "by position", ("p", 0, [("a", "_items"), ("i", 0)]))]))
        self.assertEqual(second[2][1][2], ("p", 0, [("a", "_items"), ("i", 1)]))

    def test_what_needs_a_failed_step_fails_with_it_and_the_rest_goes_on(self):
        told = self.observe(["_append"], call("Cart", ("v", 1)), call("add", ("n", 0), ("v", 1), module="<method>"), call("fill", ("v", [7])))
        self.assertEqual(told["failed"], [0, 1])
        self.assertEqual([at for _index, at, _arguments in told["calls"]], [2])

    def test_what_cannot_be_come_by_is_told_by_its_class(self):
        self.harness.write("lost.py", "import shop\ndef lose():\n    shop._append(shop.Cart(), shop.Item('x', 1))\n")
        told = self.observe(["_append"], call("lose", module="lost"))
        self.assertEqual([kind for _name, _how, kind in told["calls"][0][2]], [("o", "shop", "Cart"), ("o", "shop", "Item")])


if __name__ == "__main__":
    unittest.main()
