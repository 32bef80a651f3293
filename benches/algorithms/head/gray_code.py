"""Numbers of some bits in an order in which neighbours differ in a single bit."""


def gray_code(bits):
    return [number ^ (number << 1) for number in range(1 << bits)]
