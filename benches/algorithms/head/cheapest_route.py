"""Cost of the cheapest way between two places, for a dict of place to dict of place to cost."""

import heapq


def cheapest_route(roads, start, goal):
    costs = {start: 0}
    waiting = [(0, start)]
    while waiting:
        cost, place = heapq.heappop(waiting)
        if place == goal:
            return cost
        if cost > costs[place]:
            continue
        for other, step in roads.get(place, {}).items():
            if other not in costs:
                costs[other] = cost + step
                heapq.heappush(waiting, (cost + step, other))
    return None
