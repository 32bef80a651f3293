"""Names of classes, functions and modules, read without running code of theirs."""

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

_module_of = type.__dict__["__module__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
mro_of = type.__dict__["__mro__"].__get__
namespace_of = type.__dict__["__dict__"].__get__


def class_name(cls):
    """`module.Qualified.Name`; classes of `builtins` bare."""
    try:
        module = _module_of(cls)
    except AttributeError:
        module = None
    name = _qualname_of(cls)
    if type(module) is not str or module == "builtins":
        return name
    return module + "." + name


def base_names(cls):
    """The classes above, nearest first, without `object`."""
    return [class_name(base) for base in mro_of(cls)[1:] if base is not object]


# Before the name of a function that no module leads to by it (a closure, a lambda, one that took another's name): what it does is
# not told by its name.
UNPLACED = "function "


def _has_place(function):
    """Whether a function is what its own name leads to."""
    at = sys.modules.get(function.__module__) if type(function.__module__) is str else None
    if type(at) is not ModuleType or type(function.__qualname__) is not str:
        return False
    names = ModuleType.__getattribute__(at, "__dict__")
    *owners, last = function.__qualname__.split(".")
    for owner in owners:
        klass = names.get(owner)
        if not issubclass(type(klass), type):
            return False
        names = namespace_of(klass)
    found = names.get(last)
    kind = type(found)
    if kind is property:
        return function in (found.fget, found.fset, found.fdel)
    return (found.__func__ if kind in (staticmethod, classmethod) else found) is function


def value_name(value):
    """How a class, function or module is called."""
    kind = type(value)
    if issubclass(type(value), type):
        return class_name(value)
    if kind is FunctionType:
        name = _joined(value.__module__, value.__qualname__)
        return name if _has_place(value) else UNPLACED + name
    if kind is BuiltinFunctionType:
        owner = value.__self__
        if owner is None or type(owner) is ModuleType:
            return _joined(value.__module__, value.__qualname__)
        return _joined(None, value.__qualname__)
    if kind is ModuleType:
        return module_name(value)
    return _joined(getattr(value, "__module__", None), getattr(value, "__qualname__", kind.__name__))


def module_name(module):
    name = ModuleType.__getattribute__(module, "__dict__").get("__name__")
    return name if type(name) is str else "module"


def _joined(module, name):
    name = name if type(name) is str else "?"
    if type(module) is not str or module == "builtins":
        return name
    return module + "." + name
