"""What became of the tests that a commit edits or deletes, found without Counterproof: plain pytest and the `ast` module.

    oracle.py list CLONE N            the last N commits that edit or delete tests and code at once, a line each
    oracle.py judge CLONE REV FOLDER  JSON: of each such test of REV, how its version in base ends on base and on the code of REV
"""

import ast
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

LONGEST = 180  # seconds of a run of pytest
RENAMED = "R"


def git(clone, *arguments):
    return subprocess.run(["git", "-C", clone, *arguments], stdout=subprocess.PIPE, check=True).stdout


def serves_tests(path):
    *folders, name = path.split("/")
    return bool({"tests", "test", "testing"} & set(folders)) or holds_tests(path) or name in ("conftest.py", "tests.py")


def holds_tests(path):
    name = path.rsplit("/", 1)[-1]
    return any(fnmatch.fnmatch(name, pattern) for pattern in ("test_*.py", "*_test.py", "tests.py", "test.py"))


def changes(clone, rev):
    """(status, path in base, path in head) of each file that differs."""
    words = git(clone, "diff-tree", "-r", "-M", "-z", "--name-status", "--no-commit-id", rev + "^", rev).decode().split("\0")
    words = iter(words[:-1])
    found = []
    for status in words:
        before = next(words)
        after = next(words) if status[0] == RENAMED else before
        found.append((status[0], None if status[0] == "A" else before, None if status[0] == "D" else after))
    return found


class Tests:
    """The test functions of a file: by (class, name), as they are defined and as they are inherited."""

    def __init__(self, text):
        self.own, self.classes = {}, {}
        try:
            tree = ast.parse(text or "")
        except SyntaxError:
            tree = ast.parse("")
        rest = []
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
                self.own["", node.name] = ast.dump(node)
            elif isinstance(node, ast.ClassDef):
                self.classes[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
                for inner in node.body:
                    if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name.startswith("test"):
                        self.own[node.name, inner.name] = ast.dump(inner)
                    else:
                        rest.append(ast.dump(inner))
                rest += [ast.dump(base) for base in node.bases + node.decorator_list]
            elif not isinstance(node, (ast.Import, ast.ImportFrom)):
                rest.append(ast.dump(node))
        self.rest = sorted(rest)

    def where(self, name, test):
        """The class in which what `name` calls `test` is defined."""
        if (name, test) in self.own:
            return name
        return next(filter(lambda found: found is not None, (self.where(base, test) for base in self.classes.get(name, ()))), None)


class Commit:
    def __init__(self, clone, rev):
        self.clone, self.rev = clone, rev
        self.files = changes(clone, rev)

    def text(self, rev, path):
        return git(self.clone, "show", "%s:%s" % (rev, path)).decode("utf-8", "replace")

    def edits(self):
        """Tests of base that are edited, deleted, or whose file is edited beside them: {(path, class, name): kind}."""
        added = set()  # one that merely moved is neither edited nor deleted
        for _status, _before, after in self.files:
            if after is not None and holds_tests(after):
                added |= {(test, dump) for (_name, test), dump in Tests(self.text(self.rev, after)).own.items()}
        found = {}
        for _status, before, after in self.files:
            if before is None or not holds_tests(before):
                continue
            was = Tests(self.text(self.rev + "^", before))
            now = Tests(self.text(self.rev, after) if after is not None and holds_tests(after) else "")
            for (name, test), dump in was.own.items():
                if (name, test) in now.own:
                    kind = "edited" if now.own[name, test] != dump else "support" if now.rest != was.rest else None
                else:
                    kind = None if (test, dump) in added else "deleted"
                if kind:
                    found[before, name, test] = kind
        return found

    def qualifies(self):
        code = [f for f in self.files if f[1] and f[1].endswith(".py") and not serves_tests(f[1]) and f[0] != "D"]
        touched = [f for f in self.files if f[1] and holds_tests(f[1])]
        return bool(code and touched) and any(kind != "support" for kind in self.edits().values())


def lay_out(clone, rev, folder):
    os.makedirs(folder)
    archive = subprocess.Popen(["git", "-C", clone, "archive", rev], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)
    archive.wait()
    for line in git(clone, "ls-tree", "-r", rev).decode().splitlines():
        mode, _kind, rest = line.split(" ", 2)
        inner, path = rest.split("\t", 1)
        if mode == "160000" and os.path.exists(os.path.join(clone, path, ".git")):  # a submodule that is checked out
            shutil.rmtree(os.path.join(folder, path), ignore_errors=True)
            lay_out(os.path.join(clone, path), inner, os.path.join(folder, path))


def lay_generated(clone, folder):
    """Versions that are generated and ignored by git, without which nothing imports."""
    ignored = git(clone, "ls-files", "--others", "--ignored", "--exclude-standard").decode().splitlines()
    for path in ignored:
        if path.endswith("version.py") and os.path.isdir(os.path.dirname(os.path.join(folder, path))):
            shutil.copy(os.path.join(clone, path), os.path.join(folder, path))


def pytest(folder, files, seed):
    """How the tests of files end, by (path, class, name with parameters); a file that cannot be collected as (path, "", "")."""
    files = [path for path in files if os.path.exists(os.path.join(folder, path))]
    if not files:
        return {}
    out = folder + ".xml"
    roots = [folder] + [path for path in (os.path.join(folder, "src"),) if os.path.isdir(path)]
    env = dict(os.environ, PYTHONPATH=os.pathsep.join(reversed(roots)), PYTHONHASHSEED=str(seed), HOME=folder + "-home")
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "--rootdir=" + folder,
               "-o", "junit_family=xunit1", "--junitxml=" + out]
    for more in ([], ["-o", "addopts="]):  # options may ask for a plugin that is not installed
        if os.path.exists(out):
            os.remove(out)
        try:
            done = subprocess.run(command + more + files, cwd=folder, env=env, timeout=LONGEST,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            return {}
        if done.returncode != 4:
            break
    if b"while loading conftest" in done.stdout:  # what all tests share does not import
        return {(path, "", ""): "failed" for path in files}
    return outcomes(out, files) if os.path.exists(out) else {}


def outcomes(out, files):
    modules = {path[: -len(".py")].replace("/", "."): path for path in files}
    found = {}
    for case in xml.parse(out).iter("testcase"):
        name, test = case.get("classname") or "", case.get("name")
        tags = {child.tag for child in case}
        outcome = "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"
        module = max((m for m in modules if (name + ".").startswith(m + ".")), key=len, default=None)
        if module is not None:
            key = modules[module], name[len(module) + 1:], test
        elif test in modules:
            key = modules[test], "", ""
        else:
            continue
        found[key] = "failed" if found.get(key) == "failed" else outcome
    return found


def by_function(ran, tests):
    """Outcomes by (path, class that defines it, name), and cases of it: {case: outcome}."""
    found = {}
    for (path, name, test), outcome in ran.items():
        function = test.partition("[")[0]
        if path in tests and function:
            where = tests[path].where(name.rsplit(".", 1)[-1], function)
            if where is not None:
                found.setdefault((path, where, function), {})[name, test] = outcome
    return found


def judge(clone, rev, folder):
    commit = Commit(clone, rev)
    edits = commit.edits()
    base, head, mixed = (os.path.join(folder, name) for name in ("base", "head", "mixed"))
    lay_out(clone, rev + "^", base)
    lay_out(clone, rev, head)
    for tree in (base, head):
        lay_generated(clone, tree)
    shutil.copytree(head, mixed, symlinks=True)
    for _status, before, after in commit.files:
        if after is not None and serves_tests(after):
            os.remove(os.path.join(mixed, after))
        if before is not None and serves_tests(before):
            os.makedirs(os.path.dirname(os.path.join(mixed, before)), exist_ok=True)
            shutil.copy(os.path.join(base, before), os.path.join(mixed, before), follow_symlinks=False)
    files = sorted({path for path, _name, _test in edits})
    tests = {path: Tests(open(os.path.join(base, path), encoding="utf-8").read()) for path in files}
    on_base, on_head = pytest(base, files, 0), pytest(mixed, files, 0)
    again = pytest(mixed, files, 1) if "failed" in on_head.values() else on_head
    was, now, once_more = (by_function(ran, tests) for ran in (on_base, on_head, again))
    # An edited file that is no longer collected loses all its tests, those that were not edited themselves, too.
    gone = {path for path in files if all(ran.get((path, "", "")) == "failed" for ran in (on_head, again))}
    for key in was:
        if key[0] in gone and key[2]:
            edits.setdefault(key, "support")
    judged = []
    for (path, name, test), kind in sorted(edits.items()):
        key = path, name, test
        lost = path in gone
        cases = {case for case, outcome in was.get(key, {}).items() if outcome == "passed"}
        there = now.get(key, {})
        cases &= set(there) or cases  # names of cases may hold the time of day
        ended = {"failed" if lost else there.get(case, "not run") for case in cases}
        if not lost and any(there.get(case) != once_more.get(key, {}).get(case, there.get(case)) for case in cases):
            ended = {"flaky"}
        if not cases:
            outcome = "no pass on base"
        else:
            outcome = next(word for word in ("failed", "flaky", "not run", "skipped", "passed") if word in ended)
        judged.append({"path": path, "name": "::".join(filter(None, (name, test))), "kind": kind, "outcome": outcome})
    paths = {path for _status, *both in commit.files for path in both if path is not None and serves_tests(path)}
    return {"tests": judged, "paths": sorted(paths)}


def main():
    what, clone, *rest = sys.argv[1:]
    if what == "list":
        left = int(rest[0])
        for rev in git(clone, "rev-list", "--no-merges", "--min-parents=1", "HEAD").decode().split():
            if left and Commit(clone, rev).qualifies():
                print(rev, flush=True)
                left -= 1
            if not left:
                break
    else:
        print(json.dumps(judge(clone, rest[0], os.path.abspath(rest[1]))))


main()
