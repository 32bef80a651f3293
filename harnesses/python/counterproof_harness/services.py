"""Services: objects that stand for something of the process, not for data.

A logger is tied to all other loggers, a thread to the threads beside it, a loader to the path that it was found on. What
these hold says nothing about the function that hands them out or the object that keeps them. So they are told by class and
name; one that is itself a result or an argument by its plain public settings as well, and then the rest counts as unseen.
What a project puts on top, in subclasses or from outside, is the project's and is told as usual.
"""

from types import CodeType, FunctionType

from .naming import class_name, mro_of, namespace_of
from .world import world

# Class name -> the attribute that holds the name, if instances have one.
_SERVICES = {
    "logging.Logger": "name",
    "logging.Handler": "_name",
    "logging.Manager": None,
    "logging.PlaceHolder": None,
    "threading.Thread": "_name",
    "multiprocessing.process.BaseProcess": "_name",
    "multiprocessing.context.BaseContext": None,
    "concurrent.futures._base.Executor": None,
    "asyncio.events.AbstractEventLoop": None,
    "asyncio.events.AbstractEventLoopPolicy": None,
    "selectors.BaseSelector": None,
    "subprocess.Popen": None,
    "_socket.socket": None,
    "_ssl._SSLContext": None,
    "_frozen_importlib.ModuleSpec": "name",
    "_frozen_importlib_external.FileLoader": "name",
    "_frozen_importlib_external.FileFinder": None,
    "zipimport.zipimporter": None,
    "flask.app.Flask": "import_name",
    "flask_sqlalchemy.extension.SQLAlchemy": None,
    "sqlalchemy.sql.schema.MetaData": None,
}
# Types of settings that are told as they are.
PLAIN = frozenset((type(None), bool, int, float, str, bytes))


class Service:
    """How instances of a class that is a service are told."""

    def __init__(self, kind, base, name):
        self.name = name
        self.is_application = class_name(base) == "flask.app.Flask"
        self.is_own = kind is not base and _is_of_tree(kind)  # a class of the project
        self.internal = _internal_names(kind)


def service_of(kind):
    """The `Service` that a class is, or None."""
    for klass in mro_of(kind):
        name = class_name(klass)
        if name in _SERVICES:
            return Service(kind, klass, _SERVICES[name])
    return None


def describe(encoder, value, plan, depth):
    service = plan.service
    state = plan.attributes(value)
    told = [("name", part) for name, part in state if name == service.name and type(part) is str and not _is_counted(part)]
    if depth == 0:
        told += [(name, part) for name, part in state if _is_setting(name, part, service)]
        told += _of_application(value) if service.is_application else []
    told += [(name, part) for name, part in state if name not in service.internal]
    if not told and not service.is_own:
        return "x", plan.name
    if service.is_own:
        again = encoder.known(value)
        if again is not None:
            return again
    number = encoder.numbers[id(value)] if service.is_own else encoder.next_number()
    attributes = [(name, encoder.encode(part, depth + 1)) for name, part in told]
    return "o", plan.name, number, ("cut",) if depth == 0 else None, attributes


def _of_application(value):
    """What a reader looks for in an application: its settings, routes and parts. What they are made of counts as unseen."""
    rules = sorted((rule.rule, rule.endpoint, sorted(rule.methods or ())) for rule in value.url_map.iter_rules())
    return [("config", dict(value.config)), ("rules", rules), ("blueprints", sorted(value.blueprints)),
            ("extensions", sorted(map(str, value.extensions)))] + [
            (name, getattr(value, name)) for name in _HOOKS if getattr(value, name, None)]


_HOOKS = ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "template_context_processors", "error_handler_spec")


def _is_setting(name, part, service):
    is_public = name in service.internal and name != service.name and not name.startswith("_")
    return is_public and type(part) in PLAIN


def _is_counted(name):
    """`Thread-3`: how many there were before says nothing of this one."""
    kind, _, number = name.partition("-")
    return kind in ("Thread", "Process", "Dummy") and number[:1].isdigit()


def _is_of_tree(kind):
    return any(world.tree is not None and world.tree.relative(code.co_filename) is not None for code in _codes(kind))


def _internal_names(kind):
    """Every name that methods from outside the tree mention: attributes of these names are not the project's."""
    found = set()
    for klass in mro_of(kind):
        if not _is_of_tree(klass):
            for code in _codes(klass):
                found.update(code.co_names)
    return found


def _codes(klass):
    """The code of all methods of one class, that of functions within them included."""
    open_ = []
    for entry in namespace_of(klass).values():
        entry = getattr(entry, "__func__", entry) if type(entry) in (staticmethod, classmethod) else entry
        parts = (entry.fget, entry.fset) if type(entry) is property else (entry,)
        open_ += [part.__code__ for part in parts if type(part) is FunctionType]
    while open_:
        code = open_.pop()
        yield code
        open_ += [constant for constant in code.co_consts if type(constant) is CodeType]
