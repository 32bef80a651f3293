"""The warm parent: imports once, forks a child for each request, and watches that the child moves.

It shares one page of memory with the child, where the child keeps the index of its call: that is how the parent knows where a
child died, and when one is stuck in code that no timer interrupts.
"""

import gc
import mmap
import os
import select
import signal
import sys
import warnings

from . import (arrivals, chance, child, clock, compiled, effects, frameworks, importing, kernel, mutants, named_files, onload, processes,
               queries, sites, timers, typed, web)
from .answers import answers
from .databases import databases
from .output import Collector
from .tree import Tree
from .world import Saved, watch_locale, world

STATE, CALL, BATCH = 0, 1, 2  # words of the shared page
WAITING, RUNNING = 0, 1

# On a busy machine a child may wait for the processor: it is stuck only once it had this part of its patience as CPU time.
STARVED = 0.4
STARVED_PATIENCE = 10
CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Session:
    """What `hello` brought, and the child if there is one."""

    def __init__(self, control, data_in, data_out, config):
        self.control = control
        self.data_in = data_in
        self.data_out = data_out
        self.config = config
        self.shared = memoryview(mmap.mmap(-1, 4096)).cast("I")
        self.child = None
        self.why = "exit"
        self.last_seen = None
        self.moved_at = 0.0
        self.cpu_then = None
        self.alarm, self.alarm_sink = os.pipe()
        os.set_blocking(self.alarm, False)
        os.set_blocking(self.alarm_sink, False)
        self.finder = None
        self.django = frameworks.Django()
        self.prepared = frameworks.Prepared()
        self.living = mutants.Living()
        self.patience = config["wall_seconds"]


def run(control, data_in, data_out):
    _kind, config = control.receive()
    session = Session(control, data_in, data_out, config)
    control.send(("hello", _set_up(session)))
    while True:
        frame = _next_frame(session)
        kind = frame[0]
        if kind == "import":
            _import(session, frame[1])
        elif kind == "compile":
            session.control.send(("compiled", compiled.forms(frame[1])))
        elif kind == "fork":
            _fork(session, frame[1])
        elif kind == "kill":
            _kill(session, "kill")
        elif kind == "exit":
            _kill(session, "kill")
            return


def _set_up(session):
    config = session.config
    limits = world.limits = config["limits"]
    world.scratch = os.path.realpath(config["scratch"])
    world.outer = os.path.realpath(config["outer"]) if config.get("outer") else ""
    world.tree = Tree(config["tree"], config["paths"])
    world.out = Collector("<stdout>", limits["text"])
    world.err = Collector("<stderr>", limits["text"])
    sys.stdout = sys.__stdout__ = world.out
    sys.stderr = sys.__stderr__ = world.err
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = world.scratch
    os.chdir(world.scratch)
    not_frozen = clock.freeze(config["frozen_time"])
    chance.freeze(config["seed"])
    onload.when_loaded("random", chance.freeze_random)
    onload.when_loaded("uuid", chance.freeze_uuid)
    onload.when_loaded("tempfile", chance.freeze_tempfile)
    onload.when_loaded("numpy.random", chance.freeze_numpy)
    onload.when_loaded("locale", watch_locale)
    onload.when_loaded("selectors", clock.freeze_selectors)
    databases.install()
    answers.install()
    processes.install()
    typed.install()
    web.install()
    named_files.install()
    queries.install()
    session.finder = importing.prepare(world.tree)
    onload.install()  # in front of the tree's finder: the project may have a module of such a name
    effects.install()
    arrivals.install()
    _watch_for_dead_children(session)
    return {
        "version": tuple(sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "coverage": sites.coverage_mode(config["coverage"]),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "platform": sys.platform,
        "not_frozen": not_frozen,
        "missing": _missing(config),
    }


def _missing(config):
    missing = []
    if config["child_filter"] and not kernel.can_filter():
        missing.append("child_filter")
    if not timers.available():
        missing.append("timer")
    if not hasattr(os, "fork"):
        missing.append("fork")
    return missing


def _watch_for_dead_children(session):
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, _nothing)
        signal.set_wakeup_fd(session.alarm_sink, warn_on_full_buffer=False)


def _nothing(_signal, _frame):
    pass


# Importing

def _import(session, modules):
    for module in modules:
        answer = importing.import_module(module, session.finder, session.django)
        sys.stdout = sys.__stdout__ = world.out
        sys.stderr = sys.__stderr__ = world.err
        world.out.take()
        world.err.take()
        os.chdir(world.scratch)
        _watch_for_dead_children(session)
        session.control.send(("imported", answer))
    session.prepared = frameworks.Prepared()
    session.living = mutants.Living()
    importing.remember_files(world.tree)
    gc.collect()
    # What is loaded now stays: no collection in a child need look at it, or copy its pages.
    gc.freeze()


# Children

def _next_frame(session):
    """The next frame of control; meanwhile dead children are reported, and stuck ones killed."""
    poll = select.poll()
    poll.register(session.control.source, select.POLLIN | select.POLLHUP)
    poll.register(session.alarm, select.POLLIN)
    if not session.child:
        # A request that a dead child never read would block its sender.
        poll.register(session.data_in, select.POLLIN)
    patience = session.patience
    step = max(10, min(500, int(patience * 1000 / 8)))
    while True:
        ready = poll.poll(step if session.child else None)
        descriptors = [descriptor for descriptor, _event in ready]
        if session.alarm in descriptors:
            _drain(session.alarm)
        if session.data_in in descriptors and not session.child:
            if not _drain(session.data_in):
                poll.unregister(session.data_in)
        had_child = session.child is not None
        if had_child:
            _reap(session, os.WNOHANG)
        if session.child and _is_stuck(session, patience):
            _kill(session, "stuck")
        if had_child and not session.child:
            poll.register(session.data_in, select.POLLIN)
        if session.control.source in descriptors:
            return session.control.receive()


def _is_stuck(session, patience):
    """Whether the call's index stood still for too long although the child had its share of the processor, or asked for none."""
    seen = tuple(session.shared[:3])
    now = clock.real_monotonic()
    if seen != session.last_seen or seen[STATE] == WAITING:
        session.last_seen = seen
        session.moved_at = now
        session.cpu_then = None
        return False
    if session.cpu_then is None:
        session.cpu_then = _state_and_cpu(session.child)[1]
    waited = now - session.moved_at
    if waited <= patience:
        return False
    state, cpu = _state_and_cpu(session.child)
    starved = state == "R" and cpu - session.cpu_then < patience * STARVED
    return not starved or waited > patience * STARVED_PATIENCE


def _state_and_cpu(pid):
    """A process's state letter and its CPU seconds; an unknown state where the system does not tell."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return fields[0].decode(), (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
    except (OSError, IndexError, ValueError):
        return "?", 0.0


def _fork(session, request):
    _kill(session, "kill")
    _drain(session.data_in)  # what a dead child did not read
    for descriptor in (session.data_in, session.data_out):
        os.set_blocking(descriptor, True)  # a child shares it, and may have changed it
    session.shared[STATE] = RUNNING
    session.shared[CALL] = 0
    session.last_seen = None
    session.why = "exit"
    session.patience = request.get("wall_seconds") or session.config["wall_seconds"]
    session.prepared.make(world.tree)
    if request.get("mutants"):
        session.living.of(request["mutants"], world.tree)  # looked for once, not in each child
    saved = Saved()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that the project started while it was imported
        pid = os.fork()
    if pid == 0:
        child.main(session, request, saved)  # does not return
        os._exit(70)
    session.child = pid
    session.moved_at = clock.real_monotonic()
    session.control.send(("forked",))


def _kill(session, why):
    if session.child:
        session.why = why
        try:
            os.kill(session.child, signal.SIGKILL)
        except OSError:
            pass
        _reap(session, 0)


def _reap(session, flags):
    try:
        pid, status, usage = os.wait4(session.child, flags)
    except OSError:  # reaped by code of the project
        pid, status, usage = session.child, 0, None
    if pid == 0:
        return
    session.child = None
    at = session.shared[CALL] - 1 if session.shared[STATE] == RUNNING else -1
    rss = usage.ru_maxrss if usage else 0
    session.control.send(("ended", {
        "status": status,
        "at": at,
        "why": session.why,
        "max_rss_kib": rss // 1024 if sys.platform == "darwin" else rss,
        "cpu": usage.ru_utime + usage.ru_stime if usage else 0.0,
    }))


def _drain(descriptor):
    """Read away what is there; false at the end of the stream."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while any(event & select.POLLIN for _descriptor, event in poll.poll(0)):
        if not os.read(descriptor, 65536):
            return False
    return True
