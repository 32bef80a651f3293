"""A Python file whose text is changed at places found in its syntax tree, never printed anew."""

import ast

READERS_OF_NAMES = {"locals", "eval", "exec", "vars", "dir", "globals", "_getframe", "currentframe", "stack", "__dict__"}


class Source:
    """The text of one file, its tree, and the edits that are to be made."""

    def __init__(self, path):
        self.path = path
        self.bytes = path.read_bytes()
        self.tree = ast.parse(self.bytes)
        self.starts = [0]
        for line in self.bytes.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.edits = []

    @classmethod
    def of(cls, path):
        """The file, or None where offsets would not be what they seem or it is no Python."""
        head = path.read_bytes()
        if b"\r" in head or b"\x0c" in head or head.startswith(b"\xef\xbb\xbf"):
            return None
        try:
            head.decode("utf-8")
            return cls(path)
        except (SyntaxError, ValueError):
            return None

    def at(self, line, column=0):
        return self.starts[line - 1] + column

    def span(self, node):
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def text(self, node):
        start, end = self.span(node)
        return self.bytes[start:end].decode("utf-8")

    def lines(self, first, last):
        """Whole lines, both included, as the span of their bytes."""
        return self.at(first), min(self.at(last + 1), len(self.bytes))

    def replace(self, start, end, text):
        self.edits.append((start, end, text.encode("utf-8")))

    def free(self, start, end):
        """Whether no edit so far touches this span."""
        return all(end <= other or start >= until for other, until, _ in self.edits)

    def write(self):
        """Makes the edits; a result that does not compile is a fault of the rewrite, and told."""
        if not self.edits:
            return 0
        parts, at = [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: edit[:2]):
            assert start >= at, f"{self.path}: edits overlap at byte {start}"
            parts += [self.bytes[at:start], text]
            at = end
        result = b"".join(parts + [self.bytes[at:]])
        compile(result, str(self.path), "exec", dont_inherit=True)
        self.path.write_bytes(result)
        return len(self.edits)


def functions(tree):
    """All functions, each with whether it lies somewhere inside another one."""
    found = []

    def walk(node, nested):
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            if is_function:
                found.append((child, nested))
            walk(child, nested or is_function)

    walk(tree, False)
    return found


def own_nodes(function):
    """Every node of a function's body."""
    for statement in function.body:
        yield from ast.walk(statement)


def reads_names(node):
    """Whether something in it may look at names, frames or its module's namespace."""
    return any(
        (isinstance(part, ast.Name) and part.id in READERS_OF_NAMES)
        or (isinstance(part, ast.Attribute) and part.attr in READERS_OF_NAMES)
        for part in ast.walk(node)
    )


def names(tree):
    """Every identifier that occurs, in whatever role."""
    found = set()
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found.add(value)
    return found


def parameters(function):
    given = function.args
    every = given.posonlyargs + given.args + given.kwonlyargs
    return [part.arg for part in every + [extra for extra in (given.vararg, given.kwarg) if extra]]


def body_start(function):
    """The first statement after the docstring, or None when there is none but it."""
    statements = function.body
    first = statements[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        statements = statements[1:]
    return statements[0] if statements else None


def line_for_definitions(tree):
    """The line before which a module-level definition may stand: after the docstring and `from __future__`."""
    for node in tree.body:
        is_docstring = node is tree.body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            return first_line(node)
    return None


def first_line(node):
    """Where a definition begins, decorators included."""
    return min([node.lineno] + [decorator.lineno for decorator in getattr(node, "decorator_list", [])])
