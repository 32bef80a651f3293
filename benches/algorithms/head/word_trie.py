"""Words kept by their letters."""


class WordTrie:
    def __init__(self, words=()):
        self.root = {}
        for word in words:
            self.add(word)

    def add(self, word):
        node = self.root
        for letter in word:
            node = node.setdefault(letter, {})
        node["end"] = True

    def __contains__(self, word):
        node = self.root
        for letter in word:
            if letter not in node:
                return False
            node = node[letter]
        return bool(node)

    def completions(self, prefix):
        node = self.root
        for letter in prefix:
            if letter not in node:
                return []
            node = node[letter]
        found = []
        waiting = [(prefix, node)]
        while waiting:
            word, node = waiting.pop()
            for letter, child in node.items():
                if letter == "end":
                    found.append(word)
                else:
                    waiting.append((word + letter, child))
        return sorted(found)
