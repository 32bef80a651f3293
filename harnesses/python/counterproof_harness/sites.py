"""The lines and branches that code can reach, read from its bytecode.

A branch is (path, function, line, to_line): the line of a conditional jump and the next line that runs, 0 where the function
is left. Where several destinations lie on the line of the jump itself, as in `a if b else c`, lines cannot tell them apart:
their `to_line` is then WITHIN + 2 * n + side, n counting such jumps in the function. Only `sys.monitoring` can see those.
"""

import dis
import os
import sys
from collections import deque
from types import CodeType, FunctionType, MethodType

from .importing import module_file
from .naming import mro_of, namespace_of

HAS_MONITORING = hasattr(sys, "monitoring")
HAS_LEFT_AND_RIGHT = HAS_MONITORING and hasattr(sys.monitoring.events, "BRANCH_LEFT")

_PROLOGUE = frozenset((
    "RESUME", "MAKE_CELL", "COPY_FREE_VARS", "RETURN_GENERATOR", "POP_TOP", "GEN_START", "NOP", "CACHE",
    "CALL_INTRINSIC_1", "RERAISE", "STOPITERATION_ERROR", "PUSH_NULL", "NOT_TAKEN", "EXTENDED_ARG",
))
_JUMPS_ALWAYS = frozenset(("JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP"))
SCALARS = (type(None), bool, int, float, complex, str, bytes)
_RETURNS = frozenset(("RETURN_VALUE", "RETURN_CONST"))
_RAISES = frozenset(("RERAISE", "RAISE_VARARGS", "END_FINALLY"))
_JUMP_CODES = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)

SAME, NOWHERE = "same", "nowhere"
PLAIN_LINE = -1
LEAVES = 0
WITHIN = 1 << 24  # beyond any line


def coverage_mode(wanted):
    if wanted == "none":
        return "none"
    if wanted == "settrace" or not HAS_MONITORING:
        return "settrace"
    return "monitoring"


class Unit:
    """One code object with the name and path it is reported by; its lines and branches are worked out when asked for."""

    def __init__(self, path, name, code):
        self.path = path
        self.name = name
        self.code = code
        self._flow = None

    @property
    def flow(self):
        if self._flow is None:
            self._flow = _Flow(self.code)
        return self._flow

    def lines(self):
        return self.flow.lines

    def branches(self, within_lines):
        """(line, to_line) of every branch; those within a line only for who can see them."""
        found = set(self.flow.destinations.values())
        return {pair for pair in found if pair is not None and (within_lines or pair[1] < WITHIN)}

    def branch_of(self, offset, destination):
        """The (line, to_line) of one jump taken, or None when it is not one that is reported."""
        return self.flow.branch_of(offset, destination)


def _is_conditional(instruction):
    name = instruction.opname
    return instruction.opcode in _JUMP_CODES and ("_IF_" in name or name in ("FOR_ITER", "JUMP_IF_NOT_EXC_MATCH"))


class _Flow:
    """The instructions of one code object, and where its conditional jumps lead."""

    def __init__(self, code):
        self.instructions = [i for i in dis.get_instructions(code) if i.opname not in ("CACHE", "EXTENDED_ARG")]
        self.index = {i.offset: n for n, i in enumerate(self.instructions)}
        self.line_at = _line_reader(code)
        # Before 3.10 a jump forward into the middle of a line's code is no event: the line does not show.
        self.starts = None if hasattr(code, "co_lines") else {offset for offset, _line in dis.findlinestarts(code)}
        self.lines = _body_lines(self.instructions, self.line_at, code.co_firstlineno)
        self.destinations = {}  # (offset, side) -> (line, to_line) or None
        self.sides = {}  # (offset, destination offset) -> (line, to_line) or None
        self._find_branches()

    def _find_branches(self):
        count = 0
        for n, jump in enumerate(self.instructions):
            if not _is_conditional(jump) or n + 1 >= len(self.instructions):
                continue
            if n and self.instructions[n - 1].opname == "WITH_EXCEPT_START":
                continue  # made by the compiler: whether `__exit__` swallowed the exception
            line = self.line_at(jump.offset)
            if not line:
                continue
            through, target = self.instructions[n + 1].offset, jump.argval
            ends = [self._follow(through, line), self._follow(target, line)]
            pairs, used = _pairs(line, ends, count)
            count += used
            for side, (pair, start) in enumerate(zip(pairs, (through, target))):
                self.destinations[jump.offset, side] = pair
                self.sides[jump.offset, start] = pair

    def branch_of(self, offset, destination):
        try:
            return self.sides[offset, destination]
        except KeyError:
            pass
        # Interpreters report some destinations an instruction or two further on: past `NOT_TAKEN`, `END_FOR` and the like.
        n = self.index.get(offset)
        pair = None
        if n is not None and (offset, 0) in self.destinations:
            through, target = self.instructions[n + 1].offset, self.instructions[n].argval
            side = 1 if 0 <= destination - target < 0 + 8 else 0 if 0 <= destination - through < 8 else None
            pair = self.destinations[offset, side] if side is not None else None
        self.sides[offset, destination] = pair
        return pair

    def _follow(self, offset, line):
        """The next line that runs from here: a line, LEAVES, SAME (another jump on the line decides) or NOWHERE (raises)."""
        seen, back = set(), False
        while offset not in seen:
            seen.add(offset)
            n = self.index.get(offset)
            if n is None:
                return NOWHERE
            at = self.instructions[n]
            here = self.line_at(offset) if back or self.starts is None or offset in self.starts else None
            if here and here != line and at.opname not in ("END_FOR", "POP_ITER", "POP_BLOCK", "NOT_TAKEN"):
                return here
            if at.opname in _RETURNS:
                return LEAVES
            if at.opname in _RAISES:
                return NOWHERE
            back = False
            if at.opname in _JUMPS_ALWAYS:
                back = at.argval < offset
                offset = at.argval
            elif _is_conditional(at) or n + 1 >= len(self.instructions):
                return SAME
            else:
                offset = self.instructions[n + 1].offset
        return SAME


def _pairs(line, ends, count):
    """The reported pair of each side of a jump, and how many numbers of jumps within a line this used."""
    if NOWHERE in ends:
        return [None if end in (NOWHERE, SAME) else (line, end) for end in ends], 0
    if ends[0] != ends[1] and SAME not in ends:
        return [(line, end) for end in ends], 0
    apart = ends[0] != ends[1]
    return [
        (line, end) if apart and end is not SAME else (line, WITHIN + 2 * count + side)
        for side, end in enumerate(ends)
    ], 1


def _line_reader(code):
    """A function from instruction offset to line (None for instructions of no line)."""
    if hasattr(code, "co_lines"):
        table = [line for start, end, line in code.co_lines() for _unit in range((end - start) // 2)]
        return lambda offset: table[offset // 2] if offset // 2 < len(table) else None
    starts = list(dis.findlinestarts(code))
    table, at, line = [], 0, None
    for offset in range(0, len(code.co_code), 2):
        if at < len(starts) and starts[at][0] <= offset:
            line = starts[at][1]
            at += 1
        table.append(line)
    return lambda offset: table[offset // 2] if offset // 2 < len(table) else None


def _body_lines(instructions, line_at, first):
    lines, first_has_body = set(), False
    for instruction in instructions:
        line = line_at(instruction.offset)
        if not line:
            continue
        if line == first and not first_has_body:
            first_has_body = instruction.opname not in _PROLOGUE
        if line != first or first_has_body:
            lines.add(line)
    return lines


# Finding the code that a request covers

def units_in(cover, tree, roots=()):
    """The units whose bodies lie in the ranges of `cover`, nested ones included. `roots` are looked at first."""
    found = {}
    missing = {tuple(entry) for entry in cover}
    matched = set()
    paths = {path for path, _first, _last in cover}
    for path, group in _live_code(paths, tree, roots):
        if not missing:
            break
        for name, code in group:
            _collect(path, name, code, cover, found, matched, missing)
    unmatched = missing - matched
    for path in sorted({path for path, _first, _last in unmatched}):
        # Not reachable from its module's names (a decorator keeps it): the structure is read from the source instead.
        for name, code in _compiled(path, tree):
            _collect(path, name, code, unmatched, found, matched, missing)
    return list(found.values())


def _collect(path, name, code, cover, found, matched, missing):
    for entry in cover:
        if entry[0] == path and _lies_in(code, entry[1], entry[2]):
            found.setdefault((path, code.co_firstlineno, code.co_name, code), Unit(path, name, code))
            matched.add(tuple(entry))
            if code.co_firstlineno <= entry[1]:
                missing.discard(tuple(entry))  # it is the function itself, and not one of several in a class
            return


def _lies_in(code, first, last):
    if code.co_firstlineno > last:
        return False
    lines = [line for _offset, line in dis.findlinestarts(code) if line and line != code.co_firstlineno]
    low, high = min(lines, default=code.co_firstlineno), max(lines, default=code.co_firstlineno)
    # `first` may be the line of `def` or that of a decorator above it.
    return first <= max(low, code.co_firstlineno) and low >= first and high <= last


def _live_code(paths, tree, roots):
    """(path, [(qualified name, code)]) of each function in reach of the roots and of the loaded modules of these files."""
    yield from code_in(roots, tree, paths)
    for _path, namespace in loaded(paths, tree):
        yield from code_in(namespace.values(), tree, paths)


def loaded(paths, tree):
    """(path, names) of each loaded module of these files."""
    for module in list(sys.modules.values()):
        file = module_file(module)
        path = None if file is None else tree.relative(file)
        if path not in paths:
            continue
        try:
            yield path, vars(module)
        except TypeError:
            continue


def code_in(roots, tree, paths=None):
    """Walk functions, classes, wrappers, closures and registries for code of the tree, what is near first."""
    queue, seen, codes = deque(roots), set(), set()
    while queue and len(seen) < 50000:
        value = queue.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        if kind is FunctionType:
            code = value.__code__
            path = tree.relative(code.co_filename)
            if path is not None and (paths is None or path in paths) and id(code) not in codes:
                yield path, list(_with_nested(value.__qualname__, code, codes))
            queue.extend(_around(value))
        elif issubclass(kind, type):
            if tree.relative(_file_of_class(value)) is not None:
                queue.extend(namespace_of(value).values())
        elif kind in (staticmethod, classmethod, MethodType):
            queue.append(value.__func__)
        elif kind is property:
            queue.extend((value.fget, value.fset, value.fdel))
        elif kind in (dict, list, tuple):
            if len(value) <= 1000:
                queue.extend(value.values() if kind is dict else value)
        elif kind not in SCALARS and (kind.__module__ == "functools" or tree.relative(_file_of_class(kind)) is not None):
            queue.extend(part for part in _parts(value) if callable(part) or type(part) in (dict, property))


def _around(function):
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    yield from function.__dict__.values()


def _parts(value):
    """The attributes of a wrapper: `functools.partial`, `cached_property`, `lru_cache`, a decorator class of the tree."""
    for klass in mro_of(type(value)):
        getter = namespace_of(klass).get("__dict__")
        if getter is not None and type(getter).__name__ in ("getset_descriptor", "member_descriptor"):
            try:
                yield from dict(getter.__get__(value)).values()
            except Exception:
                pass
            break
    if type(value).__module__ == "functools":
        yield getattr(value, "func", None)


def _file_of_class(kind):
    module = sys.modules.get(namespace_of(kind).get("__module__"))
    return module_file(module) if module is not None else None


def _with_nested(name, code, codes):
    codes.add(id(code))
    yield name, code
    for constant in code.co_consts:
        if type(constant) is CodeType and id(constant) not in codes:
            yield from _with_nested(nested_name(name, code, constant), constant, codes)


_OPTIMIZED = 1  # the flag of functions; class bodies and modules lack it


def nested_name(outer_name, outer, inner):
    qualified = getattr(inner, "co_qualname", None)
    if qualified is not None:
        return qualified
    if not outer_name:
        return inner.co_name
    return outer_name + (".<locals>." if outer.co_flags & _OPTIMIZED else ".") + inner.co_name


def _compiled(path, tree):
    try:
        with open(os.path.join(tree.root, path), "rb") as file:
            code = compile(file.read(), os.path.join(tree.root, path), "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [(name, found) for name, found in _with_nested("", code, set()) if name]
