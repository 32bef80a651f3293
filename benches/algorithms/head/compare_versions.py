"""Order of two dotted versions: below zero, zero or above zero."""


def compare_versions(first, second):
    one = [int(part) for part in first.split(".")]
    other = [int(part) for part in second.split(".")]
    length = min(len(one), len(other))
    one += [0] * (length - len(one))
    other += [0] * (length - len(other))
    for left, right in zip(one, other):
        if left != right:
            return -1 if left < right else 1
    return 0
