"""Sum of the numbers in nested lists, each times the depth it stands at."""


def nested_tree_sum(items, depth=1):
    total = 0
    for item in items:
        if isinstance(item, (list, tuple)):
            total += nested_tree_sum(item, depth)
        else:
            total += item * depth
    return total
