"""Objects that are slow to make are made once and then copied: a hundred calls want a hundred of them.

Only where inputs are searched: findings are replayed, and faults judged, in processes that make each object anew.
"""

from copy import deepcopy
from marshal import dumps

from .clock import real_perf_counter as now
from .frames import FORMAT
from .world import world

SLOW = 0.002  # seconds that making one takes at least
MOST = 32  # of them that are kept
# Parts of recipes that are the same whenever they are made; see `recipes`.
_SAME = frozenset(("v", "l", "t", "s", "f", "d", "c", "g"))


class Copies:
    def __init__(self):
        self.wanted = False
        self.kept = {}  # by recipe; `None` for what is not worth copying

    def of(self, recipe):
        """A copy of what the recipe made before, or `None`."""
        key = _key(recipe)
        first = self.kept.get(key)
        if first is None:
            return None
        try:
            return deepcopy(first)
        except Exception:
            self.kept[key] = None
            return None

    def keep(self, recipe, made, seconds):
        """Keeps a copy of what took so long to make, where copying is quicker and making it did nothing else."""
        if seconds < SLOW or len(self.kept) >= MOST or world.watching or world.effects or not _is_same(recipe):
            return
        if world.scratch_touched or world.environment_touched or world.directory_touched:
            return
        key = _key(recipe)
        if key is None or key in self.kept:
            return
        self.kept[key] = None  # should the time run out while it is copied, it is not tried again
        started = now()
        copied = {}
        try:
            first = deepcopy(made, copied)
        except Exception:
            return
        if any(type(part) is object for part in copied.values()):
            return  # a mark that code tells by its identity
        if first is not made and type(first) is type(made) and (now() - started) * 2 < seconds:
            self.kept[key] = first


def _key(recipe):
    """What stands for a recipe among those that are kept; `None` for one that cannot be."""
    try:
        return dumps(recipe, FORMAT)
    except ValueError:
        return None


def _is_same(recipe):
    """Whether all parts of a recipe are made from itself alone."""
    if recipe[0] not in _SAME:
        return False
    if recipe[0] == "v" or recipe[0] == "g":
        return True
    if recipe[0] == "d":
        return all(_is_same(key) and _is_same(part) for key, part in recipe[1])
    if recipe[0] == "c":
        return all(map(_is_same, recipe[3])) and all(_is_same(part) for _name, part in recipe[4])
    return all(map(_is_same, recipe[1]))


copies = Copies()
