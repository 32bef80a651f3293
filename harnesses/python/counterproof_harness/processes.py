"""Processes are stood in for: none is started; what one prints and how it ends is an answer, its words and its input are effects.

The stand-in is below `subprocess.Popen` and above the operating system: pipes, modes and errors of the library stay its own.
"""

import os
import weakref

from . import arrivals, onload
from .answers import PROCESS, answers, as_bytes, stands_in
from .effects import placeless, shown
from .world import world

_PID = 4000
_system = os.system
_plain = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-")
_running = weakref.WeakKeyDictionary()


def install():
    onload.when_loaded("subprocess", _patch)
    # A bound method, like the built-in function, does not turn into a method when somebody keeps it in a class.
    os.system = _Shell().system


class _Process:
    """A process that was never there."""

    def __init__(self, status, given):
        self.status = status
        self.given = given  # a descriptor of what is written to it, or None
        self.ended = False

    def end(self):
        """Its return code; what it was given is told once."""
        if not self.ended:
            self.ended = True
            if self.given is not None:
                text = _everything(self.given)
                os.close(self.given)
                if text:
                    world.note("process input", placeless(text.decode("utf-8", "backslashreplace"))[:2000])
        return self.status


class _Shell:
    def system(self, command):
        if not stands_in():
            return _system(command)
        text = os.fsdecode(command)
        arrivals.tell("os.system", (command,))
        world.note("process", placeless("sh -c %s" % _quoted(text))[:2000])
        code = _code(answers.next(PROCESS))
        if code is None:
            code = 127
        return -code if code < 0 else (code & 255) << 8


def _patch(module):
    kind = module.Popen
    execute, poll, wait = kind._execute_child, kind._internal_poll, kind._wait

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags, shell,
                       p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *more):
        if not stands_in() or _is_asynchronous():
            return execute(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo, creationflags,
                           shell, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, *more)
        pipes = p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite
        try:
            _start(self, args, executable, cwd, env, shell, pipes)
        finally:
            _close_ends(self, pipes)

    def _internal_poll(self, *args, **kwargs):
        process = _running.get(self)
        if process is None:
            return poll(self, *args, **kwargs)
        if self.returncode is None:
            self.returncode = process.end()
        return self.returncode

    def _wait(self, timeout):
        process = _running.get(self)
        if process is None:
            return wait(self, timeout)
        if self.returncode is None:
            self.returncode = process.end()
        return self.returncode

    kind._execute_child, kind._internal_poll, kind._wait = _execute_child, _internal_poll, _wait


def _is_asynchronous():
    """Whether an event loop starts it, which would wait for a real process to end."""
    import sys
    frame = sys._getframe(3)
    return frame.f_globals.get("__name__", "").startswith("asyncio")


def _start(popen, args, executable, cwd, env, shell, pipes):
    p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = pipes
    words = _words(args, shell)
    if world.watching:
        given = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        arrivals.tell("subprocess.Popen", (executable, ["/bin/sh", "-c"] + given if shell else given))
    where = "" if cwd is None else " in %s" % shown(os.path.realpath(os.fsdecode(cwd)))
    world.note("process", placeless(words + _changes(env) + _instead(executable))[:2000] + where)
    answer = answers.next(PROCESS)
    code = _code(answer)
    if code is None:
        program = os.fsdecode(executable or (args if isinstance(args, (str, bytes, os.PathLike)) else args[0]))
        if not shell:
            raise FileNotFoundError(2, os.strerror(2), program)
        code = 127
    output, errors = as_bytes(answer.get("process-output", b"")), as_bytes(answer.get("process-errors", b""))
    if errwrite == c2pwrite:
        output, errors = output + errors, b""
    _fill(c2pread, c2pwrite, output)
    _fill(errread, errwrite, errors)
    given = None
    if p2cwrite != -1:
        given = _anonymous_file(b"")
        if given is not None:
            os.dup2(given, p2cwrite, inheritable=False)
    popen.pid = _PID + answers.number(PROCESS)
    popen._child_created = True
    _running[popen] = _Process(code, given)


def _code(answer):
    code = answer.get("process-code", 0)
    if code is None:
        return None
    # What a real process can end with.
    return max(-64, min(255, code)) if isinstance(code, int) else 0


def _fill(reading, writing, data):
    """Put what it prints where the library reads it, or where the process would have written it."""
    if reading != -1:
        file = _anonymous_file(data)
        if file is not None:
            os.dup2(file, reading, inheritable=False)
            os.close(file)
            return
        data = data[:60000]  # what a pipe holds
    if writing > 2 and data:
        try:
            os.write(writing, data)
        except OSError:
            pass


def _anonymous_file(data):
    """A descriptor of a file without a name that holds this; nothing where the system has no such files."""
    try:
        file = os.memfd_create("answer")
    except (AttributeError, OSError):
        return None
    view = memoryview(data)
    while view:
        view = view[os.write(file, view):]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _everything(file):
    parts, at = [], 0
    while True:
        part = os.pread(file, 1 << 16, at)
        if not part or at > 1 << 20:
            return b"".join(parts)
        parts.append(part)
        at += len(part)


def _close_ends(popen, pipes):
    """What the process would have been given of the pipes is closed, as after a real start."""
    devnull = getattr(popen, "_devnull", None)
    p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = pipes
    for theirs, ours in ((p2cread, p2cwrite), (c2pwrite, c2pread), (errwrite, errread)):
        if theirs != -1 and ours != -1 and theirs != devnull:
            os.close(theirs)
    if devnull is not None:
        os.close(devnull)
    popen._closed_child_pipe_fds = True


# How it is told

def _quoted(text):
    return text if text and _plain.issuperset(text) else "'%s'" % text.replace("'", "'\\''")


def _words(args, shell):
    if isinstance(args, (str, bytes, os.PathLike)):
        text = os.fsdecode(args)
        return "sh -c %s" % _quoted(text) if shell else _quoted(text)
    words = " ".join(_quoted(os.fsdecode(word)) for word in args)
    return "sh -c %s" % words if shell else words


def _changes(env):
    """What the process finds in its environment that is not in ours, and what it does not find."""
    if env is None:
        return ""
    theirs = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    changed = ["%s=%s" % (name, _quoted(value)) for name, value in sorted(theirs.items()) if os.environ.get(name) != value]
    if any(name not in theirs for name in os.environ):
        kept = sorted(name for name, value in theirs.items() if os.environ.get(name) == value)
        return " with nothing but %s" % " ".join(changed + kept) if theirs else " with no variables"
    return " with %s" % " ".join(changed) if changed else ""


def _instead(executable):
    return "" if executable is None else " executed by %s" % _quoted(os.fsdecode(executable))
