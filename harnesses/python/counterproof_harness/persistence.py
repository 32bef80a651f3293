"""Describers for what SQLAlchemy and Django keep about a database: rows, statements, results, query sets, sessions.

Each of these refers to the mapping of all tables, so that one row would be told with thousands of parts that are the same for
every row. A row is told by its columns and by whether it waits to be written; a statement by the text that would be sent, with
its parameters. That shows differences, and is no ground for "same": how rows are locked, what is made of them and how they are
loaded besides stands in no text. So what else these hold counts as unseen (`REST`), but for rows.
"""

import re

from .naming import class_name, mro_of, namespace_of
from .services import PLAIN

STATE = "_sa_instance_state"
# What SQLAlchemy adds to rows and their lists, which leads to the mapping of all tables.
HIDDEN = frozenset((STATE, "_sa_adapter"))
# For a part that was not looked at.
UNSEEN = object()
REST = ("rest", UNSEEN)
_ADDRESS = re.compile(" at 0x[0-9a-f]+")


def is_mapped(kind):
    """Whether instances of a class are rows of SQLAlchemy's."""
    return any("_sa_class_manager" in namespace_of(klass) for klass in mro_of(kind))


def waiting(state):
    """What a session is to do with a row, or did: nothing is said of one that is in no session, or as it is in the database."""
    if class_name(type(state)) != "sqlalchemy.orm.state.InstanceState":
        return []
    if state.pending:
        return [("instance_state", "pending")]
    session = state.session
    if state.deleted or session is not None and state in session._deleted:
        return [("instance_state", "deleted")]
    return [("instance_state", "detached")] if state.detached else []


# SQLAlchemy

def _query(encoder, value, plan, depth):
    return _statement(encoder, value.statement, plan, depth)


def _statement(encoder, value, _plan, _depth):
    """A statement, or an expression in one: its text in the default dialect, its parameters, and how it loads what it finds."""
    compiled = value.compile()
    extra = [("params", dict(compiled.params))] if compiled.params else []
    options = [_option(option) for option in getattr(value, "_with_options", ())]
    if options:
        extra.append(("options", options))
    settings = dict(getattr(value, "_execution_options", ()))
    if settings:
        extra.append(("execution_options", settings))
    return encoder.scalar(str(compiled)), extra + [REST]


def _option(option):
    """A loader option: its class, and the ways and strategies that it names."""
    told = [class_name(type(option)), str(getattr(option, "path", ""))]
    for part in getattr(option, "context", ()):
        told += [str(getattr(part, "path", part)), str(getattr(part, "strategy", "")), str(getattr(part, "local_opts", ""))]
    return _ADDRESS.sub("", " ".join(told))


# How many were made before, and what is worked out when it is first asked for.
_OF_CHANCE = frozenset(("creation_counter", "comparator", "description", "dialect_options", "proxy_set", "cached_col"))


def _definition(_encoder, value, plan, _depth):
    """A column or a field is no question: it is told by its plain attributes and its type."""
    told = [(name, part) for name, part in plan.attributes(value) if _is_setting(name, part)]
    kind = getattr(value, "type", None)
    return None, told + ([] if kind is None else [("type", _ADDRESS.sub("", repr(kind)))]) + [REST]


def _is_setting(name, part):
    return type(part) in PLAIN and not name.startswith("_") and name not in _OF_CHANCE


def _attribute(_encoder, value, _plan, _depth):
    return str(value), [REST]


def _engine(_encoder, value, _plan, _depth):
    return None, [("url", str(value.url)), REST]


def _row(encoder, value, _plan, depth):
    return ("t", encoder.parts(tuple(value), depth)), [("fields", tuple(value._fields))]


def _result(encoder, value, _plan, depth):
    return encoder.drained(iter(value), type(value), depth), []


def _session(_encoder, value, _plan, _depth):
    registry = getattr(value, "registry", None)
    session = value if registry is None else registry() if registry.has() else None
    lists = [] if session is None else [(name, sorted(getattr(session, name), key=_place)) for name in ("new", "dirty", "deleted")]
    return None, [(name, rows) for name, rows in lists if rows] + [REST]


def _place(row):
    """Where a row stands among others: sessions keep them in the order of addresses."""
    state = row.__dict__.get(STATE)
    told = sorted((name, repr(part)) for name, part in row.__dict__.items() if type(part) in PLAIN)
    return class_name(type(row)), repr(getattr(state, "key", None)), repr(told)


# Django

def _query_set(encoder, value, plan, depth):
    """A query set by what it would ask; what it has got already is told as well."""
    own = dict(plan.attributes(value))
    try:
        asked, parameters = value.query.sql_with_params()
    except Exception as error:
        if not class_name(type(error)).endswith(".EmptyResultSet"):
            raise
        asked, parameters = None, ()  # nothing can be found, so that nothing is asked
    told = [("model", value.model)] + ([("params", tuple(parameters))] if parameters else [])
    told += [(name, own[name]) for name in _OF_QUERY_SETS if not _is_usual(own.get(name))]
    return encoder.encode(asked, depth + 1), told + [REST]


_OF_QUERY_SETS = ("_db", "_fields", "_for_write", "_iterable_class", "_prefetch_related_lookups", "_result_cache")


def _is_usual(part):
    if isinstance(part, type):
        return class_name(part) == "django.db.models.query.ModelIterable"
    return part is None or part is False or part == ()


def _manager(_encoder, value, _plan, _depth):
    return None, [("model", getattr(value, "model", None)), ("name", getattr(value, "name", None)), REST]


# class name -> (describer, is a value, attributes as well)
BY_NAME = {
    "sqlalchemy.orm.query.Query": (_query, True, False),
    "sqlalchemy.sql.schema.SchemaItem": (_definition, False, False),
    "sqlalchemy.orm.properties.MappedColumn": (_definition, False, False),
    "sqlalchemy.orm.interfaces.MapperProperty": (_definition, False, False),
    "sqlalchemy.sql.base.Executable": (_statement, True, False),
    "sqlalchemy.sql.elements.ColumnElement": (_statement, True, False),
    "sqlalchemy.orm.attributes.QueryableAttribute": (_attribute, True, False),
    "sqlalchemy.engine.base.Engine": (_engine, True, False),
    "sqlalchemy.engine.row.Row": (_row, True, False),
    "sqlalchemy.engine.result.Result": (_result, False, False),
    "sqlalchemy.engine.result.FilterResult": (_result, False, False),
    "sqlalchemy.orm.session.Session": (_session, False, False),
    "sqlalchemy.orm.scoping.scoped_session": (_session, False, False),
    "django.db.models.fields.Field": (_definition, False, False),
    "django.forms.fields.Field": (_definition, False, False),
    "django.db.models.query.QuerySet": (_query_set, False, False),
    "django.db.models.manager.BaseManager": (_manager, True, False),
}
