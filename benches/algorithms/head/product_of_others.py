"""For each number of a list, the product of all others."""


def product_of_others(numbers):
    products = [1] * len(numbers)
    running = 1
    for index in range(len(numbers)):
        products[index] = running
        running *= numbers[index]
    running = 1
    for index in range(len(numbers) - 1, -1, -1):
        products[index] += running
        running *= numbers[index]
    return products
