"""Values that live under names which code mentions, told when a child is ready."""

import unittest

from client import Harness

TABLES = """\
    CODES = {number: "code-%d" % number for number in (7, 8)}
    LIMIT = 12 * 12
    """
SAMPLE = """\
    import os
    import re
    import sys
    import tables
    import types
    from tables import CODES

    WORD = "ab" + "c"
    HERE = os.path.dirname(__file__)
    RAW = os.fsencode(HERE)
    PATTERN = re.compile(WORD + "+", re.I)
    UNUSED = "unused"


    class Loud(dict):
        def items(self):
            raise RuntimeError


    class Lazy:
        @property
        def __class__(self):
            raise RuntimeError("not set up")


    LOUD, LAZY = Loud(a=1), Lazy()
    VIEWS = [types.MappingProxyType({"view": 5}), types.MappingProxyType(LOUD)]
    EMPTY, HUGE = "", 2 ** 80


    class Base:
        kinds = frozenset(("y", "x"))


    class Box(Base):
        def open(self, key):
            if key in self.kinds or key in LOUD or EMPTY or HUGE or key in sys.path or key in (HERE, RAW, LAZY):
                return tables.LIMIT
            return [WORD for _ in key if PATTERN.match(key)] or CODES.get(key) or VIEWS
    """


class Mentioned(unittest.TestCase):
    def test_what_an_import_worked_out_is_told_by_name(self):
        with Harness({"tables.py": TABLES, "sample.py": SAMPLE}) as harness:
            harness.load("sample")
            ready = harness.fork("sample", "Box.open", call="method", cover=[("sample.py", 35, 38)], guide=True)
            self.assertTrue(ready["ok"], ready)
            self.assertEqual(sorted(ready["mentioned"], key=repr), sorted([
                ("kinds", "x"), ("kinds", "y"), ("LIMIT", 144), ("WORD", "abc"), ("PATTERN", ("pattern", 34, "abc+")),
                ("CODES", 7), ("CODES", "code-7"), ("CODES", 8), ("CODES", "code-8"),
                ("VIEWS", "view"), ("VIEWS", 5),
            ], key=repr))
            harness.end()
            self.assertEqual(harness.fork("sample", "Box.open", call="method", cover=[("sample.py", 35, 38)])["mentioned"], [])


if __name__ == "__main__":
    unittest.main()
