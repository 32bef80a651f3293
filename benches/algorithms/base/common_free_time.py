"""Where two sorted lists of intervals overlap."""


def common_free_time(first, second):
    common = []
    one = other = 0
    while one < len(first) and other < len(second):
        start = max(first[one][0], second[other][0])
        end = min(first[one][1], second[other][1])
        if start < end:
            common.append((start, end))
        if first[one][1] < second[other][1]:
            one += 1
        else:
            other += 1
    return common
