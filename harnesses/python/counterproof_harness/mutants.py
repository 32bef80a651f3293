"""A mutant in place of functions: the code objects that an edited source compiles to are put into the functions that live.

Nothing is imported anew, so that a mutant costs no more than the compilation of its function, and is taken back as quickly.
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


class Swapped:
    """What a mutant took the place of."""

    def __init__(self):
        self.kept = []

    def put(self, mutant, functions):
        """Put `mutant` (`line`, `source`: a part of a file, and where it begins) into these functions of the file."""
        if not functions:
            raise NoMutant("no function of its file lives")
        if mutant.get("parameter"):
            self._put_default(mutant["parameter"], mutant["source"], functions)
        else:
            self._put_code(mutant, functions)

    def back(self):
        """Give the functions back what they had."""
        while self.kept:
            function, name, value = self.kept.pop()
            setattr(function, name, value)

    def _put_code(self, mutant, functions):
        codes = _codes(mutant, functions[0].__code__)
        for function in functions:
            old = function.__code__
            new = codes.get(_key(old))
            if new is None or form(new) == form(old):
                continue
            try:
                self._set(function, "__code__", new)
            except ValueError:
                raise NoMutant("it closes over other names") from None
        if not self.kept:
            raise NoMutant("it compiles to the same code")

    def _put_default(self, parameter, source, functions):
        """Give a parameter another default, the literal `source`, in each function that is the named one."""
        value, name = eval(compile(source, "<default>", "eval"), {"__builtins__": {}}), parameter["name"]
        for function in functions:
            code = function.__code__
            if _key(code) != (parameter["function"], parameter["line"]):
                continue
            positional, defaults = code.co_varnames[:code.co_argcount], list(function.__defaults__ or ())
            at = positional.index(name) - len(positional) if name in positional else 0
            if -len(defaults) <= at < 0:
                defaults[at] = value
                self._set(function, "__defaults__", tuple(defaults))
            elif name in (function.__kwdefaults__ or ()):
                self._set(function, "__kwdefaults__", dict(function.__kwdefaults__, **{name: value}))
        if not self.kept:
            raise NoMutant("no function with such a default lives")

    def _set(self, function, name, value):
        old = getattr(function, name)
        setattr(function, name, value)
        self.kept.append((function, name, old))


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
