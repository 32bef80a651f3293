"""A small client of the harness for its tests: starts it, speaks the protocol, and lays out throw-away trees."""

import marshal
import os
import select
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MAIN = os.path.join(os.path.dirname(HERE), "main.py")
NONCE = b"nonce--8"
LIMITS = {"items": 2000, "depth": 40, "nodes": 20000, "text": 65536, "drain": 300, "trace": 20000, "coverage_events": 50}
FROZEN = 1700000000.25
# Ticks of processor time before a call is cut, where a test does not ask for fewer: a slow machine must not cut what a test wants to see.
LONG = 500


class Gone(Exception):
    """The harness closed its end, or did not answer in time."""


class Pipe:
    def __init__(self, source, sink):
        self.source, self.sink = source, sink

    def send(self, value, nonce=NONCE):
        data = marshal.dumps(value, 2)
        data = memoryview(len(data).to_bytes(4, "little") + nonce + data)
        while data:
            data = data[os.write(self.sink, data):]

    def receive(self, seconds=60):
        deadline = time.monotonic() + seconds
        header = self._exactly(12, deadline)
        assert header[4:] == NONCE, header
        return marshal.loads(self._exactly(int.from_bytes(header[:4], "little"), deadline))

    def _exactly(self, length, deadline):
        data = b""
        while len(data) < length:
            ready, _, _ = select.select([self.source], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Gone("no answer in time")
            part = os.read(self.source, length - len(data))
            if not part:
                raise Gone("closed")
            data += part
        return data


class Harness:
    """One running harness on a tree made of `files` (relative path -> source)."""

    def __init__(self, files, paths=("",), environment=None, site=True, **config):
        self.home = os.path.realpath(tempfile.mkdtemp(prefix="counterproof-test-"))
        self.tree, self.scratch = os.path.join(self.home, "tree"), os.path.join(self.home, "scratch")
        os.mkdir(self.tree)
        os.mkdir(self.scratch)
        for name, source in files.items():
            self.write(name, source)
        self.config = {
            "tree": self.tree, "paths": [os.path.join(self.tree, path) for path in paths], "scratch": self.scratch,
            "child_filter": b"", "frozen_time": FROZEN, "coverage": "auto", "wall_seconds": 10.0, "tick_seconds": 0.01,
            "limits": dict(LIMITS), "seed": 0,
        }
        self.config.update(config)
        self._start(environment or {}, site)
        kind, self.hello = self.ask(("hello", self.config))
        assert kind == "hello", self.hello

    def write(self, name, source):
        path = os.path.join(self.tree, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(source))

    def _start(self, environment, site):
        pairs = [os.pipe() for _ in range(4)]
        (control_in, ours_1), (ours_2, control_out), (data_in, ours_3), (ours_4, data_out) = pairs
        theirs = control_in, control_out, data_in, data_out
        env = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        env.update(environment)
        flags = ["-B", "-s"] + ([] if site else ["-S"])
        self.process = subprocess.Popen(
            [sys.executable] + flags + [MAIN] + [str(d) for d in theirs], pass_fds=theirs, env=env, cwd=self.home)
        for descriptor in theirs:
            os.close(descriptor)
        self.control, self.data = Pipe(ours_2, ours_1), Pipe(ours_4, ours_3)

    def ask(self, frame):
        self.control.send(frame)
        return self.control.receive()

    def load(self, *modules):
        self.control.send(("import", list(modules)))
        return [self.control.receive()[1] for _ in modules]

    def fork(self, module, name, call="function", cover=(), guide=False, trace=None, ticks=LONG, state=True):
        request = {"module": module, "name": name, "call": call, "cover": list(cover), "guide": guide, "trace": trace,
                   "ticks": ticks, "state": state}
        assert self.ask(("fork", request)) == ("forked",)
        kind, self.ready = self.data.receive()
        assert kind == "ready"
        return self.ready

    def swap(self, mutant):
        """Why `mutant` is none, or nothing where it is in its place."""
        self.data.send(("mutant", mutant))
        kind, reason = self.data.receive()
        assert kind == "mutant"
        return reason

    def run(self, calls, seconds=60, kind="run"):
        self.data.send((kind, calls))
        kind, records, self.new = self.data.receive(seconds)
        assert kind == "ran" and len(records) == len(calls), (kind, len(records), len(calls))
        return records

    def end(self):
        self.data.send(("end",))
        return self.ended()

    def ended(self, seconds=60):
        kind, fields = self.control.receive(seconds)
        assert kind == "ended"
        return fields

    def close(self):
        try:
            self.control.send(("exit",))
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for pipe in (self.control, self.data):
            os.close(pipe.source)
            os.close(pipe.sink)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


def plain(*args, **kwargs):
    """A call with plain arguments."""
    return 0, args, kwargs or None


def recipe(args=(), kwargs=(), receiver=None, nodes=()):
    """A call made from recipes."""
    return 1, {"receiver": receiver, "args": list(args), "kwargs": list(kwargs), "nodes": list(nodes)}


def v(value):
    return "v", value


def observe(source, name, calls, call="function", module="sample", **options):
    """The records of some calls of one function in a one-module tree."""
    config = options.pop("config", {})
    with Harness({module + ".py": source}, **config) as harness:
        loaded = harness.load(module)[0]
        assert loaded["ok"], loaded
        ready = harness.fork(module, name, call=call, **options)
        assert ready["ok"], ready
        return harness.run(calls)


def told_apart(test, prelude, pairs):
    """Each pair differs in one thing, which the encoding must show; each encoding is the same a second time."""
    source = "%s\ndef f(n): return [%s][n]()\n" % (prelude, ", ".join("lambda: " + value for pair in pairs for value in pair))
    first, again = (
        [record[:2] for record in observe(source, "f", [plain(n) for n in range(2 * len(pairs))])] for _turn in range(2)
    )
    test.assertEqual(repr(first), repr(again))
    for at, pair in enumerate(pairs):
        one, other = first[2 * at], first[2 * at + 1]
        test.assertNotEqual(repr(one[1]), repr(other[1]), pair)
        for record in (one, other):
            test.assertIn(record[0], (0, 1), (pair, record))
            test.assertNotEqual(record[1][:1], ("x",), (pair, record))
