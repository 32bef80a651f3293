"""The middle value of a linked list, the second of two middle ones."""


class Node:
    def __init__(self, value, next=None):
        self.value = value
        self.next = next


def middle_of_chain(head):
    slow = fast = head
    while fast is not None and fast.next is not None:
        slow = slow.next
        fast = fast.next.next
    return None if slow is None else slow.value
