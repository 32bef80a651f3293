"""Product of two matrices."""


def multiply_matrices(left, right):
    if left and len(left[0]) != len(right):
        raise ValueError("the matrices do not fit")
    product = []
    for row in left:
        line = []
        for column in range(len(right[0])):
            line.append(sum(row[inner] * right[inner][column] for inner in range(len(right))))
        product.append(line)
    return product
