"""Lays two folders of Python files out for tools that compare two functions: `python lay_out.py BASE HEAD TARGET [ANNOTATIONS]`.

TARGET gets NAME_base.py and NAME_head.py for each file that differs, with the types of ANNOTATIONS written into both. Prints
a list of [NAME, function] as JSON: the function that differs, or, where none does, the one that has the file's name.
"""

import ast
import json
import pathlib
import re
import sys


def functions(tree):
    """Top-level functions and methods by their qualified names."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found.update((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef))
    return found


def differing(name, base, head):
    """The first function that differs: the one with the file's name before others."""
    base, head = functions(base), functions(head)
    differ = [one for one in base if one in head and ast.dump(base[one]) != ast.dump(head[one])]
    return min(differ, key=lambda one: one != name) if differ else name


def annotations(lines):
    """Types by function and parameter."""
    found = {}
    for line in lines:
        if line.strip() and not line.startswith("#"):
            name, parameters = re.fullmatch(r"([\w.]+)\((.*)\)", line.strip()).groups()
            given = ast.parse(f"def f({parameters}): pass").body[0].args.args
            found[name] = {one.arg: one.annotation for one in given}
    return found


def annotated(module, tree, types):
    """The text of a module with types."""
    for name, node in functions(tree).items():
        for one in node.args.args:
            one.annotation = types.get(f"{module}.{name}", {}).get(one.arg, one.annotation)
    return "from typing import *\n" + ast.unparse(tree) + "\n"


def main(base, head, target, types=None):
    types = annotations(pathlib.Path(types).read_text().splitlines()) if types else None
    pairs = []
    for path in sorted(pathlib.Path(base).glob("*.py")):
        sides = [path.read_text(), pathlib.Path(head, path.name).read_text()]
        if sides[0] == sides[1]:
            continue
        pairs.append([path.stem, differing(path.stem, *map(ast.parse, sides))])
        for side, text in zip(("base", "head"), sides):
            text = annotated(path.stem, ast.parse(text), types) if types else text
            pathlib.Path(target, f"{path.stem}_{side}.py").write_text(text)
    print(json.dumps(pairs))


main(*sys.argv[1:])
