"""The item that makes up more than half of a list, if there is one."""


def majority_item(items):
    candidate, balance = None, 0
    for item in items:
        if balance == 0:
            candidate = item
        balance += 1 if item == candidate else -1
    seen = 1
    for item in items:
        if item == candidate:
            seen += 1
    return candidate if seen * 2 > len(items) else None
