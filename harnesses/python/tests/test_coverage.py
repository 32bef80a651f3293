"""Lines and branches: those that can be reached, those that were, and full traces."""

import sys
import textwrap
import unittest

from client import Harness, plain, recipe

MODES = ["settrace"] + (["monitoring"] if hasattr(sys, "monitoring") else [])

SOURCE = textwrap.dedent("""\
    def branchy(a, b):
        if a > b:
            x = 1
        elif a == b:
            x = 2
        else:
            x = 3
        for i in range(b):
            x += i
        while x > 10:
            x -= 3
        return x

    def early(a):
        if a:
            return 1

    def handles(a):
        try:
            return 1 // a
        except ZeroDivisionError:
            return 0
        except TypeError:
            raise

    def within(a, b):
        return a * b + (a if a > b else -b)

    def nested(xs):
        def inner(x):
            if x:
                return x
            return 5
        return [inner(x) for x in xs]

    def gen(n):
        for i in range(n):
            yield i

    class C:
        @property
        def p(self):
            if self.__dict__:
                return 1
            return 2

    def deco(f):
        return lambda *a: f(*a)

    @deco
    def hidden(a):
        if a:
            return 1
        return 2
""")


class Coverage(unittest.TestCase):
    def start(self, mode, name, first, last, call="function", guide=False, files=None, module="sample", **options):
        harness = Harness(files or {"sample.py": SOURCE}, coverage=mode, **options)
        self.addCleanup(harness.close)
        self.assertTrue(harness.load(module)[0]["ok"])
        self.assertTrue(harness.fork(module, name, call, [("sample.py", first, last)], guide=guide)["ok"], harness.ready)
        return harness

    def reached(self, harness, calls):
        harness.run(calls)
        lines = {new[3] for new in harness.new if new[4] == -1}
        branches = {tuple(new[1:]) for new in harness.new if new[4] != -1}
        return lines, branches

    def test_all_lines_and_branches_of_a_function(self):
        for mode in MODES:
            harness = self.start(mode, "branchy", 1, 12)
            self.assertEqual(harness.ready["lines"], [2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
            wanted = {("sample.py", "branchy", line, to) for line, to in
                      ((2, 3), (2, 4), (4, 5), (4, 7), (8, 9), (8, 10), (10, 11), (10, 12))}
            ready = set(harness.ready["branches"])
            self.assertTrue(wanted <= ready, (mode, wanted - ready))
            lines, branches = self.reached(harness, [plain(5, 2)])
            self.assertEqual(lines, {2, 3, 8, 9, 10, 12})
            self.assertEqual(branches & wanted, {("sample.py", "branchy") + pair for pair in ((2, 3), (8, 9), (8, 10), (10, 12))})
            lines, branches = self.reached(harness, [plain(9, 9), plain(0, 1)])
            self.assertEqual(lines, {4, 5, 7, 11})
            self.assertEqual(branches & wanted, {("sample.py", "branchy") + pair for pair in ((2, 4), (4, 5), (4, 7), (10, 11))})
            self.assertEqual(self.reached(harness, [plain(9, 9), plain(0, 1), plain(5, 2)]), (set(), set()))

    def test_what_is_reached_is_among_what_can_be(self):
        for mode in MODES:
            for name, first, last, calls in (("branchy", 1, 12, [plain(1, 2), plain(9, 8), plain(3, 3)]), ("early", 14, 16, [plain(0), plain(1)]),
                                             ("handles", 18, 24, [plain(0), plain(1), plain("")]), ("within", 26, 27, [plain(1, 2), plain(2, 1)]),
                                             ("nested", 29, 34, [plain([0, 1])]), ("gen", 36, 38, [plain(3)]), ("hidden", 50, 54, [plain(0), plain(1)])):
                harness = self.start(mode, name, first, last)
                lines, branches = self.reached(harness, calls)
                self.assertEqual(lines, set(harness.ready["lines"]), (mode, name))
                self.assertEqual(branches, set(harness.ready["branches"]), (mode, name))

    def test_leaving_is_a_destination(self):
        for mode in MODES:
            harness = self.start(mode, "early", 14, 16)
            self.assertEqual({branch[2:] for branch in harness.ready["branches"]}, {(15, 16), (15, 0)})
            _lines, branches = self.reached(harness, [plain(0)])
            self.assertEqual(branches, {("sample.py", "early", 15, 0)})

    def test_branches_within_a_line(self):
        harness = self.start("auto", "within", 26, 27)
        if harness.hello["coverage"] == "settrace":
            self.assertEqual(harness.ready["branches"], [])
            return
        self.assertEqual({branch[2:] for branch in harness.ready["branches"]}, {(27, 1 << 24), (27, (1 << 24) + 1)})
        self.assertEqual(len(self.reached(harness, [plain(1, 2)])[1]), 1)
        self.assertEqual(len(self.reached(harness, [plain(1, 2), plain(2, 1)])[1]), 1)

    def test_nested_functions_and_generators(self):
        for mode in MODES:
            harness = self.start(mode, "nested", 29, 34)
            self.assertEqual({branch[1:] for branch in harness.ready["branches"] if 0 < branch[3] < 1 << 24 and "<" not in branch[1][-6:]},
                             {("nested.<locals>.inner", 31, 32), ("nested.<locals>.inner", 31, 33)})
            harness = self.start(mode, "gen", 36, 38)
            self.assertEqual(self.reached(harness, [plain(2)]), ({37, 38}, {("sample.py", "gen", 37, 38), ("sample.py", "gen", 37, 0)}))

    def test_properties_and_hidden_functions(self):
        for mode in MODES:
            harness = self.start(mode, "C.p", 40, 45, "property")
            self.assertEqual(harness.ready["lines"], [43, 44, 45])
            self.assertEqual(self.reached(harness, [recipe(receiver=("c", "sample", "C", [], []))])[0], {43, 45})

    def test_each_location_tells_its_call(self):
        for mode in MODES:
            harness = self.start(mode, "early", 14, 16)
            harness.run([plain(0), plain(0), plain(1)])
            self.assertEqual({(new[0], new[3], new[4]) for new in harness.new}, {(0, 15, -1), (0, 15, 0), (2, 16, -1), (2, 15, 16)})

    def test_the_other_side_is_seen_late(self):
        for mode in MODES:
            harness = self.start(mode, "early", 14, 16)
            harness.run([plain(0)] * 300)
            harness.run([plain(0)] * 10)
            self.assertEqual(self.reached(harness, [plain(0)] * 10 + [plain(1)])[1], {("sample.py", "early", 15, 16)})

    def test_guide_reports_other_files_of_the_tree(self):
        files = {"sample.py": "import helper, json\ndef f(a):\n    json.loads('1')\n    return helper.g(a)\n",
                 "helper.py": "def g(a):\n    if a:\n        return 1\n    return 2\n"}
        for mode in MODES:
            for guide, expected in ((False, {"sample.py"}), (True, {"sample.py", "helper.py"})):
                harness = self.start(mode, "f", 2, 4, guide=guide, files=files)
                harness.run([plain(0)])
                self.assertEqual({new[1] for new in harness.new}, expected, mode)
                if guide:
                    self.assertIn((0, "helper.py", "g", 2, 4), harness.new)

    def test_none(self):
        harness = self.start("none", "early", 14, 16)
        harness.run([plain(0)])
        self.assertEqual((harness.hello["coverage"], harness.new, harness.ready["lines"]), ("none", [], []))


class Traces(unittest.TestCase):
    def test_lines_and_count(self):
        for mode in MODES:
            with Harness({"sample.py": SOURCE}, coverage=mode) as harness:
                harness.load("sample")
                harness.fork("sample", "branchy", cover=[("sample.py", 1, 12)], trace="lines")
                records = harness.run([plain(5, 2), plain(5, 2), plain(0, 0)])
                first = [("sample.py", line) for line in (2, 3, 8, 9, 8, 9, 8, 10, 12)]
                self.assertEqual([record[3]["trace"] for record in records[:2]], [first, first])
                self.assertEqual([line for _path, line in records[2][3]["trace"]], [2, 4, 5, 8, 10, 12])
                harness.end()
                harness.fork("sample", "branchy", trace="count")
                self.assertEqual([record[3]["trace"] for record in harness.run([plain(5, 2), plain(0, 0)])], [9, 6])


if __name__ == "__main__":
    unittest.main()
