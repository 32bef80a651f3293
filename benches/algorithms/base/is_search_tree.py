"""Whether a binary tree is in order."""


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def is_search_tree(tree, low=None, high=None):
    if tree is None:
        return True
    if low is not None and tree.value <= low:
        return False
    if high is not None and tree.value >= high:
        return False
    return is_search_tree(tree.left, low, tree.value) and is_search_tree(tree.right, tree.value, high)
