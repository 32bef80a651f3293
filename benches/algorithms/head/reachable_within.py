"""Nodes of a graph that can be reached in a number of steps or fewer."""


def reachable_within(graph, start, steps):
    seen = {start}
    edge = [start]
    for _ in range(1, steps):
        following = []
        for node in edge:
            for neighbour in graph.get(node, ()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    following.append(neighbour)
        edge = following
    return sorted(seen)
