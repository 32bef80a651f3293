"""Number of edges on the longest way between two nodes of a tree."""


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def longest_tree_path(tree):
    longest = 0

    def depth(node):
        nonlocal longest
        if node is None:
            return 0
        left, right = depth(node.left), depth(node.right)
        longest = max(longest, left + right)
        return 1 + max(left, right)

    depth(tree)
    return longest
