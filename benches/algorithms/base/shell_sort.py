"""Sorting with shrinking gaps."""


def shell_sort(items):
    ordered = list(items)
    gap = len(ordered) // 2
    while gap > 0:
        for index in range(gap, len(ordered)):
            item = ordered[index]
            hole = index
            while hole >= gap and ordered[hole - gap] > item:
                ordered[hole] = ordered[hole - gap]
                hole -= gap
            ordered[hole] = item
        gap //= 2
    return ordered
