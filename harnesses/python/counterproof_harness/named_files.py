"""Files that code names by itself are answers: each is laid out for a call, in its folder or in a home folder there."""

import os

from .answers import answers, as_bytes
from .world import world

HOME = "home"


def install():
    answers.setters["file"] = _lay_out


def _lay_out(name, value):
    parts = name.split("/")
    if os.path.isabs(name) or "\0" in name or not parts[-1] or ".." in parts or "." in parts:
        raise ValueError("no path inside the folder: %r" % (name,))
    if parts[0] == "~":
        parts[0] = HOME
        os.environ["HOME"] = os.path.join(world.scratch, HOME)
    place = os.path.join(world.scratch, *parts)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(as_bytes(value))
    world.scratch_touched = True
