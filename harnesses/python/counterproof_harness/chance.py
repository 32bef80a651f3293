"""Frozen randomness: the same numbers for every call, and the same number of the process for every version.

Seeding a generator costs several microseconds, so only a call that drew numbers pays for it: the module's own generator and
`os.urandom` mark the world, and are put back to the seed after that call.
"""

import os
from _random import Random as _CoreRandom

from .world import world

_entropy = _CoreRandom(0)
_drawn = [False]


def urandom(size):
    """`os.urandom`, from the seed."""
    if not isinstance(size, int):
        raise TypeError("'%s' object cannot be interpreted as an integer" % type(size).__name__)
    if size < 0:
        raise ValueError("negative argument not allowed")
    return _draw(8 * size).to_bytes(size, "little") if size else b""


def _draw(bits):
    _drawn[0] = world.dirty = True
    return _entropy.getrandbits(bits)


def getrandom(size, flags=0):
    return urandom(size)


def _reset_entropy():
    if _drawn[0]:
        _entropy.seed(world.seed)
        _drawn[0] = False


class _Identity:
    """Who we are. The real number tells how many processes were forked before, which nobody's behaviour should."""

    pid = 4242

    def getpid(self):
        return self.pid


identity = _Identity()


def freeze(seed):
    # A bound method, as the clock's: it does not turn into a method when somebody keeps it in a class.
    os.getpid = identity.getpid
    world.seed = seed
    _entropy.seed(seed)
    os.urandom = urandom
    if hasattr(os, "getrandom"):
        os.getrandom = getrandom
    world.resets.append(_reset_entropy)


def freeze_random(random):
    """The `random` module: seeds from nowhere come from the frozen source, and its hidden generator tells when it is used."""
    plain = random.Random
    original_seed = plain.seed

    def seed(self, a=None, version=2):
        if a is None:
            a = _draw(256)
        return original_seed(self, a, version)

    plain.seed = seed
    random._urandom = urandom
    hidden = random._inst
    used = [True]

    class Watched(plain):
        """The hidden generator behind `random.random()` and the like."""

        def random(self):
            used[0] = world.dirty = True
            return core_random(self)

        def getrandbits(self, k):
            used[0] = world.dirty = True
            return core_bits(self, k)

        def seed(self, a=None, version=2):
            used[0] = world.dirty = True
            return plain.seed(self, a, version)

        def setstate(self, state):
            used[0] = world.dirty = True
            return plain.setstate(self, state)

        def gauss(self, *args, **kwargs):
            used[0] = world.dirty = True
            return plain.gauss(self, *args, **kwargs)

    core_random, core_bits = _CoreRandom.random, _CoreRandom.getrandbits
    Watched.__name__, Watched.__qualname__, Watched.__module__ = "Random", "Random", "random"
    hidden.__class__ = Watched
    for name, value in list(vars(random).items()):
        if getattr(value, "__self__", None) is hidden:
            setattr(random, name, getattr(hidden, name))

    def reset():
        if used[0]:
            original_seed(hidden, world.seed)
            used[0] = False

    def mark():
        used[0] = True

    reset()
    # The module seeds its generator anew in every forked child.
    os.register_at_fork(after_in_child=mark)
    world.resets.append(reset)


def freeze_uuid(uuid):
    """`uuid1` from the frozen clock and a fixed node; `uuid4` follows from `os.urandom`."""
    uuid._generate_time_safe = None
    uuid._UuidCreate = None
    if getattr(uuid, "_has_uuid_generate_time_safe", False) is None:
        uuid._has_uuid_generate_time_safe = False  # Python 3.8 would load it again
    uuid._node = 0x0250C0DE0001

    def reset():
        uuid._last_timestamp = None

    world.resets.append(reset)


def freeze_tempfile(tempfile):
    """Temporary files lie in scratch, and their names start over with every call."""
    tempfile.tempdir = world.scratch

    def reset():
        tempfile._name_sequence = None
        if tempfile.tempdir != world.scratch:
            tempfile.tempdir = world.scratch

    world.resets.append(reset)


def freeze_numpy(numpy_random):
    """numpy's global generator cannot say when it is used: it is seeded anew after every call."""
    generator = numpy_random.mtrand._rand

    def reset():
        generator.seed(world.seed & 0xFFFFFFFF)

    reset()
    _reset_entropy()  # of which loading the module took some
    world.resets.append(reset)
    world.always_dirty = world.dirty = True
