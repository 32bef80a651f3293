"""Sum of digits, taken again until one digit is left."""


def digital_root(number):
    number = abs(number)
    while number > 10:
        number = sum(int(digit) for digit in str(number))
    return number
