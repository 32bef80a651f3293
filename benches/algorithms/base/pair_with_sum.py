"""Positions of the first two numbers with a wanted sum."""


def pair_with_sum(numbers, wanted):
    positions = {}
    for position, number in enumerate(numbers):
        missing = wanted - number
        if missing in positions:
            return positions[missing], position
        positions[number] = position
    return None
