"""Examples in docstrings: run as `doctest` runs them, and the first one told that is plainly not true."""

MOST = 40  # examples of one docstring

# What an example that needs a name, a file or a server raises where there is none: that is no word about the function.
_OF_SURROUNDINGS = ("NameError", "ImportError", "ModuleNotFoundError", "FileNotFoundError", "NotADirectoryError", "PermissionError",
                    "OSError", "ConnectionError", "ConnectionRefusedError", "TimeoutError", "URLError", "gaierror")


def runner(found, module):
    """A function that runs the examples of an object's docstring. All that it needs is imported before it is called."""
    text = getattr(found, "__doc__", None)
    if type(text) is not str or ">>>" not in text:
        return _nothing
    import doctest
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return _nothing
    if not examples or len(examples) > MOST:
        return _nothing
    # What is written is held against what comes in the way that is kindest to it.
    lenient = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL

    def run():
        told = []

        class Quiet(doctest.DocTestRunner):
            def report_start(self, out, test, example):
                pass

            def report_success(self, out, test, example, got):
                pass

            def report_failure(self, out, test, example, got):
                told.append(("printed", example.lineno, example.source, example.want, got))

            def report_unexpected_exception(self, out, test, example, exc_info):
                told.append(("raised", example.lineno, example.source, example.want, exc_info[0].__name__))

        test = doctest.DocTest(examples, dict(vars(module)), "docstring", None, None, text)
        Quiet(verbose=False, optionflags=lenient).run(test, out=lambda text: None, clear_globs=False)
        told = [one for one in told if not _is_same(one)]
        # Those after it may only follow from it.
        return told[0] if told and _is_plain(told[0]) else None

    return run


def _nothing():
    return None


def _is_same(told):
    """Whether what is written is only another way to write what came."""
    one, other = _value(told[3]), _value(told[4])
    return one is not None and other is not None and _equal(one[0], other[0])


def _is_plain(told):
    """Whether what is written and what came are plain values, or one of them an error, so that no way of writing parts them."""
    how, _line, _source, want, got = told
    if how == "raised":
        return _value(want) is not None and got not in _OF_SURROUNDINGS
    if want.startswith("Traceback"):
        return _value(got) is not None
    return _value(want) is not None and _value(got) is not None


def _value(text):
    """The value of a literal in a tuple of its own, or nothing."""
    import ast
    try:
        return (ast.literal_eval(text.strip()),)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _equal(one, other):
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-6 * max(1, abs(one), abs(other))
    if isinstance(one, (list, tuple)) and type(one) is type(other):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other
