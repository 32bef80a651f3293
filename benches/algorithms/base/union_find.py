"""Groups that can be joined."""


class UnionFind:
    def __init__(self, count):
        self.parents = list(range(count))
        self.sizes = [1] * count

    def find(self, item):
        while self.parents[item] != item:
            self.parents[item] = self.parents[self.parents[item]]
            item = self.parents[item]
        return item

    def join(self, first, second):
        one, other = self.find(first), self.find(second)
        if one == other:
            return False
        if self.sizes[one] < self.sizes[other]:
            one, other = other, one
        self.parents[other] = one
        self.sizes[one] += self.sizes[other]
        return True

    def size(self, item):
        return self.sizes[self.find(item)]
