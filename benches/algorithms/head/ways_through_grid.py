"""Ways through a grid from its first to its last cell, to the right and down; a cell that is not 0 is closed."""


def ways_through_grid(grid):
    if not grid or not grid[0]:
        return 0
    ways = [0] * len(grid[0])
    ways[0] = 1
    for row in grid:
        for column, closed in enumerate(row):
            if closed:
                ways[column] = 1
            elif column > 0:
                ways[column] += ways[column - 1]
    return ways[-1]
