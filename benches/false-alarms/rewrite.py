"""Rewrites all Python files of a folder, in place, so that they mean the same: `python rewrite.py NAME FOLDER`.

Prints the number of edits. Places where a rewrite could be told by a program are left alone: see the rewrites themselves.
"""

import pathlib
import sys

import renames
import shapes
from source import Source

REWRITES = {
    "rename-locals": renames.locals_renamed,
    "flip-conditions": shapes.conditions_flipped,
    "extract-constants": shapes.constants_extracted,
    "extract-helpers": shapes.helpers_extracted,
    "swap-operands": shapes.operands_swapped,
    "precede-pass": shapes.preceded("pass"),
    "precede-branch": shapes.preceded("if False: pass"),
    "precede-local": shapes.preceded("unused_local_of_bench = None"),
}


def main(name, folder):
    paths = sorted(path for path in pathlib.Path(folder).rglob("*.py") if path.is_file())
    sources = [source for source in map(Source.of, paths) if source is not None]
    if name == "rename-private-attributes":
        renames.private_attributes_renamed(sources)
    else:
        for source in sources:
            REWRITES[name](source)
    print(sum(source.write() for source in sources))


if __name__ == "__main__":
    # Deep expressions of real packages need more than the usual depth.
    sys.setrecursionlimit(20_000)
    main(*sys.argv[1:])
