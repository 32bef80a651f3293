"""Whether whole numbers can be shared out into two groups of the same sum."""


def splits_evenly(numbers):
    total = sum(numbers)
    if total % 2:
        return False
    sums = {0}
    for number in numbers:
        sums |= {number + one for one in sums}
    return total // 2 in sums
