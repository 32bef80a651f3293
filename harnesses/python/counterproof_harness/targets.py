"""What a request names: the callable, the class, the property or the module, and whether it can be observed here at all."""

import importlib
import os
import sys
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, ModuleType, WrapperDescriptorType

from . import documented, observing
from .importing import module_file
from .naming import class_name, mro_of, namespace_of
from .sites import code_in

_C_FUNCTIONS = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType)


class NotCallable(Exception):
    """Why a request cannot be served; `builtin` when the name leads to code that is not Python."""

    def __init__(self, reason, builtin=False):
        super().__init__(reason)
        self.builtin = builtin


class Target:
    """`found` is what the name leads to, `call` what a plain call calls, `last` the name to look up on a receiver."""

    def __init__(self, kind, found, call, last, owner=None):
        self.kind = kind
        self.found = found
        self.call = call
        self.last = last
        self.owner = owner  # the class of receivers, where there is one

    def check_receiver(self, receiver):
        """A receiver of another class would run somebody else's method of that name."""
        if self.owner is not None and self.owner not in mro_of(type(receiver)):
            raise LookupError("%s is no instance of %s" % (class_name(type(receiver)), class_name(self.owner)))


def resolve(request, tree):
    if request["module"] == observing.NAME:
        return Target("function", None, observing.observe, None)
    module = _module(request["module"])
    _check_module(module, request["module"], tree)
    kind, name = request["call"], request["name"]
    if kind == "module" and name in ("", "<module>"):
        return Target(kind, None, lambda: public_names(module), None)
    if kind == "module":
        found = _walk(module, request["module"], name)[2]
        return Target(kind, None, lambda: class_data(found), None)
    if kind == "docstring":
        found = _walk(module, request["module"], name)[2]
        return Target(kind, None, documented.runner(found, module), None)
    if kind == "returned":
        _walk(module, request["module"], name.partition(".<locals>.")[0])
        return Target(kind, None, None, None)
    owner, last, found = _walk(module, request["module"], name)
    if kind in ("property", "setter"):
        return Target(kind, found, None, _mangled(last, owner), _class(owner))
    if not callable(found):
        raise NotCallable("%s is not callable but of type %s" % (name, type(found).__name__))
    inherited = kind == "method" and _class(owner) and isinstance(found, _C_FUNCTIONS) and _is_of_tree(owner, tree)
    if not inherited:
        _check_code(found, name, tree)
    return Target(kind, found, found, _mangled(last, owner), _class(owner) if kind == "method" else None)


def _class(owner):
    return owner if issubclass(type(owner), type) else None


def _is_of_tree(klass, tree):
    """Whether a class is defined in the tree: what it inherits from built-in classes is its own then."""
    module = sys.modules.get(namespace_of(klass).get("__module__"))
    file = module_file(module) if module is not None else None
    return file is not None and tree.relative(file) is not None


def _module(name):
    module = sys.modules.get(name)
    if module is not None:
        return module
    try:
        return importlib.import_module(name)
    except BaseException as error:
        raise NotCallable("module %s cannot be imported: %s" % (name, type(error).__name__)) from None


def _check_module(module, name, tree):
    file = module_file(module)
    if file is not None and tree.relative(file) is None:
        raise NotCallable("module %s is foreign: it was loaded from outside the tree" % name)


def _walk(module, module_name, name):
    """Follow the dotted name; entries of classes are taken as they are looked up, so that decorators count."""
    owner, value, last = None, module, name
    for last in name.split("."):
        owner = value
        try:
            value = _attribute(value, last)
        except AttributeError:
            if owner is module and _defines(module, last):
                text = "%s defines %s, but has no such name any more once it is imported: it is deleted after use"
                raise NotCallable(text % (module_name, last)) from None
            raise NotCallable("%s has no %s" % (module_name, name)) from None
        except BaseException as error:
            raise NotCallable("looking up %s in %s raises %s" % (name, module_name, type(error).__name__)) from None
    return owner, last, value


def _defines(module, name):
    """Whether the source of a module defines a function or class of this name at its top."""
    import ast
    try:
        with open(module_file(module), "rb") as file:
            body = ast.parse(file.read()).body
    except Exception:
        return False
    return any(isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and part.name == name for part in body)


def _attribute(value, name):
    if issubclass(type(value), type):
        for klass in mro_of(value):
            entry = namespace_of(klass).get(_mangled(name, value))
            if type(entry) is property:
                return entry
        return getattr(value, _mangled(name, value))
    return getattr(value, name)


def _mangled(name, owner):
    """A private name as it is kept in its class."""
    if name.startswith("__") and not name.endswith("__") and issubclass(type(owner), type):
        return "_" + owner.__name__.lstrip("_") + name
    return name


def _check_code(found, name, tree):
    """A Python callable has code of the tree within reach; one that has not is somebody else's."""
    if isinstance(found, _C_FUNCTIONS):
        raise NotCallable("%s is a C function" % name, builtin=True)
    if isinstance(found, (FunctionType, MethodType)):
        function = found.__func__ if isinstance(found, MethodType) else found
        if not isinstance(function, FunctionType) or tree.relative(function.__code__.co_filename) is not None:
            return
        outside = os.path.isfile(function.__code__.co_filename)
        if outside and next(iter(code_in([function], tree)), None) is None:
            raise NotCallable("%s is foreign: its code comes from %s" % (name, function.__code__.co_filename))
    elif issubclass(type(found), type):
        module = sys.modules.get(namespace_of(found).get("__module__"))
        file = module_file(module) if module is not None else None
        if file is not None and tree.relative(file) is None:
            raise NotCallable("class %s is foreign: it is defined outside the tree" % name)


# What every module has, whatever it says.
OF_EVERY_MODULE = frozenset((
    "__annotations__", "__annotate__", "__builtins__", "__cached__", "__conditional_annotations__", "__dict__", "__doc__",
    "__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__", "__warningregistry__",
))


def class_data(klass):
    """What a class body leaves behind for all to see, beside what is called or computed: its public constants."""
    return _in_order(namespace_of, klass, lambda name, value: not (
        name.startswith("_") or hasattr(type(value), "__get__") or callable(value)))


def public_names(module):
    """The globals of a module that it defines for others to see; what it merely imported as a module is left out."""
    return _in_order(vars, module, lambda name, value: name not in OF_EVERY_MODULE and type(value) is not ModuleType)


def _in_order(names_of, holder, wanted):
    """The names of a module or class that are wanted, with their values, in the order of the names."""
    try:
        names = dict(names_of(holder))
    except TypeError:
        return {}
    return {name: value for name, value in sorted(names.items(), key=lambda item: str(item[0]))
            if type(name) is str and wanted(name, value)}
