"""Other copies of the project, kept out: editable installs by path or by finder, and what was imported before us.

They lend modules that a version does not have, so that it would run with those of another. What lies in the folders of
installed packages stays in reach, since other distributions may share a namespace with the project.
"""

import os
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

# Names that many projects have beside their modules: no sign that a folder is a copy of this one.
_COMMON = frozenset((
    "bench", "benchmarks", "bin", "build", "conftest", "dist", "doc", "docs", "examples", "noxfile", "scripts", "setup",
    "src", "tasks", "test", "testing", "tests", "tools", "versioneer",
))
_STANDARD = os.path.dirname(os.path.realpath(os.__file__)) + os.sep
_PACKAGES = tuple(os.sep + name + os.sep for name in ("site-packages", "dist-packages"))


def shut_out(tree):
    """No path that leads to another copy, and no finder that does."""
    sys.path[:] = [entry for entry in sys.path if not _leads_to_a_copy(entry, tree)]
    sys.meta_path[:] = [
        finder if finder in (BuiltinImporter, FrozenImporter, PathFinder) else _Guarded(finder, tree)
        for finder in sys.meta_path
    ]


def is_installed(file):
    """Whether a file belongs to the interpreter or to its packages."""
    real = os.path.realpath(file)
    return real.startswith(_STANDARD) or any(folder in real for folder in _PACKAGES)


def is_lent(name, file, tree):
    """Whether the module `name`, loaded from `file`, is one of the project's from elsewhere."""
    if file is None or tree.relative(file) is not None or not tree.offers(name.partition(".")[0]):
        return False
    return tree.holds(name) or not is_installed(file)


def _leads_to_a_copy(entry, tree):
    if type(entry) is not str or entry in tree.paths or tree.relative(os.path.join(entry, "x")) is not None:
        return False
    if os.path.isfile(entry) or is_installed(os.path.join(entry, "x")):
        return False
    try:
        names = {name.split(".", 1)[0] for name in os.listdir(entry)}
    except OSError:  # nothing, or a word for a hook that makes paths out of it
        return True
    return any(tree.offers(name) for name in names - _COMMON)


class _Guarded:
    """A finder that was installed before us. It may make modules, but not lend those of the project from elsewhere."""

    def __init__(self, finder, tree):
        self._finder, self._tree = finder, tree

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        find = getattr(self._finder, "find_spec", None)
        try:
            spec = find(name, path, target) if find is not None else None
        except OSError:  # it looked where the sandbox lets nobody look
            return None
        if spec is None or not self._tree.offers(name.partition(".")[0]):
            return spec
        if spec.has_location:
            files = [spec.origin]
        else:
            files = [os.path.join(folder, "x") for folder in spec.submodule_search_locations or ()]
        return None if any(is_lent(name, file, self._tree) for file in files) else spec
