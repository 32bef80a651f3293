"""Minutes from one time of day to another, written as hours and minutes; the other may be on the next day."""


def minutes_of(time):
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def minutes_between(start, end):
    first, last = minutes_of(start), minutes_of(end)
    if last < first:
        last, first = first, last
    return last - first
