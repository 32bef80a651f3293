"""Objects: their state, their identity, and what must not run while they are looked at."""

import importlib.util
import unittest

from client import Harness, observe, plain, recipe, told_apart, v


def has(module):
    return importlib.util.find_spec(module) is not None


class SlowToMake(unittest.TestCase):
    SOURCE = (
        "class Slow:\n"
        "    made = 0\n"
        "    def __init__(self, n, how=None):\n"
        "        Slow.made += 1\n"
        "        self.total = sum(range(n))\n"
        "        self.items = []\n"
        "        self.how = how\n"
        "MARK = object()\n"
        "class Marked(Slow):\n"
        "    def __init__(self, n): super().__init__(n, MARK)\n"
        "class Lonely(Slow):\n"
        "    def __deepcopy__(self, memo): raise TypeError('there is but one')\n"
        "def f(slow):\n"
        "    slow.items.append(1)\n"
        "    return [len(slow.items), slow.total % 7, slow.made]\n"
    )

    def numbers(self, make, guide=True):
        calls = [recipe([make]) for _ in range(4)]
        return [record[1] for record in observe(self.SOURCE, "f", calls, guide=guide)]

    def made(self, name, n, *kwargs):
        return ("c", "sample", name, [v(n)], list(kwargs))

    def test_made_once_and_copied(self):
        numbers = self.numbers(self.made("Slow", 2000000))
        self.assertEqual({tuple(one[:2]) for one in numbers}, {(1, sum(range(2000000)) % 7)})
        self.assertEqual(numbers[-1][2], numbers[0][2], "the later ones are copies")

    def test_what_is_quick_or_cannot_be_copied_is_made_each_time(self):
        slow = [self.made(name, 2000000) for name in ("Lonely", "Marked")]
        for make in [self.made("Slow", 10)] + slow:
            numbers = self.numbers(make)
            self.assertEqual([one[2] for one in numbers], [1, 2, 3, 4])
            self.assertEqual({one[0] for one in numbers}, {1})

    def test_in_replays_each_is_made(self):
        numbers = self.numbers(self.made("Slow", 2000000), guide=False)
        self.assertEqual([one[2] for one in numbers], [1, 2, 3, 4])

    def test_what_holds_a_function_is_made_each_time(self):
        numbers = self.numbers(self.made("Slow", 2000000, ("how", ("r", v(1)))))
        self.assertEqual([one[2] for one in numbers], [1, 2, 3, 4])


class Encoding(unittest.TestCase):
    def encoded(self, expression, prelude=""):
        source = prelude + "\ndef f():\n    return " + expression + "\n"
        record = observe(source, "f", [plain()])[0]
        self.assertIn(record[0], (0, 1), record)
        return record[1]

    def check(self, expression, expected, prelude=""):
        self.assertEqual(self.encoded(expression, prelude), expected, expression)

    def test_plain_objects_and_slots(self):
        prelude = (
            "class A:\n    def __init__(self): self.b = 1; self._z = 2; self.a = [self]\n"
            "class S:\n    __slots__ = ('x', 'y', '__weakref__')\n    def __init__(self): self.x = 1\n"
            "class T(S):\n    def __init__(self): self.x = 1; self.z = 2\n"
        )
        self.check("A()", ("o", "sample.A", 0, None, [("a", ("l", [("a", 0)])), ("b", 1), ("_z", 2)]), prelude)
        self.check("S()", ("o", "sample.S", 0, None, [("x", 1)]), prelude)
        self.check("T()", ("o", "sample.T", 0, None, [("x", 1), ("z", 2)]), prelude)
        self.check("(lambda s: [s, s, S()])(S())", ("l", [
            ("o", "sample.S", 0, None, [("x", 1)]), ("a", 0), ("o", "sample.S", 1, None, [("x", 1)])]), prelude)

    def test_dataclasses_enums_namedtuples(self):
        prelude = (
            "import dataclasses, enum, collections, typing\n"
            "@dataclasses.dataclass\nclass D:\n    a: int = 1\n"
            "class E(enum.Enum):\n    X = 1\n"
            "class F(enum.Flag):\n    A = 1\n    B = 2\n"
            "class I(enum.IntEnum):\n    Y = 5\n"
            "N = collections.namedtuple('N', 'a b')\n"
            "class P(typing.NamedTuple):\n    a: int\n"
        )
        self.check("D()", ("o", "sample.D", 0, None, [("a", 1)]), prelude)
        self.check("[E.X, I.Y]", ("l", [("n", "sample.E.X"), ("n", "sample.I.Y")]), prelude)
        self.check("F.A", ("n", "sample.F.A"), prelude)
        self.assertIn(self.encoded("F.A | F.B", prelude)[:2], (("o", "sample.F"), ("n", "sample.F.A|B")))
        self.check("N(1, [2])", ("o", "sample.N", 0, ("t", [1, ("l", [2])]), []), prelude)
        self.check("P(1)", ("o", "sample.P", 0, ("t", [1]), []), prelude)

    def test_values_that_refer_to_each_other_are_objects(self):
        prelude = (
            "class Kind(tuple):\n    parent = None\n"
            "top, low = Kind(['top']), Kind(['low'])\n"
            "low.parent, top.child = top, low\n"
        )
        top = ("o", "sample.Kind", 1, ("t", ["top"]), [("child", ("a", 0))])
        self.check("[low, low]", ("l", [("o", "sample.Kind", 0, ("t", ["low"]), [("parent", top)]), ("a", 0)]), prelude)

    def test_subclasses_of_built_in_types(self):
        prelude = "\n".join("class %s(%s): pass" % (name.title() * 2, name) for name in
                            ("list", "tuple", "dict", "set", "frozenset", "str", "int", "float", "bytes", "complex"))
        for name, value, items in (
            ("list", "[1]", ("l", [1])), ("tuple", "[1]", ("t", [1])), ("dict", "a=1", ("d", [("a", 1)])),
            ("set", "[1]", ("s", [1])), ("frozenset", "[1]", ("f", [1])), ("str", "'x'", "x"), ("int", "5", 5),
            ("float", "-0.0", -0.0), ("bytes", "b'x'", b"x"), ("complex", "1j", 1j),
        ):
            encoded = self.encoded("%s(%s)" % (name.title() * 2, value), prelude)
            self.assertEqual((encoded[0], encoded[1], encoded[3]), ("o", "sample." + name.title() * 2, items))

    def test_standard_types(self):
        self.check("decimal.Decimal('1.50')", ("o", "decimal.Decimal", 0, "1.50", []), "import decimal")
        self.check("fractions.Fraction(1, 3)", ("o", "fractions.Fraction", 0, ("t", [1, 3]), []), "import fractions")
        self.check("datetime.date(2020, 1, 2)", ("o", "datetime.date", 0, "2020-01-02", []), "import datetime")
        self.check("datetime.datetime(2020, 1, 2, 3, tzinfo=datetime.timezone.utc)",
                   ("o", "datetime.datetime", 0, "2020-01-02T03:00:00",
                    [("tzinfo", ("o", "datetime.timezone", 1, "UTC", []))]), "import datetime")
        self.check("datetime.timedelta(1, 2)", ("o", "datetime.timedelta", 0, ("t", [1, 2, 0]), []), "import datetime")
        self.check("datetime.time(1)", ("o", "datetime.time", 0, "01:00:00.000000", []), "import datetime")
        self.check("uuid.UUID(int=5)", ("o", "uuid.UUID", 0, "00000000-0000-0000-0000-000000000005", []), "import uuid")
        self.assertEqual(self.encoded("pathlib.Path('a') / 'b'", "import pathlib")[2:], (0, "a/b", []))
        self.check("re.compile('a', re.I)", ("o", "re.Pattern", 0, ("t", ["a", 34]), []), "import re")
        self.check("re.match('a', 'ab')", ("o", "re.Match", 0, ("t", [("t", [("t", [0, 1])]), ("t", [])]),
                                           [("re", ("o", "re.Pattern", 1, ("t", ["a", 32]), [])), ("string", "ab")]), "import re")
        self.check("range(1, 5, 2)", ("o", "range", 0, ("t", [1, 5, 2]), []))
        self.check("slice(1, None)", ("o", "slice", 0, ("t", [1, None, None]), []))
        self.check("bytearray(b'x')", ("o", "bytearray", 0, b"x", []))
        self.check("array.array('i', [1])", ("o", "array.array", 0, ("l", [1]), [("typecode", "i")]), "import array")
        self.assertEqual(self.encoded("memoryview(b'x')")[3], b"x")
        self.check("io.StringIO('x')", ("o", "_io.StringIO", 0, "x", [("position", 0)]), "import io")
        self.check("types.SimpleNamespace(a=1)", ("o", "types.SimpleNamespace", 0, None, [("a", 1)]), "import types")
        self.check("types.MappingProxyType({1: 2})", ("o", "mappingproxy", 0, ("d", [(1, 2)]), []), "import types")
        self.check("ValueError('x')", ("o", "ValueError", 0, ("t", ["x"]), []))
        self.check("..., NotImplemented", ("t", [("n", "Ellipsis"), ("n", "NotImplemented")]))

    def test_collections(self):
        prelude = "import collections as c"
        self.check("c.deque([1], 3)", ("o", "collections.deque", 0, ("l", [1]), [("maxlen", 3)]), prelude)
        self.check("c.Counter('aa')", ("o", "collections.Counter", 0, ("d", [("a", 2)]), []), prelude)
        self.check("c.defaultdict(list, a=1)",
                   ("o", "collections.defaultdict", 0, ("d", [("a", 1)]), [("default_factory", ("n", "list"))]), prelude)
        prelude += "\nd = c.OrderedDict(a=1, b=2)\nd.move_to_end('a')"
        self.check("d", ("o", "collections.OrderedDict", 0, ("d", [("b", 2), ("a", 1)]), []), prelude)
        self.assertEqual(self.encoded("c.ChainMap({1: 2})", prelude)[4], [("maps", ("l", [("d", [(1, 2)])]))])

    def test_a_function_that_its_name_does_not_lead_to_says_so(self):
        prelude = ("import functools\ndef g(): pass\n"
                   "def wrapped():\n    @functools.wraps(g)\n    def h(): pass\n    return h\n"
                   "class C:\n    @property\n    def p(self): pass\n    @staticmethod\n    def s(): pass\n    @classmethod\n    def c(cls): pass\n")
        self.check("[g, C.p.fget, C.s, vars(C)['c'].__func__]", ("l", [
            ("n", "sample.g"), ("n", "sample.C.p"), ("n", "sample.C.s"), ("n", "sample.C.c")]), prelude)
        self.check("wrapped()", ("n", "function sample.g"), prelude)

    def test_functions_classes_modules_by_name(self):
        prelude = "import json, functools\nclass A:\n    def m(self): pass\ndef g(): pass\n"
        self.check("[g, A, json, len, A.m, int, lambda: 0]", ("l", [
            ("n", "sample.g"), ("n", "sample.A"), ("n", "json"), ("n", "len"), ("n", "sample.A.m"), ("n", "int"),
            ("n", "function sample.f.<locals>.<lambda>")]), prelude)
        self.assertEqual(self.encoded("A().m", prelude), ("o", "method", 0, None, [
            ("__func__", ("n", "sample.A.m")), ("__self__", ("o", "sample.A", 1, None, []))]))
        self.check("functools.partial(g, 1, a=2)", ("o", "functools.partial", 0, None, [
            ("args", ("t", [1])), ("func", ("n", "sample.g")), ("keywords", ("d", [("a", 2)]))]), prelude)

    def test_addresses_are_the_same_wherever_objects_are_kept(self):
        address = ("n", "an address")
        self.check("[id(A()), hash(object()), {id(None): 1}]", ("l", [address, address, ("d", [(address, 1)])]), "class A: pass\n")
        self.check("id(A())", address, "class A: pass\n")
        self.check("[2**45, 1700000000000, 20922789888000, 2**70]", [2**45, 1700000000000, 20922789888000, 2**70])

    def test_opaque(self):
        self.check("[threading.Lock(), sys._getframe(), weakref.ref(A)][0]", ("x", "_thread.lock"),
                   "import threading, sys, weakref\nclass A: pass")
        self.check("sys._getframe()", ("x", "frame"), "import sys")
        self.assertEqual(self.encoded("weakref.ref(A)", "import weakref\nclass A: pass")[0], "x")

    def test_services_are_told_by_class_and_name(self):
        prelude = (
            "import importlib.util, logging, socket, threading, types\n"
            "log = logging.getLogger('a.b')\n"
            "class Handler(logging.Handler):\n    def __init__(self): super().__init__(); self.rows = [1]\n"
            "class Worker(threading.Thread):\n    def __init__(self, job): super().__init__(); self.job = job\n"
            "class Lazy(types.ModuleType):\n    pass\n"
            "class Holder:\n    def __init__(self): self.log = log; self.log2 = log\n"
        )
        named = [("name", "a.b")]
        self.check("Holder()", ("o", "sample.Holder", 0, None, [
            ("log", ("o", "logging.Logger", 1, None, named)), ("log2", ("o", "logging.Logger", 2, None, named))]), prelude)
        self.check("[log.manager, log.root, threading.Thread(), socket.socket(), logging.StreamHandler()]", ("l", [
            ("x", "logging.Manager"), ("o", "logging.RootLogger", 0, None, [("name", "root")]), ("x", "threading.Thread"),
            ("x", "socket.socket"), ("x", "logging.StreamHandler")]), prelude)
        self.check("[threading.Thread(name='x')]", ("l", [("o", "threading.Thread", 0, None, [("name", "x")])]), prelude)
        self.check("[Lazy('m'), importlib.util.find_spec('json')]", ("l", [
            ("n", "m"), ("o", "_frozen_importlib.ModuleSpec", 0, None, [("name", "json")])]), prelude)
        # What it is asked about directly has settings, and more that is not looked into; what the project adds is told.
        self.check("log", ("o", "logging.Logger", 0, ("cut",), [
            ("name", "a.b"), ("disabled", False), ("level", 0), ("propagate", True)]), prelude)
        self.check("(lambda w: [w, w])(Worker(3))", ("l", [("o", "sample.Worker", 0, None, [("job", 3)]), ("a", 0)]), prelude)
        self.check("[Handler()]", ("l", [("o", "sample.Handler", 0, None, [("rows", ("l", [1]))])]), prelude)

    def test_nothing_of_the_object_is_asked(self):
        prelude = """
class Trap:
    def __init__(self): object.__setattr__(self, 'a', 1)
    def trap(self, *args): raise SystemExit("asked")
    __eq__ = __hash__ = __repr__ = __str__ = __bool__ = __len__ = __iter__ = __getattribute__ = __getattr__ = trap
    __class__ = property(trap)
    __dir__ = __reduce__ = __reduce_ex__ = __copy__ = __deepcopy__ = __format__ = __sizeof__ = trap
class TrapDict(dict):
    def trap(self, *args): raise SystemExit("asked")
    items = keys = values = __iter__ = __getitem__ = __len__ = __contains__ = __eq__ = trap
class TrapStr(str):
    def trap(self, *args): raise SystemExit("asked")
    __str__ = __getitem__ = __iter__ = __len__ = __hash__ = __eq__ = trap
class Fake:
    __dict__ = property(lambda self: 1 / 0)
    def __init__(self): self.x = 1
class Hidden:
    @property
    def __dict__(self): raise SystemExit
"""
        self.check("Trap()", ("o", "sample.Trap", 0, None, [("a", 1)]), prelude)
        self.check("TrapDict(a=1)", ("o", "sample.TrapDict", 0, ("d", [("a", 1)]), []), prelude)
        self.check("TrapStr('x')", ("o", "sample.TrapStr", 0, "x", []), prelude)
        self.check("[Fake(), Hidden()]", ("l", [("x", "sample.Fake"), ("x", "sample.Hidden")]), prelude)

    def test_metaclasses(self):
        prelude = """
class Meta(type):
    def __getattribute__(cls, name): raise SystemExit("asked")
    def __repr__(cls): raise SystemExit("asked")
class M(metaclass=Meta):
    pass
m = object.__new__(M)
"""
        self.check("[M, m]", ("l", [("n", "sample.M"), ("o", "sample.M", 0, None, [])]), prelude)

    def test_deep_and_wide(self):
        prelude = """
class Node:
    def __init__(self, next): self.next = next
def chain(n):
    node = None
    for _ in range(n): node = Node(node)
    return node
"""
        record = observe(prelude + "\ndef f(n): return chain(n)", "f", [plain(3), plain(50000)])
        self.assertNotIn("cut", record[0][3] or {})
        self.assertTrue(record[1][3]["cut"])


class Libraries(unittest.TestCase):
    def value(self, source):
        return observe(source, "f", [plain()])[0][1]

    @unittest.skipUnless(has("attr"), "attrs is not installed")
    def test_attrs(self):
        source = "import attr\n@attr.s(slots=True)\nclass A:\n    x = attr.ib()\ndef f(): return A(1)\n"
        self.assertEqual(self.value(source), ("o", "sample.A", 0, None, [("x", 1)]))

    @unittest.skipUnless(has("pydantic"), "pydantic is not installed")
    def test_pydantic(self):
        source = "import pydantic\nclass A(pydantic.BaseModel):\n    x: int\ndef f(): return A(x=1)\n"
        value = self.value(source)
        self.assertIn(("x", 1), value[4])
        self.assertNotIn("__pydantic_private__", dict(value[4]))

    @unittest.skipUnless(has("numpy"), "numpy is not installed")
    def test_numpy(self):
        source = "import numpy as np\ndef f(): return [np.array([[1, 2]]), np.float64(0.5), np.int8(3), np.random.rand()]\n"
        records = observe(source, "f", [plain(), plain()])
        array, real, whole, _drawn = records[0][1][1]
        self.assertEqual(array, ("o", "numpy.ndarray", 0, ("l", [("l", [1, 2])]), [("dtype", "int64")]))
        self.assertEqual((real[1], real[3], whole[1], whole[3]), ("numpy.float64", 0.5, "numpy.int8", 3))
        self.assertEqual(records[0][1], records[1][1])

    @unittest.skipUnless(has("pandas"), "pandas is not installed")
    def test_pandas(self):
        source = "import pandas as pd\ndef f(): return [pd.DataFrame({'a': [1]}), pd.Series([1.5]), pd.Timestamp('2020-01-01')]\n"
        frame, series, stamp = self.value(source)[1]
        self.assertEqual(frame[3], ("d", [("a", ("l", [1]))]))
        self.assertEqual(series[3], ("l", [1.5]))
        self.assertEqual(stamp[3], "2020-01-01T00:00:00")

    @unittest.skipUnless(has("numpy"), "numpy is not installed")
    def test_numpy_values_are_told_apart(self):
        told_apart(self, "import numpy as np\nclass Tagged(np.ndarray): pass\ndef tagged(tag):\n"
                        "    array = np.zeros(1).view(Tagged)\n    array.tag = tag\n    return array", [
            ("np.zeros((0, 2))", "np.zeros((0, 3))"),
            ("np.array([[1]], dtype=object)", "np.array([[1], None], dtype=object)[:1]"),
            ("np.array(['2020-01-01'], 'M8[ns]')", "np.array(['2020-01-02'], 'M8[ns]')"),
            ("np.datetime64('2020-01-01', 'D')", "np.datetime64('2020-01-01', 'h')"),
            ("np.timedelta64(1, 's')", "np.timedelta64(1000, 'ms')"),
            ("np.array([(1,)], [('x', 'i4')])[0]", "np.array([(1,)], [('y', 'i4')])[0]"),
            ("np.ma.array([1, 2], mask=[0, 1])", "np.ma.array([1, 2], mask=[1, 0])"),
            ("np.ma.array([1], fill_value=5)", "np.ma.array([1], fill_value=6)"),
            ("tagged(1)", "tagged(2)"),
            ("np.array([0.0])", "np.array([-0.0])"),
            ("np.arange(5000)", "np.arange(5000) + (np.arange(5000) > 4000)"),
        ])

    @unittest.skipUnless(has("numpy"), "numpy is not installed")
    def test_many_elements_are_cut_only_where_their_bytes_do_not_tell(self):
        source = "import numpy as np\ndef f(kind): return np.zeros(5000, kind)\n"
        records = observe(source, "f", [plain("int64"), plain("float64")])
        self.assertEqual([bool((record[3] or {}).get("cut")) for record in records], [False, True])

    @unittest.skipUnless(has("pandas"), "pandas is not installed")
    def test_pandas_values_are_told_apart(self):
        told_apart(self, "import pandas as pd\ndef noted(unit):\n    series = pd.Series([1])\n"
                        "    series.attrs['unit'] = unit\n    return series", [
            ("pd.NaT", "pd.NA"),
            ("pd.Series(range(3000))", "pd.Series([*range(2999), 0])"),
            ("pd.DataFrame({'a': range(3000)})", "pd.DataFrame({'a': [*range(2999), 0]})"),
            ("pd.Index(list(range(3000)))", "pd.Index([*range(2999), 0])"),
            ("pd.Timedelta(1, 'ns')", "pd.Timedelta(2, 'ns')"),
            ("pd.Timestamp('2020-01-01', tz='UTC')", "pd.Timestamp('2020-01-01', tz='Africa/Abidjan')"),
            ("pd.Period('2020-01', 'M')", "pd.Period('2020-01', 'D')"),
            ("pd.Interval(0, 1)", "pd.Interval(0, 1, closed='left')"),
            ("pd.offsets.Day(1)", "pd.offsets.Day(2)"),
            ("pd.Categorical(['a'], ['a', 'b'])", "pd.Categorical(['a'], ['b', 'a'])"),
            ("pd.Series(['a'], dtype=pd.CategoricalDtype(['a', 'b']))", "pd.Series(['a'], dtype=pd.CategoricalDtype(['a', 'c']))"),
            ("pd.Series([1], dtype=pd.CategoricalDtype([1], True))", "pd.Series([1], dtype=pd.CategoricalDtype([1], False))"),
            ("pd.Series([1], dtype='Int64')", "pd.Series([1], dtype='int64')"),
            ("pd.Series([1, 2])", "pd.Series([1, 2], index=[1, 0])"),
            ("pd.Series([1], name='a')", "pd.Series([1])"),
            ("noted('m')", "noted('s')"),
            ("pd.DataFrame(index=range(2))", "pd.DataFrame(index=range(3))"),
            ("pd.DataFrame({'a': [1]}).rename_axis(columns='x')", "pd.DataFrame({'a': [1]}).rename_axis(columns='y')"),
            ("pd.DataFrame([[1, 2]], columns=['a', 'a'])", "pd.DataFrame([[1, 3]], columns=['a', 'a'])"),
            ("pd.DataFrame([[1]], columns=[0])", "pd.DataFrame([[1]])"),
            ("pd.date_range('2020-01-01', periods=2)", "pd.DatetimeIndex(['2020-01-01', '2020-01-02'])"),
            ("pd.MultiIndex.from_tuples([(1, 2)], names=['a', 'b'])", "pd.MultiIndex.from_tuples([(1, 2)], names=['a', 'c'])"),
        ])

    @unittest.skipUnless(has("pydantic"), "pydantic is not installed")
    def test_pydantic_values_are_told_apart(self):
        told_apart(self, "import pydantic\nclass M(pydantic.BaseModel):\n    model_config = {'extra': 'allow'}\n    x: int = 1\n"
                        "    _hidden: int = pydantic.PrivateAttr(0)\ndef hiding(n):\n    model = M()\n    model._hidden = n\n"
                        "    return model", [
            ("M(x=1)", "M(x=2)"), ("M(y=1)", "M(y=2)"), ("M(y=1)", "M(z=1)"), ("hiding(1)", "hiding(2)"), ("M()", "M(x=1)"),
        ])

    @unittest.skipUnless(has("werkzeug"), "werkzeug is not installed")
    def test_proxies_are_not_followed(self):
        source = "from werkzeug.local import LocalProxy\nproxy = LocalProxy(lambda: 1 / 0)\ndef f(): return [proxy]\n"
        self.assertEqual(self.value(source)[1][0][:2], ("o", "werkzeug.local.LocalProxy"))


class Recipes(unittest.TestCase):
    SOURCE = """
        import decimal
        class Node:
            def __init__(self, value, next=None):
                if value == "bad": raise ValueError("no")
                self.value, self.next = value, next
            def push(self, value):
                self.next = Node(value, self.next)
                return self
            @property
            def double(self): return self.value * 2
            @property
            def broken(self): raise KeyError(self.value)
            @classmethod
            def make(cls, a): return cls(a)
            def __secret(self): return "secret"
            def secret(self): pass
        class Frozen:
            __slots__ = ("a",)
            def __setattr__(self, name, value): raise AttributeError
        def f(*args, **kwargs): return args, kwargs
        def same(a, b): return a is b
        def call(g): return g(1), g(2)
        def none(g): return g()
        def twice(g):
            for _ in range(2):
                value = g()
                (value if type(value) is list else value[0]).append(1)
            return value
        def loop(a): return a.next.next is a
        def change(d):
            d["x"] = 1
    """

    def run_one(self, name, call, kind="function", **options):
        return observe(self.SOURCE, name, [call], call=kind, **options)[0]

    def test_all_kinds(self):
        args = [v(1), ("l", [v(1)]), ("t", [v(2)]), ("s", [v(3)]), ("f", [v(4)]), ("d", [(v("k"), v(5))]), ("g", "sample", "Node")]
        record = self.run_one("f", recipe(args, [("z", ("c", "decimal", "Decimal", [v("1.0")], []))]))
        self.assertEqual(record[1], ("t", [
            ("t", [1, ("l", [1]), ("t", [2]), ("s", [3]), ("f", [4]), ("d", [("k", 5)]), ("n", "sample.Node")]),
            ("d", [("z", ("o", "decimal.Decimal", 1, "1.0", []))])]))

    def test_nodes_and_links(self):
        nodes = [(("c", "sample", "Node", [v(1)], []), [("next", ("n", 1))]), (("c", "sample", "Node", [v(2)], []), [("next", ("n", 0))])]
        self.assertEqual(self.run_one("loop", recipe([("n", 0)], nodes=nodes))[:2], (0, True))
        self.assertEqual(self.run_one("same", recipe([("n", 0), ("n", 0)], nodes=nodes))[1], True)
        record = self.run_one("f", recipe([("n", 0)], nodes=nodes))
        self.assertEqual(record[1][1][0][1][0], ("a", 0))
        self.assertEqual(record[2][1], ("l", [("o", "sample.Node", 0, None, [
            ("next", ("o", "sample.Node", 1, None, [("next", ("a", 0)), ("value", 2)])), ("value", 1)])]))

    def test_functions_and_iterators(self):
        self.assertEqual(self.run_one("call", recipe([("r", ("l", []))]))[1], ([], []))
        self.assertEqual(self.run_one("twice", recipe([("r", v([]))]))[1], [1])
        self.assertEqual(self.run_one("twice", recipe([("r", ("t", [v([]), ("it", [])]))]))[1][1][0], ("l", [1]))
        self.assertEqual(self.run_one("call", recipe([("i",)]))[1], (1, 2))
        self.assertEqual(self.run_one("none", recipe([("i",)]))[1], None)
        self.assertEqual(self.run_one("same", recipe([("it", []), v(1)]))[1], False)

    def test_methods_properties_constructors(self):
        node = ("c", "sample", "Node", [v(3)], [])
        record = self.run_one("Node.push", recipe([v(4)], receiver=node), "method")
        self.assertEqual(record[1], ("a", 0))
        self.assertEqual(record[2][1][1][0][:3], ("o", "sample.Node", 0))
        self.assertEqual(self.run_one("Node.double", recipe(receiver=node), "property")[:2], (0, 6))
        self.assertEqual(self.run_one("Node.broken", recipe(receiver=node), "property")[1][0], "KeyError")
        self.assertEqual(self.run_one("Node.double", plain(), "property")[0], 5)
        self.assertEqual(self.run_one("Node.__secret", recipe(receiver=node), "method")[1], "secret")
        self.assertEqual(self.run_one("Node", plain(7), "constructor")[1],
                         ("o", "sample.Node", 0, None, [("next", None), ("value", 7)]))
        self.assertEqual(self.run_one("Node.make", plain(7))[1][1], "sample.Node")

    def test_a_receiver_that_cannot_be_made_is_told_from_an_argument(self):
        bad = ("c", "sample", "Node", [v("bad")], [])
        good = ("c", "sample", "Node", [v(1)], [])
        for told, call in (
            ("receiver: Node: ValueError: no", recipe([v(1)], receiver=bad)),
            ("receiver: Node: ValueError: no", recipe([v(1)], receiver=("n", 1), nodes=[(good, []), (bad, [])])),
            ("receiver: AttributeError: ", recipe([v(1)], receiver=("g", "sample", "missing"))),
            ("Node: ValueError: no", recipe([bad], receiver=good)),
            ("Node: ValueError: no", recipe([v(1)], receiver=("n", 1), nodes=[(bad, []), (good, [])])),
        ):
            record = self.run_one("Node.push", call, "method")
            self.assertEqual((record[0], record[1][:len(told)]), (5, told))

    def test_parts_of_what_a_call_gives(self):
        made = ("c", "sample", "Node", [v(1)], [])
        pushed = ("c", "<method>", "push", [made, v(5)], [])
        inner = ("c", "<attribute>", "next", [pushed], [])
        double = ("c", "<attribute>", "double", [inner], [])
        item = ("c", "<item>", "", [("l", [double]), v(0)], [])
        self.assertEqual(self.run_one("f", recipe([item]))[1], ((10,), {}))
        missing = ("c", "<item>", "", [("l", []), v(0)], [])
        self.assertEqual(self.run_one("f", recipe([missing]))[0], 5)

    def test_what_cannot_be_made(self):
        record = self.run_one("f", recipe([("c", "sample", "Node", [v("bad")], [])]))
        self.assertEqual((record[0], record[1]), (5, "Node: ValueError: no"))
        self.assertEqual(self.run_one("f", recipe([("g", "sample", "nothing")]))[0], 5)
        self.assertEqual(self.run_one("f", recipe([("s", [("l", [])])]))[0], 5)

    def test_state(self):
        call = recipe([("d", [])])
        self.assertEqual(self.run_one("change", call)[2], (0, [{"x": 1}]))
        self.assertIsNone(self.run_one("change", call, state=False)[2])

    def test_module(self):
        with Harness({"sample.py": "import os\nfrom json import loads\nA = 1\nB = [A]\n_C = 2\ndef f(): pass\n"}) as harness:
            harness.load("sample")
            harness.fork("sample", "", call="module")
            self.assertEqual(harness.run([plain()])[0][1], ("d", [
                ("A", 1), ("B", ("l", [1])), ("_C", 2), ("f", ("n", "sample.f")), ("loads", ("n", "json.loads"))]))

    def test_class(self):
        source = "class A:\n    LIMIT = 3\n    _cap = 4\n    def f(self): pass\n    size = property(len)\n"
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "A", call="module")
            self.assertEqual(harness.run([plain()])[0][1], {"LIMIT": 3})


if __name__ == "__main__":
    unittest.main()
