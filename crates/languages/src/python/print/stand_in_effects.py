"""How effects are told, for a script."""

import os


def placeless(text):
    return text.replace(os.getcwd(), "<scratch>")


def shown(path):
    here = os.getcwd()
    return "<scratch>" + path[len(here):] if path == here or path.startswith(here + os.sep) else path


def absolute(path):
    return os.path.abspath(os.fsdecode(path))
