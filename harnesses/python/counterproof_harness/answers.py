"""What the surroundings answer when a call asks them: given with its input, or else by default.

Answers are given by the names in PROTOCOL.md. Processes, requests and queries are numbered from 1 in the order in which the
call starts them; one without an answer of its own is answered as the last before it that has any.
"""

import os

from .clock import clock
from .world import CALLING, world

# What repeats the last answer ends after so many: a loop that asks until there is nothing more must come to its end.
REPEATED = 20
PROCESS = "process-code", "process-output", "process-errors"
RESPONSE = "response-status", "response-body", "response-headers"
QUERY = ("rows",)


class Answers:
    def __init__(self):
        self.given = {}
        self.counts = {}
        self.setters = {"environment": _set_variable, "time": _set_time}

    def install(self):
        world.resets.append(self.reset)

    def reset(self):
        if self.given:
            self.given = {}
        if self.counts:
            self.counts = {}

    def rewind(self):
        """Making the arguments asked for things, too: the call starts over."""
        if self.counts:
            self.counts = {}

    def give(self, pairs):
        """Make the surroundings what an input says."""
        world.dirty = True
        for asked, value in pairs:
            kind, _, name = asked.partition(" ")
            setter = self.setters.get(kind)
            if setter is None:
                self.given[asked] = value
            else:
                setter(name, value)

    def next(self, kinds):
        """The parts of the answer to the next question of these kinds, by kind; those that were not given are missing."""
        world.dirty = True
        number = self.counts.get(kinds, 0) + 1
        self.counts[kinds] = number
        if not self.given:
            return {}
        for earlier in range(number, max(0, number - REPEATED), -1):
            found = {kind: self.given[asked] for kind in kinds for asked in ["%s %d" % (kind, earlier)] if asked in self.given}
            if found:
                return found
        return {}

    def next_is_nobody(self, kinds, kind):
        """Whether the next question finds nobody who answers: its code or status is `None`."""
        if not self.given:
            return False
        number = self.counts.get(kinds, 0)
        found = self.next(kinds)
        self.counts[kinds] = number
        return found.get(kind, 0) is None

    def number(self, kinds):
        """How many questions of these kinds there were."""
        return self.counts.get(kinds, 0)


def _set_variable(name, value):
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _set_time(_name, value):
    if value.tzinfo is None:
        from datetime import timezone
        value = value.replace(tzinfo=timezone.utc)
    clock.epoch = round(value.timestamp() * 1000000) * 1000


answers = Answers()


def stands_in():
    """Whether questions are answered now: in calls, and not once an effect was refused."""
    return world.mode == CALLING and not world.verdict


def as_bytes(value):
    """What an answer is as bytes: text as UTF-8, and what is neither text nor bytes as JSON."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if not isinstance(value, str):
        import json
        value = json.dumps(value, default=str)
    return value.encode("utf-8", "surrogatepass")
