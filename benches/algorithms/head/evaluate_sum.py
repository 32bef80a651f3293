"""Value of an expression of whole numbers, plus, minus, times and brackets."""


def evaluate_sum(text):
    tokens = list(text.replace(" ", ""))
    value = read_sum(tokens)
    if tokens:
        raise ValueError("unexpected " + tokens[0])
    return value


def read_sum(tokens):
    value = read_product(tokens)
    while tokens and tokens[0] in "+-":
        sign = tokens.pop(0)
        other = read_product(tokens)
        value = value + other if sign == "+" else other - value
    return value


def read_product(tokens):
    value = read_atom(tokens)
    while tokens and tokens[0] == "*":
        tokens.pop(0)
        value *= read_atom(tokens)
    return value


def read_atom(tokens):
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        value = read_sum(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise ValueError("a bracket is not closed")
        return value
    digits = ""
    while tokens and tokens[0].isdigit():
        digits += tokens.pop(0)
    if not digits:
        raise ValueError("a number was expected")
    return int(digits)
