"""A list turned to the left by some places."""


def rotate_left(items, places):
    if not items:
        return []
    places = min(places, len(items))
    return items[places:] + items[:places]
