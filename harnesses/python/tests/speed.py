"""Calls per second of one harness process, in each mode of coverage: `python speed.py`.

Arguments are plain and come in batches of 256; the figures hold decoding, fresh arguments for each call, observation and the
encoding of the answer, as the time between sending a batch and having read its records.
"""

import sys
import time

from client import Harness, plain

SOURCE = """
def small(a, b):
    return a*b + (a if a > b else -b)

def lists(xs, k):
    total = 0
    for x in xs:
        if x > k:
            total += x
    return [total, k]

def mutates(xs):
    xs.append(1)
    return xs

def fails(a):
    return {}[a]

def prints(a):
    print(a)
"""
COVER = [("sample.py", 2, 3)], [("sample.py", 5, 10)], [("sample.py", 12, 14)], [("sample.py", 16, 17)], [("sample.py", 19, 20)]
BATCH, SECONDS = 256, 1.0


def rate(name, calls, cover, coverage):
    with Harness({"sample.py": SOURCE}, coverage=coverage) as harness:
        assert harness.load("sample")[0]["ok"]
        ready = harness.fork("sample", name, cover=cover, ticks=6)
        assert ready["ok"], ready
        harness.run(calls)
        best, rounds = 1e9, 0
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            began = time.perf_counter()
            harness.run(calls)
            best = min(best, time.perf_counter() - began)
            rounds += 1
        return len(calls) * rounds / SECONDS, len(calls) / best


def main():
    modes = ["none"] + (["monitoring"] if hasattr(sys, "monitoring") else []) + ["settrace"]
    cases = {
        "small": [plain(i, i % 7) for i in range(BATCH)],
        "lists": [plain([i, 2, 3, i % 5], 2) for i in range(BATCH)],
        "mutates": [plain([i, 2]) for i in range(BATCH)],
        "fails": [plain(i) for i in range(BATCH)],
        "prints": [plain(i) for i in range(BATCH)],
    }
    print("python %d.%d.%d" % sys.version_info[:3])
    for mode in modes:
        for (name, calls), cover in zip(cases.items(), COVER):
            mean, best = rate(name, calls, cover, mode)
            print("  %-11s %-8s %8.0f calls/s mean, %8.0f best" % (mode, name, mean, best))


if __name__ == "__main__":
    main()
