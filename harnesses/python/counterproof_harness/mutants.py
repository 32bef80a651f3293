"""A mutant in place of functions: the code objects that an edited source compiles to are put into the functions that live.

Nothing is imported anew, so that a mutant costs a fork and one statement's compilation.
"""

import __future__
import gc
import types
import warnings

from .compiled import form

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


class NoMutant(Exception):
    """Why an edit makes no mutant that could be run."""


class Living:
    """The functions of each file of the tree that were made so far, wherever they are kept."""

    def __init__(self):
        self.by_path = None

    def of(self, path, tree):
        if self.by_path is None:
            self.by_path = {}
            gc.unfreeze()  # what is frozen is not listed
            for found in gc.get_objects():
                if type(found) is types.FunctionType:
                    own = tree.relative(found.__code__.co_filename)
                    if own is not None:
                        self.by_path.setdefault(own, []).append(found)
            gc.freeze()
        return self.by_path.get(path, [])


def put(mutant, functions):
    """Put `mutant` (`line`, `source`: a statement at the top of a file, and where it begins) into these functions of the file."""
    if not functions:
        raise NoMutant("no function of its file lives")
    codes = _codes(mutant, functions[0].__code__)
    changed = False
    for function in functions:
        old = function.__code__
        new = codes.get(_key(old))
        if new is None or form(new) == form(old):
            continue
        try:
            function.__code__ = new
        except ValueError:
            raise NoMutant("it closes over other names") from None
        changed = True
    if not changed:
        raise NoMutant("it compiles to the same code")


def _codes(mutant, old):
    """Code of each function in the statement, by name and first line; two of one name on one line are left out."""
    source = "\n" * (mutant["line"] - 1) + mutant["source"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole = compile(source, old.co_filename, "exec", flags=old.co_flags & _FUTURE, dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise NoMutant("it does not compile: %s" % type(error).__name__) from None
    codes, doubled, rest = {}, set(), [whole]
    while rest:
        for constant in rest.pop().co_consts:
            if isinstance(constant, types.CodeType):
                rest.append(constant)
                if _key(constant) in codes:
                    doubled.add(_key(constant))
                codes[_key(constant)] = constant
    for key in doubled:
        del codes[key]
    return codes


def _key(code):
    return code.co_name, code.co_firstlineno
