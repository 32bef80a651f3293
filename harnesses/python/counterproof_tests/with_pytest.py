"""The tests under pytest, with the project's own configuration."""

import os
from importlib.util import find_spec

import pytest

from sys import modules

shortened = modules["counterproof_tests.events"].shortened


SOME = 8  # tests of a file that are recorded before those of the next


def run(request, teller):
    arguments = ["-q", "--maxfail=0", "--continue-on-collection-errors", "--tb=short", "-o", "cache_dir=" + request["scratch"]]
    # Node ids begin at the tree, wherever the configuration lies; without one pytest would have them begin at the tests' own folder.
    arguments.append("--rootdir=" + os.getcwd())
    # What makes a run slower or another one than asked for, and is usual in a project's configuration.
    if find_spec("xdist"):
        arguments += ["-n0"]
    if find_spec("pytest_cov"):
        arguments += ["--no-cov"]
    if find_spec("pytest_randomly"):
        arguments += ["-p", "no:randomly"]
    files = ["--"] + request["files"]
    try:
        code = pytest.main(arguments + files, plugins=[Plugin(request, teller)])
    except PermissionError:
        # pytest found no configuration in the tree and went on above it, where nothing is the project's: then there is none.
        none = os.path.join(request["scratch"], "pytest.ini")
        with open(none, "w") as file:
            file.write("[pytest]\n")
        arguments += ["-c", none]
        code = pytest.main(arguments + files, plugins=[Plugin(request, teller)])
    if code == pytest.ExitCode.USAGE_ERROR:
        # The configuration may ask for a plugin that is not installed (coverage, mostly): without its options, then.
        code = pytest.main(arguments + ["-o", "addopts="] + files, plugins=[Plugin(request, teller)])
    teller.tell("ended", code=int(code))


def function_of(nodeid):
    """A node id without its parameters."""
    return nodeid.partition("[")[0]


class Plugin:
    def __init__(self, request, teller):
        self.tell = teller.tell
        self.rank = {name: at for at, name in enumerate(request["first"])}
        self.only = set(request["only"]) if request["only"] is not None else None
        self.without = set(request["without"])
        self.phases = {}
        self.recorder = None
        if request.get("record"):
            self.recorder = modules["counterproof_tests.recording"].Recorder(request, teller)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        if self.only is not None or self.without:
            kept = [item for item in items if item.nodeid not in self.without and self.wanted(item.nodeid)]
            config.hook.pytest_deselected(items=[item for item in items if item not in kept])
            items[:] = kept
        last = len(self.rank)
        # Only whole files change places, so that what is set up for a module is set up once.
        files = {}
        for item in items:
            rank = self.rank.get(function_of(item.nodeid), last)
            file = item.nodeid.partition("::")[0]
            files[file] = min(files.get(file, last), rank)
        items.sort(key=lambda item: files[item.nodeid.partition("::")[0]])
        if self.recorder:
            # There is time for a few, which need not be all of a file: some of each, and more of each.
            places, counts = {}, {}
            for item in items:
                file = item.nodeid.partition("::")[0]
                places[item] = counts.get(file, 0) // SOME
                counts[file] = counts.get(file, 0) + 1
            items.sort(key=lambda item: (self.rank.get(function_of(item.nodeid), last), places[item]))
        self.tell("collected", tests=[item.nodeid for item in items][:5000])

    def wanted(self, nodeid):
        only = self.only
        return only is None or nodeid in only or function_of(nodeid) in only or nodeid.partition("::")[0] in only

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell("not_collected", id=report.nodeid, text=shortened(said(report)))

    def pytest_runtest_logstart(self, nodeid, location):
        self.tell("start", id=nodeid)
        if self.recorder:
            self.recorder.begin(nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        recorded = self.recorder is not None and self.recorder.id is not None
        if recorded:
            self.recorder.resume()
        yield
        if recorded:
            self.recorder.pause()
            if fixturedef.scope != "function":
                self.recorder.share()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        if self.recorder:
            self.recorder.resume()
        yield
        if self.recorder:
            self.recorder.pause()

    def pytest_runtest_logreport(self, report):
        outcome, text, place = self.phases.get(report.nodeid, ("passed", "", None))
        if report.failed:
            outcome = "failed" if report.when == "call" else "error"
            text, place = said(report), where(report)
        elif report.skipped:
            outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            text = report.wasxfail if hasattr(report, "wasxfail") else said(report)
        elif report.when == "call" and hasattr(report, "wasxfail"):
            outcome, text = "xpassed", report.wasxfail
        if report.when == "teardown":
            self.phases.pop(report.nodeid, None)
            if self.recorder:
                self.recorder.end()
            self.tell("end", id=report.nodeid, outcome=outcome, text=shortened(text), place=place)
        else:
            self.phases[report.nodeid] = outcome, text, place


def said(report):
    """What a failure says, in few lines."""
    longrepr = report.longrepr
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message
    if isinstance(longrepr, tuple):
        return longrepr[2]
    text = str(longrepr or "")
    # The lines of a printed traceback that say what was raised.
    raised = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return "\n".join(raised) or text


def where(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return None
    try:
        path = os.path.relpath(os.path.realpath(str(crash.path)), os.path.realpath(os.getcwd()))
    except ValueError:
        return None
    return None if path.startswith("..") else [path, int(crash.lineno)]
