"""Standard input is an answer: what is typed is given with the input of a call, and is nothing otherwise."""

import io
import sys

from .answers import answers
from .world import world


class _Input(io.StringIO):
    """Standard input of a call, with the bytes that it would have."""

    name = "<stdin>"
    mode = "r"

    @property
    def buffer(self):
        return io.BytesIO(self.getvalue()[self.tell():].encode("utf-8", "surrogatepass"))

    def fileno(self):
        raise io.UnsupportedOperation("fileno")


def install():
    answers.setters["typed"] = _type


def _type(_name, value):
    text = value if isinstance(value, str) else "".join("%s\n" % (line,) for line in value)
    world.dirty = True
    sys.stdin = _Input(text)
