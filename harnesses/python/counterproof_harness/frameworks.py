"""What web frameworks need before code of theirs can run: settings that are loaded, an application at hand.

Nothing here is imported for projects that do not use them.
"""

import os
import signal
import sys
from types import FunctionType

from .databases import databases, settings_in_memory
from .importing import module_file
from .world import IMPORTING, OFF, world

VARIABLE = "DJANGO_SETTINGS_MODULE"
# What an exception says where Django was not set up; why it was not is worth more.
_NOT_SET_UP = frozenset(("django.core.exceptions.ImproperlyConfigured", "django.core.exceptions.AppRegistryNotReady"))
# Seconds that the factory of an application may take.
PATIENCE = 5
FACTORIES = ("create_app", "make_app", "app_factory")


class Django:
    """Sets Django up once, before the first module, where the environment names settings."""

    def __init__(self):
        self.tried = False
        self.error = None

    def set_up(self):
        if self.tried:
            return
        self.tried = True
        if not os.environ.get(VARIABLE):
            return
        world.mode = IMPORTING
        try:
            _set_up()
        except BaseException as error:  # settings may exit, or raise whatever they like
            self.error = error
        finally:
            world.mode = OFF
            world.effects.clear()

    def reason(self, error):
        """Why Django could not be set up, where an import failed for that."""
        again = error["class"] == "RuntimeError" and error["message"].startswith("populate() isn't reentrant")
        return self.error if again or error["class"] in _NOT_SET_UP else None


def _set_up():
    """`django.setup()` without its logging, whose handlers may want files and mail servers."""
    try:
        from django.apps import apps
    except ImportError:
        return  # it is missing altogether: whoever imports it says so
    from django.conf import settings
    from django.urls import set_script_prefix

    set_script_prefix(settings.FORCE_SCRIPT_NAME or "/")
    settings_in_memory(settings.DATABASES)
    apps.populate(settings.INSTALLED_APPS)


class Prepared:
    """What is made once in the parent, after the imports and before the first child."""

    def __init__(self):
        self.done = False
        self.flask = Flask()

    def make(self, tree):
        if not self.done:
            self.done = True
            self.flask.find(tree)
            _guarded(databases.prepare, tree)

    def enter(self):
        self.flask.enter()


def _guarded(act, *args):
    """Code of the project's own, or of its packages, that may take its time, or fail."""
    world.mode = IMPORTING
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        return act(*args)
    except BaseException:  # without it, functions that need it say so themselves
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        world.mode = OFF
        world.effects.clear()
        world.out.take()
        world.err.take()
        os.chdir(world.scratch)


class Flask:
    """An application of the tree, made once in the warm parent, since a factory may take its time."""

    def __init__(self):
        self.known = False
        self.app = None

    def find(self, tree):
        """After the imports: the tree's own application, or what its factory makes; none where there is none."""
        kind = getattr(sys.modules.get("flask"), "Flask", None)
        if self.known or not isinstance(kind, type):
            return
        self.known = True
        self.app = _guarded(_flask_app, tree, kind)

    def enter(self):
        """In a child: the context of the application and of a request for `/`, as a test would have it."""
        if self.app is not None:
            try:
                self.app.test_request_context("/").push()
            except BaseException:
                pass


class _TooLong(BaseException):
    """No `Exception`, so that what leaves out what fails does not go on after it."""


def _too_long(_signal, _frame):
    raise _TooLong


def _flask_app(tree, kind):
    modules = [module for _name, module in sorted(sys.modules.items()) if _is_of(module, tree)]
    for module in modules:
        for _name, value in sorted(vars(module).items()):
            if isinstance(value, kind):
                return value
    for module in modules:
        for name in FACTORIES:
            factory = vars(module).get(name)
            if type(factory) is FunctionType and factory.__module__ == module.__name__ and _needs_nothing(factory):
                return factory()
    return None


def _is_of(module, tree):
    file = module_file(module)
    return file is not None and tree.relative(file) is not None


def _needs_nothing(factory):
    code = factory.__code__
    required = code.co_argcount - len(factory.__defaults__ or ())
    keywords = set(code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount])
    return required == 0 and keywords <= set(factory.__kwdefaults__ or ())
