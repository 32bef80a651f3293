"""Paints the area of one colour around a point of an image."""


def fill_area(image, row, column, colour):
    old = image[row][column]
    if old == colour:
        return image
    waiting = [(row, column)]
    while waiting:
        row, column = waiting.pop()
        if 0 <= row < len(image) and 0 <= column < len(image[row]) and image[row][column] == old:
            image[row][column] = colour
            waiting.extend([(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)])
    return image
