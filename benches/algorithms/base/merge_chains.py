"""Two sorted linked lists made one, as a list of values."""


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def merge_chains(first, second):
    values = []
    while first is not None and second is not None:
        if first.value <= second.value:
            values.append(first.value)
            first = first.next
        else:
            values.append(second.value)
            second = second.next
    rest = first or second
    while rest is not None:
        values.append(rest.value)
        rest = rest.next
    return values
