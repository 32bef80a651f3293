"""One child: set up after the fork, batches, exit. It never returns to the parent's code, nor runs anybody's exit handlers."""

import os
import signal
import warnings

from . import arrivals, effects, kernel, mutants, sites, targets, timers, tracing
from .calling import Runner
from .copies import copies
from .frames import LIMIT, Channel, Closed, pack
from .mentioned import mentioned
from .world import world

if sites.HAS_MONITORING:
    from .monitoring import Monitor

WAITING, RUNNING = 0, 1
ROOM = LIMIT - (1 << 20)
MEMORY = 768 << 20  # that a call may take, where the request does not say


def main(session, request, saved):
    """Serve one request until there is nobody to serve; does not return."""
    status = 0
    try:
        _serve(session, request, saved)
    except Closed:
        pass
    except BaseException:
        status = 71
    finally:
        os._exit(status)


def _serve(session, request, saved):
    channel = Channel(session.data_in, session.data_out, session.control.nonce)
    refusal = _contain(session, request.get("memory_bytes") or MEMORY)
    world.saved = saved
    copies.wanted = bool(request.get("guide"))
    _calm_warnings()
    saved.filters = list(warnings.filters)
    kept = frozenset(os.listdir(world.scratch))
    if refusal:
        channel.send(("ready", {"ok": False, "reason": "child filter: " + refusal, "builtin": False}))
        return
    try:
        target = targets.resolve(request, world.tree)
    except targets.NotCallable as error:
        channel.send(("ready", {"ok": False, "reason": str(error), "builtin": error.builtin}))
        return
    session.prepared.enter(target.found)
    try:
        coverage, runner, ready = _prepare(session, request, target, kept)
    except Exception as error:  # better said than died of
        channel.send(("ready", {"ok": False, "reason": "harness: %r" % error, "builtin": False}))
        return
    session.shared[0] = WAITING
    channel.send(("ready", ready))
    _batches(session, channel, coverage, runner)


def _contain(session, memory):
    """Out of the parent's business, and under the child's own rules. The answer is why the filter failed, if it did."""
    kernel.die_with_parent()
    signal.set_wakeup_fd(-1)
    if hasattr(signal, "SIGCHLD"):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in (session.control.source, session.control.sink, session.alarm, session.alarm_sink):
        os.close(descriptor)
    os.chdir(world.scratch)
    kernel.bound_memory(memory)
    return kernel.install_filter(session.config["child_filter"])


def _calm_warnings():
    """Warnings show each time, not once for each place, and without the place: it differs between versions by itself."""
    def show(message, category, filename, lineno, file=None, line=None):
        world.err.write("%s: %s\n" % (category.__name__, message))

    warnings.showwarning = show
    repeated = ("default", "once", "module")
    warnings.filters[:] = [("always",) + tuple(entry[1:]) if entry[0] in repeated else entry for entry in warnings.filters]
    warnings.defaultaction = "always"
    warnings._filters_mutated()


def _prepare(session, request, target, kept):
    tree, limits = world.tree, world.limits
    mode = sites.coverage_mode(session.config["coverage"])
    units = sites.units_in(request["cover"], tree, [target.found]) if mode != "none" else []
    trace = _full_trace(request["trace"], tree, limits)
    coverage = None
    if trace is None and mode != "none":
        kind = Monitor if mode == "monitoring" else tracing.Tracer
        coverage = kind(units, tree, session.shared, request["guide"], limits["coverage_events"])
    tracer = trace.function if trace is not None else coverage.function if mode == "settrace" and coverage else None
    if trace is not None:
        world.always_dirty = True  # every call has its trace to tell
    runner = Runner(target, request, session.shared, tracer, trace, kept)
    timers.start(session.config["tick_seconds"])
    if coverage is not None:
        coverage.start()
    within_lines = mode == "monitoring"
    lines = sorted({line for unit in units for line in unit.lines()})
    branches = sorted({(unit.path, unit.name) + pair for unit in units for pair in unit.branches(within_lines)})
    living = mentioned(units, request["name"], tree) if request["guide"] else []
    return coverage, runner, {"ok": True, "lines": lines, "branches": branches, "builtin": False, "mentioned": living}


def _full_trace(wanted, tree, limits):
    if wanted == "lines":
        return tracing.LineTrace(tree, limits["trace"])
    if wanted == "count":
        return tracing.LineCount(tree, limits["trace"])
    return None


def _batches(session, channel, coverage, runner):
    shared = session.shared
    pipes = _identities(session)
    swapped = mutants.Swapped()
    world.dirty = True  # the first call starts from the same state as every other
    runner.settle()
    while True:
        kind, *rest = channel.receive()
        if kind == "end":
            return
        if kind == "mutant":
            channel.send(("mutant", _swap(session, swapped, rest[0])))
            continue
        calls = rest[0]
        runner.bound(rest[1] if len(rest) > 1 else None)
        arrivals.watch(kind == "watch")
        shared[2] += 1
        shared[1] = 0
        shared[0] = RUNNING
        timers.start(session.config["tick_seconds"])
        if coverage is not None:
            coverage.begin_batch()
        records = runner.run(calls)
        payload = _packed(records, coverage.take() if coverage is not None else [])
        world.saved.restore_interpreter()
        effects.empty_scratch(runner.kept)
        _calm_pipes(session)
        if _identities(session) != pipes:
            raise Closed  # a call put something else in their place: the parent tells that this child ended
        shared[0] = WAITING
        channel.send_packed(payload)


def _swap(session, swapped, mutant):
    """Take the last mutant back and put this one in its place, if it is one. The answer is why there is none."""
    swapped.back()
    if mutant is None:
        return None
    try:
        swapped.put(mutant, session.living.of(mutant["path"], world.tree))
        return None
    except mutants.NoMutant as error:
        swapped.back()
        return str(error)


def _identities(session):
    """What the two descriptors of the pipes stand for."""
    try:
        return [(found.st_dev, found.st_ino) for found in map(os.fstat, (session.data_in, session.data_out))]
    except OSError:
        raise Closed from None


def _calm_pipes(session):
    """Code that was called may have found the pipes and made them non-blocking; without them the parent tells what happened."""
    try:
        os.set_blocking(session.data_in, True)
        os.set_blocking(session.data_out, True)
    except OSError:
        raise Closed from None


def _packed(records, locations):
    """The answer to a batch, cut until it fits into a frame."""
    try:
        payload = pack(("ran", records, locations))
        if len(payload) <= ROOM:
            return payload
    except MemoryError:
        pass
    # Largest first would cost another pass: what is much larger than its share goes.
    share = ROOM // (2 * max(1, len(records)))
    with kernel.without_memory_bound():
        for at, record in enumerate(records):
            if len(pack(record)) > share:
                records[at] = record[0] if record[0] in (2, 5) else 1, _marker(record), None, {"cut": True}
        return pack(("ran", records, locations))


def _marker(record):
    if record[0] == 2:
        name, bases, message, place, depth = record[1]
        return name, bases, message[:1000], place, depth
    return record[1][:1000] if record[0] == 5 else ("cut",)
