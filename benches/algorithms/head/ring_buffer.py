"""A buffer of a fixed size that overwrites its oldest item."""


class RingBuffer:
    def __init__(self, size=3):
        if size < 1:
            raise ValueError("a buffer holds at least one item")
        self.slots = [None] * size
        self.start = 0
        self.count = 0

    def push(self, item):
        at = (self.start + self.count) % len(self.slots)
        self.slots[at] = item
        if self.count == len(self.slots):
            self.start = (self.start + 2) % len(self.slots)
        else:
            self.count += 1

    def items(self):
        return [self.slots[(self.start + offset) % len(self.slots)] for offset in range(self.count)]
