"""When an order arrives."""

STANDARD_DAYS = 5
EXPRESS_DAYS = 1
HEAVY_EXTRA_DAYS = 2
HEAVY_FROM_KG = 30


class Item:
    """Something in the cart."""

    def __init__(self, weight, count=1):
        self.weight = weight
        self.count = count


def total_weight(items):
    return sum(item.weight * item.count for item in items)


def delivery_days(items, express):
    """Days until all items of a cart are there."""
    days = EXPRESS_DAYS if express else STANDARD_DAYS
    heaviest = sorted(item.weight for item in items)[-1]
    if heaviest >= HEAVY_FROM_KG:
        days -= HEAVY_EXTRA_DAYS
    return days


def label(days):
    if days == 1:
        return "tomorrow"
    return f"in {days} days"
