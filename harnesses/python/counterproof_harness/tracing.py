"""Coverage by `sys.settrace` (before Python 3.12), and the full trace of a call on every version.

Branches are told from pairs of consecutive lines within a frame. A function whose lines and branches are all known is not
traced any more, so that the price falls to one event for each call.
"""

from .sites import LEAVES, PLAIN_LINE, Unit


class Tracer:
    def __init__(self, units, tree, shared, guide, _limit):
        self.tree = tree
        self.shared = shared
        self.guide = guide
        self.new = []
        self.files = {}  # file name as code has it -> {(first line, name): _Watched, or None}
        for unit in units:
            watched = self.files.setdefault(unit.code.co_filename, {})
            watched[unit.code.co_firstlineno, unit.code.co_name] = _Watched(unit, self)
        self.function = _global_tracer(self)

    def start(self):
        pass

    def begin_batch(self):
        pass

    def take(self):
        new, self.new = self.new, []
        return new

    def adopt_file(self, filename):
        """A file not met before: its functions are watched if it is of the tree and `guide` asks for it."""
        ours = self.guide and self.tree.relative(filename) is not None
        watched = self.files[filename] = {} if ours else None
        return watched

    def adopt(self, watched, code):
        known = None
        if self.guide:
            unit = Unit(self.tree.relative(code.co_filename), getattr(code, "co_qualname", code.co_name), code)
            known = _Watched(unit, self)
        watched[code.co_firstlineno, code.co_name] = known
        return known


class _Watched:
    """One function being traced: the pairs of lines seen so far, and what is still to be seen."""

    def __init__(self, unit, tracer):
        self.unit = unit
        self.tracer = tracer
        self.pairs = set()
        self.missing_lines = set(unit.lines())
        self.missing_branches = set(unit.branches(False))
        self.complete = not self.missing_lines and not self.missing_branches

    def saw(self, pair):
        """A pair of lines seen for the first time."""
        self.pairs.add(pair)
        line = pair[1]
        if line in self.missing_lines:
            self.missing_lines.discard(line)
            self._report(line, PLAIN_LINE)
        if pair in self.missing_branches:
            self.missing_branches.discard(pair)
            self._report(*pair)
        self.complete = not self.missing_lines and not self.missing_branches

    def _report(self, line, to_line):
        tracer, unit = self.tracer, self.unit
        tracer.new.append((tracer.shared[1] - 1, unit.path, unit.name, line, to_line))


def _global_tracer(tracer):
    files = tracer.files
    find_file = files.get

    def trace(frame, _event, _arg):
        code = frame.f_code
        watched = find_file(code.co_filename, files)
        if watched is None:
            return None
        if watched is files:
            watched = tracer.adopt_file(code.co_filename)
            if watched is None:
                return None
        function = watched.get((code.co_firstlineno, code.co_name), files)
        if function is files:
            function = tracer.adopt(watched, code)
        if function is None or function.complete:
            return None
        return _local_tracer(function, frame.f_lineno)

    return trace


def _local_tracer(function, before):
    pairs, saw = function.pairs, function.saw

    def trace(frame, event, _arg):
        nonlocal before
        if event == "line":
            line = frame.f_lineno
            if (before, line) not in pairs:
                saw((before, line))
            before = line
        elif event == "return":
            if (before, LEAVES) not in pairs:
                saw((before, LEAVES))
        elif event == "exception":
            before = -1  # what follows is no decision of a branch
        return trace

    return trace


# Full traces, one call at a time

class LineTrace:
    """Every line of the tree's files that a call runs, in order, up to a limit."""

    def __init__(self, tree, limit):
        self.tree = tree
        self.limit = limit
        self.lines = []

    def function(self, frame, _event, _arg):
        path = self.tree.relative(frame.f_code.co_filename)
        if path is None:
            return None
        lines, limit = self.lines, self.limit

        def trace(frame, event, _arg):
            if event == "line" and len(lines) < limit:
                lines.append((path, frame.f_lineno))
            return trace

        return trace

    def take(self):
        lines, self.lines = self.lines, []
        return lines


class LineCount:
    """How many lines of the tree's files a call runs."""

    def __init__(self, tree, _limit):
        self.tree = tree
        self.count = 0

    def function(self, frame, _event, _arg):
        if self.tree.relative(frame.f_code.co_filename) is None:
            return None
        return self._local

    def _local(self, _frame, event, _arg):
        if event == "line":
            self.count += 1
        return self._local

    def take(self):
        count, self.count = self.count, 0
        return count
