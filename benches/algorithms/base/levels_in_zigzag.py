"""Values of a tree level by level, every other level backwards."""


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def levels_in_zigzag(tree):
    levels = []
    level = [tree] if tree is not None else []
    backwards = False
    while level:
        values = [node.value for node in level]
        levels.append(values[::-1] if backwards else values)
        backwards = not backwards
        level = [child for node in level for child in (node.left, node.right) if child is not None]
    return levels
