"""Which files belong to the checked tree, and under which relative path."""

import os


class Tree:
    def __init__(self, root, paths):
        self.root = os.path.realpath(root)
        self.paths = [os.path.realpath(path) for path in paths]
        self.given = root
        self._prefix = self.root.rstrip(os.sep) + os.sep
        self._known = {}
        self._offered = {}

    def relative(self, filename):
        """The path below the root, with forward slashes; None for a file elsewhere. Answers are remembered."""
        try:
            return self._known[filename]
        except KeyError:
            pass
        except TypeError:
            return None
        answer = self._relative(filename)
        if len(self._known) < 100000:
            self._known[filename] = answer
        return answer

    def _relative(self, filename):
        if not isinstance(filename, str) or not filename or filename.startswith("<"):
            return None
        real = os.path.realpath(filename)
        if not real.startswith(self._prefix):
            return None
        return real[len(self._prefix):].replace(os.sep, "/")

    def holds(self, module):
        """Whether the tree has a file or folder for this dotted module name."""
        parts = module.split(".")
        return any(_is_module(os.path.join(path, *parts)) for path in self.paths)

    def offers(self, name):
        """Whether an `import` of this top-level name finds Python in the tree: a module, a package, a namespace."""
        if name not in self._offered:
            folders = [os.path.join(path, name) for path in self.paths]
            self._offered[name] = self.holds(name) or any(_has_modules(folder) for folder in folders)
        return self._offered[name]


def _is_module(base):
    if os.path.isfile(base + ".py") or os.path.isfile(os.path.join(base, "__init__.py")):
        return True
    folder, stem = os.path.split(base)
    try:
        entries = os.listdir(folder)
    except OSError:
        return False
    return any(entry.startswith(stem + ".") and entry.endswith((".so", ".pyd")) for entry in entries)


def _has_modules(folder):
    """Whether a folder without `__init__.py` holds modules, itself or one level down, as a namespace does."""
    try:
        entries = os.listdir(folder)
    except OSError:
        return False
    return any(
        entry.endswith(".py") or os.path.isfile(os.path.join(folder, entry, "__init__.py")) for entry in entries
    )
