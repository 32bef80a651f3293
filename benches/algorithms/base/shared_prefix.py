"""The longest beginning that all words share."""


def shared_prefix(words):
    if not words:
        return ""
    shortest = min(words, key=len)
    for index, character in enumerate(shortest):
        if any(word[index] != character for word in words):
            return shortest[:index]
    return shortest
