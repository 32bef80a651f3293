"""Seconds in a duration written as numbers with the units d, h, m and s."""

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text):
    total = 0
    number = ""
    for character in text.strip().lower():
        if character.isdigit():
            number += character
        elif character in UNITS and number:
            total += int(number) * UNITS[character]
            number = ""
        elif not character.isspace():
            raise ValueError("not a duration: " + text)
    return total + int(number or 0)
