"""The deadline of a call: one repeating timer of CPU time for the life of a child.

Time in the kernel counts, too: memory that is asked for and filled page by page costs little else.

The handler counts ticks since the call began, and from the deadline on raises on every tick, so that code which swallows
everything is interrupted again. It costs a call nothing: only a call that lives to see a tick is looked at.

Signals reach Python code between bytecodes, and C code only where it asks: regular expressions, the conversion of huge
integers to text, and blocking system calls do; `sum(range(10**12))`, sorting and membership tests do not. Those are left to
the parent, which kills a child that stays in one call for too long.
"""

import signal
import sys

from .world import TIMED_OUT, Overdue, world

_TEXT = "counterproof: the call is past its deadline"


def _on_tick(_signal, frame):
    world.ticks += 1
    world.dirty = True
    if world.armed and world.ticks >= world.deadline:
        if not world.verdict:
            world.verdict = TIMED_OUT
        if world.ticks > world.deadline:
            _corner(frame)
        raise Overdue(_TEXT)


def _corner(frame):
    """The code swallowed an earlier one, and may do so for ever in a loop. Raise again in the handler that catches this one.

    An exception raised inside an `except` or `finally` leaves the statement that swallows. Each tick gets one such statement.
    """
    while frame is not None and not _is_ours(frame):
        frame.f_trace = _raise_in_handler
        frame = frame.f_back
    sys.settrace(_raise_in_handler)


def _is_ours(frame):
    return frame.f_globals.get("__package__") == __package__


def _raise_in_handler(frame, event, _arg):
    if not world.armed or _is_ours(frame):
        return None
    if event in ("line", "call") and sys.exc_info()[0] is Overdue:
        raise Overdue(_TEXT)
    return _raise_in_handler


def available():
    return hasattr(signal, "setitimer")


def start(tick_seconds):
    """Start the timer, or start it again if the project took the signal or stopped the timer."""
    if not available():
        return
    if signal.getsignal(signal.SIGPROF) is not _on_tick:
        signal.signal(signal.SIGPROF, _on_tick)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])
    if signal.getitimer(signal.ITIMER_PROF)[1] == 0:
        signal.setitimer(signal.ITIMER_PROF, tick_seconds, tick_seconds)
