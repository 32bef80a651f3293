"""Outcomes of calls: values, exceptions, deadlines, output, mutated arguments."""

import math
import unittest

from client import Harness, observe, plain, recipe, v


class Plain(unittest.TestCase):
    def values(self, source, calls, name="f", **options):
        return [record[1] for record in observe(source, name, calls, **options)]

    def test_plain_values_come_as_they_are(self):
        for value in (None, True, 0, -1, 1 << 70, 0.5, "é\ud800", b"\0\xff", 2j, [1, [2, (3, {"a": {4}})]], {(1, 2): [None]},
                      frozenset([1]), (), [], {}, set()):
            self.assertEqual(self.values("def f(a): return a", [plain(value)]), [value])
        (zero, nan), = self.values("def f(): return [-0.0, float('nan')]", [plain()])
        self.assertEqual(math.copysign(1, zero), -1)
        self.assertTrue(math.isnan(nan))

    def test_results_are_copied_at_once(self):
        source = """
            seen, table, deep = [], {}, [[]]
            def f(a):
                seen.append(a)
                return seen
            def g(a):
                table[a] = a
                return table
            def h(a):
                deep[0].append(a)
                return deep
        """
        calls = [plain(1), plain(2)]
        self.assertEqual(self.values(source, calls, "f"), [[1], [1, 2]])
        self.assertEqual(self.values(source, calls, "g"), [{1: 1}, {1: 1, 2: 2}])
        self.assertEqual(self.values(source, calls, "h"), [[[1]], [[1, 2]]])

    def test_what_marshal_takes_for_bytes_is_not_plain(self):
        source = """
            import array
            def f(a):
                return [bytearray(b"x"), memoryview(b"x"), array.array("i", [1]), f.__code__, range(3)][a]
        """
        records = observe(source, "f", [plain(i) for i in range(5)])
        self.assertEqual([record[0] for record in records], [1] * 5)
        self.assertEqual([record[1][1] for record in records], ["bytearray", "memoryview", "array.array", "code", "range"])

    def test_results_beyond_the_limits_are_cut_and_say_so(self):
        source = """
            def f(a):
                if a == 0: return list(range(100000))
                if a == 1: return "x" * 10 ** 6
                if a == 2: return 1 << (10 ** 7)
                deep = []
                for _ in range(5000 if a == 3 else 200000): deep = [deep]
                return deep
        """
        for record in observe(source, "f", [plain(i) for i in range(5)], ticks=100):
            self.assertEqual(record[0], 1)
            self.assertTrue(record[3]["cut"])

    def test_a_batch_too_large_for_a_frame(self):
        source = "def f(a): return ['x' * 60000] * 200"
        records = observe(source, "f", [plain(0)] * 10)
        self.assertTrue(all(record[0] in (0, 1) for record in records))
        self.assertTrue(any((record[3] or {}).get("cut") for record in records))

    def test_containers_that_hold_themselves(self):
        source = """
            def f():
                a = [1]
                a.append(a)
                return a
            def g():
                a = {}
                a["b"] = [a]
                return a
        """
        self.assertEqual(observe(source, "f", [plain()])[0][1], ("l", [1, ("a", -1)]))
        self.assertEqual(observe(source, "g", [plain()])[0][1], ("d", [("b", ("l", [("a", -2)]))]))


class Arguments(unittest.TestCase):
    SOURCE = """
        class Box:
            def __init__(self, content): self.content = content
        def f(a, how=None):
            if how == "append": a.append(1)
            if how == "replace": a[0] = 1
            if how == "object": a[0] = Box(2)
            if how == "back": a.append(1); a.pop()
            if how == "intern": import sys; sys.intern(a[0])
            if how == "frozen": a[0] = bytearray(b"x")
            return None
    """

    def after(self, *args):
        return observe(self.SOURCE, "f", [plain(*args)])[0][2]

    def test_unchanged_is_none(self):
        for args in ((1,), ([1],), ([1], "back"), ({"a": 1},), (["some text"], "intern")):
            self.assertIsNone(self.after(*args), args)

    def test_changed_is_told(self):
        self.assertEqual(self.after([], "append"), (0, [[1], "append"]))
        self.assertEqual(self.after([True], "replace"), (0, [[1], "replace"]))
        self.assertEqual(self.after([1.0], "replace"), (0, [[1], "replace"]))
        tag, encoded = self.after([5], "object")
        self.assertEqual((tag, encoded[1][0]), (1, ("l", [("o", "sample.Box", 0, None, [("content", 2)])])))
        self.assertEqual(self.after([b"y"], "frozen")[0], 1)

    def test_each_call_has_arguments_of_its_own(self):
        records = observe("def f(a): a.append(1); return a", "f", [plain([0])] * 3)
        self.assertEqual([record[1] for record in records], [[0, 1]] * 3)

    def test_after_an_exception(self):
        record = observe("def f(a):\n    a.clear()\n    raise ValueError('x')", "f", [plain([1])])[0]
        self.assertEqual((record[0], record[2]), (2, (0, [[]])))


class Exceptions(unittest.TestCase):
    SOURCE = """
        import json
        class Own(ValueError):
            def __str__(self): return "own text"
        class Bad(Exception):
            def __str__(self): raise RuntimeError("no")
        def inner(a):
            if a == "key": return {}["k"]
            if a == "own": raise Own(1)
            if a == "bad": raise Bad(1)
            if a == "exit": raise SystemExit(3)
            if a == "interrupt": raise KeyboardInterrupt
            if a == "recursion": return inner(a)
            if a == "memory": raise MemoryError
            if a == "outside": return json.loads("{")
            if a == "bind": return inner()
        def f(a):
            return inner(a)
    """

    def raised(self, *args):
        record = observe(self.SOURCE, "f", [plain(*args)])[0]
        self.assertEqual(record[0], 2, record)
        return record[1], record[3]

    def test_class_bases_message_place_depth(self):
        (name, bases, message, place, depth), extra = self.raised("key")
        self.assertEqual((name, bases, message), ("KeyError", ["LookupError", "Exception", "BaseException"], "'k'"))
        self.assertEqual((place, depth), (("sample.py", 8), 2))
        self.assertEqual(extra, {"hints": ["k"]})

    def test_classes_of_the_project(self):
        (name, bases, message, _place, _depth), _extra = self.raised("own")
        self.assertEqual((name, bases[0], message), ("sample.Own", "ValueError", "own text"))
        self.assertIn("RuntimeError", self.raised("bad")[0][2])

    def test_exceptions_that_end_programs(self):
        self.assertEqual(self.raised("exit")[0][0], "SystemExit")
        self.assertEqual(self.raised("interrupt")[0][0], "KeyboardInterrupt")
        self.assertEqual(self.raised("memory")[0][0], "MemoryError")
        self.assertEqual(self.raised("recursion")[0][0], "RecursionError")

    def test_place_is_the_innermost_frame_of_the_tree(self):
        raised, _extra = self.raised("outside")
        self.assertEqual((raised[0], raised[3], raised[4]), ("json.decoder.JSONDecodeError", ("sample.py", 15), 2))

    def test_depth_of_a_failed_binding_is_zero(self):
        raised, _extra = self.raised(1, 2)
        self.assertEqual((raised[0], raised[3], raised[4]), ("TypeError", None, 0))
        self.assertEqual(self.raised("bind")[0][4], 2)


class Deadlines(unittest.TestCase):
    SOURCE = """
        import re
        def f(a):
            if a == "loop":
                while True: pass
            if a == "swallow":
                while True:
                    try:
                        while True: pass
                    except BaseException:
                        pass
            if a == "swallow once":
                try:
                    while True: pass
                except:
                    return "fine"
            if a == "regex":
                return re.match("(a*)*b", "a" * 40)
            if a == "text":
                return len(str((1 << 4000000) - 1))
            if a == "generator":
                return iter(lambda: f("loop"), 0)
            if a == "finally":
                try:
                    while True: pass
                finally:
                    while True: pass
            if a == "message":
                raise Endless
            return a
        class Endless(Exception):
            def __str__(self):
                while True: pass
    """

    def test_each_is_cut_and_the_next_call_runs(self):
        names = ["loop", "swallow", "swallow once", "regex", "generator", "finally", "message"]
        calls = [plain(name) for each in names for name in (each, "ok")]
        records = observe(self.SOURCE, "f", calls, ticks=4)
        self.assertEqual([(record[0], record[1]) for record in records], [(3, None), (0, "ok")] * len(names))
        self.assertGreaterEqual(records[0][3]["ticks"], 4)
        self.assertIsNone(records[1][3])

    def test_huge_integer_to_text(self):
        source = "import sys\nif hasattr(sys, 'set_int_max_str_digits'): sys.set_int_max_str_digits(0)\n"
        source += "def f(n): return len(str((1 << n) - 1))"
        # The first calls of a child may take longer, and some machines need no more for this.
        records = observe(source, "f", [plain(10)] * 3 + [plain(4000000), plain(10)], ticks=4)
        self.assertEqual([record[0] for record in records], [0, 0, 0, 3, 0])

    def test_the_first_calls_may_take_longer(self):
        records = observe(self.SOURCE, "f", [plain("loop"), plain("ok")], ticks=4)
        self.assertEqual([record[0] for record in records], [3, 0])
        self.assertGreaterEqual(records[0][3]["ticks"], 30)


class Draining(unittest.TestCase):
    SOURCE = """
        import itertools
        def g(n):
            for i in range(n):
                yield i
            if n == 3: raise ValueError
        class Own:
            def __init__(self): self.left = 2
            def __iter__(self): return self
            def __next__(self):
                if not self.left: raise StopIteration
                self.left -= 1
                return self.left
        def f(a):
            if a == "nested": return [g(2), {"a": g(1)}]
            if a == "endless": return itertools.count()
            if a == "map": return map(str, [1, 2])
            if a == "own": return Own()
            return g(a)
    """

    def value(self, a):
        return observe(self.SOURCE, "f", [plain(a)])[0][1]

    def test_generators(self):
        self.assertEqual(self.value(2), ("g", "generator", [0, 1], "end"))
        self.assertEqual(self.value(3), ("g", "generator", [0, 1, 2], "ValueError"))
        self.assertEqual(self.value("nested"), ("l", [("g", "generator", [0, 1], "end"),
                                                      ("d", [("a", ("g", "generator", [0], "end"))])]))
        endless = self.value("endless")
        self.assertEqual((len(endless[2]), endless[3]), (300, "cap"))
        self.assertEqual(self.value("map"), ("g", "map", ["1", "2"], "end"))

    def test_iterators_of_the_project(self):
        self.assertEqual(self.value("own"), ("o", "sample.Own", 0, ("g", "sample.Own", [1, 0], "end"), [("left", 2)]))

    def test_generator_function_itself(self):
        self.assertEqual(observe(self.SOURCE, "g", [plain(1)])[0][1], ("g", "generator", [0], "end"))

    def test_an_iterator_among_the_arguments_is_drained_last(self):
        record = observe("def f(it): return map(str, it)", "f", [recipe([("it", [v(1), v(2)])])])[0]
        self.assertEqual(record[1], ("g", "map", ["1", "2"], "end"))
        self.assertEqual(record[2], (1, ("l", [("g", "list_iterator", [], "end")])))


class Coroutines(unittest.TestCase):
    SIMPLE = """
        async def helper(a): return a + 1
        async def f(a): return await helper(a)
        async def fails(a): raise ValueError("x")
        async def agen(n):
            for i in range(n): yield i
    """
    LOOP = """
        import asyncio, time
        async def f(a):
            await asyncio.sleep(3600)
            return a, (await asyncio.gather(g(1), g(2)))
        async def g(a):
            await asyncio.sleep(a)
            return time.monotonic()
        async def limit(a):
            try:
                await asyncio.wait_for(asyncio.sleep(100), 1)
            except asyncio.TimeoutError:
                return "too late"
        def sync(a): return asyncio.run(g(a))
        async def leaves(a):
            asyncio.get_running_loop().create_task(g(5))
            return 1
        async def endless(a):
            while a: await asyncio.sleep(0)
            return "done"
    """

    def test_without_a_loop(self):
        self.assertEqual(observe(self.SIMPLE, "f", [plain(1)])[0][:2], (0, 2))
        self.assertEqual(observe(self.SIMPLE, "fails", [plain(1)])[0][1][0], "ValueError")
        self.assertEqual(observe(self.SIMPLE, "agen", [plain(2)])[0][1], ("g", "async_generator", [0, 1], "end"))

    def test_with_a_loop_where_waiting_takes_no_time(self):
        self.assertEqual(observe(self.LOOP, "f", [plain(1)])[0][:2], (0, (1, [4601.0, 4602.0])))
        self.assertEqual(observe(self.LOOP, "limit", [plain(1)] * 2)[1][1], "too late")
        self.assertEqual(observe(self.LOOP, "sync", [plain(1)])[0][1], 1001.0)
        self.assertEqual([r[:2] for r in observe(self.LOOP, "leaves", [plain(1)] * 2)], [(0, 1)] * 2)
        records = observe(self.LOOP, "endless", [plain(1), plain(0)], ticks=5)
        self.assertEqual([record[:2] for record in records], [(3, None), (0, "done")])


class Output(unittest.TestCase):
    SOURCE = """
        import sys, logging, warnings
        out = sys.stdout
        def f(a):
            if a == "print": print("hello", end="")
            if a == "err": print("oops", file=sys.stderr)
            if a == "buffer": sys.stdout.buffer.write(b"raw")
            if a == "early": out.write("early")
            if a == "much": print("x" * 10 ** 6)
            if a == "close": sys.stdout.close()
            if a == "replace": sys.stdout = None
            if a == "fileno":
                try: sys.stdout.fileno()
                except OSError as e: return type(e).__name__
            if a == "warn": warnings.warn("careful")
            if a == "isatty": return sys.stdout.isatty(), sys.stdout.encoding
    """

    def extra(self, *names):
        return [record[3] for record in observe(self.SOURCE, "f", [plain(name) for name in names])]

    def test_text_is_told_with_its_call(self):
        self.assertEqual(self.extra("print", "err", "none", "buffer", "early"),
                         [{"out": "hello"}, {"err": "oops\n"}, None, {"out": "raw"}, {"out": "early"}])

    def test_it_is_bounded(self):
        much, = self.extra("much")
        self.assertEqual((len(much["out"]), much["cut"]), (65536, True))

    def test_a_call_cannot_take_it_away(self):
        self.assertEqual(self.extra("close", "print", "replace", "none", "print"),
                         [None, {"out": "hello"}, None, None, {"out": "hello"}])

    def test_it_looks_like_a_stream_to_nowhere(self):
        records = observe(self.SOURCE, "f", [plain("fileno"), plain("isatty")])
        self.assertEqual([record[1] for record in records], ["UnsupportedOperation", (False, "utf-8")])

    def test_warnings_show_every_time_and_without_their_place(self):
        self.assertEqual(self.extra("warn", "warn"), [{"err": "UserWarning: careful\n"}] * 2)


class State(unittest.TestCase):
    def test_the_process_is_put_back(self):
        source = """
            import os, sys
            def f(a):
                seen = os.environ.get("NEW"), os.getcwd() == START, sys.getrecursionlimit(), builtins.__dict__.get("zz")
                os.environ["NEW"] = "1"
                os.chdir("/")
                sys.setrecursionlimit(500)
                return seen
            import builtins
            START = os.getcwd()
        """
        records = observe(source, "f", [plain(0)] * 3)
        self.assertEqual({record[1] for record in records}, {(None, True, 1000, None)})
        self.assertEqual(records[0][3]["effects"], [("environment", "NEW", False), ("chdir", "/", False)])

    def test_between_batches(self):
        source = """
            import sys, builtins
            def f(a):
                seen = "/nowhere" in sys.path, hasattr(builtins, "zz"), len is LEN
                sys.path.append("/nowhere")
                builtins.zz = 1
                builtins.len = None
                return seen
            LEN = len
        """
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            self.assertEqual(harness.run([plain(0)])[0][1], (False, False, True))
            self.assertEqual(harness.run([plain(0)])[0][1], (False, False, True))

    def test_the_locale(self):
        source = """
            import locale
            def f(a):
                before = locale.setlocale(locale.LC_NUMERIC)
                locale.setlocale(locale.LC_ALL, "C")
                return before, locale.setlocale(locale.LC_ALL, "C.UTF-8") if a else None
        """
        records = observe(source, "f", [plain(1), plain(0), plain(1)])
        self.assertEqual(len({record[1][0] for record in records}), 1)

    def test_trace_functions(self):
        source = """
            import sys
            def f(a):
                if a: sys.settrace(lambda *_: None)
                return 1 / (2 - a)
        """
        for mode in ("none", "auto"):
            records = observe(source, "f", [plain(1), plain(0), plain(2), plain(0)], config={"coverage": mode})
            self.assertEqual(records[0][3], {"effects": [("trace", "sys.settrace", False)]})
            self.assertEqual([record[0] for record in records], [0, 0, 2, 0])
            self.assertIsNone(records[1][3])
            self.assertIsNone(records[3][3])


if __name__ == "__main__":
    unittest.main()
