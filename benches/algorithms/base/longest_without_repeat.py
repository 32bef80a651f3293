"""Length of the longest part of a text in which no character comes twice."""


def longest_without_repeat(text):
    last_seen = {}
    start = 0
    longest = 0
    for index, character in enumerate(text):
        if last_seen.get(character, -1) >= start:
            start = last_seen[character] + 1
        last_seen[character] = index
        longest = max(longest, index - start + 1)
    return longest
