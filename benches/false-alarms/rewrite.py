"""Rewrites all Python files of a folder, in place, so that they mean the same: `python rewrite.py NAME FOLDER [LIMIT]`.

Prints the number of edits. With a limit, so many edits are made, spread by chance; fewer are always among more. Places where a rewrite could be told by a program are left alone: see the rewrites themselves.
"""

import pathlib
import random
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
    "precede-comment": shapes.preceded("# a comment of the bench"),
    "precede-local": shapes.preceded("unused_local_of_bench = None"),
}


# Rewrites whose edits do not depend on one another.
DIVISIBLE = ("precede-", "swap-")


def limited(sources, limit):
    """Drops all edits but `limit`."""
    edits = [(source, edit) for source in sources for edit in source.edits]
    random.Random(1).shuffle(edits)
    for source, edit in edits[limit:]:
        source.edits.remove(edit)


def main(name, folder, limit=None):
    paths = sorted(path for path in pathlib.Path(folder).rglob("*.py") if path.is_file())
    sources = [source for source in map(Source.of, paths) if source is not None]
    if name == "rename-private-attributes":
        renames.private_attributes_renamed(sources)
    else:
        for source in sources:
            REWRITES[name](source)
    if limit is not None:
        if not name.startswith(DIVISIBLE):
            sys.exit(f"{name} cannot be limited: its edits belong together")
        limited(sources, int(limit))
    print(sum(source.write() for source in sources))


if __name__ == "__main__":
    # Deep expressions of real packages need more than the usual depth.
    sys.setrecursionlimit(20_000)
    main(*sys.argv[1:])
