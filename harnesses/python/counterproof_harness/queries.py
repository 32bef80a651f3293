"""Databases that code connects to by itself are stood in for: statements are effects, rows are answers.

`sqlite3` stays what it is, in memory: what the code makes and fills is there, and statements that are none are refused. Where a
statement asks for a table or a column that nobody made, its rows are an answer. Servers of other databases find only answers.
What Django and SQLAlchemy connect to is stood in for elsewhere, see `databases`.
"""

import os

from . import arrivals, onload
from .answers import QUERY, answers, stands_in
from .effects import absolute, placeless, shown
from .world import world

_MODULES = ("psycopg2", "psycopg", "pymysql", "MySQLdb", "mysql.connector", "cx_Oracle", "oracledb", "pyodbc")
_READING = frozenset(("SELECT", "WITH", "VALUES", "SHOW", "PRAGMA", "DESCRIBE", "EXPLAIN", "TABLE"))
_MISSING = "no such table", "no such column", "no such view"


def install():
    onload.when_loaded("sqlite3", _patch_sqlite)
    for name in _MODULES:
        onload.when_loaded(name, _patch_driver)


def _told(statement, parameters):
    arrivals.sql(str(statement))
    text = " ".join(str(statement).split())
    if parameters is not None and parameters != ():
        text += " with %s" % (_plain(parameters),)
    world.note("query", placeless(text)[:2000])


def _plain(parameters):
    try:
        text = repr(parameters)
    except Exception:
        text = type(parameters).__name__
    return text if " at 0x" not in text else type(parameters).__name__


def _reads(statement):
    words = str(statement).lstrip(" \n\t(;").split(None, 1)
    return bool(words) and (words[0].upper() in _READING or " RETURNING " in " %s " % str(statement).upper())


def _rows():
    """The rows of the next answer, each a tuple or a dictionary."""
    given = answers.next(QUERY).get("rows", ())
    rows = list(given) if isinstance(given, (list, tuple)) else []
    return [row if isinstance(row, dict) else tuple(row) if isinstance(row, (list, tuple)) else (row,) for row in rows]


class Row(tuple):
    """A row by place and by name, as several libraries have it."""

    def __new__(cls, values, names):
        row = super().__new__(cls, values)
        row._names = names
        return row

    def keys(self):
        return list(self._names)

    def __getitem__(self, key):
        if isinstance(key, str):
            lower = key.lower()
            for at, name in enumerate(self._names):
                if name.lower() == lower:
                    return tuple.__getitem__(self, at)
            raise IndexError("No item with that key")
        return tuple.__getitem__(self, key)


def _described(rows):
    """The columns of rows as `cursor.description` has them."""
    if not rows:
        return ()
    names = list(rows[0]) if isinstance(rows[0], dict) else ["column%d" % (at + 1) for at in range(len(rows[0]))]
    return tuple((str(name), None, None, None, None, None, None) for name in names)


# sqlite3

def _is_answered(name):
    """Whether a database of this name is stood in for: one in memory is real, and so is a file that was laid out."""
    if not isinstance(name, (str, bytes, os.PathLike)):
        return False
    text = os.fsdecode(name)
    if text in ("", ":memory:") or text.startswith("file::memory:") or "mode=memory" in text:
        return False
    return not os.path.exists(text[5:].split("?", 1)[0] if text.startswith("file:") else text)


def _patch_sqlite(module):
    original = module.connect
    error_kind = module.OperationalError

    class Cursor(module.Cursor):
        _given = None
        _columns = None

        def execute(self, sql, parameters=(), /):
            self._given = None
            _told(sql, parameters)
            try:
                return super().execute(sql, parameters)
            except error_kind as error:
                if not str(error).startswith(_MISSING):
                    raise
            rows = _rows() if _reads(sql) else []
            self._columns = _described(rows) if rows else None
            self._given = iter([self._row(row) for row in rows])
            return self

        def executemany(self, sql, parameters, /):
            self._given = None
            parameters = list(parameters)
            _told(sql, parameters)
            try:
                return super().executemany(sql, parameters)
            except error_kind as error:
                if not str(error).startswith(_MISSING):
                    raise
            self._given = iter(())
            return self

        def _row(self, row):
            factory = self.row_factory or self.connection.row_factory
            values = tuple(row.values()) if isinstance(row, dict) else row
            if factory is None and not isinstance(row, dict):
                return values
            if factory is None or factory is module.Row:
                return Row(values, list(row) if isinstance(row, dict) else [column[0] for column in self._columns or ()])
            return factory(self, values)

        @property
        def description(self):
            return super().description if self._given is None else self._columns

        def __iter__(self):
            return self

        def __next__(self):
            return super().__next__() if self._given is None else next(self._given)

        def fetchone(self):
            return super().fetchone() if self._given is None else next(self._given, None)

        def fetchall(self):
            return super().fetchall() if self._given is None else list(self._given)

        def fetchmany(self, size=None):
            size = self.arraysize if size is None else size
            if self._given is None:
                return super().fetchmany(size)
            return [row for _at, row in zip(range(size), self._given)]

    class Connection(module.Connection):
        def cursor(self, factory=Cursor):
            return super().cursor(factory)

        def execute(self, sql, parameters=(), /):
            return self.cursor().execute(sql, parameters)

        def executemany(self, sql, parameters, /):
            return self.cursor().executemany(sql, parameters)

        def commit(self):
            world.note("query", "COMMIT")
            super().commit()

        def rollback(self):
            world.note("query", "ROLLBACK")
            super().rollback()

        def __exit__(self, kind, *_error):
            # As the library's own, which commits below Python.
            (self.commit if kind is None else self.rollback)()
            return False

        def executescript(self, script, /):
            _told(script, None)
            return super().executescript(script)

    for kind, name in ((Cursor, "Cursor"), (Connection, "Connection")):
        kind.__module__, kind.__qualname__ = "sqlite3", name

    def connect(database, *args, **options):
        if not stands_in() or args[4:] or "factory" in options or not _is_answered(database):
            return original(database, *args, **options)
        place = absolute(database)
        world.note("database", "connect %s" % shown(place))
        options.pop("uri", None)
        return original(":memory:", *args, factory=Connection, **options)

    module.connect = connect
    dbapi = getattr(module, "dbapi2", None)
    if dbapi is not None:
        dbapi.connect = connect


# Servers

class _Cursor:
    arraysize = 1
    lastrowid = 1
    rowcount = -1

    def __init__(self, connection, by_name):
        self.connection = connection
        self._by_name = by_name
        self._rows = iter(())
        self.description = None

    def execute(self, statement, parameters=None, *_args, **_options):
        _told(statement, parameters)
        rows = _rows() if _reads(statement) else []
        self.description = _described(rows) if rows else None
        self.rowcount = len(rows) if _reads(statement) else 1
        self._rows = iter([self._row(row) for row in rows])
        return self

    def executemany(self, statement, parameters, *_args, **_options):
        parameters = list(parameters)
        _told(statement, parameters)
        self.rowcount = len(parameters)
        return self

    def _row(self, row):
        if self._by_name:
            return row if isinstance(row, dict) else dict(zip([column[0] for column in self.description or ()], row))
        return Row(tuple(row.values()), list(row)) if isinstance(row, dict) else row

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._rows)

    def fetchone(self):
        return next(self._rows, None)

    def fetchall(self):
        return list(self._rows)

    def fetchmany(self, size=None):
        return [row for _at, row in zip(range(self.arraysize if size is None else size), self._rows)]

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()


class _Connection:
    autocommit = False
    closed = 0

    def __init__(self, by_name):
        self._by_name = by_name

    def cursor(self, *args, **options):
        return _Cursor(self, self._by_name or _names_columns(args, options))

    def execute(self, statement, parameters=None, **options):
        return self.cursor().execute(statement, parameters, **options)

    def commit(self):
        world.note("query", "COMMIT")

    def rollback(self):
        world.note("query", "ROLLBACK")

    def close(self):
        self.closed = 1

    def ping(self, *_args, **_options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, kind, *_error):
        (self.commit if kind is None else self.rollback)()


def _names_columns(args, options):
    """Whether rows are asked for as dictionaries."""
    kinds = list(args) + [options.get(name) for name in ("cursor_factory", "cursorclass", "row_factory")]
    return bool(options.get("dictionary")) or any("Dict" in getattr(kind, "__name__", "") for kind in kinds)


def _patch_driver(module):
    original = module.connect

    def connect(*args, **options):
        if not stands_in():
            return original(*args, **options)
        where = [str(arg) for arg in args if isinstance(arg, (str, int))]
        where += ["%s=%s" % (name, value) for name, value in sorted(options.items()) if isinstance(value, (str, int)) and "pass" not in name]
        world.note("database", placeless("connect %s" % " ".join(where))[:2000])
        return _Connection(_names_columns((), options))

    module.connect = connect
