"""What functions compile to, without what no caller can tell: positions, file names, names of locals.

Source is only compiled here, never run.
"""

import types
import warnings

_OPTIMIZED, _VARARGS, _VARKEYWORDS = 0x01, 0x04, 0x08  # of `co_flags`, see the documentation of `inspect`
LONGEST = 1 << 20


def forms(requests):
    """For each `(source, name)` the form, as bytes, of the first function of that name in the source.

    None where there is none or the source does not compile. Two functions of equal form run the same instructions on the same constants.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_form_of(source, name) for source, name in requests]


def _form_of(source, name):
    try:
        code = _find(compile(source, "<function>", "exec", dont_inherit=True), name)
        found = repr(form(code)).encode("utf-8", "backslashreplace") if code else None
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return None
    return found if found and len(found) <= LONGEST else None


def _find(code, name):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_name == name and constant.co_flags & _OPTIMIZED:
                return constant
            found = _find(constant, name)
            if found:
                return found
    return None


def form(code):
    flags = code.co_flags
    given = code.co_argcount + code.co_kwonlyargcount + bool(flags & _VARARGS) + bool(flags & _VARKEYWORDS)
    closed = code.co_cellvars, code.co_freevars
    if flags & _OPTIMIZED:
        # `super()` looks for this one by its name.
        closed = [[name == "__class__" and name for name in names] for names in closed]
        names = code.co_varnames[:given]
    else:
        names = code.co_varnames  # the body of a class looks all of its names up by name
    return (
        code.co_name, flags, code.co_argcount, getattr(code, "co_posonlyargcount", 0), code.co_kwonlyargcount, code.co_nlocals,
        names, closed, code.co_names, code.co_code, getattr(code, "co_exceptiontable", b""),
        [_constant(constant) for constant in code.co_consts],
    )


def _constant(constant):
    if isinstance(constant, types.CodeType):
        return form(constant)
    if type(constant) is tuple:
        return "tuple", [_constant(part) for part in constant]
    if type(constant) is frozenset:
        return "frozenset", sorted(repr(_constant(part)) for part in constant)
    return type(constant).__name__, repr(constant)
