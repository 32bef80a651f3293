"""Whether what a helper of the project's tests gives is what an example makes, by the description that calls are compared by.

A test that asks is written by `counterproof keep` and runs once or twice in one process: what is given to two tests must be two
things. What cannot be looked into fits nothing.
"""

import os
import sys
import threading
from importlib.util import module_from_spec, spec_from_file_location

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = "counterproof_harness"
LIMITS = {"items": 1000, "depth": 40, "nodes": 20000, "text": 20000, "drain": 0}
# What the description says of what it does not show: see `encoding.py`.
UNSEEN = ("x", "g", "cut")

before = {}


def harness():
    """The harness's package, without its folder on `sys.path`."""
    if PACKAGE not in sys.modules:
        folder = os.path.join(HERE, PACKAGE)
        spec = spec_from_file_location(PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder])
        sys.modules[PACKAGE] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[PACKAGE])
        from counterproof_harness import effects
        from counterproof_harness.world import world
        world.tree, world.scratch = Tree(), os.path.join(os.getcwd(), "no such folder")
        effects.install()
    from counterproof_harness import encoding
    from counterproof_harness.world import IMPORTING, OFF, world
    return encoding, world, IMPORTING, OFF


class Tree:
    root = os.getcwd()


def fits(name, give, make):
    """Fails unless `give()` has no effects and gives what `make()` makes; `name` is the same for tests that ask for the same."""
    encoding, world, watching, off = harness()
    threads, environment = threading.active_count(), dict(os.environ)
    world.effects.clear()
    world.mode = watching
    try:
        given = give()
    finally:
        world.mode = off
    assert not world.effects, "it has effects: %s" % (world.effects,)
    assert threads == threading.active_count() and environment == dict(os.environ), "it has effects"
    made = make()
    (one, its), (other, of_other) = described(encoding, given), described(encoding, made)
    assert seen(one) and seen(other), "it cannot be looked into"
    assert encoding.same(one, other), "%s is not %s" % (one, other)
    for earlier in before.setdefault(name, []):
        assert given is not earlier[0], "it is given twice"
        shared = set(its) & set(earlier[1])
        # What both have in common is no more than what is made has, too: a constant, say.
        assert shared <= set(of_other), "it shares what it holds"
    before[name].append((given, its))


def described(encoding, value):
    """The description of a value, and all that can be changed in it, by identity."""
    class Noting(encoding.Encoder):
        def _container(self, value, kind, depth):
            if kind in (list, dict, set):
                self.alive.append(value)
            return super()._container(value, kind, depth)

    encoder = Noting(LIMITS)
    told = encoder.encode(value)
    return told, {id(part): part for part in encoder.alive}


def seen(told):
    """Whether a description shows all of what it is of."""
    if isinstance(told, tuple) and told and told[0] in UNSEEN:
        return False
    if isinstance(told, tuple) and len(told) == 2 and told[0] == "n" and "<" in str(told[1]):
        return False  # one function of several with that name
    return not isinstance(told, (tuple, list)) or all(map(seen, told))
