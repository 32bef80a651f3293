"""Effects: recorded, refused, and the scratch folder."""

import hashlib
import os
import tempfile
import unittest

from client import Harness, observe, plain, recipe, v


class LaidOut(unittest.TestCase):
    """Files that are written to make the arguments of a call."""

    SOURCE = (
        "import os\n"
        "def read(path):\n    with open(path) as file:\n        return file.read()\n"
        "def found(folder):\n    return sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)\n"
        "def append(path):\n    with open(path, 'a') as file:\n        file.write('!')\n"
        "def kind(path):\n    return type(path).__name__, path.is_file()\n"
    )

    def run_one(self, name, *args):
        with Harness({"sample.py": self.SOURCE}) as harness:
            harness.load("sample")
            harness.fork("sample", name)
            return harness.run([recipe([*args]), recipe([*args])])[-1]

    def test_a_file_is_there_and_reading_it_is_no_effect(self):
        record = self.run_one("read", ("c", "<file>", "text", [v("d/a.txt"), v("h\u00e9\n")], []))
        self.assertEqual((record[0], record[1], record[3]), (0, "h\u00e9\n", None))

    def test_a_folder_holds_its_files_and_nothing_of_the_call_before(self):
        files = ("d", [(v("a.py"), v("")), (v("sub/b.py"), v(b"x")), (v("empty/"), v(""))])
        record = self.run_one("found", ("c", "<folder>", "text", [v("d"), files], []))
        self.assertEqual(record[1], ["d/a.py", "d/sub/b.py"])

    def test_what_the_call_makes_of_it_is_an_effect(self):
        record = self.run_one("append", ("c", "<file>", "text", [v("a.txt"), v("x")], []))
        written = "<scratch>/a.txt 2 %s" % hashlib.sha1(b"x!").hexdigest()
        self.assertIn(("written", written, False), record[3]["effects"])

    def test_a_path_is_a_path(self):
        record = self.run_one("kind", ("c", "<file>", "path", [v("a.txt"), v("x")], []))
        self.assertEqual(record[1], ("PosixPath", True))

    def test_no_file_is_laid_out_elsewhere(self):
        for name in ("../a", "/tmp/counterproof-x", "", ".", "a/../../b", "a\0b", 5):
            record = self.run_one("read", ("c", "<file>", "text", [v(name), v("x")], []))
            self.assertEqual(record[0], 5, name)
        self.assertFalse(os.path.exists("/tmp/counterproof-x"))


class Refused(unittest.TestCase):
    def effect(self, statement, imports=""):
        source = "import os, sys%s\ndef f(a):\n    try:\n        %s\n    except BaseException:\n        pass\n    return 'went on'\n"
        record = observe(source % (imports, statement), "f", [plain(0)])[0]
        self.assertEqual((record[0], record[1]), (4, None), (statement, record))
        effects = record[3]["effects"]
        self.assertTrue(effects[-1][2])
        return effects[-1][:2]

    def test_files_outside_scratch(self):
        for statement, kind in (
            ("open('/tmp/counterproof-x', 'w')", "write"), ("os.open('/tmp/counterproof-x', os.O_CREAT | os.O_WRONLY)", "write"),
            ("os.remove('/tmp/counterproof-x')", "remove"), ("os.rename('/tmp/a-x', '/tmp/b-x')", "rename"),
            ("os.mkdir('/tmp/counterproof-x')", "mkdir"), ("os.rmdir('/tmp/counterproof-x')", "rmdir"),
            ("os.chmod('/tmp/counterproof-x', 0)", "chmod"), ("os.symlink('/etc', 'link')", "symlink"),
            ("os.link('/etc/passwd', 'link')", "link"), ("os.truncate('/tmp/counterproof-x', 0)", "truncate"),
            ("open('../x', 'w')", "write"), ("open(__file__, 'a')", "write"),
        ):
            self.assertEqual(self.effect(statement)[0], kind, statement)
        self.assertEqual(self.effect("open(__file__, 'a')"), ("write", "<tree>/sample.py"))
        # Writing there is harmless, and so is nothing else.
        self.assertEqual(self.effect("os.chmod('/dev/null', 2)"), ("chmod", "/dev/null"))
        self.assertEqual(self.effect("os.chmod(0, 2)"), ("chmod", "descriptor 0"))
        self.assertEqual(self.effect("os.fchmod(1, 2)"), ("chmod", "descriptor 1"))
        self.assertEqual(self.effect("shutil.rmtree(os.path.dirname(__file__))", ", shutil")[0], "remove")

    def test_our_own_folders_read_the_same_in_every_run(self):
        source = "import os\ndef f(path):\n    open(path.replace('TREE', os.path.dirname(__file__)), 'w')\n"
        expected = {
            "..": "<scratch>/..", "../other": "<scratch>/../other", "../../x": "<scratch>/../../x", "../scratch.bak": "<scratch>.bak",
            "TREE.bak": "<tree>.bak", "TREE/../x": "<scratch>/../x", "/counterproof-x": "/counterproof-x",
        }
        with Harness({"sample.py": source}, outer=tempfile.gettempdir()) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            records = harness.run([plain(path) for path in expected])
        self.assertEqual([record[3]["effects"] for record in records], [[("write", path, True)] for path in expected.values()])

    def test_processes(self):
        self.assertEqual(self.effect("os.execv('/bin/true', ['true'])"), ("process", "true"))
        self.assertEqual(self.effect("os.fork()")[0], "fork")
        self.assertEqual(self.effect("os.posix_spawn('/bin/true', ['true'], {})")[0], "process")
        self.assertEqual(self.effect("os.kill(1, 9)"), ("kill", "another process signal 9"))

    def test_network(self):
        self.assertEqual(self.effect("socket.create_connection(('127.0.0.1', 9))", ", socket")[0], "resolve")
        self.assertEqual(self.effect("socket.socket().connect(('127.0.0.1', 9))", ", socket"), ("connect", "127.0.0.1 9"))
        self.assertEqual(self.effect("urllib.request.urlopen('ftp://x.test/a')", ", urllib.request"),
                         ("request", "GET ftp://x.test/a"))
        self.assertEqual(self.effect("smtplib.SMTP('x.test')", ", smtplib")[1].split()[0], "x.test")

    def test_effects_before_the_refused_one_are_kept(self):
        source = "import os\ndef f(a):\n    os.environ['A'] = '1'\n    os.fork()\n    os.environ['B'] = '1'\n"
        record = observe(source, "f", [plain(0)])[0]
        self.assertEqual(record[3]["effects"], [("environment", "A", False), ("fork", "", True)])

    def test_the_next_call_is_untouched(self):
        source = "import os\ndef f(a):\n    return os.fork() if a else 1\n"
        records = observe(source, "f", [plain(1), plain(0)])
        self.assertEqual([record[0] for record in records], [4, 0])
        self.assertIsNone(records[1][3])


class Allowed(unittest.TestCase):
    def test_writing_in_scratch(self):
        source = """
            import os
            def f(text):
                before = os.listdir(".")
                os.makedirs("a/b", exist_ok=True)
                with open("a/b/file.txt", "w") as file:
                    file.write(text)
                with open("a/b/file.txt") as file:
                    return before, file.read()
        """
        records = observe(source, "f", [plain("one"), plain("two")])
        self.assertEqual([record[1] for record in records], [([], "one"), ([], "two")])
        digest = hashlib.sha1(b"one").hexdigest()
        self.assertEqual(records[0][3]["effects"], [
            ("mkdir", "<scratch>/a", False), ("mkdir", "<scratch>/a/b", False), ("write", "<scratch>/a/b/file.txt", False),
            ("written", "<scratch>/a/b/file.txt 3 " + digest, False)])

    def test_reading_is_not_recorded(self):
        source = """
            import os
            def f(a):
                try:
                    open("/nowhere/at/all")
                except FileNotFoundError:
                    return open(__file__).read()[:5], open("/dev/null", "w").write("x"), os.listdir("/")[:0]
        """
        record = observe(source, "f", [plain(0)])[0]
        self.assertEqual((record[0], record[3]), (0, None))

    def test_temporary_files_have_the_same_names_each_time(self):
        source = """
            import tempfile, os
            def f(a):
                with tempfile.NamedTemporaryFile() as file:
                    file.write(b"x")
                    name = file.name
                with tempfile.TemporaryDirectory() as folder:
                    open(os.path.join(folder, "x"), "w").close()
                return os.path.dirname(name) == os.getcwd(), os.path.basename(name)
        """
        records = observe(source, "f", [plain(0)] * 3)
        self.assertTrue(records[0][1][0])
        self.assertEqual(records[0][0], 0)
        self.assertEqual(len({repr(record) for record in records}), 1, records)

    def test_databases_in_memory_and_in_scratch(self):
        source = """
            import sqlite3
            def f(name):
                connection = sqlite3.connect(name)
                connection.execute("create table t (a)")
                connection.commit()
                connection.close()
        """
        memory, scratch = observe(source, "f", [plain(":memory:"), plain("x.db")])
        self.assertIsNone(memory[3])
        self.assertEqual(scratch[3]["effects"][0], ("database", "connect <scratch>/x.db", False))

    def test_the_trees_files_stay(self):
        source = "import os, shutil\ndef f(a):\n    shutil.rmtree(os.path.dirname(__file__), ignore_errors=True)\n    return 1\n"
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            self.assertEqual(harness.run([plain(0)])[0][0], 4)
            self.assertTrue(os.path.exists(os.path.join(harness.tree, "sample.py")))


class WhileImporting(unittest.TestCase):
    def test_refused_effects_are_ordinary_errors(self):
        source = """
            import os
            try:
                os.system("x")
                WENT = "through"
            except PermissionError:
                WENT = "on"
            os.environ["A"] = "1"
            def f(): return WENT
        """
        with Harness({"sample.py": source}) as harness:
            loaded = harness.load("sample")[0]
            self.assertTrue(loaded["ok"])
            self.assertEqual(loaded["effects"], [("process", "x", True), ("environment", "A", False)])
            harness.fork("sample", "f")
            self.assertEqual(harness.run([plain()])[0][1], "on")


if __name__ == "__main__":
    unittest.main()
