"""Functions that a call gives: what they do is seen by calling them.

A function that has a place of its own in a module is told by its name. One that was made by the call (a closure, a decorated
function, one built from source) says nothing by its name: it is called with a few plain arguments, as many as it takes. What it
gives is told; where it fails as code does by accident, that is told as a stumble, which is nobody's contract.
"""

import sys
from types import FunctionType

from .naming import class_name, namespace_of, value_name
from .world import EffectRefused, Overdue, world

NAME = "function"
# Functions that give functions (decorators with arguments) are followed so far.
DEEPEST = 2
_ACCIDENTS = (TypeError, AttributeError, NameError, LookupError, ArithmeticError, RecursionError, AssertionError, StopIteration)
_BY_ACCIDENT = " by accident"
_VARIADIC = 0x04


def describe(encoder, function, depth=0):
    """The encoding of a function, see PROTOCOL.md."""
    if has_place(function) or depth > DEEPEST:
        return "n", value_name(function)
    effects = len(world.effects)
    pairs, is_seen = [], False
    try:
        for args, kwargs in _calls(function):
            form = _outcome(encoder, function, args, kwargs, depth)
            is_seen = is_seen or not _is_stumble(form)
            pairs.append((("t", [_shown(arg) for arg in args]), form))
        is_cut = world.verdict
    except (Overdue, EffectRefused):
        is_cut = True
    if is_cut:
        if depth:
            raise Overdue  # of the outermost one nothing is told then
        # What the call itself did counts, however these ended.
        world.armed, world.verdict = False, 0
        del world.effects[effects:]
    if is_seen and not is_cut:
        name = value_name(function)
        return "o", NAME, encoder.next_number(), ("d", pairs), [] if "<locals>" in name else [("name", ("n", name))]
    return ("n", "is a function that fails" + _BY_ACCIDENT) if depth else ("x", NAME)


def has_place(function):
    """Whether a function is what its own name leads to."""
    at = sys.modules.get(function.__module__) if type(function.__module__) is str else None
    if at is None:
        return False
    names = vars(at)
    *owners, last = function.__qualname__.split(".")
    for owner in owners:
        klass = names.get(owner)
        if not issubclass(type(klass), type):
            return False
        names = namespace_of(klass)
    found = names.get(last)
    return found is function or getattr(found, "__func__", None) is function or getattr(found, "fget", None) is function


def _calls(function):
    code, needed = function.__code__, _needed(function)
    kwargs = {name: 1 for name in code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount]
              if name not in (function.__kwdefaults__ or ())}
    takes_more = code.co_flags & _VARIADIC or code.co_argcount > needed
    counts = [needed] if needed else [0] + ([1] if takes_more else [])
    for count in counts:
        numbers = tuple(range(1, count + 1))
        yield numbers, kwargs
        if count:
            yield tuple("ab"[at % 2] for at in range(count)), kwargs
            yield tuple([number, 2] for number in numbers), kwargs
        if count == 1:
            yield (_any,), kwargs


def _any(*args, **kwargs):
    return args, kwargs


_any.__module__, _any.__qualname__ = "builtins", NAME


def _needed(function):
    """Positional arguments that it cannot do without; a wrapper that takes anything needs what it wraps needs."""
    for _ in range(20):
        code = function.__code__
        wrapped = function.__dict__.get("__wrapped__")
        if code.co_argcount or type(wrapped) is not FunctionType:
            return max(0, code.co_argcount - len(function.__defaults__ or ()))
        function = wrapped
    return 0


def _shown(arg):
    return ("n", NAME) if arg is _any else ("l", list(arg)) if type(arg) is list else arg


def _outcome(encoder, function, args, kwargs, depth):
    """What a call gives, encoded."""
    try:
        value = function(*[list(arg) if type(arg) is list else arg for arg in args], **kwargs)
        if type(value) is FunctionType and value is not _any:
            return describe(encoder, value, depth + 1)
        return encoder.encode(value, 1)
    except (Overdue, EffectRefused):
        raise
    except BaseException as error:
        by_accident = _BY_ACCIDENT if isinstance(error, _ACCIDENTS) else ""
        return "n", "raises " + class_name(type(error)) + by_accident


def _is_stumble(form):
    return type(form) is tuple and form[0] == "n" and form[1].endswith(_BY_ACCIDENT)
