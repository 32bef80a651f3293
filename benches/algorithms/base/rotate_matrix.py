"""A matrix turned clockwise by a quarter."""


def rotate_matrix(matrix):
    turned = [list(column) for column in zip(*matrix)]
    for row in turned:
        row.reverse()
    return turned
