"""Smaller, equal and larger items of a list, brought together in one pass."""


def partition_three_ways(items, pivot):
    result = list(items)
    low, at, high = 0, 0, len(result) - 1
    while low <= high:
        if result[at] < pivot:
            result[low], result[at] = result[at], result[low]
            low += 1
            at += 1
        elif result[at] > pivot:
            result[at], result[high] = result[high], result[at]
            high -= 1
        else:
            at += 1
    return result, low, high
