"""Takes the node out of a linked list that stands in a given place counted from its end."""


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def remove_from_end(head, place):
    ahead = head
    for _ in range(place):
        if ahead is None:
            return head
        ahead = ahead.next
    if ahead is None:
        return head.next if head else None
    behind = head
    while ahead.next is not None:
        ahead = ahead.next
        behind = behind.next
    behind.next = behind.next.next
    return head
