"""How effects are told, for a script."""


def placeless(text):
    return text


def shown(path):
    return path
