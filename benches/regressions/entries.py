"""Prints the entries of a regressions.toml as JSON: `python entries.py FILE`. Needs Python 3.11 or later."""

import json
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    print(json.dumps(tomllib.load(file)["regression"]))
