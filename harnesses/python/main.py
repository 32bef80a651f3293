"""Entry point of the harness: `python -B -s main.py CONTROL_IN CONTROL_OUT DATA_IN DATA_OUT`.

Everything the harness needs is imported here, before any path of the checked tree is on `sys.path`, so that no module of the
tree can stand in for one of the harness. Its modules see a copy of the built-in names: code under test may replace those.
"""

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "counterproof_harness"


class Loader(SourceFileLoader):
    built_in_names = dict(vars(sys.modules["builtins"]))

    def exec_module(self, module):
        module.__dict__["__builtins__"] = self.built_in_names
        super().exec_module(module)


class Finder:
    """Finds the harness, and nothing else, in its own folder."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == PACKAGE:
            folder = os.path.join(HERE, PACKAGE)
            file = os.path.join(folder, "__init__.py")
            return spec_from_file_location(name, file, loader=Loader(name, file), submodule_search_locations=[folder])
        if name.startswith(PACKAGE + "."):
            file = os.path.join(HERE, *name.split(".")) + ".py"
            return spec_from_file_location(name, file, loader=Loader(name, file))
        return None


def main():
    # Python puts the script's folder first.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]
    # The compiled harness may be kept where its folder can be written to; nothing of the project ever is.
    keep = sys.dont_write_bytecode
    sys.dont_write_bytecode = False
    sys.meta_path.insert(0, Finder)
    try:
        from counterproof_harness import bootstrap
    finally:
        sys.meta_path.remove(Finder)
        sys.dont_write_bytecode = keep
    bootstrap.start(sys.argv[1:])


if __name__ == "__main__":
    main()
