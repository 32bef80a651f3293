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
