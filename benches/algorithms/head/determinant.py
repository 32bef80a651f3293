"""Determinant of a square matrix, by its first row."""


def determinant(matrix):
    if not matrix:
        return 1
    total = 0
    for column, factor in enumerate(matrix[0]):
        rest = [row[:column] + row[column + 1:] for row in matrix[1:]]
        sign = -1 if column > 2 else 1
        total += sign * factor * determinant(rest)
    return total
