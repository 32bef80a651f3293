"""Prices, in cents."""


def round_half_even(cents, step):
    quotient, remainder = divmod(cents, step)
    if remainder * 2 > step or (remainder * 2 == step and quotient % 2 == 1):
        quotient += 1
    return quotient * step
