"""Bounded collectors in place of standard output and standard error.

They are put in place before the project is imported, since a module may keep `sys.stdout` (logging handlers do).
"""

import io

from .world import world


class Collector(io.TextIOBase):
    """A text stream that keeps what is written, up to a limit, until the call's record takes it."""

    encoding = "utf-8"
    errors = "strict"
    newlines = None
    line_buffering = False
    write_through = False
    mode = "w"

    def __init__(self, name, limit):
        super().__init__()
        self.name = name
        self.limit = limit
        self.parts = []
        self.room = limit
        self.overflowed = False
        self._bytes = ByteCollector(self)

    @property
    def buffer(self):
        return self._bytes

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not %s" % type(text).__name__)
        if not text.isascii():
            text.encode("utf-8")  # a real stream fails on lone surrogates, too
        self.keep(text)
        return len(text)

    def keep(self, text):
        world.dirty = True
        if self.room >= len(text):
            self.room -= len(text)
            self.parts.append(str(text))
        else:
            self.parts.append(str(text)[: self.room])
            self.room = 0
            self.overflowed = True

    def take(self):
        """What was written since the last time, and whether some of it was lost."""
        text, overflowed = "".join(self.parts), self.overflowed
        self.parts = []
        self.room = self.limit
        self.overflowed = False
        return text, overflowed

    def last_line(self):
        """The last line that is not blank, of what was written since it was taken last."""
        lines = [line.strip() for line in "".join(self.parts).splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def writable(self):
        return True

    def isatty(self):
        return False

    def flush(self):
        pass

    def close(self):
        pass  # a call that closes standard output must not silence the next one

    def reconfigure(self, **_settings):
        pass

    def fileno(self):
        raise io.UnsupportedOperation("fileno")

    def __repr__(self):
        return "<_io.TextIOWrapper name='%s' mode='w' encoding='utf-8'>" % self.name


class ByteCollector(io.RawIOBase):
    """The `.buffer` of a collector."""

    def __init__(self, text):
        super().__init__()
        self._text = text

    @property
    def raw(self):
        return self

    def write(self, data):
        data = bytes(data)
        self._text.keep(data.decode("utf-8", "backslashreplace"))
        return len(data)

    def writable(self):
        return True

    def isatty(self):
        return False

    def close(self):
        pass

    def fileno(self):
        raise io.UnsupportedOperation("fileno")


# What the project sees of them, in a `repr` or as a result, names the classes that are usually there.
Collector.__module__, Collector.__qualname__, Collector.__name__ = "_io", "TextIOWrapper", "TextIOWrapper"
ByteCollector.__module__, ByteCollector.__qualname__, ByteCollector.__name__ = "_io", "BufferedWriter", "BufferedWriter"
