"""What web frameworks need before code of theirs can run: settings that are loaded, an application at hand.

Nothing here is imported for projects that do not use them.
"""

import itertools
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
# Apps that Django is set up without.
MOST_LEFT_OUT = 8
# The tree's own templates that are compiled beforehand.
MOST_TEMPLATES = 60
FACTORIES = ("create_app", "make_app", "app_factory")


class Django:
    """Sets Django up once, before the first module, where the environment names settings."""

    def __init__(self):
        self.tried = False
        self.error = None
        self.left_out = []  # apps that cannot be loaded, with what they raise

    def set_up(self):
        if self.tried:
            return
        self.tried = True
        if not os.environ.get(VARIABLE):
            return
        world.mode = IMPORTING
        try:
            _set_up(self.left_out)
        except BaseException as error:  # settings may exit, or raise whatever they like
            self.error = error
        finally:
            world.mode = OFF
            world.effects.clear()

    def reason(self, error):
        """Why Django could not be set up, where an import failed for that."""
        again = error["class"] == "RuntimeError" and error["message"].startswith("populate() isn't reentrant")
        if self.left_out and error["class"] == "RuntimeError" and "INSTALLED_APPS" in error["message"]:
            return self.left_out[0][1]
        return self.error if again or error["class"] in _NOT_SET_UP else None


def _set_up(left_out):
    """`django.setup()` without its logging, whose handlers may want files and mail servers, and without apps that cannot be loaded:
    the others need not fail for them."""
    try:
        from django.apps import apps
    except ImportError:
        return  # it is missing altogether: whoever imports it says so
    from django.conf import settings
    from django.urls import set_script_prefix

    set_script_prefix(settings.FORCE_SCRIPT_NAME or "/")
    settings_in_memory(settings.DATABASES)
    settings.ALLOWED_HOSTS = list(settings.ALLOWED_HOSTS) + ["testserver"]  # as Django's own test runner
    _populate(apps, list(settings.INSTALLED_APPS), left_out)


def _populate(apps, installed, left_out):
    while True:
        try:
            return apps.populate(installed)
        except Exception as error:
            if len(left_out) >= MOST_LEFT_OUT:
                raise
            configs = list(apps.app_configs.values())
            if apps.models_ready:
                return _ready(apps, configs, error, left_out)
            # Apps are made one after the other, and then their models are loaded.
            loaded = [at for at, config in enumerate(configs) if config.models is not None]
            at = len(configs) if not apps.apps_ready else loaded[-1] if loaded else len(installed)
            if at >= len(installed):
                raise
            left_out.append((installed.pop(at), error))
            apps.app_configs.clear()
            apps.apps_ready = apps.models_ready = apps.ready = apps.loading = False
            apps.clear_cache()


def _ready(apps, configs, error, left_out):
    """After the first of the apps failed to get ready: the others do, each once."""
    owners = []
    step = error.__traceback__
    while step is not None:
        owners.append(step.tb_frame.f_locals.get("self"))
        step = step.tb_next
    failed = next((at for at, config in enumerate(configs) if any(config is owner for owner in owners)), None)
    if failed is None:
        raise error
    left_out.append((configs[failed].name, error))
    for config in configs[failed + 1:]:
        try:
            config.ready()
        except Exception as other:
            left_out.append((config.name, other))
    apps.ready = True
    event = getattr(apps, "ready_event", None)  # since Django 2.0
    if event is not None:
        event.set()


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
            _guarded(databases.warm)

    def enter(self, function):
        self.flask.enter(function)


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
        if self.app is not None:
            _guarded(lambda: _compile_templates(self.app.jinja_env, tree))

    def enter(self, function):
        """In a child: the context of the application and of a request for `/`, as a test would have it; with somebody logged in
        where nobody else gets to the function."""
        if self.app is not None:
            try:
                self.app.test_request_context("/").push()
                if _wants_login(function):
                    _log_in()
            except BaseException:
                pass


def _wants_login(function):
    """Whether a function is behind a decorator of Flask-Login."""
    for _ in range(20):
        if type(function) is not FunctionType:
            return False
        if function.__code__.co_filename.replace(os.sep, "/").endswith(_LOGIN):
            return True
        function = function.__dict__.get("__wrapped__")
    return False


_LOGIN = "/flask_login/utils.py"


def _log_in():
    """The first row of whoever may log in, by the session, as the library's own test client does it."""
    from flask import session
    session["_user_id"], session["_fresh"] = "1", True


def _compile_templates(environment, tree):
    """The tree's templates and those they name: every child would compile them anew. Not only once a child had to, since what
    is done in one version alone (parts of blueprints that are worked out when they are first asked for) shows as a difference."""
    from jinja2 import TemplateError, meta

    def is_own(name):
        return tree.relative(environment.loader.get_source(environment, name)[1] or "") is not None

    open_, seen = list(itertools.islice(filter(is_own, environment.list_templates()), MOST_TEMPLATES)), set()
    while open_:
        name = open_.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            environment.get_template(name)
            source = environment.loader.get_source(environment, name)[0]
            open_ += [other for other in meta.find_referenced_templates(environment.parse(source)) if other]
        except TemplateError:
            continue  # whoever renders it is told


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
