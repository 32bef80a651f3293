"""How many rooms a day of meetings needs; a room is free again at the end of its meeting."""

import heapq


def rooms_needed(meetings):
    busy_until = []
    most = 0
    for start, end in sorted(meetings):
        while busy_until and busy_until[0] <= start:
            heapq.heappop(busy_until)
        heapq.heappush(busy_until, end)
        most = max(most, len(busy_until))
    return most
