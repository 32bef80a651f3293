"""A stack that knows its least item."""


class MinStack:
    def __init__(self, items=()):
        self.items = []
        self.minima = []
        for item in items:
            self.push(item)

    def push(self, item):
        self.items.append(item)
        if not self.minima or item <= self.minima[-1]:
            self.minima.append(item)

    def pop(self):
        item = self.items.pop()
        if item == self.minima[-1]:
            self.minima.pop()
        return item

    def least(self):
        return self.minima[-1] if self.minima else None
