"""Whether the check digit of a card number fits."""


def luhn_valid(number):
    digits = [int(character) for character in number if character.isdigit()]
    if len(digits) < 2:
        return False
    total = 0
    for position, digit in enumerate(reversed(digits)):
        if position % 2 == 1:
            digit *= 2
            if digit > 9:
                digit -= 10
        total += digit
    return total % 10 == 0
