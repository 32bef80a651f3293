"""A text with its letters moved on in the alphabet."""


def caesar_shift(text, places):
    shifted = []
    for character in text:
        if "a" <= character <= "z":
            shifted.append(chr((ord(character) - ord("a") + places) % 26 + ord("a")))
        elif "A" <= character <= "Z":
            shifted.append(chr((ord(character) - ord("A") + places) % 26 + ord("A")))
        else:
            shifted.append(character)
    return "".join(shifted)
