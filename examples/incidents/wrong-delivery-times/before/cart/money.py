"""Prices, in cents."""


def round_half_even(cents, step):
    whole, rest = divmod(cents, step)
    if rest * 2 > step or (rest * 2 == step and whole % 2 == 1):
        whole += 1
    return whole * step
