"""The largest sum of numbers of a list no two of which stand side by side."""


def best_apart(numbers):
    taken, left = 0, 0
    for number in numbers:
        taken, left = taken + number, max(taken, left)
    return max(taken, left)
