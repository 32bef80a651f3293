"""Patches of standard modules, applied at the moment the project loads them.

Loading them at start for the patch's sake would cost every session what few projects need.
"""

import sys

_patches = {}


def when_loaded(name, patch):
    """Run `patch(module)` once the module is loaded, at once if it is."""
    if name in sys.modules:
        _apply(patch, sys.modules[name])
    _patches[name] = patch


def install():
    sys.meta_path.insert(0, _Finder)


def _apply(patch, module):
    try:
        patch(module)
    except Exception:  # a project's own module of that name, or a future Python's
        pass


class _Finder:
    """Finds what the others find, and wraps the loader of the modules to patch."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        patch = _patches.get(name)
        if patch is None:
            return None
        for finder in sys.meta_path:
            if finder is _Finder or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                break
        else:
            return None
        if spec.loader is not None and hasattr(spec.loader, "exec_module"):
            _wrap(spec, patch)
        return spec


def _wrap(spec, patch):
    execute = spec.loader.exec_module

    def execute_and_patch(module):
        execute(module)
        _apply(patch, module)

    try:
        spec.loader.exec_module = execute_and_patch
    except AttributeError:  # the built-in loaders are classes: those modules are patched at start
        pass
