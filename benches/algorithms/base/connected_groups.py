"""Groups of nodes that hang together in a graph given as node to neighbours."""


def connected_groups(graph):
    seen = set()
    groups = []
    for start in graph:
        if start in seen:
            continue
        group = []
        waiting = [start]
        seen.add(start)
        while waiting:
            node = waiting.pop()
            group.append(node)
            for neighbour in graph.get(node, ()):
                if neighbour not in seen:
                    seen.add(neighbour)
                    waiting.append(neighbour)
        groups.append(sorted(group))
    return groups
