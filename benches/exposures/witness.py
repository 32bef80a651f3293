"""Runs the witness of a vulnerability: `python witness.py FILE FOLDER`, with the release in FOLDER before all else on the path.

The outcome is what the witness prints; an exception that it lets out is printed as `raises Type: message`.
"""

import sys
import warnings

warnings.simplefilter("ignore")
sys.path[0] = sys.argv[2]
with open(sys.argv[1], encoding="utf-8") as file:
    source = file.read()
try:
    exec(compile(source, "<witness>", "exec"), {"__name__": "__main__"})
except Exception as error:
    print(f"raises {type(error).__name__}: {error}")
