"""Sorting whole numbers by counting them."""


def counting_sort(numbers):
    if not numbers:
        return []
    least, most = min(numbers), max(numbers)
    counts = [0] * (most - least + 1)
    for number in numbers:
        counts[number - least] += 1
    ordered = []
    for offset, count in enumerate(counts):
        ordered.extend([least + offset] * count)
    return ordered
