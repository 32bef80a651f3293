"""What is asked, and what is told."""

import json
import os
import sys

LONGEST = 2000


def opened(number_in, number_out):
    """The request, and who tells what happens. Both descriptors are taken away from the programs that tests start."""
    os.set_inheritable(number_out, False)
    parts = []
    while True:
        part = os.read(number_in, 1 << 16)
        if not part:
            break
        parts.append(part)
        if part.endswith(b"\n"):
            break
    request = json.loads(b"".join(parts))
    return request, Teller(number_out, request["nonce"])


class Teller:
    """Writes events, one line each; a line of anybody else does not begin with the nonce."""

    def __init__(self, number, nonce):
        self.number = number
        self.nonce = nonce
        self.pid = os.getpid()
        self.write = os.write

    def tell(self, event, **what):
        if os.getpid() != self.pid:
            return  # a test forked, and its child came out of the test
        line = "%s %s\n" % (self.nonce, json.dumps(dict(what, event=event)))
        data = line.encode("ascii")
        while data:
            data = data[self.write(self.number, data):]


def shortened(text):
    """A text without the folder that the tests run in, and not too long."""
    text = str(text).replace(os.path.realpath(os.getcwd()) + os.sep, "").replace(os.getcwd() + os.sep, "")
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def foreign(tree, tops):
    """Modules of the project's own names that came from elsewhere: what ran was another version then."""
    found = []
    root = os.path.realpath(tree) + os.sep
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] not in tops:
            continue
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and not os.path.realpath(file).startswith(root):
            found.append(name)
    return sorted(found)[:5]
