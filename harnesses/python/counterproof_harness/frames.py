"""Frames on a pair of descriptors: length (4 bytes), nonce (8 bytes), one `marshal` value of format version 2."""

# Bound here, before the project can replace them.
from marshal import dumps, loads
from os import read, write

FORMAT = 2
LIMIT = 64 * 1024 * 1024
NONCE_LENGTH = 8


class Closed(Exception):
    """The other side is gone, or speaks another session's nonce: there is nobody to talk to."""


def pack(value):
    return dumps(value, FORMAT)


class Channel:
    """One side of a conversation. Without a nonce it takes over the one of the first frame it reads."""

    def __init__(self, source, sink, nonce=None):
        self.source = source
        self.sink = sink
        self.nonce = nonce

    def receive(self):
        header = self._exactly(4 + NONCE_LENGTH)
        nonce = header[4:]
        if self.nonce is None:
            self.nonce = nonce
        length = int.from_bytes(header[:4], "little")
        if nonce != self.nonce or length > LIMIT:
            raise Closed
        return loads(self._exactly(length))

    def send(self, value):
        self.send_packed(pack(value))

    def send_packed(self, payload):
        view = memoryview(len(payload).to_bytes(4, "little") + self.nonce + payload)
        while view:
            try:
                view = view[write(self.sink, view):]
            except OSError:
                raise Closed from None

    def _exactly(self, length):
        parts = []
        while length:
            try:
                part = read(self.source, min(length, 1 << 20))
            except OSError:
                part = b""
            if not part:
                raise Closed
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
