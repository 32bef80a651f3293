"""A text as pairs of a character and how often it comes in a row."""


def run_lengths(text):
    if not text:
        return []
    runs = []
    current, count = text[0], 0
    for character in text:
        if character == current:
            count += 1
        else:
            runs.append((current, count))
            current, count = character, 1
    runs.append((current, count))
    return runs
