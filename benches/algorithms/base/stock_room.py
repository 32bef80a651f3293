"""Goods that are put in and taken out."""


class StockRoom:
    def __init__(self):
        self.goods = {}

    def put(self, name, count=1):
        if count < 1:
            raise ValueError("nothing to put in")
        self.goods[name] = self.goods.get(name, 0) + count

    def take(self, name, count=1):
        if self.goods.get(name, 0) < count:
            raise KeyError(name)
        self.goods[name] -= count
        if self.goods[name] == 0:
            del self.goods[name]
        return count

    def total(self):
        return sum(self.goods.values())
