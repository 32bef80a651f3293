"""A cache that forgets what was not used for longest."""


class LruCache:
    def __init__(self, capacity=2):
        self.capacity = capacity
        self.items = {}

    def get(self, key, default=None):
        if key not in self.items:
            return default
        value = self.items.pop(key)
        self.items[key] = value
        return value

    def put(self, key, value):
        self.items.pop(key, None)
        self.items[key] = value
        while len(self.items) > self.capacity:
            oldest = next(iter(self.items))
            del self.items[oldest]
