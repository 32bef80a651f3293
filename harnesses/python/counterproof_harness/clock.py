"""The frozen clock: every call sees the same moment, and time passes only where the code waits for it.

`sleep` returns at once and moves the clock on. After `PATIENCE` readings within one call the clock moves by a millisecond for
each further reading, so that loops which poll for a time to come end.

What replaces a function is a *bound method*: such an object, like the built-in function it replaces, does not turn into a
method when somebody keeps it in a class (`converter = time.localtime` in `logging` does).

`datetime.now` cannot be assigned: its entry is replaced in the type's own dictionary, which the mapping proxy refers to.
"""

import datetime
import gc
import os
import sys
import time
import warnings

from .world import Overdue, world

PATIENCE = 10000
STEP = 1000000
MONOTONIC_START = 1000 * 10**9

# The real ones, for the harness itself.
real_perf_counter = time.perf_counter
real_monotonic = time.monotonic

_real = {name: getattr(time, name) for name in ("localtime", "gmtime", "ctime", "asctime", "strftime")}
_float_or_int = (float, int)


class Clock:
    def __init__(self):
        self.start = 0
        self.epoch = 0  # what the call finds: `start`, unless its input says another time
        self.passed = 0
        self.readings = 0

    def reset(self):
        self.epoch = self.start
        self.passed = 0
        self.readings = 0

    def read(self):
        """Nanoseconds since the calls began, in frozen time."""
        world.dirty = True
        self.readings += 1
        if self.readings > PATIENCE:
            self.passed += STEP
        return self.passed

    def advance(self, seconds):
        world.dirty = True
        self.passed += int(seconds * 1e9)

    def time(self):
        return (self.epoch + self.read()) / 1000000000

    def time_ns(self):
        return self.epoch + self.read()

    def monotonic(self):
        return (MONOTONIC_START + self.read()) / 1000000000

    def monotonic_ns(self):
        return MONOTONIC_START + self.read()

    perf_counter, perf_counter_ns = monotonic, monotonic_ns
    process_time, process_time_ns = monotonic, monotonic_ns
    thread_time, thread_time_ns = monotonic, monotonic_ns

    def clock_gettime(self, which):
        return self.clock_gettime_ns(which) / 1000000000

    def clock_gettime_ns(self, which):
        if not isinstance(which, int):
            raise TypeError("an integer is required (got type %s)" % type(which).__name__)
        return self.time_ns() if which == getattr(time, "CLOCK_REALTIME", 0) else self.monotonic_ns()

    def sleep(self, seconds):
        if not isinstance(seconds, _float_or_int):
            if not hasattr(seconds, "__float__") and not hasattr(seconds, "__index__"):
                raise TypeError("'%s' object cannot be interpreted as an integer" % type(seconds).__name__)
            seconds = float(seconds)
        if seconds != seconds:
            raise ValueError("Invalid value NaN (not a number)")
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.advance(min(seconds, 1e10))

    def localtime(self, seconds=None):
        return _real["localtime"](self.time() if seconds is None else seconds)

    def gmtime(self, seconds=None):
        return _real["gmtime"](self.time() if seconds is None else seconds)

    def ctime(self, seconds=None):
        return _real["ctime"](self.time() if seconds is None else seconds)

    def asctime(self, *parts):
        return _real["asctime"](*(parts or (self.localtime(),)))

    def strftime(self, layout, *parts):
        return _real["strftime"](layout, *(parts or (self.localtime(),)))

    def times(self):
        seconds = self.monotonic()
        return os.times_result((seconds, 0.0, 0.0, 0.0, seconds))


clock = Clock()

_IN_TIME = (
    "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns",
    "thread_time", "thread_time_ns", "clock_gettime", "clock_gettime_ns", "sleep", "localtime", "gmtime", "ctime",
    "asctime", "strftime",
)


def freeze(seconds):
    """Put the frozen clock in place of the real one. The answer names what could not be frozen."""
    clock.epoch = clock.start = int(seconds) * 10**9 + round(seconds % 1 * 1e9)  # exact where `seconds * 1e9` is not
    for name in _IN_TIME:
        if hasattr(time, name):
            setattr(time, name, getattr(clock, name))
    if hasattr(os, "times"):
        os.times = clock.times
    world.resets.append(clock.reset)
    not_frozen = ["resource.getrusage", "file times", "timeouts of locks", "clocks read by C extensions"]
    return _freeze_datetime() + not_frozen


def _freeze_datetime():
    kind = datetime.datetime
    from_timestamp = kind.__dict__["fromtimestamp"]
    utc = datetime.timezone.utc

    def now(cls, tz=None):
        return from_timestamp.__get__(None, cls)(clock.time(), tz)

    def utcnow(cls):
        if _warns_of_utcnow:
            warnings.warn("datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use "
                          "timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).",
                          DeprecationWarning, stacklevel=2)
        return from_timestamp.__get__(None, cls)(clock.time(), utc).replace(tzinfo=None)

    _replace_in_type(kind, "now", classmethod(now))
    _replace_in_type(kind, "utcnow", classmethod(utcnow))
    # `today` asks the `time` module when it is called, which is frozen already.
    readings = {
        "datetime.datetime.now": lambda: kind.now(utc).timestamp(),
        "datetime.datetime.utcnow": lambda: kind.utcnow().replace(tzinfo=utc).timestamp(),
        "datetime.datetime.today": lambda: kind.today().timestamp(),
        "datetime.date.today": lambda: datetime.date.today().toordinal(),
    }
    wanted = clock.epoch / 1000000000
    day = kind.fromtimestamp(wanted).date().toordinal()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [name for name, read in readings.items() if abs(read() - (day if "date.today" in name else wanted)) > 0.001]


_warns_of_utcnow = sys.version_info >= (3, 12)


def _replace_in_type(kind, name, value):
    try:
        from ctypes import py_object, pythonapi
        for referent in gc.get_referents(kind.__dict__):
            if type(referent) is dict and name in referent:
                referent[name] = value
        pythonapi.PyType_Modified(py_object(kind))
    except Exception:  # reported as not frozen by the reading that follows
        pass


def freeze_selectors(selectors):
    """Event loops wait in a selector: with nothing ready, the frozen clock moves on by the time they would have waited."""
    base = selectors.DefaultSelector

    class FrozenSelector(base):
        def select(self, timeout=None):
            if world.verdict and world.armed:
                # The loop caught the exception that was to end the call, and would wait for a task that never comes.
                raise Overdue
            if timeout is None or timeout <= 0:
                return super().select(timeout)
            ready = super().select(0)
            if not ready:
                clock.advance(timeout)
            return ready

    FrozenSelector.__name__ = base.__name__
    FrozenSelector.__qualname__ = base.__qualname__
    selectors.DefaultSelector = FrozenSelector
