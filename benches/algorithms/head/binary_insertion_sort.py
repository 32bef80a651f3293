"""Insertion sort that finds each place by halving; equal items keep their order."""


def place_for(items, end, item, key):
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        if key(item) <= key(items[middle]):
            high = middle
        else:
            low = middle + 1
    return low


def binary_insertion_sort(items, key=None):
    key = key or (lambda item: item)
    ordered = list(items)
    for end in range(1, len(ordered)):
        item = ordered[end]
        place = place_for(ordered, end, item, key)
        ordered[place + 1:end + 1] = ordered[place:end]
        ordered[place] = item
    return ordered
