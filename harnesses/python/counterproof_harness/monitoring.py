"""Coverage by `sys.monitoring` (Python 3.12 and later).

A location switches its own event off once it is known, so that a hot loop runs at full speed. Before 3.14 one event serves
both sides of a branch, and switching it off would hide the other side: it stays on until both were seen, or for a bounded
number of events in each batch, after which the next batch looks again.
"""

import sys

from .sites import HAS_LEFT_AND_RIGHT, PLAIN_LINE, Unit

TOOL = 4


class Monitor:
    def __init__(self, units, tree, shared, guide, limit):
        self.tree = tree
        self.shared = shared  # word 1 is the index of the call, counted from 1
        self.limit = limit
        self.guide = guide
        self.new = []
        self.units = {unit.code: unit for unit in units}
        self.covered = frozenset(unit.code for unit in units)
        self.known = set()
        self.both = {}  # (code, offset) -> [destinations seen, events left in this batch]
        self.one_sided = False
        self.disable = sys.monitoring.DISABLE

    def start(self):
        monitoring = sys.monitoring
        events = monitoring.events
        monitoring.use_tool_id(TOOL, "counterproof")
        wanted = events.LINE
        monitoring.register_callback(TOOL, events.LINE, self.on_line)
        if HAS_LEFT_AND_RIGHT:
            wanted |= events.BRANCH_LEFT | events.BRANCH_RIGHT
            monitoring.register_callback(TOOL, events.BRANCH_LEFT, self.on_side)
            monitoring.register_callback(TOOL, events.BRANCH_RIGHT, self.on_side)
        else:
            wanted |= events.BRANCH
            monitoring.register_callback(TOOL, events.BRANCH, self.on_branch)
        if self.guide:
            monitoring.set_events(TOOL, wanted)
        for code in self.covered:
            monitoring.set_local_events(TOOL, code, wanted)

    def begin_batch(self):
        if self.one_sided:
            self.one_sided = False
            for state in self.both.values():
                state[1] = self.limit
            sys.monitoring.restart_events()

    def take(self):
        new, self.new = self.new, []
        return new

    def on_line(self, code, line):
        unit = self.units.get(code) or self._adopt(code)
        if unit:
            key = code, line
            if key not in self.known:
                self.known.add(key)
                self.new.append((self.shared[1] - 1, unit.path, unit.name, line, PLAIN_LINE))
        return self.disable

    def on_branch(self, code, offset, destination):
        unit = self.units.get(code) or self._adopt(code)
        if not unit:
            return self.disable
        state = self.both.get((code, offset))
        if state is None:
            state = self.both[code, offset] = [[], self.limit]
        seen = state[0]
        if destination not in seen:
            seen.append(destination)
            self._report(unit, offset, destination)
        if len(seen) > 1:
            return self.disable
        state[1] -= 1
        if state[1] <= 0:
            self.one_sided = True
            return self.disable
        return None

    def on_side(self, code, offset, destination):
        unit = self.units.get(code) or self._adopt(code)
        if unit:
            self._report(unit, offset, destination)
        return self.disable

    def _report(self, unit, offset, destination):
        pair = unit.branch_of(offset, destination)
        if pair is None:
            return
        key = unit.code, pair
        if key not in self.known:
            self.known.add(key)
            self.new.append((self.shared[1] - 1, unit.path, unit.name, pair[0], pair[1]))

    def _adopt(self, code):
        """A code object not seen before: of the tree (with `guide`), or not ours."""
        path = self.tree.relative(code.co_filename) if self.guide else None
        unit = Unit(path, code.co_qualname, code) if path is not None else None
        self.units[code] = unit
        return unit
