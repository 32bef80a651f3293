"""Plain values that live in what functions mention by name: tables, constants of other modules, patterns, as an import left them.

Nothing of the project runs here: only exact types are looked into.
"""

import collections
import gc
import os
import re
import sys
import types

from .naming import mro_of, namespace_of
from .sites import loaded
from .world import world

MOST = 96  # values in all
OF_ONE = 32  # of one table
LONGEST = 200
DEEPEST = 2

_SCALARS = (int, float, str, bytes)
_ROWS = (list, tuple, set, frozenset, collections.deque)
_TABLES = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)


def mentioned(units, target, tree):
    """[(name, value)] for the code of these units, run by a target of this name; a pattern is `("pattern", flags, its source)`."""
    found = _Found(target, tree)
    modules = {}
    for path, names in loaded({unit.path for unit in units}, tree):
        modules.setdefault(path, names)
    for unit in units:
        if unit.path in modules:
            found.look(unit, modules[unit.path])
    return found.all


class _Found:
    def __init__(self, target, tree):
        self.target = target
        # What tells of this run, and is another in each version.
        self.own = [place for place in (tree.root, tree.given, world.scratch) if place]
        self.own += [os.path.dirname(place) for place in self.own]
        self.own_bytes = [os.fsencode(place) for place in self.own]
        self.all = []
        self.seen = set()

    def look(self, unit, names_of_module):
        names = _names(unit.code)
        for name in names:
            if name not in names_of_module:
                continue
            value = names_of_module[name]
            if value is sys or value is os:
                continue  # of the machine, not of the project
            if type(value) is types.ModuleType:
                self.parts(vars(value), names)
            elif issubclass(type(value), type):  # `isinstance` asks `__class__`, which may be the project's own
                self.parts(namespace_of(value), names)
            else:
                self.add(name, value)
        name = getattr(unit.code, "co_qualname", unit.name)  # from Python 3.11 on
        for owner in _classes_around(name, names_of_module) or _classes_around(self.target, names_of_module):
            self.parts(namespace_of(owner), names)

    def parts(self, values, names):
        for name in names:
            if name in values:
                self.add(name, values[name])

    def add(self, name, value, depth=0):
        kind = type(value)
        if kind in _SCALARS:
            self.keep(name, value)
        elif kind is re.Pattern:
            self.keep(name, ("pattern", value.flags, value.pattern))
        elif depth >= DEEPEST:
            return
        elif kind is types.MappingProxyType:
            for behind in gc.get_referents(value):  # its own methods would call those of what is behind it
                self.add(name, behind, depth)
        elif kind in _TABLES:
            for key, inner in list(value.items())[:OF_ONE]:
                self.add(name, key, DEEPEST)
                self.add(name, inner, depth + 1)
        elif kind in _ROWS:
            rows = list(value)
            if kind in (set, frozenset):
                rows = sorted((row for row in rows if type(row) in _SCALARS), key=repr)
            for inner in rows[:OF_ONE]:
                self.add(name, inner, depth + 1)

    def keep(self, name, value):
        text = value[2] if type(value) is tuple else value
        if type(text) in (str, bytes) and not 0 < len(text) <= LONGEST:
            return
        own = {str: self.own, bytes: self.own_bytes}.get(type(text), ())
        if any(place in text for place in own):
            return
        if type(text) is int and not -2**63 <= text < 2**63:
            return
        if len(self.all) < MOST and (name, repr(value)) not in self.seen:
            self.seen.add((name, repr(value)))
            self.all.append((name, value))


def _names(code, depth=3):
    """Names of globals and attributes that code has to do with, and the code inside of it."""
    names = [name for name in code.co_names if not name.startswith("__")]
    if depth:
        for inner in code.co_consts:
            if type(inner) is types.CodeType:
                names.extend(name for name in _names(inner, depth - 1) if name not in names)
    return names


def _classes_around(method, names_of_module):
    """The class that a method of this dotted name is in, and those that it inherits from."""
    value = None
    for name in method.split(".")[:-1]:
        if name == "<locals>":
            return ()
        value = names_of_module.get(name) if value is None else namespace_of(value).get(name)
        if not issubclass(type(value), type):
            return ()
    return [owner for owner in mro_of(value) if owner is not object] if value is not None else ()
