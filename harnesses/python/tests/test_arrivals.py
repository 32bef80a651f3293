"""Where marked texts arrive."""

import unittest

from client import Harness, recipe, v

SOURCE = (
    "import os, pickle, sqlite3, subprocess\n"
    "def shell(name):\n    subprocess.run('ping ' + name, shell=True)\n"
    "def system(name):\n    os.system('ping ' + name)\n"
    "def program(name):\n    subprocess.run(['ping', name])\n"
    "def code(text):\n    return eval(text)\n"
    "def literal(text):\n    import ast\n    return ast.literal_eval(text)\n"
    "def load(data):\n    return pickle.loads(data)\n"
    "def read(name):\n    return open(os.path.join('folder', name)).read()\n"
    "def rows(name):\n"
    "    connection = sqlite3.connect(':memory:')\n"
    "    connection.execute('create table t (name)')\n"
    "    return connection.execute(\"select * from t where name = '%s'\" % name).fetchall()\n"
    "def bound(name):\n"
    "    connection = sqlite3.connect(':memory:')\n"
    "    connection.execute('create table t (name)')\n"
    "    return connection.execute('select * from t where name = ?', [name]).fetchall()\n"
    "def given(cursor, name):\n    cursor.execute('select ' + name)\n"
)
CALL = "__import__('xmarkx')"


class Arrivals(unittest.TestCase):
    def of(self, name, *args, kind="watch"):
        with Harness({"sample.py": SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", name)
            record = harness.run([recipe([*args])], kind=kind)[0]
            return (record[3] or {}).get("arrivals")

    def test_commands(self):
        self.assertEqual(self.of("shell", v("a;xmarkx")), [("shell", ["ping a;xmarkx"])])
        self.assertEqual(self.of("system", v("a;xmarkx")), [("shell", ["ping a;xmarkx"])])
        self.assertEqual(self.of("program", v("-xmarkx")), [("arguments", ["ping", "-xmarkx"])])

    def test_nothing_is_told_of_what_is_not_marked_or_not_watched(self):
        self.assertIsNone(self.of("shell", v("a;b")))
        self.assertIsNone(self.of("shell", v("a;xmarkx"), kind="run"))

    def test_code_that_is_run_and_not_what_is_only_parsed(self):
        self.assertEqual(self.of("code", v(CALL))[0][0], "code")
        self.assertIsNone(self.of("code", v(repr(CALL))))
        self.assertIsNone(self.of("literal", v(CALL)))

    def test_pickles(self):
        self.assertIn(("pickle", ["xmarkx", "run"]), self.of("load", v(b"cxmarkx\nrun\n.")))

    def test_files_that_are_read(self):
        self.assertEqual(self.of("read", v("../xmarkx")), [("read", ["<scratch>/xmarkx", "folder/../xmarkx"])])

    def test_statements_with_their_parameters_as_literals(self):
        self.assertEqual(self.of("rows", v("xmarkx")), [("sql", ["select * from t where name = 'xmarkx'"])])
        self.assertEqual(self.of("bound", v("x'xmarkx")), [("sql", ["select * from t where name = 'x''xmarkx'"])])

    def test_functions_that_were_given(self):
        cursor = ("c", "types", "SimpleNamespace", [], [("execute", ("r", v(None)))])
        self.assertEqual(self.of("given", cursor, v("xmarkx")), [("given", ["execute", "select xmarkx"])])


if __name__ == "__main__":
    unittest.main()
