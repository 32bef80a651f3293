"""Rewrites of expressions and statements that mean the same."""

import ast
import builtins

from source import body_start, first_line, functions, line_for_definitions, names, own_nodes, parameters, reads_names

PURE_CALLS = {"len", "int", "str", "float", "bool", "abs", "min", "max", "sum", "sorted", "isinstance", "list", "tuple", "set"}
PURE_NODES = (
    ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Subscript, ast.Slice, ast.Tuple,
    ast.List, ast.Attribute, ast.Call, ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop,
)  # fmt: skip


def conditions_flipped(source):
    """`if a: X else: Y` becomes `if not (a): Y else: X`, at the outermost places."""
    inside = [node for function, _ in functions(source.tree) for node in own_nodes(function)]
    for node in {id(node): node for node in inside if isinstance(node, ast.If)}.values():
        flip = _flip(source, node)
        if flip and source.free(source.at(node.lineno), source.at(node.end_lineno + 1)):
            for edit in flip:
                source.replace(*edit)


def _flip(source, node):
    """The three edits that flip a condition with both blocks on lines of their own, or None."""
    if not node.orelse or node.body[0].lineno <= node.test.end_lineno:
        return None
    line = next((line for line in range(node.body[-1].end_lineno + 1, node.orelse[0].lineno) if _is_else(source, line)), None)
    if line is None or not _ends_with_colon(source, node.test.end_lineno):
        return None
    first, second = source.lines(node.test.end_lineno + 1, line - 1), source.lines(line + 1, node.end_lineno)
    block = lambda span: source.bytes[slice(*span)].decode("utf-8").removesuffix("\n") + "\n"
    return [
        (*source.span(node.test), f"not ({source.text(node.test)})"),
        (*first, block(second)),
        (*second, block(first)),
    ]


def _line(source, line):
    return source.bytes[slice(*source.lines(line, line))].decode("utf-8")


def _is_else(source, line):
    return _line(source, line).strip() == "else:"


def _ends_with_colon(source, line):
    return _line(source, line).rstrip().endswith(":")


def operands_swapped(source):
    """`a == b` becomes `b == a`, where neither side can do more than fail to be there."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            left, right = node.left, node.comparators[0]
            plain = isinstance(left, ast.Name) and isinstance(right, (ast.Name, ast.Constant))
            if plain and not _in_f_string(source, node):
                source.replace(*source.span(left), source.text(right))
                source.replace(*source.span(right), source.text(left))


def _in_f_string(source, node):
    """Before Python 3.12 places within f-strings are wrong; what is there is left alone."""
    spans = [source.span(part) for part in ast.walk(source.tree) if isinstance(part, ast.JoinedStr)]
    start, end = source.span(node)
    return source.bytes[start:end].count(b"==") != 1 or any(one <= start < other for one, other in spans)


def constants_extracted(source):
    """One number or string of each function becomes a private constant of the module."""
    line = line_for_definitions(source.tree)
    if line is None or reads_names(source.tree):
        return
    definitions = []
    for function, nested in functions(source.tree):
        if nested:
            continue
        node = next(_constants(source, function), None)
        if node is not None:
            name = f"_EXTRACTED_{len(definitions) + 1}"
            definitions.append(f"{name} = ({source.text(node)})\n")
            source.replace(*source.span(node), f" {name} ")
    if definitions:
        source.replace(source.at(line), source.at(line), "".join(definitions))


def _constants(source, function):
    """Numbers and strings whose place in the text is theirs alone."""
    skipped = set()
    for node in own_nodes(function):
        is_match = type(node).__name__.startswith(("Match", "match_", "TemplateStr"))
        is_statement = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_identity = isinstance(node, ast.Compare) and any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops)
        if is_match or is_statement or is_identity or isinstance(node, (ast.JoinedStr, ast.arguments)):
            skipped.update(map(id, ast.walk(node)))
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                skipped.update(map(id, ast.walk(getattr(node, field))))
    for node in own_nodes(function):
        is_constant = isinstance(node, ast.Constant) and type(node.value) in (int, float, str, bytes)
        if is_constant and id(node) not in skipped and not reads_names(function):
            yield node


def helpers_extracted(source):
    """One expression of each function, over its parameters, becomes a private function of the module."""
    count = 0
    shadowed = names(source.tree) & PURE_CALLS if _rebinds_builtins(source.tree) else set()
    for top in source.tree.body:
        definitions = []
        for function, nested in functions(ast.Module([top], [])):
            if nested:
                continue
            node = next(_expressions(source, function, shadowed), None)
            if node is not None:
                count += 1
                given = sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & set(parameters(function)))
                definitions.append(f"def _helper_{count}({', '.join(given)}):\n    return ({source.text(node)})\n\n\n")
                source.replace(*source.span(node), f"_helper_{count}({', '.join(given)})")
        if definitions:
            source.replace(source.at(first_line(top)), source.at(first_line(top)), "".join(definitions))


def _rebinds_builtins(tree):
    """Whether a name of a built-in that may be called is given another meaning somewhere."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    defined = {getattr(node, field, None) for node in ast.walk(tree) for field in ("name", "asname", "arg")}
    return bool((stored | defined) & PURE_CALLS)


def _expressions(source, function, shadowed):
    """Values of assignments and `return` that depend on parameters and on what is global, and only compute."""
    nodes = list(own_nodes(function))
    given, inner = set(parameters(function)), (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.NamedExpr)
    if reads_names(function) or any(isinstance(node, inner) for node in nodes):
        return
    unsafe = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)} | shadowed
    unsafe |= {(node.asname or node.name).split(".")[0] for node in nodes if isinstance(node, ast.alias)}
    unsafe |= {getattr(node, "name", None) for node in nodes if isinstance(node, ast.ExceptHandler)}
    for node in nodes:
        value = node.value if isinstance(node, (ast.Return, ast.Assign)) else None
        worth_it = isinstance(value, (ast.BinOp, ast.Compare, ast.BoolOp, ast.Call, ast.Subscript, ast.IfExp))
        if worth_it and all(_only_computes(part, given, unsafe) for part in ast.walk(value)):
            yield value


def _only_computes(node, given, unsafe):
    if isinstance(node, ast.Name):
        return node.id not in unsafe and (node.id in given or hasattr(builtins, node.id))
    if isinstance(node, ast.Attribute):
        return not node.attr.startswith("__")
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in PURE_CALLS and node.func.id not in given
    return isinstance(node, PURE_NODES)


def preceded(statement):
    """A rewrite that puts a harmless statement first in every function."""

    def rewrite(source):
        for function, _ in functions(source.tree):
            first = body_start(function)
            if first is None or reads_names(function) or not _has_line_of_its_own(source, first):
                continue
            at = source.at(first_line(first))
            source.replace(at, at, f"{' ' * first.col_offset}{statement}\n")

    return rewrite


def _has_line_of_its_own(source, statement):
    start = source.at(first_line(statement))
    indent = source.bytes[start : start + statement.col_offset]
    return indent == b" " * statement.col_offset
