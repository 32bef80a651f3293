"""Marked texts are watched by the harness alone; in a script nobody looks for them."""


def tell(event, args):
    pass


def sql(statement):
    pass
