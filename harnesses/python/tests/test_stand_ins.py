"""Stand-ins: what a call asks its surroundings for is answered, and what it asks is an effect."""

import unittest

from client import Harness, plain, v


def given(*answers, args=()):
    """A call with answers of its surroundings."""
    made = [(asked, value if isinstance(value, tuple) and value[:1] == ("c",) else v(value)) for asked, value in answers]
    return 1, {"receiver": None, "args": [v(arg) for arg in args], "kwargs": [], "nodes": [], "world": made}


class Answered(unittest.TestCase):
    SOURCE = ""

    def run_all(self, body, *calls, imports=""):
        """Records of `f`, once after another: (value or class of the error, effects)."""
        source = "import os, sys, subprocess, datetime, time%s\n%s" % (imports, body)
        with Harness({"sample.py": source}) as harness:
            loaded = harness.load("sample")[0]
            self.assertIsNone(loaded["error"])
            self.assertTrue(harness.fork("sample", "f")["ok"])
            records = harness.run(list(calls))
        return [self.told(record) for record in records]

    @staticmethod
    def told(record):
        effects = [effect[:2] for effect in (record[3] or {}).get("effects", ())]
        return (record[1][0] if record[0] == 2 else record[1] if record[0] == 0 else record), effects


class Surroundings(Answered):
    def test_a_variable_is_set_for_one_call_alone(self):
        body = "def f(): return os.environ.get('X_CACHE', '/tmp') + '/x', 'PATH' in os.environ\n"
        calls = plain(), given(("environment X_CACHE", "/a"), ("environment PATH", None)), plain()
        values = [value for value, _effects in self.run_all(body, *calls)]
        self.assertEqual(values, [("/tmp/x", True), ("/a/x", False), ("/tmp/x", True)])

    def test_the_time_is_moved_and_comes_back(self):
        body = "def f(): return datetime.datetime.now().isoformat(), datetime.date.today().isoformat(), time.time(), time.monotonic()\n"
        moment = ("c", "datetime", "datetime", [v(2024), v(2), v(29), v(23)], [])
        first, moved, last = [value for value, _effects in self.run_all(body, plain(), given(("time", moment)), plain())]
        self.assertEqual(moved, ("2024-02-29T23:00:00", "2024-02-29", 1709247600.0, 1000.0))
        self.assertEqual(first, last)

    def test_what_is_typed(self):
        body = "def f(): return input(), sys.stdin.readline(), sys.stdin.read()\n"
        none, typed = self.run_all(body, plain(), given(("typed", ["x", "y", "z"])))
        self.assertEqual(none[0], "EOFError")
        self.assertEqual(typed[0], ("x", "y\n", "z\n"))

    def test_making_the_arguments_sees_them_and_leaves_the_answers_to_the_call(self):
        body = "class C:\n    def __init__(self): self.name = os.environ['N'] + os.popen('a').read()\n" \
               "def f(c): return c.name, os.popen('b').read()\n"
        call = given(("environment N", "n"), ("process-output 1", "out"))
        call[1]["args"] = [("c", "sample", "C", [], [])]
        self.assertEqual(self.run_all(body, call), [(("nout", "out"), [("process", "sh -c b")])])


class Processes(Answered):
    def test_by_default_it_succeeds_and_says_nothing(self):
        body = "def f():\n    done = subprocess.run(['git', 'log', 'a b'], capture_output=True, text=True)\n" \
               "    return done.returncode, done.stdout, done.stderr\n"
        self.assertEqual(self.run_all(body, plain()), [((0, "", ""), [("process", "git log 'a b'")])])

    def test_what_it_prints_and_how_it_ends(self):
        body = "def f(): return subprocess.check_output('x', shell=True, stderr=subprocess.STDOUT)\n"
        printed, failed, nobody = self.run_all(
            body, given(("process-output 1", {"a": 1}), ("process-errors 1", "e")), given(("process-code 1", 3)),
            given(("process-code 1", None)))
        self.assertEqual(printed, (b'{"a": 1}e', [("process", "sh -c x")]))
        self.assertEqual((failed[0], nobody[0]), ("subprocess.CalledProcessError",) * 2)

    def test_a_program_that_is_not_there(self):
        body = "def f(): return subprocess.call(['make'])\n"
        self.assertEqual(self.run_all(body, given(("process-code 1", None)))[0][0], "FileNotFoundError")

    def test_the_last_answer_is_repeated(self):
        body = "def f(): return [subprocess.getoutput('x') for _ in range(3)]\n"
        answers = ("process-output 1", "one"), ("process-output 2", "two")
        self.assertEqual(self.run_all(body, given(*answers))[0][0], ["one", "two", "two"])

    def test_input_folder_and_variables_are_told(self):
        body = "def f():\n    p = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd='/', env=dict(os.environ, A='1'))\n" \
               "    out, err = p.communicate(b'hello' * 50000)\n    return len(out), err, p.returncode, p.poll(), p.wait()\n"
        value, effects = self.run_all(body, given(("process-output 1", "y" * 100000), ("process-code 1", -9)))[0]
        self.assertEqual(value, (100000, None, -9, -9, -9))
        self.assertEqual(effects[0], ("process", "cat with A=1 in /"))
        self.assertEqual((effects[1][0], effects[1][1][:10]), ("process input", "hellohello"))

    def test_the_shell(self):
        body = "def f(): return os.system('make'), os.popen('ls').read()\n"
        self.assertEqual(self.run_all(body, given(("process-code 1", 2), ("process-output 2", "a"))),
                         [((512, "a"), [("process", "sh -c make"), ("process", "sh -c ls")])])

    def test_nothing_is_answered_while_modules_are_imported(self):
        source = "import os\ntry:\n    os.system('x')\n    WENT = 'through'\nexcept PermissionError:\n    WENT = 'on'\n"
        with Harness({"sample.py": source}) as harness:
            self.assertEqual(harness.load("sample")[0]["effects"], [("process", "x", True)])


class Servers(Answered):
    URLLIB = "def f(url):\n    try:\n        with urllib.request.urlopen(url) as answer: return answer.status, answer.read()\n" \
             "    except urllib.error.HTTPError as error: return error.code, error.read()\n" \
             "    except urllib.error.URLError as error: return str(error.reason)\n"
    IMPORTS = ", urllib.request, urllib.error, http.client"

    def test_a_response(self):
        asked = [("request", "GET https://x.test/a")]
        calls = [given(*answers, args=["https://x.test/a"]) for answers in (
            (), [("response-body 1", {"a": 1})], [("response-status 1", 404), ("response-body 1", "no")], [("response-status 1", None)])]
        self.assertEqual(self.run_all(self.URLLIB, *calls, imports=self.IMPORTS), [
            ((200, b"{}"), asked), ((200, b'{"a": 1}'), asked), ((404, b"no"), asked), ("[Errno 111] Connection refused", asked)])

    def test_redirects_are_followed_by_the_library(self):
        answers = ("response-status 1", 302), ("response-headers 1", {"Location": "/b\r\nX: y"}), ("response-body 2", "end")
        value, effects = self.run_all(self.URLLIB, given(*answers, args=["http://x.test:8080/a"]), imports=self.IMPORTS)[0]
        self.assertEqual(value, (200, b"end"))
        self.assertEqual(effects[1][1].split()[:2], ["GET", "http://x.test:8080/b%20X:%20y"])

    def test_what_is_sent_is_told_though_nobody_reads_the_response(self):
        body = "def f():\n    c = http.client.HTTPSConnection('x.test')\n    c.request('POST', '/p', b'body', {'X-A': '1'})\n"
        self.assertEqual(self.run_all(body, plain(), imports=self.IMPORTS)[0][1], [("request", "POST https://x.test/p X-A: 1 body")])

    def test_no_verification_is_told(self):
        body = "def f():\n    c = ssl._create_unverified_context()\n    return urllib.request.urlopen('https://x.test', context=c).status\n"
        self.assertEqual(self.run_all(body, plain(), imports=self.IMPORTS + ", ssl")[0][1], [("request", "GET https://x.test/ unverified")])

    def test_other_schemes_and_sockets_stay_refused(self):
        with Harness({"sample.py": "import socket\ndef f(): socket.create_connection(('x.test', 80))\n"}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            self.assertEqual(harness.run([plain()])[0][0], 4)


class Databases(Answered):
    def test_rows_of_a_table_that_nobody_made(self):
        body = "def f():\n    c = sqlite3.connect('a.db')\n    cursor = c.cursor()\n    cursor.execute('SELECT a FROM t WHERE b = ?', (1,))\n" \
               "    row = cursor.fetchone()\n    c.execute('INSERT INTO t VALUES (2)')\n    c.commit()\n    return row\n"
        told = [("database", "connect <scratch>/a.db"), ("query", "SELECT a FROM t WHERE b = ? with (1,)"),
                ("query", "INSERT INTO t VALUES (2)"), ("query", "COMMIT")]
        self.assertEqual(self.run_all(body, plain(), given(("rows 1", [[5]])), imports=", sqlite3"), [(None, told), ((5,), told)])

    def test_a_table_that_the_code_makes_is_real(self):
        body = "def f():\n    with sqlite3.connect('a.db') as c:\n        c.execute('create table t (a)')\n        c.executemany('insert into t values (?)', [(1,), (2,)])\n" \
               "        c.row_factory = sqlite3.Row\n        return [r['a'] for r in c.execute('select a from t')], [r['n'] for r in c.execute('select n from u')]\n"
        self.assertEqual(self.run_all(body, given(("rows 1", [{"n": "x"}])), imports=", sqlite3")[0][0], ([1, 2], ["x"]))

    def test_what_is_no_statement_is_an_error(self):
        body = "def f(): sqlite3.connect('a.db').execute('selec')\n"
        self.assertEqual(self.run_all(body, plain(), imports=", sqlite3")[0][0], "sqlite3.OperationalError")


if __name__ == "__main__":
    unittest.main()
