"""How the watched functions are called while a script runs: steps that a project's test writes down, one after the other.

What is told of each argument is how to come by it again: plain data as it is, and of objects a path from what a step made,
by attributes and items. An object is looked for where it can be found before the step in which the call happens (then it is
as it was at the call), and else where it can be found after that step.
"""

import sys
from collections import deque
from dis import findlinestarts
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType

from .encoding import SCALARS
from .importing import module_file
from .naming import mro_of, namespace_of
from .recipes import Ingredients, NotMade
from .world import EffectRefused, world

NAME = __name__  # the module name by which a request asks for this

MOST_CALLS = 4  # of one watched function in one script
MOST_OF_A_CLASS = 2  # objects of one class of the project that one script lends
MOST_PARTS = 16  # items of one container that are looked into
WIDEST, DEEPEST = 3000, 8  # objects that are looked at, and steps from where it begins
LARGEST, LONGEST = 200, 2000  # plain data that is told: parts, and length of a text

_NOT_ENTERED = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType, CodeType)
_UNKNOWN = ("?",)


def observe(watched, steps):
    """`watched`: (path, name, line of its name) of functions; `steps`: recipes, which may refer to earlier ones as nodes.

    The answer: {"failed": steps that could not be made, "calls": [(watched function, step, [(parameter, kind, r), …])],
    "lent": [(module, class, step, path)]}, where r is ("v", plain), ("p", step, path), ("l"|"t", [r]), ("g", module, name),
    ("o", module, class) of an object that cannot be come by, or ("?",), and a path is [("a", attribute) | ("i", key), …].
    """
    script = _Script(watched)
    for step in steps:
        script.run(step)
    return {"failed": script.failed, "calls": script.told, "lent": script.lent}


class _Script:
    def __init__(self, watched):
        self.codes = {}
        self.by_name = {}
        for index, (path, name, line) in enumerate(watched):
            self.by_name.setdefault(name, []).append((path, line, index))
        self.counts = [0] * len(watched)
        self.ingredients = Ingredients({})
        self.failed = []
        self.calls = []  # (watched function, step, [(parameter, kind, value, r or None)])
        self.told = []
        self.lent = []
        self.per_class = {}
        self.before = None  # where objects are found before this step; looked for when it is wanted

    def run(self, step):
        number = len(self.ingredients.made)
        self.before = None
        value = None
        if _mentions(step, self.failed):
            self.failed.append(number)
        else:
            del self.calls[:]
            sys.setprofile(self._entered)
            try:
                value = self.ingredients.build(step)
            except EffectRefused:
                world.verdict = 0
                self.failed.append(number)
            except (Exception, NotMade):
                self.failed.append(number)
            finally:
                sys.setprofile(None)
        self.ingredients.made.append(value)
        # A call that raises was a call all the same.
        self._tell(number)

    def _entered(self, frame, event, _argument):
        if event != "call":
            return
        code = frame.f_code
        try:
            index = self.codes[code]
        except KeyError:
            index = self.codes[code] = self._watched(code)
        if index is None or self.counts[index] >= MOST_CALLS:
            return
        self.counts[index] += 1
        values = frame.f_locals
        if self.before is None:
            made = [(at, value) for at, value in enumerate(self.ingredients.made) if at not in self.failed]
            self.before = _Places(made[::-1])
        arguments = []
        for name, kind in _parameters(code):
            if name in values:
                value = values[name]
                arguments.append((name, kind, value, self._described(value, self.before)))
        self.calls.append((index, len(self.ingredients.made), arguments))

    def _watched(self, code):
        for path, line, index in self.by_name.get(code.co_name, ()):
            # Code begins with its first decorator.
            if world.tree.relative(code.co_filename) == path and code.co_firstlineno <= line <= _last_line(code):
                return index
        return None

    def _tell(self, number):
        value = self.ingredients.made[number]
        after = _Places([] if number in self.failed else [(number, value)])
        for index, at, arguments in self.calls:
            told = []
            for name, kind, value, known in arguments:
                if known[0] in ("o", "?") or _holds_unknown(known):
                    known = self._described(value, after, self.before)
                told.append((name, kind, known))
            self.told.append((index, at, told))
        for key, at, path in after.instances:
            count = self.per_class.get(key, 0)
            if count < MOST_OF_A_CLASS:
                self.per_class[key] = count + 1
                self.lent.append(key + (at, path))

    def _described(self, value, *places, depth=3):
        """An argument as r, see `observe`."""
        if _is_plain(value, [LARGEST]):
            return "v", value
        for found in places:
            known = found.by_id.get(id(value))
            if known is not None:
                return ("p",) + known
        kind = type(value)
        if kind in (list, tuple) and depth and len(value) <= MOST_PARTS:
            return "l" if kind is list else "t", [self._described(part, *places, depth=depth - 1) for part in value]
        if issubclass(kind, type) or kind in (FunctionType, BuiltinFunctionType):
            module, name = value.__module__, value.__qualname__
            return ("g", module, name) if type(module) is str and "<" not in name else _UNKNOWN
        if _is_of_tree(kind):
            return ("o",) + _class_key(kind)
        return _UNKNOWN


def _last_line(code):
    return max([code.co_firstlineno] + [line for _offset, line in findlinestarts(code) if line])


def _holds_unknown(described):
    return described[0] in ("l", "t") and any(part[0] in ("o", "?") or _holds_unknown(part) for part in described[1])


def _parameters(code):
    """The names of the parameters, with how they are passed."""
    names, count, only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    for name in names[:count]:
        yield name, "by position"
    if code.co_flags & 4:
        yield names[count + only], "rest"
    for name in names[count:count + only]:
        yield name, "by keyword"
    if code.co_flags & 8:
        yield names[count + only + bool(code.co_flags & 4)], "keywords"


def _mentions(recipe, numbers):
    """Whether a recipe refers to one of these nodes."""
    if not numbers:
        return False
    if type(recipe) in (list, tuple):
        if len(recipe) == 2 and recipe[0] == "n" and recipe[1] in numbers:
            return True
        return recipe[:1] != ("v",) and any(_mentions(part, numbers) for part in recipe)
    return False


def _is_plain(value, left):
    """Whether a value is plain data that is small enough to be told."""
    kind = type(value)
    left[0] -= 1
    if left[0] < 0:
        return False
    if kind in SCALARS:
        return not (kind in (str, bytes) and len(value) > LONGEST)
    if kind in (list, tuple, set, frozenset):
        return all(_is_plain(part, left) for part in value)
    if kind is dict:
        return all(_is_plain(key, left) and _is_plain(part, left) for key, part in value.items())
    return False


class _Places:
    """Where objects are found, breadth first from some roots: the shortest path is the one that is told."""

    def __init__(self, roots):
        self.by_id = {}
        self.kept = []  # so that no id is used again
        self.instances = []
        waiting = deque((value, root, ()) for root, value in roots)
        while waiting and len(self.kept) < WIDEST:
            value, root, path = waiting.popleft()
            kind = type(value)
            if kind in SCALARS or isinstance(value, _NOT_ENTERED) or id(value) in self.by_id:
                continue
            self.by_id[id(value)] = root, list(path)
            self.kept.append(value)
            is_of_tree = _is_of_tree(kind)
            if is_of_tree:
                self.instances.append((_class_key(kind), root, list(path)))
            if len(path) < DEEPEST:
                waiting.extend((part, root, path + (step,)) for step, part in _parts(value, kind, is_of_tree))


def _parts(value, kind, is_of_tree):
    """The items and attributes of an object with the step that leads to each; those that anybody may use first."""
    bases = mro_of(kind)
    try:
        if list in bases or tuple in bases:
            found = [(("i", at), value[at]) for at in range(min(len(value), MOST_PARTS))]
        elif dict in bases or (is_of_tree and hasattr(kind, "keys") and hasattr(kind, "__getitem__")):
            keys = [key for key in list(value.keys())[:MOST_PARTS] if type(key) in (str, int, bool, type(None))]
            found = [(("i", key), value[key]) for key in keys]
        else:
            found = []
    except EffectRefused:
        world.verdict = 0
        found = []
    except Exception:
        found = []
    if is_of_tree:
        attributes = [name for name in _attributes(value, bases) if not name.startswith("__")]
        attributes.sort(key=lambda name: name.startswith("_"))
        for name in attributes[:40]:
            try:
                found.append((("a", name), object.__getattribute__(value, name)))
            except Exception:
                pass
    return found


def _attributes(value, bases):
    try:
        names = list(object.__getattribute__(value, "__dict__"))
    except Exception:
        names = []
    for base in bases:
        slots = namespace_of(base).get("__slots__", ())
        names.extend([slots] if type(slots) is str else slots)
    return [name for name in names if type(name) is str]


_OF_TREE = {}


def _is_of_tree(kind):
    try:
        return _OF_TREE[kind]
    except KeyError:
        pass
    module = sys.modules.get(namespace_of(kind).get("__module__"))
    file = module_file(module) if module is not None else None
    answer = _OF_TREE[kind] = file is not None and world.tree.relative(file) is not None and "<" not in kind.__qualname__
    return answer


def _class_key(kind):
    return kind.__module__, kind.__qualname__
