"""Whether the two sides of every node differ by one level at most."""


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def height(tree):
    if tree is None:
        return 0
    return 1 + max(height(tree.left), height(tree.right))


def tree_is_balanced(tree):
    if tree is None:
        return True
    if abs(height(tree.left) - height(tree.right)) > 1:
        return False
    return tree_is_balanced(tree.left) and tree_is_balanced(tree.right)
