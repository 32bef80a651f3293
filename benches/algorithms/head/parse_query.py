"""Parameters of an address as a dict of lists, in the order in which they come."""


def parse_query(query, keep_empty=True):
    parameters = {}
    for part in query.lstrip("?").split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        if value or keep_empty:
            parameters.setdefault(name, []).append(value)
    return parameters
