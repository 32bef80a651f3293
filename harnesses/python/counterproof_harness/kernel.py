"""What a child asks of the Linux kernel before its first call: to die with its parent, and to give up what the filter names.

`ctypes` and the functions it needs are made ready at start, since the child must not load anything at this point.
"""

import contextlib
import mmap
import os
import sys

try:
    import resource
except ImportError:  # not on every system
    resource = None

try:
    import ctypes
except ImportError:  # a Python built without libffi
    ctypes = None

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SIGKILL = 9

INSTRUCTION_LENGTH = 8  # struct sock_filter: code (2 bytes), jt, jf, k (4 bytes)
OWN_PID = (0x7FEDC0DE).to_bytes(4, "little")  # stands in the program for the child's own process id

ON_LINUX = sys.platform.startswith("linux")

_getpid = os.getpid  # the real one, whatever the calls are told


def _prepare():
    if not ON_LINUX or ctypes is None:
        return None, None

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None, None
    prctl.restype = ctypes.c_int
    return prctl, Program


_prctl, _Program = _prepare()


def can_filter():
    return _prctl is not None


def die_with_parent():
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(SIGKILL), 0, 0, 0)


def bound_memory(call_bytes):
    """Bound what a call may take beyond what the snapshot holds, so that a huge request fails at once and not page by page."""
    if resource is None or not ON_LINUX:
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    limit = held + call_bytes
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
        # Libraries may have reserved far more than they use; then the bound would forbid everything.
        mmap.mmap(-1, call_bytes // 4, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, ValueError, MemoryError):
        resource.setrlimit(resource.RLIMIT_DATA, before)


@contextlib.contextmanager
def without_memory_bound():
    """For what must not fail after the calls: telling what they gave, though that nearly filled the memory they may take."""
    if resource is None or not ON_LINUX:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def with_own_pid(program, pid):
    """The program with the placeholder constant replaced by the process id."""
    ready = bytearray(program)
    own = (pid & 0xFFFFFFFF).to_bytes(4, "little")
    for at in range(4, len(ready), INSTRUCTION_LENGTH):
        if ready[at:at + 4] == OWN_PID:
            ready[at:at + 4] = own
    return bytes(ready)


def install_filter(program):
    """Install the seccomp program for this process for good. The answer is None, or why it failed."""
    if not program:
        return None
    if not ON_LINUX:
        return "seccomp filters exist on Linux only"
    if _prctl is None:
        return "this Python has no ctypes"
    if len(program) % INSTRUCTION_LENGTH:
        return "the filter is not a whole number of instructions"
    ready = with_own_pid(program, _getpid())
    buffer = ctypes.create_string_buffer(ready, len(ready))
    described = _Program(len(ready) // INSTRUCTION_LENGTH, ctypes.addressof(buffer))
    if _prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0):
        return "no_new_privs: " + os.strerror(ctypes.get_errno())
    if _prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(described), 0, 0):
        return "seccomp: " + os.strerror(ctypes.get_errno())
    return None
