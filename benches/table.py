"""Prints one table of a TOML file as JSON: `python table.py FILE NAME`. Needs Python 3.11 or later."""

import json
import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    print(json.dumps(tomllib.load(file)[sys.argv[2]]))
