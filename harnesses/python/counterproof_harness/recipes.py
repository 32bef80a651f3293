"""Arguments that are not plain data, made from a recipe: see `r` in PROTOCOL.md."""

import importlib
import os
import sys
from marshal import dumps, loads

from . import arrivals
from .answers import answers
from .clock import real_perf_counter as now
from .copies import copies
from .frames import FORMAT
from .naming import class_name
from .world import EffectRefused, Overdue, world


# How the text begins where it is the receiver that could not be made.
NO_RECEIVER = "receiver: "


class NotMade(Exception):
    """An argument could not be made; the text says which and why."""


class Ingredients:
    """The arguments of one call, made from its recipe."""

    def __init__(self, recipe):
        self.made = []
        self.encoder = None  # the one that numbered these, once they were looked at
        given = recipe.get("world")
        if given:
            answers.give([(asked, self.build(part)) for asked, part in given])
        nodes = recipe.get("nodes") or ()
        receiver = recipe.get("receiver")
        for make, _links in nodes:
            is_receiver = receiver == ("n", len(self.made))
            self.made.append(self._receiver(make) if is_receiver else self.build(make))
        for node, (_make, links) in zip(self.made, nodes):
            for name, part in links:
                _link(node, name, self.named(name, part))
        self.has_receiver = receiver is not None
        self.receiver = self._receiver(receiver) if self.has_receiver else None
        self.args = [self.build(part) for part in recipe.get("args") or ()]
        self.kwargs = {name: self.named(name, part) for name, part in recipe.get("kwargs") or ()}

    def _receiver(self, recipe):
        """As `build`; what goes wrong is told to be the receiver's."""
        try:
            return self.build(recipe)
        except (Overdue, EffectRefused, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise NotMade("%s%s" % (NO_RECEIVER, error if isinstance(error, NotMade) else describe(error))) from error

    def all(self):
        """What is observed afterwards: the receiver, the arguments, the values of the keyword arguments."""
        receiver = [self.receiver] if self.has_receiver else []
        return receiver + self.args + list(self.kwargs.values())

    def build(self, recipe):
        return _BUILDERS[recipe[0]](self, recipe)

    def value(self, recipe):
        return recipe[1]

    def list(self, recipe):
        return [self.build(part) for part in recipe[1]]

    def tuple(self, recipe):
        return tuple([self.build(part) for part in recipe[1]])

    def set(self, recipe):
        return {self.build(part) for part in recipe[1]}

    def frozenset(self, recipe):
        return frozenset([self.build(part) for part in recipe[1]])

    def dict(self, recipe):
        return {self.build(key): self.build(part) for key, part in recipe[1]}

    def call(self, recipe):
        if not copies.wanted:
            return self._called(recipe)
        if copies.kept:
            copy = copies.of(recipe)
            if copy is not None:
                return copy
        started = now()
        made = self._called(recipe)
        copies.keep(recipe, made, now() - started)
        return made

    def _called(self, recipe):
        module, name = recipe[1], recipe[2]
        function = _PARTS.get(module) or existing(module, name)
        args = [self.build(part) for part in recipe[3]]
        kwargs = {name: self.named(name, part) for name, part in recipe[4]}
        try:
            if module in _PARTS:
                return function(name, *args, **kwargs)
            return function(*args, **kwargs)
        except Exception as error:
            raise NotMade("%s: %s" % (name or "[]", describe(error))) from error

    def existing(self, recipe):
        return existing(recipe[1], recipe[2])

    def node(self, recipe):
        return self.made[recipe[1]]

    # The two below are what `languages::python::print` prints of them, name and signature included: an example that is
    # pasted into an interpreter must do there what was seen here.

    def function(self, recipe):
        written = dumps(recipe[1], FORMAT)  # a fresh one each time, whatever its user does to those before
        return _anonymous(lambda *args, **kwargs: self.build(loads(written)))

    def named(self, name, recipe):
        """As `build`, of what is given under a name: a function tells which marked texts it is called with."""
        if not world.watching or recipe[0] != "r":
            return self.build(recipe)
        written = dumps(recipe[1], FORMAT)
        return _anonymous(lambda *args, **kwargs: (arrivals.given(name, args, kwargs), self.build(loads(written)))[1])

    def identity(self, _recipe):
        return _anonymous(lambda value=None, *args, **kwargs: value)

    def iterator(self, recipe):
        return iter([self.build(part) for part in recipe[1]])


def _place(name):
    """The place of a path in the folder that calls run in, which it must not leave."""
    parts = name.split("/")
    if not name or "\0" in name or os.path.isabs(name) or ".." in parts or "." in parts:
        raise ValueError("no path inside the folder: %r" % (name,))
    return os.path.join(world.scratch, *parts)


def _write(name, content):
    place = _place(name)
    if name.endswith("/"):
        os.makedirs(place, exist_ok=True)
        return
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def _laid_out(kind, name, contents):
    """Writes `contents`, by path; gives `name` as a text or as a path."""
    for inner, content in contents.items():
        _write(inner, content)
    return existing("pathlib", "Path")(name) if kind == "path" else name


def _file(kind, name, content):
    return _laid_out(kind, name, {name: content})


def _folder(kind, name, contents):
    inside = {"%s/%s" % (name, inner): content for inner, content in contents.items()}
    return _laid_out(kind, name, dict([(name + "/", b"")], **inside))


def _method(value, name):
    """What `value.name` is, but for `__call__`: calling a class is what its metaclass says."""
    return value if name == "__call__" else getattr(value, name)


# Parts of the first argument, in place of something in a module; what is laid out on disk.
_PARTS = {
    "<method>": lambda name, value, *args, **kwargs: _method(value, name)(*args, **kwargs),
    "<attribute>": lambda name, value: getattr(value, name),
    "<item>": lambda _name, value, key: value[key],
    "<file>": _file,
    "<folder>": _folder,
}

_BUILDERS = {
    "v": Ingredients.value, "l": Ingredients.list, "t": Ingredients.tuple, "s": Ingredients.set,
    "f": Ingredients.frozenset, "d": Ingredients.dict, "c": Ingredients.call, "g": Ingredients.existing,
    "n": Ingredients.node, "r": Ingredients.function, "i": Ingredients.identity, "it": Ingredients.iterator,
}


def make(recipe):
    """The ingredients of a recipe; whatever goes wrong is told as `NotMade`."""
    try:
        return Ingredients(recipe)
    except (NotMade, Overdue, EffectRefused):
        raise
    except BaseException as error:
        raise NotMade(describe(error)) from error


def describe(error):
    try:
        text = str(error)
    except Exception:
        text = ""
    name = class_name(type(error))
    return ("%s: %s" % (name, text) if text.strip() else name)[:500]


def _anonymous(function):
    """A lambda that belongs to no module and to no function of ours."""
    function.__qualname__ = "<lambda>"
    function.__module__ = None
    return function


def _link(node, name, part):
    try:
        setattr(node, name, part)
    except AttributeError:
        object.__setattr__(node, name, part)


_found = {}


def existing(module, name):
    """An object by its module and dotted name; looked up once."""
    key = module, name
    try:
        return _found[key]
    except KeyError:
        pass
    loaded = sys.modules.get(module)
    if loaded is None:
        loaded = importlib.import_module(module)
    value = loaded
    for part in name.split("."):
        value = getattr(value, part)
    _found[key] = value
    return value
