"""Databases in memory: what is written is an effect, what is asked is told, and every call finds them as they were."""

import os
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from counterproof_harness import samples  # noqa: E402
from counterproof_harness.databases import Databases, _Database, databases, settings_in_memory, take_asked  # noqa: E402
from counterproof_harness.world import CALLING, OFF, world  # noqa: E402


class InMemory(unittest.TestCase):
    def setUp(self):
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("CREATE TABLE t (a)")
        self.connection.execute("INSERT INTO t VALUES (1)")
        self.database = _Database(self.connection)
        self.database.remember()
        self.addCleanup(databases.all.clear)
        databases.all.append(self.database)
        self.call()
        self.addCleanup(self.rest)

    def call(self):
        world.mode = CALLING

    def rest(self):
        world.mode = OFF
        world.verdict = 0
        del world.effects[:], world.asked[:]
        databases.restore()

    def rows(self):
        return self.connection.execute("SELECT a FROM t ORDER BY a").fetchall()

    def test_what_is_written_is_an_effect_and_gone_after_the_call(self):
        for ends in (self.connection.commit, lambda: None):
            self.call()
            self.connection.execute("INSERT INTO t VALUES (?)", (2,))
            ends()
            self.assertEqual([(kind, refused) for kind, _detail, refused in world.effects], [("database", False)])
            self.assertIn("INSERT INTO t", world.effects[0][1])
            self.assertTrue(world.dirty)
            self.assertEqual(self.rows(), [(1,), (2,)])
            self.rest()
            self.assertEqual(self.rows(), [(1,)])

    def test_what_is_asked_is_told_and_no_effect(self):
        def asked(statement):
            self.call()
            self.connection.execute(statement).fetchall()
            self.assertEqual(world.effects, [])
            return take_asked()
        first = asked("SELECT a FROM t WHERE a = 3")
        self.assertEqual(asked("SELECT a FROM t WHERE a = 3"), first)
        self.assertNotEqual(asked("SELECT a FROM t WHERE a = 4"), first)
        self.assertIsNone(take_asked())

    def test_columns_of_rows_are_told_apart_from_the_question(self):
        self.connection.execute("ALTER TABLE t ADD COLUMN b")

        def asked(statement):
            self.call()
            self.connection.execute(statement).fetchall()
            return take_asked()
        digest, columns = asked('SELECT t.a FROM t WHERE a = 1')
        self.assertEqual(columns, [["t.a"]])
        self.assertEqual(asked('SELECT t.a, t.b AS t_b \nFROM t WHERE a = 1'), (asked('SELECT t.a AS x \nFROM t WHERE a = 1')[0], [["t.a", "t.b"]]))
        self.assertNotEqual(asked("SELECT t.a FROM t WHERE a = 2")[0], digest)
        # Where the columns say which rows there are, or are no columns, they are the question.
        for one, other in (("SELECT DISTINCT a FROM t", "SELECT DISTINCT b FROM t"), ("SELECT a FROM t UNION SELECT a FROM t", "SELECT b FROM t UNION SELECT a FROM t"),
                           ("SELECT a FROM t GROUP BY a", "SELECT b FROM t GROUP BY a"), ("SELECT max(a) FROM t", "SELECT min(a) FROM t")):
            self.assertNotEqual(asked(one)[0], asked(other)[0], one)
            self.assertEqual(asked(one)[1], [[]], one)

    def test_a_table_that_a_call_drops_is_there_again(self):
        self.connection.execute("DROP TABLE t")
        self.rest()
        self.assertEqual(self.rows(), [(1,)])

    def test_a_connection_that_a_call_makes_finds_what_the_others_find(self):
        mine = Databases()
        mine.template = self.connection
        other = sqlite3.connect(":memory:")
        mine.connected(other)
        self.assertEqual(other.execute("SELECT a FROM t").fetchall(), [(1,)])

    def test_settings_keep_their_aliases_and_name_no_server(self):
        named = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "HOST": "db", "ATOMIC_REQUESTS": True},
                 "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.db"}}
        settings_in_memory(named)
        self.assertEqual(named["default"], {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "ATOMIC_REQUESTS": True})
        self.assertEqual(named["other"]["NAME"], ":memory:")


class Samples(unittest.TestCase):
    def test_values_differ_by_row_and_fit(self):
        for kind in (int, str, float, bytes, bool):
            first, second = (samples._of_type(kind, number, 1) for number in samples.NUMBERS)
            self.assertIs(type(first), kind)
            self.assertNotEqual(first, second)


if __name__ == "__main__":
    unittest.main()
