"""The audit hook: effects are behaviour, so they are recorded, and those that must not happen are refused.

The kernel's sandbox is the wall; this is the record. A refused effect of a call raises `EffectRefused`, and the call's record
says so whatever the code does afterwards; while a module is imported it raises `PermissionError`, since optional code is often
guarded against that. Writing inside the scratch folder is allowed. Reading is not recorded at all: the kernel answers.
"""

import os
import sys

try:
    from _sha1 import sha1
except ImportError:  # built without it: the long way, through OpenSSL
    from hashlib import sha1

from .chance import identity
from .world import CALLING, IMPORTING, OFF, EffectRefused, world

_realpath, _fspath, _fsdecode, _getcwd, _readlink = os.path.realpath, os.fspath, os.fsdecode, os.getcwd, os.readlink
_getpid, _relpath = os.getpid, os.path.relpath

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
HARMLESS_FILES = ("/dev/null", "/dev/zero", "/dev/full")
DETAIL_LIMIT = 2000


def install():
    sys.addaudithook(_hook)


def _hook(event, args):
    judge = _JUDGES.get(event)
    if judge is None or world.mode == OFF:
        return
    try:
        effect = judge(args)
    except Exception as error:  # a path that is none, say: better refused than missed
        effect = (event, "not understood: %s" % type(error).__name__, True)
    if effect is None:
        return
    kind, detail, refused = effect
    world.note(kind, detail[:DETAIL_LIMIT], refused)
    if refused:
        _refuse(kind, detail)


def also(event, look):
    """Has `look` see the arguments of an event as well, where marked texts are watched; it refuses nothing."""
    judge = _JUDGES.get(event)

    def both(args):
        if world.watching:
            try:
                look(args)
            except Exception:
                pass  # arguments of another form say nothing
        return judge(args) if judge is not None else None

    _JUDGES[event] = both


def _refuse(kind, detail):
    text = "counterproof refuses: %s %s" % (kind, detail)
    if world.mode == CALLING:
        raise EffectRefused(text)
    raise PermissionError(1, text)


# Paths

def absolute(path, directory=-1):
    """The real path, or None when `path` is an open descriptor."""
    if isinstance(path, int):
        return None
    text = _fsdecode(_fspath(path))
    if not os.path.isabs(text):
        base = _readlink("/proc/self/fd/%d" % directory) if isinstance(directory, int) and directory >= 0 else _getcwd()
        text = os.path.join(base, text)
    # The last part is taken as it is: removing a link is not removing what it points to.
    folder, name = os.path.split(text)
    return os.path.join(_realpath(folder), name) if name else _realpath(text)


def shown(path):
    """A path as a record shows it: the same for both versions, and in every run."""
    folders = (world.scratch, "<scratch>"), (world.tree.root, "<tree>")
    for prefix, name in folders:
        if path == prefix:
            return name
        if path.startswith(prefix + os.sep):
            return name + path[len(prefix):]
    if world.outer and (path + os.sep).startswith(world.outer + os.sep):
        # Folders of our own above the two: named after the run, or the version.
        for prefix, name in folders:
            if path.startswith(prefix):
                return name + path[len(prefix):]
        return "<scratch>/" + _relpath(path, world.scratch)
    return path


def in_scratch(path):
    return path == world.scratch or path.startswith(world.scratch + os.sep)


def _change(kind, path, directory=-1, follow=True):
    """A change of one file: allowed inside scratch only."""
    place = absolute(path, directory)
    if place is None:
        if path > 2 and path not in world.own_descriptors:
            return None  # it was opened under the same rules
        return kind, "descriptor %d" % path, True
    target = _realpath(place) if follow else place
    if target in HARMLESS_FILES and kind == "write":
        return None
    allowed = in_scratch(target)
    if allowed:
        world.scratch_touched = True
    return kind, shown(target), not allowed


def _change_two(kind, source, target, source_directory=-1, target_directory=-1):
    first, second = absolute(source, source_directory), absolute(target, target_directory)
    allowed = in_scratch(first) and in_scratch(second)
    if allowed:
        world.scratch_touched = True
    return kind, "%s -> %s" % (shown(first), shown(second)), not allowed


def _open(args):
    path, mode, flags = args
    if isinstance(mode, str):
        writing = any(letter in mode for letter in "wax+")
    else:
        writing = bool((flags or 0) & WRITING)
    if not writing:
        return None
    if isinstance(path, int):
        return ("write", "descriptor %d" % path, True) if path in world.own_descriptors else None
    return _change("write", path)


def _at(kind, directory_index, follow=True):
    def judge(args):
        directory = args[directory_index] if directory_index is not None and len(args) > directory_index else -1
        return _change(kind, args[0], directory, follow)
    return judge


def _rename(args):
    return _change_two("rename", args[0], args[1], *args[2:4])


def _link(args):
    return _change_two("link", args[0], args[1], *args[2:4])


def _symlink(args):
    directory = args[2] if len(args) > 2 else -1
    made = absolute(args[1], directory)
    goal = _fsdecode(_fspath(args[0]))
    aimed = _realpath(os.path.join(os.path.dirname(made), goal))
    allowed = in_scratch(made) and in_scratch(aimed)
    if allowed:
        world.scratch_touched = True
    return "symlink", "%s -> %s" % (shown(made), shown(aimed)), not allowed


def _database(args):
    name = _fsdecode(args[0]) if isinstance(args[0], (str, bytes, os.PathLike)) else str(args[0])
    if name in ("", ":memory:") or name.startswith("file::memory:") or "mode=memory" in name:
        return None
    if name.startswith("file:"):
        name = name[5:].split("?", 1)[0]
    return _change("database", name)


def _temporary(_args):
    world.dirty = True  # the names of temporary files start over in the next call
    return None


# Process, environment

def _words(value):
    if isinstance(value, (list, tuple)):
        return " ".join(_words(part) for part in value)
    if isinstance(value, (str, bytes, os.PathLike)):
        return _fsdecode(value)
    return str(value) if type(value) in (int, float, bool, type(None)) else type(value).__name__


def placeless(text):
    text = text.replace(world.scratch, "<scratch>").replace(world.tree.root, "<tree>")
    if world.outer:
        text = text.replace(os.path.dirname(world.scratch), "<scratch>/..").replace(world.outer, "<cache>")
    return text


def _refused(kind, *indexes):
    def judge(args):
        return kind, placeless(" ".join(_words(args[i]) for i in indexes if i < len(args))), True
    return judge


def _process(args):
    words = args[1] if len(args) > 1 and args[1] else args[0]
    return "process", placeless(_words(words)), True


def _kill(args):
    ourselves = (_getpid(), identity.pid)
    if args[0] == ourselves[0] and args[1] == 0:
        return None
    whom = "self" if args[0] == 0 or args[0] in ourselves else "another process"
    return "kill", "%s signal %d" % (whom, args[1]), True


def _environment(args):
    world.environment_touched = True
    return "environment", _words(args[0]), False


def _directory(args):
    world.directory_touched = True
    place = absolute(args[0])
    if place is None:
        return "chdir", "descriptor", False
    return "chdir", shown(_realpath(place)), False


def _library(args):
    name = args[0] if args else None
    if name is None or world.mode == IMPORTING:
        return None
    return "library", placeless(_words(name)), False


# Network

def _address(args):
    return "connect", _words(args[1]), True


def _request(args):
    if world.mode == CALLING and str(args[0]).startswith(("http:", "https:")):
        return None  # what is sent to the server that stands in is told where it is sent
    method = args[3] if len(args) > 3 and args[3] else "GET"
    return "request", "%s %s" % (_words(method), _words(args[0])), True


def _server(kind):
    def judge(args):
        return kind, " ".join(_words(part) for part in args[1:3] if part is not None), True
    return judge


def _send(args):
    return "send", _words(args[1]) if len(args) > 1 and args[1] else "", True


_JUDGES = {
    "open": _open,
    "os.remove": _at("remove", 1, follow=False),
    "os.rmdir": _at("rmdir", 1, follow=False),
    "os.mkdir": _at("mkdir", 2, follow=False),
    "os.chmod": _at("chmod", 2),
    "os.chown": _at("chown", 3),
    "os.truncate": _at("truncate", None),
    "os.utime": _at("utime", 3),
    "os.setxattr": _at("setxattr", None),
    "os.removexattr": _at("setxattr", None),
    "os.chflags": _at("chmod", None),
    "os.rename": _rename,
    "os.link": _link,
    "os.symlink": _symlink,
    "tempfile.mkstemp": _temporary,
    "tempfile.mkdtemp": _temporary,
    "sqlite3.connect": _database,
    "subprocess.Popen": _process,
    "os.system": _refused("process", 0),
    "os.exec": _process,
    "os.posix_spawn": _process,
    "os.spawn": _refused("process", 1, 2),
    "os.startfile": _refused("process", 0),
    "pty.spawn": _refused("process", 0),
    "os.fork": _refused("fork"),
    "os.forkpty": _refused("fork"),
    "os.kill": _kill,
    "os.killpg": _refused("kill", 1),
    "os.putenv": _environment,
    "os.unsetenv": _environment,
    "os.chdir": _directory,
    "ctypes.dlopen": _library,
    "socket.connect": _address,
    "socket.bind": lambda args: ("bind", _words(args[1]), True),
    "socket.sendto": _send,
    "socket.sendmsg": _send,
    "socket.getaddrinfo": _refused("resolve", 0, 1),
    "socket.gethostbyname": _refused("resolve", 0),
    "socket.gethostbyaddr": _refused("resolve", 0),
    "socket.getnameinfo": _refused("resolve", 0),
    "socket.sethostname": _refused("sethostname", 0),
    "urllib.Request": _request,
    "http.client.connect": _server("connect"),
    "ftplib.connect": _server("connect"),
    "ftplib.sendcmd": _server("send"),
    "smtplib.connect": _server("connect"),
    "smtplib.send": _server("send"),
    "imaplib.open": _server("connect"),
    "imaplib.send": _server("send"),
    "poplib.connect": _server("connect"),
    "nntplib.connect": _server("connect"),
    "telnetlib.Telnet.open": _server("connect"),
    "webbrowser.open": _refused("browser", 0),
    "syslog.syslog": _refused("syslog", 1),
    "syslog.openlog": _refused("syslog", 0),
    "sys.setprofile": lambda _args: ("profile", "sys.setprofile", False),
}


# The scratch folder after a call

def describe_scratch(kept):
    """`written` effects for every file in scratch, with size and digest, in order of path."""
    found = []
    for folder, folders, files in os.walk(world.scratch):
        folders.sort()
        if folder == world.scratch:
            folders[:] = [name for name in folders if name not in kept]
            files = [name for name in files if name not in kept]
        for name in sorted(files):
            found.append(os.path.join(folder, name))
    return [("written", _file_summary(path), False) for path in found[:200]]


def _file_summary(path):
    name = shown(path)
    try:
        if not os.path.isfile(path) or os.path.islink(path):
            return name
        size = os.path.getsize(path)
        with open(path, "rb") as file:
            return "%s %d %s" % (name, size, sha1(file.read(1 << 24)).hexdigest())
    except OSError:
        return name


def empty_scratch(kept):
    """Remove what a call left in scratch; what was there before the calls stays."""
    try:
        entries = list(os.scandir(world.scratch))
    except OSError:
        os.makedirs(world.scratch, exist_ok=True)
        return
    for entry in entries:
        if entry.name not in kept:
            _remove(entry.path, entry.is_dir(follow_symlinks=False))


def _remove(path, is_folder):
    try:
        if not is_folder:
            os.unlink(path)
            return
        os.chmod(path, 0o700)
        for entry in list(os.scandir(path)):
            _remove(entry.path, entry.is_dir(follow_symlinks=False))
        os.rmdir(path)
    except OSError:
        pass
