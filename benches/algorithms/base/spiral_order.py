"""The items of a matrix in a spiral from its upper left corner."""


def spiral_order(matrix):
    rows = [list(row) for row in matrix]
    order = []
    while rows:
        order.extend(rows.pop(0))
        for row in rows:
            if row:
                order.append(row.pop())
        if rows:
            order.extend(reversed(rows.pop()))
        for row in reversed(rows):
            if row:
                order.append(row.pop(0))
    return order
