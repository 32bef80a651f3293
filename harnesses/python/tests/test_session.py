"""The session: frames, import, fork, the ends of children."""

import os
import time
import unittest

from client import Gone, Harness, observe, plain, recipe, v

SAMPLE = """
    import os, time, ctypes, signal, threading

    def double(a):
        return a * 2

    def leave(a):
        os._exit(a)

    def crash(a):
        if a:
            ctypes.string_at(0)
        return 1

    def lock(a):
        if a:
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
        return a

    def busy_in_c(a):
        return sum(range(10 ** 12)) if a else 0

    def threads(a):
        if a:
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        return a

    def suicide(a):
        os.kill(os.getpid(), signal.SIGKILL)

    def gone():
        return double
    doubled = gone()(1)
    del gone
"""


class Session(unittest.TestCase):
    def setUp(self):
        self.harness = Harness({"sample.py": SAMPLE}, wall_seconds=0.4)
        self.addCleanup(self.harness.close)
        self.assertTrue(self.harness.load("sample")[0]["ok"])

    def test_hello_says_what_runs(self):
        hello = self.harness.hello
        self.assertEqual(hello["implementation"], "cpython")
        self.assertIn(hello["coverage"], ("monitoring", "settrace"))
        self.assertEqual(hello["missing"], [])

    def test_a_batch_and_an_orderly_end(self):
        ready = self.harness.fork("sample", "double", cover=[("sample.py", 4, 5)])
        self.assertEqual((ready["ok"], ready["lines"], ready["builtin"]), (True, [5], False))
        records = self.harness.run([plain(2), plain("a"), plain(a=1.5), recipe([v([1])])])
        self.assertEqual([record[:2] for record in records], [(0, 4), (0, "aa"), (0, 3.0), (0, [1, 1])])
        ended = self.harness.end()
        self.assertEqual((ended["status"], ended["why"], ended["at"]), (0, "exit", -1))
        self.assertGreater(ended["max_rss_kib"], 1000)

    def test_one_child_after_another(self):
        for turn in range(3):
            self.harness.fork("sample", "double")
            self.assertEqual(self.harness.run([plain(turn)])[0][1], 2 * turn)
            self.assertEqual(self.harness.end()["status"], 0)

    def test_kill(self):
        self.harness.fork("sample", "double")
        ended = self.harness.ask(("kill",))[1]
        self.assertEqual(ended["why"], "kill")
        self.harness.fork("sample", "double")
        self.assertEqual(self.harness.run([plain(4)])[0][1], 8)

    def test_names_that_cannot_be_served(self):
        for name, text, builtin in (("nothing", "has no", False), ("gone", "is deleted after use", False),
                                    ("SAMPLE", "has no", False), ("os", "not callable", False),
                                    ("time.sleep", "foreign|C function", None), ("os.getppid", "C function", True)):
            ready = self.harness.fork("sample", name)
            self.assertFalse(ready["ok"])
            self.assertRegex(ready["reason"], text)
            if builtin is not None:
                self.assertEqual(ready["builtin"], builtin)
            self.assertEqual(self.harness.ended()["status"], 0)

    def died(self, name, calls):
        self.harness.fork("sample", name)
        self.harness.data.send(("run", calls))
        return self.harness.ended()

    def test_exit_in_a_call(self):
        ended = self.died("leave", [plain(3)])
        self.assertEqual((os.WEXITSTATUS(ended["status"]), ended["at"], ended["why"]), (3, 0, "exit"))

    def test_segmentation_fault_in_a_call(self):
        ended = self.died("crash", [plain(0), plain(0), plain(1), plain(0)])
        self.assertTrue(os.WIFSIGNALED(ended["status"]))
        self.assertEqual(ended["at"], 2)
        self.harness.fork("sample", "crash")
        self.assertEqual(self.harness.run([plain(0)])[0][1], 1)

    def test_stuck_in_a_lock(self):
        ended = self.died("lock", [plain(0), plain(1)])
        self.assertEqual((ended["why"], ended["at"]), ("stuck", 1))

    def test_stuck_in_c(self):
        ended = self.died("busy_in_c", [plain(0), plain(0), plain(1)])
        self.assertEqual((ended["why"], ended["at"]), ("stuck", 2))

    def test_an_idle_child_is_not_stuck(self):
        self.harness.fork("sample", "double")
        time.sleep(1.0)
        self.assertEqual(self.harness.run([plain(1)])[0][1], 2)

    def test_threads_left_behind_are_told(self):
        self.harness.fork("sample", "threads")
        records = self.harness.run([plain(0), plain(1), plain(0)])
        self.assertEqual([(record[3] or {}).get("threads") for record in records], [None, True, None])

    def test_killing_oneself_is_refused(self):
        self.harness.fork("sample", "suicide")
        self.assertEqual(self.harness.run([plain(0)])[0][0], 4)

    def test_another_nonce_ends_the_session(self):
        self.harness.control.send(("import", ["sample"]), nonce=b"forged!!")
        with self.assertRaises(Gone):
            self.harness.control.receive()
        self.assertEqual(self.harness.process.wait(10), 0)

    def test_a_request_left_unread_does_not_block_the_next(self):
        self.harness.fork("sample", "leave")
        self.harness.data.send(("run", [plain(1)]))
        self.harness.ended()
        self.harness.data.send(("run", [plain("x" * 300000)]))
        self.harness.fork("sample", "double")
        self.assertEqual(self.harness.run([plain(1)])[0][1], 2)

    def test_the_end_of_control_ends_parent_and_child(self):
        self.harness.fork("sample", "double")
        os.close(self.harness.control.sink)
        self.assertEqual(self.harness.process.wait(10), 0)
        with self.assertRaises(Gone):
            self.harness.data.receive(5)
        self.harness.control.sink = os.dup(0)


class Children(unittest.TestCase):
    def test_exit_handlers_of_the_project_do_not_run(self):
        source = """
            import atexit, os
            atexit.register(os._exit, 9)
            def f():
                return 1
        """
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            harness.run([plain()])
            self.assertEqual(harness.end()["status"], 0)
        self.assertEqual(harness.process.returncode, 0)

    def test_standard_input_is_empty(self):
        source = """
            import sys, os
            def f():
                os.write(1, b"to nowhere")
                return sys.stdin.read(), os.read(0, 10)
            def g():
                return input()
        """
        self.assertEqual(observe(source, "f", [plain()])[0][1], ("", b""))
        self.assertEqual(observe(source, "g", [plain()])[0][1][0], "EOFError")

    def test_a_project_that_takes_the_signals(self):
        source = """
            import signal
            def f(a):
                signal.signal(signal.SIGPROF, signal.SIG_IGN)
                signal.setitimer(signal.ITIMER_PROF, 0)
                return 1
            def g(a):
                if a:
                    while True:
                        pass
        """
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            harness.run([plain(1)])
            self.assertEqual(harness.run([plain(1)])[0][1], 1)
            self.assertEqual(harness.end()["status"], 0)


if __name__ == "__main__":
    unittest.main()
