"""A title with capital letters, except in small words that stand inside it."""

SMALL = {"a", "an", "and", "in", "of", "on", "or", "the", "to"}


def title_words(title):
    words = title.lower().split()
    result = []
    for index, word in enumerate(words):
        inside = 0 < index < len(words) - 1
        if inside and word in SMALL:
            result.append(word)
        else:
            result.append(word.capitalize())
    return " ".join(result)
