"""Whether a text can be cut into known words."""


def can_be_spelled(text, words):
    reachable = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        for word in words:
            start = end - len(word)
            if word and start >= 0 and reachable[start] and text[start:end] == word:
                reachable[end] = True
    return reachable[len(text)]
