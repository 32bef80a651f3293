"""Prime factors of a number, the smallest first."""


def prime_factors(number):
    if number < 1:
        raise ValueError("only positive numbers have prime factors")
    factors = []
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    if number > 1:
        factors.append(number)
    return factors
