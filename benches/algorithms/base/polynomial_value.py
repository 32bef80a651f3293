"""A polynomial by its factors, the constant one first."""


class Polynomial:
    def __init__(self, factors):
        self.factors = list(factors)
        while self.factors and self.factors[-1] == 0:
            self.factors.pop()

    def value(self, x):
        result = 0
        for factor in reversed(self.factors):
            result = result * x + factor
        return result

    def derivative(self):
        return Polynomial(power * factor for power, factor in enumerate(self.factors) if power > 0)
