"""One step of Conway's game of life on a field of zeros and ones."""


def neighbours(field, row, column):
    count = 0
    for near_row in range(max(0, row - 1), min(len(field), row + 2)):
        for near_column in range(max(0, column - 1), min(len(field[row]), column + 2)):
            if (near_row, near_column) != (row, column):
                count += field[near_row][near_column]
    return count


def next_generation(field):
    following = []
    for row in range(len(field)):
        line = []
        for column in range(len(field[row])):
            count = neighbours(field, row, column)
            line.append(1 if count == 3 or count == 2 else 0)
        following.append(line)
    return following
