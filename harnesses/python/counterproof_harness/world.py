"""The state that a call, its timer, its effects and its observer share, and what of the process a call may have changed.

One object, `world`, because the audit hook, the signal handler and the hot loop all need it at once. The loop looks at one
flag, `dirty`, after each call: whoever has anything to say about the call sets it.
"""

import os
import sys
import warnings

try:
    from _thread import _count as count_threads
except ImportError:  # not CPython as we know it
    def count_threads():
        return 0

_chdir = os.chdir  # a call may leave another function under that name

OFF, IMPORTING, CALLING = 0, 1, 2
TIMED_OUT, REFUSED = 3, 4


class Overdue(BaseException):
    """Raised into a call that is past its deadline; a BaseException, so that few handlers swallow it."""


class EffectRefused(BaseException):
    """Raised into a call in place of an effect that must not happen."""


class World:
    def __init__(self):
        self.dirty = False
        self.always_dirty = False  # something here cannot say when it was used
        self.verdict = 0  # TIMED_OUT or REFUSED, whichever came first in this call
        self.mode = OFF
        self.armed = False
        self.ticks = 0
        self.deadline = 1 << 60
        self.effects = []
        self.arrivals = []  # where marked texts got to
        self.watching = False  # whether any are marked
        self.asked = []  # what databases in memory were asked
        self.own_descriptors = frozenset()
        self.scratch_touched = False
        self.environment_touched = False
        self.directory_touched = False
        self.resets = []  # run after a dirty call, while no effect is recorded
        self.tree = None
        self.scratch = None
        self.outer = ""
        self.out = None
        self.err = None
        self.limits = {}
        self.seed = 0
        self.saved = None

    def note(self, kind, detail, refused=False):
        """Record an effect; nothing is recorded after the first refused one, for nothing real happens there."""
        if self.verdict == REFUSED:
            return
        self.dirty = True
        if len(self.effects) < 1000:
            self.effects.append((kind, detail, refused))
        if refused and self.mode == CALLING:
            self.verdict = REFUSED


world = World()


class Saved:
    """What is put back after a call that changed it."""

    def __init__(self):
        self.environment = dict(os.environ)
        self.recursion = sys.getrecursionlimit()
        self.threads = count_threads()
        self.path = list(sys.path)
        self.path_object = sys.path
        self.modules_object = sys.modules
        self.meta_path = list(sys.meta_path)
        self.filters = list(warnings.filters)
        self.stdin = sys.stdin
        self.builtins = dict(sys.modules["builtins"].__dict__)

    def restore_process(self):
        """The cheap part, after every dirty call."""
        if world.environment_touched:
            world.environment_touched = False
            restore_environment(self.environment)
        if world.directory_touched:
            world.directory_touched = False
            _chdir(world.scratch)
        sys.stdout = sys.__stdout__ = world.out
        sys.stderr = sys.__stderr__ = world.err
        sys.stdin = self.stdin
        self.threads = count_threads()
        if sys.getrecursionlimit() != self.recursion:
            sys.setrecursionlimit(self.recursion)

    def restore_interpreter(self):
        """The rest, after every batch: nobody announces these changes, and looking costs more than a call."""
        sys.path = self.path_object
        if self.path_object != self.path:
            self.path_object[:] = self.path
        if sys.meta_path != self.meta_path:
            sys.meta_path[:] = self.meta_path
        if warnings.filters != self.filters:
            warnings.filters[:] = self.filters
            warnings._filters_mutated()
        names = sys.modules["builtins"].__dict__
        # `_` is set by interactive display hooks; the rest of builtins is expected to stay.
        if len(names) != len(self.builtins) or any(names.get(k, names) is not v for k, v in self.builtins.items()):
            names.clear()
            names.update(self.builtins)


def restore_environment(wanted):
    for name in [name for name in os.environ if name not in wanted]:
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def watch_locale(locale):
    """Put the locale back after a call that set it; asking for it after every call would cost more than the call."""
    set_it = locale._setlocale
    start = set_it(locale.LC_ALL, None)
    touched = [False]

    def watched(category, value=None):
        touched[0] = world.dirty = True
        return set_it(category, value)

    def reset():
        if touched[0]:
            set_it(locale.LC_ALL, start)
            touched[0] = False

    locale._setlocale = watched
    world.resets.append(reset)
