"""The one number of a list that does not come twice."""


def unpaired_number(numbers):
    bits = 0
    for number in numbers:
        bits ^= number
    return bits
