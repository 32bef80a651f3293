"""From the command line to a session: descriptors out of the project's way, nothing on 0, 1 and 2, then the parent's loop."""

import os
import sys

try:
    import fcntl
except ImportError:  # Windows: descriptors stay where they are
    fcntl = None

from . import frames, parent
from .world import world

HIGH = (900, 200, 60, 20)  # where descriptors move to, as far up as the limit on open files lets them


def start(arguments):
    control_in, control_out, data_in, data_out = (_move(int(text)) for text in arguments)
    world.own_descriptors = frozenset((control_in, control_out, data_in, data_out))
    _silence_standard_streams()
    control = frames.Channel(control_in, control_out)
    try:
        parent.run(control, data_in, data_out)
    except frames.Closed:
        pass
    except BaseException as error:
        _report(control, error)
        os._exit(70)
    # Not through `sys.exit`: exit handlers are the project's.
    os._exit(0)


def _report(control, error):
    """A fault of the harness itself: say it, since standard error leads nowhere."""
    parts = ["%s: %s" % (type(error).__name__, error)]
    step = error.__traceback__
    while step is not None:
        parts.append("%s:%d" % (os.path.basename(step.tb_frame.f_code.co_filename), step.tb_lineno))
        step = step.tb_next
    try:
        control.send(("failed", " ".join(parts)))
    except Exception:
        pass


def _move(descriptor):
    if fcntl is None:
        return descriptor
    for lowest in HIGH:
        try:
            moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, lowest)
        except OSError:
            continue
        os.close(descriptor)
        return moved
    os.set_inheritable(descriptor, False)
    return descriptor


def _silence_standard_streams():
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        null = os.open(os.devnull, mode)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
    sys.stdin = sys.__stdin__ = open(0, "r", encoding="utf-8", closefd=False)
