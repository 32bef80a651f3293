"""Databases in memory, in place of those that settings name: SQLite, with the tables of the project's models and two rows each.

A server that is not there, or a file that nobody may write, would end every call that asks it. Both versions get the same
ones, and every call finds them as they were. What a call writes is an effect; what it asks is told beside its result, since
two rows seldom show that another question was asked.
"""

import functools
import re
import sys

from . import arrivals, onload, samples
from .effects import sha1
from .importing import module_file
from .world import CALLING, world

_READING = frozenset(("SELECT", "WITH", "VALUES"))
_MANAGING = frozenset(("PRAGMA", "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "EXPLAIN", ""))
# What is kept of an engine's options: the rest speaks of another database.
_KEPT = frozenset(("future", "json_serializer", "json_deserializer", "execution_options"))
ALIAS_ENGINE = "django.db.backends.sqlite3"
_connect = None


class _Database:
    """One connection to a database in memory, with a copy of it as every call finds it."""

    def __init__(self, connection):
        self.connection = connection
        self.copy = None
        self.written = False
        connection.set_trace_callback(self._said)

    def remember(self):
        self.connection.commit()
        self.copy = _memory()
        self.connection.backup(self.copy)

    def restore(self):
        if self.written:
            self.written = False
            self.connection.rollback()
            if self.copy is not None:
                self.copy.backup(self.connection)

    def _said(self, statement):
        if world.mode != CALLING:
            return
        databases.touched = world.dirty = True
        arrivals.sql(statement)
        verb = statement.lstrip(" \n\t(")[:12].partition(" ")[0].strip().upper()
        if verb in _READING:
            world.asked.append(statement)
        elif verb not in _MANAGING:
            self.written = True
            world.note("database", statement)
        elif verb == "BEGIN":
            self.written = True  # which may be left open


class Databases:
    def __init__(self):
        self.all = []
        self.template = None  # what an engine finds that is made by a call
        self.touched = False
        self.filled = set()

    def install(self):
        """Before the first import: whatever asks for an engine gets one of ours."""
        onload.when_loaded("sqlalchemy.engine.create", _patch_engines)
        world.resets.append(self.restore)

    def prepare(self, tree):
        """After the imports: the tables and rows of all models that are there."""
        if "sqlalchemy.engine.create" in sys.modules:
            _quietly(self._of_sqlalchemy, tree)
        if "django.db" in sys.modules:
            _quietly(self._of_django)

    def warm(self):
        """After the tables: what the first query of a process works out for all that follow, since every child would work it out."""
        if self.template is not None and "sqlalchemy.orm" in sys.modules:
            template = self.template
            _quietly(_configure, _engine(creator=lambda: template))

    def restore(self):
        if not self.touched:
            return
        self.touched = False
        orm = sys.modules.get("sqlalchemy.orm")
        if orm is not None:
            _quietly(orm.close_all_sessions)
        if "django.db" in sys.modules:
            _quietly(_leave_transactions)
        for database in self.all:
            _quietly(database.restore)

    def connected(self, connection):
        """A new connection of an engine of ours."""
        if not isinstance(connection, sys.modules["sqlite3"].Connection):
            return
        if self.template is not None:
            self.template.backup(connection)
        database = _Database(connection)
        if self.template is not None:
            database.copy = self.template
        self.all.append(database)

    def _of_sqlalchemy(self, tree):
        template = _memory()
        engine = _engine(creator=lambda: template)
        for metadata in _metadata_of(tree):
            for table in _tables(metadata):
                _quietly(_make_table, engine, table)
        template.commit()
        self.template = template
        for database in self.all:
            if database.copy is None:
                template.backup(database.connection)
                database.copy = template

    def _of_django(self):
        from django.apps import apps
        from django.db import connections
        models = [model for model in apps.get_models() if _has_table(model)]
        for alias in connections:
            connection = connections[alias]
            if connection.vendor != "sqlite" or alias in self.filled:
                continue
            self.filled.add(alias)
            connection.ensure_connection()
            for model in models:
                if not _quietly(_make_model, connection, model):
                    _quietly(_make_plain_model, connection, model)
            with connection.constraint_checks_disabled():
                for model in models:
                    _quietly(_fill_model, alias, model)
            connection.queries_log.clear()
            database = _Database(connection.connection)
            database.remember()
            self.all.append(database)


databases = Databases()


def take_asked():
    """What was asked since the last time: a digest of it without the columns of plain rows, and these columns by statement; nothing
    where nothing was. A row that has more columns is another answer and no other question: which rows are found is told by the rest."""
    asked, world.asked = world.asked, []
    if not asked:
        return None
    questions = [_question(statement) for statement in asked]
    text = "\0".join(question for question, _columns in questions)
    return sha1(text.encode("utf-8", "replace")).hexdigest(), [columns for _question, columns in questions]


_COLUMN = r"""[\w."`\[\]]+(?:\s+AS\s+[\w."`\[\]]+)?"""
_COLUMNS = re.compile(r"\s*SELECT\s+(%s(?:\s*,\s*%s)*)\s+FROM\s" % (_COLUMN, _COLUMN), re.IGNORECASE)
# Where which rows there are depends on the columns.
_BOUND = re.compile(r"\b(?:DISTINCT|GROUP|HAVING|UNION|INTERSECT|EXCEPT)\b", re.IGNORECASE)


def _question(statement):
    """A statement without the columns it asks for, and these, where it asks for columns of rows as they are."""
    found = _COLUMNS.match(statement)
    if found is None or _BOUND.search(statement):
        return statement, []
    columns = {part.split()[0] for part in found.group(1).split(",")}
    return statement[:found.start(1)] + statement[found.end(1):], sorted(columns)


def settings_in_memory(named):
    """Django's `DATABASES`, all of them in memory."""
    for alias, config in list(named.items()):
        if isinstance(config, dict):
            kept = {key: config[key] for key in ("ATOMIC_REQUESTS", "AUTOCOMMIT", "TIME_ZONE", "TEST") if key in config}
            named[alias] = dict(kept, ENGINE=ALIAS_ENGINE, NAME=":memory:")


def _memory():
    global _connect
    if _connect is None:
        from sqlite3 import connect
        _connect = connect
    return _connect(":memory:", check_same_thread=False)


def _quietly(act, *args):
    """Whether it went well: a table that SQLite cannot have is left out, and who asks for it is told so."""
    try:
        act(*args)
    except Exception:
        return False
    return True


# Django

def _has_table(model):
    return model._meta.managed and not model._meta.proxy and not model._meta.swapped


def _make_model(connection, model):
    with connection.schema_editor() as editor:
        editor.create_model(model)


def _make_plain_model(connection, model):
    """Without the indexes and constraints that another database would have."""
    with connection.schema_editor() as editor:
        statement, parameters = editor.table_sql(model)
        editor.execute(statement, parameters or None)


def _fill_model(alias, model):
    rows = [model(**samples.of_model(model, number)) for number in samples.NUMBERS]
    for row in rows:
        _quietly(model._base_manager.using(alias).bulk_create, [row])


def _leave_transactions():
    from django.db import connections
    for connection in connections.all():
        if connection.in_atomic_block or connection.run_on_commit:
            connection.in_atomic_block = connection.needs_rollback = False
            connection.savepoint_ids = []
            connection.run_on_commit = []
            if hasattr(connection, "atomic_blocks"):
                connection.atomic_blocks = []
        connection.queries_log.clear()


# SQLAlchemy

def _patch_engines(module):
    original = module.create_engine

    @functools.wraps(original)
    def create_engine(url, **options):
        if options.get("_is_async"):
            return original(url, **options)
        world.note("database", "engine %s" % (url,))
        return _engine(**{name: value for name, value in options.items() if name in _KEPT})

    module.create_engine = create_engine
    _engine.original = original


def _engine(**options):
    from sqlalchemy import event
    from sqlalchemy.pool import StaticPool
    if "creator" not in options:
        options["connect_args"] = {"check_same_thread": False}
    engine = _engine.original("sqlite://", poolclass=StaticPool, **options)
    if "creator" not in options:
        event.listen(engine, "connect", lambda connection, _record: databases.connected(connection))
    return engine


# A query is tried for each of so many tables at most: more would take the time of all calls.
_MOST_MAPPERS = 60


def _configure(engine):
    from sqlalchemy import orm
    orm.configure_mappers()
    with orm.Session(engine) as session:
        for mapper in _mappers()[:_MOST_MAPPERS]:
            _quietly(session.query(mapper).first)


def _mappers():
    from sqlalchemy.orm.mapper import _all_registries
    mappers = [mapper for registry in _all_registries() for mapper in registry.mappers]
    return sorted(mappers, key=lambda mapper: (mapper.class_.__module__, mapper.class_.__qualname__))


def _metadata_of(tree):
    kind = sys.modules["sqlalchemy"].MetaData
    found = []
    for _name, module in sorted(sys.modules.items()):
        file = module_file(module)
        if file is None or tree.relative(file) is None:
            continue
        for _name, value in sorted(vars(module).items()):
            try:
                metadata = value if isinstance(value, kind) else getattr(value, "metadata", None)
            except BaseException:
                continue
            if isinstance(metadata, kind) and not any(metadata is other for other in found):
                found.append(metadata)
    return found


def _tables(metadata):
    try:
        return list(metadata.sorted_tables)
    except Exception:
        return list(metadata.tables.values())


def _make_table(engine, table):
    table.create(engine)
    for number in samples.NUMBERS:
        _quietly(_fill_table, engine, table, number)


def _fill_table(engine, table, number):
    with engine.begin() as connection:
        connection.execute(table.insert(), samples.of_table(table, number))
