"""What the harness's modules share, for a script: effects are printed."""

import os

OFF, IMPORTING, CALLING = 0, 1, 2
TIMED_OUT, REFUSED = 3, 4
frozen = False
_variables = dict(os.environ)


class Overdue(BaseException):
    pass


class EffectRefused(BaseException):
    pass


class World:
    dirty = armed = watching = False
    verdict = 0
    mode = OFF
    resets = []
    environment_touched = scratch_touched = False

    def note(self, kind, detail, refused=False):
        print("effect: %s %s" % (kind, detail))


world = World()


def start():
    """Before each call: the environment as it was."""
    world.scratch = os.path.realpath(os.getcwd())
    os.environ.clear()
    os.environ.update(_variables)
    world.mode = CALLING
