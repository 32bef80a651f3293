"""A heap that gives its least item first."""


class SmallHeap:
    def __init__(self, items=()):
        self.items = []
        for item in items:
            self.push(item)

    def push(self, item):
        self.items.append(item)
        index = len(self.items) - 1
        while index and self.items[index] < self.items[(index - 1) // 2]:
            parent = (index - 1) // 2
            self.items[index], self.items[parent] = self.items[parent], self.items[index]
            index = parent

    def pop(self):
        least = self.items[0]
        last = self.items.pop()
        if self.items:
            self.items[0] = last
            self.sink(0)
        return least

    def sink(self, index):
        while True:
            children = [child for child in (2 * index + 1, 2 * index + 2) if child < len(self.items)]
            smallest = min(children, key=lambda child: self.items[child], default=index)
            if self.items[index] <= self.items[smallest]:
                return
            self.items[index], self.items[smallest] = self.items[smallest], self.items[index]
            index = smallest
