"""Renames that no program can tell: of locals, and of private attributes."""

import ast
import builtins
import re

from source import functions, names, own_nodes, reads_names

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def locals_renamed(source):
    """Gives each plain local of every function another name."""
    taken = names(source.tree) | set(dir(builtins))
    for function, nested in functions(source.tree):
        if nested or reads_names(function):
            continue
        for name in sorted(_renamable(function)):
            new = name + "_renamed"
            if new not in taken:
                _rename(source, function, name, new)


def _renamable(function):
    """Locals that only plain names stand for, in this function and in those inside it."""
    nodes = list(own_nodes(function))
    if any(isinstance(node, ast.ClassDef) for node in nodes):
        return set()
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {name for name in bound if not name.startswith("_")} - _excluded(function, nodes)


def _excluded(function, nodes):
    """Names that have another role somewhere in the function, or that an inner scope binds."""
    found = {part.arg for part in ast.walk(function) if isinstance(part, ast.arg)}
    for node in nodes:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.JoinedStr) or type(node).__name__.startswith(("Match", "match_", "TemplateStr")):
            found |= names(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ExceptHandler)):
            found.add(node.name)
        if isinstance(node, SCOPES):
            found |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return found


def _rename(source, function, old, new):
    for node in own_nodes(function):
        if isinstance(node, ast.Name) and node.id == old:
            source.replace(*source.span(node), new)


def private_attributes_renamed(sources):
    """Renames `self._x` in a whole package, where nothing but plain attribute access can know the name."""
    trees = [source.tree for source in sources]
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    known = {name for node in classes.values() if _is_closed(node, classes) for name in _assigned_on_self(node)}
    open_names = {name for node in classes.values() if not _is_closed(node, classes) for name in _assigned_on_self(node)}
    renamed = known - open_names - _names_known_otherwise(trees)
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute) and node.attr in renamed:
                end = source.span(node)[1]
                source.replace(end - len(node.attr), end, node.attr + "_renamed")


def _is_closed(node, classes, seen=()):
    """Whether all that the class inherits is in the package, and it does not handle attributes by name."""
    handles = {"__getattr__", "__getattribute__", "__setattr__", "__slots__", "__reduce__", "__getstate__", "__setstate__"}
    if node.name in seen or node.keywords or node.decorator_list or handles & names(node) or reads_names(node):
        return False
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id == "object":
            continue
        if not (isinstance(base, ast.Name) and base.id in classes):
            return False
        if not _is_closed(classes[base.id], classes, (*seen, node.name)):
            return False
    return True


def _assigned_on_self(node):
    """Private attributes that methods of the class assign on `self`."""
    return {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
        and re.fullmatch(r"_[a-z][a-z0-9_]*", part.attr)
    }


def _names_known_otherwise(trees):
    """Names with another role than that of an attribute, and all words of all strings."""
    found = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
                found.update(re.findall(r"\w+", text))
            elif not isinstance(node, ast.Attribute):
                for field in ("id", "arg", "name", "asname"):
                    found.add(getattr(node, field, None))
    return found
