"""A power modulo a number, by squaring."""


def power_modulo(base, exponent, modulus):
    if modulus < 1 or exponent < 0:
        raise ValueError("the modulus is positive and the exponent not negative")
    result = 1 % modulus
    base %= modulus
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        base = base * result % modulus
        exponent >>= 1
    return result
