"""Where marked text arrives: a shell, a statement of SQL, code, a file, a function that was given.

Counterproof marks texts of some inputs with a word that no program has, and says so (`watch` in place of `run`). What such a
text gets to is told beside the call's record. It is no behaviour that is compared, so that calls without marks tell nothing, and
what is told is what arrived: whether that does any harm is decided in Rust.
"""

import os
import sys

from . import effects
from .world import CALLING, world

MARK = "xmarkx"
MARKED = b"xmarkx"
_LIMIT, _MOST, _PARTS = 4000, 40, 64
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "cmd.exe"))
_frame = sys._getframe
_source = [""]  # the last marked source that was compiled
_connects = {}


def install():
    """After the audit hook: it sees more events, and some with other eyes."""
    for event, look in _LOOKS.items():
        effects.also(event, look)


def watch(wanted):
    """For the next batch: whether its texts are marked."""
    if wanted == world.watching:
        return
    world.watching = wanted
    for name in ("sqlite3", "sqlite3.dbapi2"):
        module = sys.modules.get(name)
        if module is not None:
            own = _connects.setdefault(name, module.connect)
            module.connect = _tell_statements(own) if wanted else own


def note(at, parts):
    if world.mode == CALLING and not world.verdict and len(world.arrivals) < _MOST:
        world.dirty = True
        world.arrivals.append((at, [effects.placeless(part)[:_LIMIT] for part in parts[:_PARTS]]))


def take():
    taken, world.arrivals = world.arrivals, []
    return taken


def is_marked(value):
    """Whether a text or bytes, or one in a container of the usual kinds, carries the mark."""
    if isinstance(value, str):
        return MARK in value
    if isinstance(value, (bytes, bytearray)):
        return MARKED in value
    if isinstance(value, os.PathLike):
        return is_marked(os.fspath(value))
    if type(value) is dict:
        return any(is_marked(part) for pair in value.items() for part in pair)
    if type(value) in (list, tuple, set, frozenset):
        return any(map(is_marked, value))
    return False


def _text(value):
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else repr(value)[:_LIMIT]


# Processes

def _popen(args):
    _program(args[1] if len(args) > 1 and args[1] else args[0])


def _program(words):
    if not is_marked(words):
        return
    if not isinstance(words, (list, tuple)):
        words = [words]
    texts = [_text(word) for word in words]
    if len(texts) > 2 and os.path.basename(texts[0]) in _SHELLS and texts[1] in ("-c", "/c", "/C"):
        note("shell", texts[2:3])
    else:
        note("arguments", texts)


def _system(args):
    if is_marked(args[0]):
        note("shell", [_text(args[0])])


# Code

def _compile(args):
    source = args[0]
    if isinstance(source, (str, bytes)) and is_marked(source):
        _source[0] = _text(source)


def _execute(args):
    if args and _imports_mark(args[0]):
        note("code", [_source[0]])


def _imports_mark(code, depth=4):
    """Whether code names the mark as something to import: then it was read as code."""
    names = getattr(code, "co_names", None)
    if names is None:
        return False
    if "__import__" in names and MARK in code.co_consts:
        return True
    return depth > 0 and any(_imports_mark(inner, depth - 1) for inner in code.co_consts if hasattr(inner, "co_names"))


def _import(args):
    name = args[0]
    if isinstance(name, str) and MARK in name:
        note("import", [name, _importer()])


def _importer():
    """The module whose code imports, as far as it is written in Python."""
    frame = _frame(3)
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if not name.startswith(("importlib", "counterproof_harness")) and "importlib" not in frame.f_code.co_filename:
            return name
        frame = frame.f_back
    return ""


def _pickle(args):
    if is_marked(args[0]) or is_marked(args[1]):
        note("pickle", [_text(args[0]), _text(args[1])])


def _marshal(args):
    if is_marked(args[0]):
        note("marshal", [])


# Files

def _opened(args):
    path, mode, flags = args
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool((flags or 0) & effects.WRITING)
    _path("write" if writes else "read", path)


def _path(at, path):
    if not isinstance(path, int) and path is not None and is_marked(path):
        note(at, [effects.shown(effects.absolute(path)), _text(path)])


def _at(kind, *indexes):
    def look(args):
        for index in indexes:
            if index < len(args):
                _path(kind, args[index])
    return look


# Databases, networks

def sql(statement):
    """A statement as the database gets it, with the values of its parameters written out as literals."""
    if world.watching and is_marked(statement):
        note("sql", [statement])


def _tell_statements(connect):
    def told(*args, **kwargs):
        connection = connect(*args, **kwargs)
        connection.set_trace_callback(sql)
        return connection
    return told


def _connected(*indexes):
    def look(args):
        words = [args[index] for index in indexes if index < len(args)]
        if is_marked(words):
            note("connect", [_text(word) for word in words if word is not None])
    return look


def given(name, args, kwargs):
    """What a function that was given as a part of an input is called with; by the name that it was given under."""
    if is_marked(args) or is_marked(kwargs):
        words = list(args) + list(kwargs.values())
        note("given", [name] + [_text(word) for word in words])


_LOOKS = {
    "subprocess.Popen": _popen,
    "os.system": _system,
    "os.exec": _popen,
    "os.posix_spawn": _popen,
    "os.spawn": lambda args: _program(args[2]),
    "pty.spawn": lambda args: _program(args[0]),
    "compile": _compile,
    "exec": _execute,
    "import": _import,
    "pickle.find_class": _pickle,
    "marshal.loads": _marshal,
    "open": _opened,
    "os.listdir": _at("read", 0),
    "os.scandir": _at("read", 0),
    "os.remove": _at("remove", 0),
    "os.rmdir": _at("remove", 0),
    "os.mkdir": _at("write", 0),
    "os.chmod": _at("write", 0),
    "os.rename": _at("write", 0, 1),
    "os.link": _at("write", 0, 1),
    "os.symlink": _at("write", 0, 1),
    "shutil.rmtree": _at("remove", 0),
    "socket.getaddrinfo": _connected(0),
    "socket.connect": _connected(1),
    "urllib.Request": _connected(0),
    "http.client.connect": _connected(1, 2),
    "ftplib.connect": _connected(1, 2),
    "smtplib.connect": _connected(1, 2),
}
