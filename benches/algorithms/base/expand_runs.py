"""Expands a text of numbers and letters in which a number says how often the next letter comes."""


def expand_runs(text):
    expanded = []
    digits = ""
    for character in text:
        if character.isdigit():
            digits += character
        else:
            expanded.append(character * int(digits or 1))
            digits = ""
    if digits:
        raise ValueError("a number without a letter at the end")
    return "".join(expanded)
