"""Describers for what SQLAlchemy and Django keep about a database: rows, statements, results, query sets, sessions.

Each of these refers to the mapping of all tables, so that one row would be told with thousands of parts that are the same for
every row. A row is told by its columns and by whether it waits to be written; a statement by the text that would be sent, with
its parameters. What has no such text (it cannot be compiled) counts as unseen, and so does what else a session holds.
"""

import re

from .naming import class_name, mro_of, namespace_of

STATE = "_sa_instance_state"
_UNSEEN = ("cut",)
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
    return encoder.scalar(str(compiled)), extra


def _option(option):
    """A loader option: its class, and the ways and strategies that it names."""
    told = [class_name(type(option)), str(getattr(option, "path", ""))]
    for part in getattr(option, "context", ()):
        told += [str(getattr(part, "path", part)), str(getattr(part, "strategy", "")), str(getattr(part, "local_opts", ""))]
    return _ADDRESS.sub("", " ".join(told))


def _definition(_encoder, value, plan, _depth):
    """A column of a table is no question: it is told by its attributes, without the number that tells how many were made before."""
    return None, [(name, part) for name, part in plan.attributes(value) if name not in _COUNTED]


_COUNTED = frozenset(("_creation_order", "creation_counter"))


def _attribute(_encoder, value, _plan, _depth):
    return str(value), []


def _engine(_encoder, value, _plan, depth):
    return None if depth else _UNSEEN, [("url", str(value.url))]


def _row(encoder, value, _plan, depth):
    return ("t", encoder.parts(tuple(value), depth)), [("fields", tuple(value._fields))]


def _result(encoder, value, _plan, depth):
    return encoder.drained(iter(value), type(value), depth), []


def _session(_encoder, value, _plan, depth):
    registry = getattr(value, "registry", None)
    session = value if registry is None else registry() if registry.has() else None
    lists = [] if session is None else [(name, list(getattr(session, name))) for name in ("new", "dirty", "deleted")]
    return None if depth else _UNSEEN, [(name, rows) for name, rows in lists if rows]


# Django

def _query_set(encoder, value, plan, depth):
    """A query set by what it would ask; what it has got already is told as well."""
    own = dict(plan.attributes(value))
    for name in ("query", "_query", "_hints", "model"):
        own.pop(name, None)
    try:
        asked, parameters = value.query.sql_with_params()
    except Exception as error:
        if class_name(type(error)) not in ("django.core.exceptions.EmptyResultSet", "django.db.models.sql.datastructures.EmptyResultSet"):
            raise
        asked, parameters = None, ()  # nothing can be found, so that nothing is asked
    told = [("model", value.model)] + ([("params", tuple(parameters))] if parameters else [])
    return encoder.encode(asked, depth + 1), told + [pair for pair in own.items() if not _is_usual(*pair)]


def _is_usual(name, part):
    if name == "_iterable_class":
        return class_name(part) == "django.db.models.query.ModelIterable"
    return part is None or part is False or type(part) in (tuple, dict) and not part


def _manager(_encoder, value, _plan, _depth):
    return None, [("model", getattr(value, "model", None)), ("name", getattr(value, "name", None))]


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
