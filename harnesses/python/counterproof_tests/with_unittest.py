"""The tests under unittest, where the project's interpreter has no pytest."""

import os
import sys
import traceback
import unittest
from importlib.util import find_spec

from sys import modules

shortened = modules["counterproof_tests.events"].shortened


def run(request, teller):
    if os.environ.get("DJANGO_SETTINGS_MODULE") and find_spec("django"):
        import django

        django.setup()
    suite = []
    for file in request["files"]:
        try:
            suite += tests_of(file)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            teller.tell("not_collected", id=file, text=shortened("%s: %s" % (type(error).__name__, error)))
    if request["only"] is not None:
        only = set(request["only"])
        suite = [(name, test) for name, test in suite if name in only or name.partition("::")[0] in only]
    suite = [(name, test) for name, test in suite if name not in request["without"]]
    teller.tell("collected", tests=[name for name, _test in suite][:5000])
    names = {test: name for name, test in suite}
    # A suite of its own for each file keeps what is set up for classes and modules together.
    recorder = modules["counterproof_tests.recording"].Recorder(request, teller) if request.get("record") else None
    if recorder:
        # There is time for a few, which need not be all of a file.
        rank = {name: at for at, name in enumerate(request["first"])}
        suite.sort(key=lambda pair: rank.get(pair[0], len(rank)))
    unittest.TestSuite(test for _name, test in suite).run(Result(names, teller.tell, recorder))
    teller.tell("ended", code=0)


def tests_of(file):
    """The tests of a file with their names in the form of pytest's node ids."""
    # As pytest does: the folder above the packages that the file is in is where the import starts.
    parts = file[:-len(".py")].split("/")
    start = len(parts) - 1
    while start > 0 and os.path.exists(os.path.join(os.getcwd(), *parts[:start], "__init__.py")):
        start -= 1
    folder = os.path.join(os.getcwd(), *parts[:start])
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = ".".join(parts[start:])
    __import__(name)
    module = sys.modules[name]
    return [("%s::%s::%s" % (file, type(test).__qualname__.replace(".", "::"), test._testMethodName), test)
            for test in flat(unittest.defaultTestLoader.loadTestsFromModule(module))]


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


class Result(unittest.TestResult):
    def __init__(self, names, tell, recorder=None):
        super().__init__()
        self.names = names
        self.tell = tell
        self.recorder = recorder
        self.outcome = None

    def startTest(self, test):
        super().startTest(test)
        self.outcome = "passed", "", None
        name = self.names.get(test, str(test))
        self.tell("start", id=name)
        if self.recorder:
            self.recorder.begin(name)
            self.recorder.resume()

    def stopTest(self, test):
        super().stopTest(test)
        if self.recorder:
            self.recorder.pause()
            self.recorder.end()
        outcome, text, place = self.outcome
        self.tell("end", id=self.names.get(test, str(test)), outcome=outcome, text=shortened(text), place=place)

    def fails(self, outcome, error):
        kind, value, trace = error
        inside = [frame for frame in traceback.extract_tb(trace)
                  if os.path.realpath(frame.filename).startswith(os.path.realpath(os.getcwd()) + os.sep)]
        place = None
        if inside:
            place = [os.path.relpath(os.path.realpath(inside[-1].filename), os.path.realpath(os.getcwd())), inside[-1].lineno]
        self.outcome = outcome, "%s: %s" % (kind.__name__, value), place

    def addFailure(self, test, err):
        self.fails("failed", err)

    def addError(self, test, err):
        self.fails("error", err)
        if test not in self.names:  # set-up of a class or module
            self.tell("not_collected", id=str(test), text=shortened(self.outcome[1]))

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.fails("failed" if issubclass(err[0], test.failureException) else "error", err)

    def addSkip(self, test, reason):
        self.outcome = "skipped", reason, None

    def addExpectedFailure(self, test, err):
        self.outcome = "xfailed", "", None

    def addUnexpectedSuccess(self, test):
        self.outcome = "xpassed", "", None
