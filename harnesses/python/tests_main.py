"""Entry point of the test runs: `python -B tests_main.py IN OUT`.

On descriptor IN comes one JSON object, what to run (see PROTOCOL.md, "Test runs"); on descriptor OUT go lines of JSON, what
happened. The project's own runner runs in this very process, so that what is said here is as trustworthy as the tests are.
"""

import os
import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "counterproof_tests"


def load(name):
    """A module of ours, without its folder on `sys.path`."""
    full = PACKAGE + "." + name
    spec = spec_from_file_location(full, os.path.join(HERE, PACKAGE, name + ".py"))
    module = module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module


def main():
    # Python puts the script's folder first; `python -m pytest` puts the current one there.
    sys.path[:] = [os.getcwd()] + [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]
    events = load("events")
    request, teller = events.opened(int(sys.argv[1]), int(sys.argv[2]))
    load("fitting")  # for tests that ask
    if request.get("record"):
        load("recording")
    try:
        name = request["runner"] or ("pytest" if find_spec("pytest") else "unittest")
        load("with_" + name).run(request, teller)
        teller.tell("done", foreign=events.foreign(request["tree"], request["tops"]))
    except BaseException as error:
        teller.tell("failed", text="%s: %s" % (type(error).__name__, error))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads that tests left behind, and what they registered for the end, are no business of ours.
        os._exit(0)


if __name__ == "__main__":
    main()
