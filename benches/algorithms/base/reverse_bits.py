"""The lowest bits of a number in reverse order."""


def reverse_bits(number, width=8):
    result = 0
    for _ in range(width):
        result = (result << 1) | (number & 1)
        number >>= 1
    return result
