"""Whether the nodes of a graph can be coloured so that neighbours differ, with two colours."""


def two_colours_suffice(graph):
    colours = {}
    for start in graph:
        if start in colours:
            continue
        colours[start] = 0
        waiting = [start]
        while waiting:
            node = waiting.pop()
            for neighbour in graph.get(node, ()):
                if neighbour not in colours:
                    colours[neighbour] = 1
                    waiting.append(neighbour)
                elif colours[neighbour] == colours[node]:
                    return False
    return True
