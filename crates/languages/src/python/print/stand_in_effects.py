"""How effects are told, for a script."""

import os


def placeless(text):
    return text


def shown(path):
    return path


def absolute(path):
    return os.path.abspath(os.fsdecode(path))
