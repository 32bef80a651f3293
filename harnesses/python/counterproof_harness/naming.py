"""Names of classes, functions and modules, read without running code of theirs."""

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


def value_name(value):
    """How a class, function or module is called."""
    kind = type(value)
    if issubclass(type(value), type):
        return class_name(value)
    if kind is FunctionType:
        return _joined(value.__module__, value.__qualname__)
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
