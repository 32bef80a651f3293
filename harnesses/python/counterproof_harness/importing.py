"""Modules of the tree: finding them before anything else does, importing them, and the proof that they came from there.

An installed copy of the project, an editable install or a finder that redirects an import would otherwise compare a version
with itself, or with a third one.
"""

import importlib
import os
import sys
from importlib.machinery import PathFinder

from . import elsewhere
from .clock import real_perf_counter
from .naming import base_names, class_name
from .world import IMPORTING, OFF, world

# What the running interpreter cannot part with, whatever the tree holds.
_CORE = frozenset((
    "sys", "builtins", "os", "io", "abc", "codecs", "encodings", "site", "stat", "posix", "posixpath", "genericpath",
    "importlib", "marshal", "signal", "errno", "time", "_thread", "__main__", "zipimport", "types", "warnings", "gc",
    "counterproof_harness",
))


class _TreeFinder:
    """In front of every other finder, for names that the tree holds. Namespace packages are left to the usual way."""

    def __init__(self, tree):
        self.tree = tree
        self.origins = {}

    def find_spec(self, name, path=None, target=None):
        where = self.tree.paths if path is None else list(path)
        spec = PathFinder.find_spec(name, where, target)
        if spec is None or spec.loader is None or self.tree.relative(spec.origin) is None:
            return None
        self.origins[name] = spec.origin
        return spec


def prepare(tree):
    """The tree's paths in front, its finder first, and no module that was loaded from elsewhere under a name of the tree."""
    sys.path[:0] = tree.paths
    elsewhere.shut_out(tree)
    for path in tree.paths:  # `importlib.invalidate_caches` would import half of the standard library first
        sys.path_importer_cache.pop(path, None)
    for name in list(sys.modules):
        if _is_ours(name, tree) and (_is_outside(name, tree) or _is_lent(name, tree) or _is_namespace(name)):
            del sys.modules[name]
    finder = _TreeFinder(tree)
    sys.meta_path.insert(0, finder)
    return finder


def import_module(name, finder, django):
    """Import one module of the tree and say how it went, as PROTOCOL.md has it."""
    tree = finder.tree
    django.set_up()
    began = real_perf_counter()
    error = None
    world.effects.clear()
    world.mode = IMPORTING
    try:
        importlib.import_module(name)
    except BaseException as caught:  # SystemExit and the like: nothing of a module's may end the harness
        world.mode = OFF
        error = _described(caught, tree)
        reason = django.reason(error)
        if reason is not None:
            error = dict(_described(reason, tree), message="Django cannot be set up: " + message_of(reason, 2000))
    finally:
        world.mode = OFF
    seconds = real_perf_counter() - began
    file = _file_of(name, finder)
    if error is None and file is not None and tree.relative(file) is None:
        error = _outside(name, file)
    elif error is None and file is None and not _is_namespace_of(name, tree):
        error = _outside(name, "nowhere that can be named")
    answer = {
        "module": name,
        "ok": error is None,
        "seconds": seconds,
        "file": tree.relative(file) if file else None,
        "foreign": foreign(tree),
        "error": error,
        "effects": list(world.effects),
        "left_out": ["%s: %s: %s" % (app, class_name(type(error)), message_of(error, 300)) for app, error in django.left_out],
    }
    world.effects.clear()
    return answer


def foreign(tree):
    """Modules loaded from outside the tree although the tree holds one of that name."""
    return sorted(name for name in list(sys.modules) if _is_ours(name, tree) and _is_lent(name, tree))


def remember_files(tree):
    """Work out once, for all children, which of the loaded files are the tree's."""
    for module in list(sys.modules.values()):
        file = module_file(module)
        if file is not None:
            tree.relative(file)


def module_file(module):
    """`__file__` of a module, or of what stands in for one, if it is a text."""
    try:
        file = getattr(module, "__file__", None)
    except BaseException:
        return None
    return file if type(file) is str else None


def _is_ours(name, tree):
    top = name.partition(".")[0]
    return top not in _CORE and tree.offers(top)


def _is_lent(name, tree):
    return elsewhere.is_lent(name, module_file(sys.modules.get(name)), tree)


def _is_outside(name, tree):
    """Whether it is a part of something else that goes by the name of a package or module of the tree."""
    file = module_file(sys.modules.get(name))
    return file is not None and tree.relative(file) is None and tree.holds(name.partition(".")[0])


def _is_namespace(name):
    module = sys.modules.get(name)
    return module_file(module) is None and "__path__" in getattr(module, "__dict__", ())


def _file_of(name, finder):
    # What the finder handed out is the truth; a module may change or lose its `__file__`, or replace itself.
    return finder.origins.get(name) or module_file(sys.modules.get(name))


def _is_namespace_of(name, tree):
    try:
        places = list(sys.modules[name].__path__)
    except Exception:
        return False
    return any(tree.relative(os.path.join(place, "x")) is not None for place in places)


def _outside(name, file):
    return {
        "class": "ImportError",
        "message": "%s was loaded from %s, which is outside the tree" % (name, file),
        "bases": ["Exception", "BaseException"],
        "place": None,
        "missing": None,
        "in_tree": False,
    }


def _described(error, tree):
    message = message_of(error, 2000)
    if isinstance(error, SystemExit):
        # Whoever ends the program has said why before, seldom in the exit code.
        said = [part for part in (message, world.err.last_line() or world.out.last_line()) if part]
        message = ", after printing: ".join(said)
    missing = error.name if isinstance(error, ModuleNotFoundError) and type(error.name) is str else None
    return {
        "class": class_name(type(error)),
        "message": message,
        "bases": base_names(type(error)),
        "place": _place(error, tree),
        "missing": missing,
        # Whatever a package of the tree lacks, it is the tree that lacks it.
        "in_tree": missing is not None and (tree.holds(missing) or tree.holds(missing.partition(".")[0])),
    }


def message_of(error, limit):
    """The text of an exception, whatever its `__str__` does; the timer stays in charge."""
    try:
        text = str(error)
    except Exception as second:
        return "<%s while making the message>" % class_name(type(second))
    return str.__str__(text)[:limit] if type(text) is str else ""


def _place(error, tree):
    if isinstance(error, SyntaxError) and error.filename:
        path = tree.relative(error.filename)
        if path is not None:
            return path, error.lineno or 0
    place, _depth = innermost(error.__traceback__, tree)
    return place


def ends_below(traceback, tree):
    """Whether the innermost frame is one of a library that the tree's code called."""
    if traceback is None:
        return False
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return tree.relative(traceback.tb_frame.f_code.co_filename) is None


def innermost(traceback, tree):
    """Where in the tree an exception was raised or passed last, and how many frames of the tree it went through."""
    relative = tree.relative
    place, depth = None, 0
    while traceback is not None:
        path = relative(traceback.tb_frame.f_code.co_filename)
        if path is not None:
            depth += 1
            place = path, traceback.tb_lineno
        traceback = traceback.tb_next
    return (place if place is None else (place[0], place[1] or 0)), depth
