"""Importing: modules of the tree and of nowhere else, and imports that go wrong."""

import os
import textwrap
import unittest

from client import Harness, plain


def loaded(files, *modules, **options):
    with Harness(files, **options) as harness:
        return harness.load(*modules)


class Importing(unittest.TestCase):
    def test_a_package_its_parts_and_a_source_folder(self):
        files = {"src/pkg/__init__.py": "", "src/pkg/sub.py": "from . import other\n", "src/pkg/other.py": "", "src/single.py": ""}
        answers = loaded(files, "pkg", "pkg.sub", "single", paths=["src", ""])
        self.assertEqual([(a["module"], a["ok"], a["file"], a["foreign"], a["error"]) for a in answers], [
            ("pkg", True, "src/pkg/__init__.py", [], None), ("pkg.sub", True, "src/pkg/sub.py", [], None),
            ("single", True, "src/single.py", [], None)])

    def test_namespace_packages(self):
        files = {"a/space/one.py": "", "b/space/two.py": ""}
        answers = loaded(files, "space", "space.one", "space.two", paths=["a", "b"])
        self.assertEqual([(a["ok"], a["file"]) for a in answers], [(True, None), (True, "a/space/one.py"), (True, "b/space/two.py")])

    def test_errors(self):
        files = {
            "missing.py": "import does_not_exist_at_all\n", "own.py": "import halfway.nothing\n", "halfway/__init__.py": "",
            "syntax.py": "x = 1\ndef (:\n", "fails.py": "def g():\n    1 / 0\ng()\n", "leaves.py": "import sys; sys.exit(3)\n",
            "odd.py": "class Odd(BaseException): pass\nraise Odd('x')\n",
        }
        answers = loaded(files, "missing", "own", "syntax", "fails", "leaves", "odd", "nothing.here")
        self.assertEqual([a["ok"] for a in answers], [False] * 7)
        errors = [a["error"] for a in answers]
        self.assertEqual((errors[0]["class"], errors[0]["missing"], errors[0]["in_tree"], errors[0]["place"]),
                         ("ModuleNotFoundError", "does_not_exist_at_all", False, ("missing.py", 1)))
        self.assertEqual((errors[1]["missing"], errors[1]["in_tree"]), ("halfway.nothing", True))
        self.assertEqual((errors[2]["class"], errors[2]["place"]), ("SyntaxError", ("syntax.py", 2)))
        self.assertEqual((errors[3]["class"], errors[3]["place"], errors[3]["bases"][0]), ("ZeroDivisionError", ("fails.py", 2), "ArithmeticError"))
        self.assertEqual((errors[4]["class"], errors[4]["message"]), ("SystemExit", "3"))
        self.assertEqual(errors[5]["class"], "odd.Odd")
        self.assertEqual(errors[6]["missing"], "nothing")

    def test_modules_that_replace_themselves(self):
        source = """
            import sys
            class Replacement:
                def f(self): return 5
                def __getattr__(self, name): raise AttributeError(name)
            sys.modules[__name__] = Replacement()
        """
        with Harness({"sample.py": source}) as harness:
            self.assertEqual([(a["ok"], a["file"]) for a in harness.load("sample")], [(True, "sample.py")])
            self.assertTrue(harness.fork("sample", "f")["ok"])
            self.assertEqual(harness.run([plain()])[0][1], 5)

    def test_a_module_named_like_one_of_the_standard_library(self):
        files = {"random.py": "def f(): return __file__.endswith('tree/random.py')\n", "bisect.py": "def g(): return 1\n",
                 "user.py": "import random, bisect\ndef h(): return random.f(), bisect.g()\n"}
        with Harness(files) as harness:
            self.assertEqual([a["ok"] for a in harness.load("random", "bisect", "user")], [True] * 3)
            harness.fork("user", "h")
            self.assertEqual(harness.run([plain()])[0][1], (True, 1))

    def test_a_module_named_like_one_of_the_harness(self):
        files = {name + ".py": "A = 1\n" for name in ("frames", "world", "effects", "main", "client")}
        self.assertEqual([a["file"] for a in loaded(files, "frames", "world", "main")], ["frames.py", "world.py", "main.py"])

    def test_main_guards(self):
        self.assertTrue(loaded({"tool.py": "if __name__ == '__main__': raise SystemExit\n"}, "tool")[0]["ok"])

    def test_what_a_module_says_before_it_ends_the_program(self):
        source = "import sys\nprint('usage', file=sys.stderr)\nprint('install sample[cli]', file=sys.stderr)\nsys.exit(%s)\n"
        files = {"one.py": source % "1", "two.py": source % "", "three.py": "import sys\nsys.exit('no')\n"}
        messages = [answer["error"]["message"] for answer in loaded(files, "one", "two", "three")]
        self.assertEqual(messages, ["1, after printing: install sample[cli]", "install sample[cli]", "no"])

    def test_standard_streams_and_folder_come_back(self):
        source = "import sys, os\nsys.stdout = None\nos.chdir('/')\ndef f():\n    print('x')\n    return os.getcwd()\n"
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            record = harness.run([plain()])[0]
            self.assertEqual((record[1], record[3]), (harness.scratch, {"out": "x\n"}))

    def test_threads_started_at_import(self):
        source = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\ndef f(): return 1\n"
        with Harness({"sample.py": source}) as harness:
            self.assertTrue(harness.load("sample")[0]["ok"])
            harness.fork("sample", "f")
            self.assertEqual(harness.run([plain()])[0], (0, 1, None, None))


class Elsewhere(unittest.TestCase):
    """Installed copies of the project, and finders that redirect."""

    def harness(self, hook, files=None):
        files = dict(files or {"pkg/__init__.py": "WHO = 'tree'\n", "pkg/deep.py": "WHO = 'tree'\n"})
        files.update({"../other/pkg/__init__.py": "WHO = 'other'\n", "../other/pkg/deep.py": "WHO = 'other'\n",
                      "../other/sitecustomize.py": hook})
        harness = Harness.__new__(Harness)
        self.addCleanup(lambda: harness.close())
        original = Harness._start

        def start(self, environment, site):
            environment["PYTHONPATH"] = os.path.join(self.home, "other")
            original(self, environment, site)

        harness._start = start.__get__(harness)
        harness.__init__(files)
        return harness

    def who(self, harness, module="pkg"):
        answer = harness.load(module)[0]
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(answer["foreign"], [])
        harness.fork(module, "", call="module")
        return dict(harness.run([plain()])[0][1][1] if harness.run([plain()])[0][0] else harness.run([plain()])[0][1])["WHO"]

    def test_a_copy_later_on_the_path(self):
        self.assertEqual(self.who(self.harness("")), "tree")

    def test_a_copy_that_is_loaded_already(self):
        self.assertEqual(self.who(self.harness("import pkg.deep\n"), "pkg.deep"), "tree")

    def test_a_finder_in_front_of_all_others(self):
        hook = textwrap.dedent("""
            import sys, os
            from importlib.machinery import PathFinder
            class Redirects:
                @staticmethod
                def find_spec(name, path=None, target=None):
                    if name.split(".")[0] == "pkg":
                        return PathFinder.find_spec(name, [os.path.dirname(__file__)] if path is None else path)
            sys.meta_path.insert(0, Redirects)
        """)
        self.assertEqual(self.who(self.harness(hook)), "tree")
        self.assertEqual(self.who(self.harness(hook), "pkg.deep"), "tree")

    def test_a_module_only_found_elsewhere_is_not_taken(self):
        for hook in ("", "import pkg.more\n"):
            harness = self.harness(hook, {"pkg/deep.py": "", "pkg/readme": "", "../other/pkg/more.py": ""})
            namespace, more = harness.load("pkg", "pkg.more")
            self.assertEqual((namespace["ok"], namespace["file"]), (True, None))
            self.assertEqual((more["ok"], more["error"]["missing"]), (False, "pkg.more"))

    def test_a_part_of_a_standard_package_does_not_stay_with_a_package_of_its_name(self):
        harness = self.harness("import email.charset\n", {"email/__init__.py": "", "email/own.py": "from . import charset\n"})
        self.assertEqual([answer["ok"] for answer in harness.load("email", "email.own")], [True, False])

    def test_a_name_that_leads_elsewhere(self):
        with Harness({"sample.py": "from json import loads, JSONDecoder\ndef own(): pass\n"}) as harness:
            harness.load("sample")
            for name, call in (("loads", "function"), ("JSONDecoder", "constructor")):
                ready = harness.fork("sample", name, call)
                self.assertFalse(ready["ok"])
                self.assertIn("foreign", ready["reason"])
                harness.ended()


if __name__ == "__main__":
    unittest.main()
