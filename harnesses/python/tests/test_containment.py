"""The child's own rules: the kernel filter, memory, and code that reads the harness's descriptors."""

import platform
import struct
import sys
import unittest

from client import Harness, observe, plain

# Classic BPF, as linux/filter.h has it.
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO_EPERM = 0x7FFF0000, 0x00050001
NUMBER, FIRST_ARGUMENT = 0, 16
OWN_PID = 0x7FEDC0DE
FORK, CLONE, KILL = 57, 56, 62


def program(*instructions):
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in instructions)


# No fork, no clone; kill only of the process itself. Jumps are relative.
FILTER = program(
    (LOAD, 0, 0, NUMBER), (EQUAL, 6, 0, FORK), (EQUAL, 5, 0, CLONE), (EQUAL, 0, 3, KILL),
    (LOAD, 0, 0, FIRST_ARGUMENT), (EQUAL, 1, 0, OWN_PID), (RETURN, 0, 0, ERRNO_EPERM),
    (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERRNO_EPERM),
)


@unittest.skipUnless(sys.platform == "linux" and platform.machine() == "x86_64", "the program is written for one system")
class ChildFilter(unittest.TestCase):
    # Through `ctypes`, since the audit hook refuses the ways of the standard library before the kernel is asked.
    SOURCE = """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        def f(how):
            ctypes.set_errno(0)
            if how == "fork": return libc.syscall(57), ctypes.get_errno()
            if how == "own": return libc.kill(libc.getpid(), 0), ctypes.get_errno()
            if how == "parent": return libc.kill(os.getppid(), 0), ctypes.get_errno()
    """

    def test_it_holds_from_the_first_call_on(self):
        records = observe(self.SOURCE, "f", [plain("fork"), plain("own"), plain("parent")], config={"child_filter": FILTER})
        self.assertEqual([record[1] for record in records], [(-1, 1), (0, 0), (-1, 1)])

    def test_a_bad_program_is_told(self):
        with Harness({"sample.py": self.SOURCE}, child_filter=b"12345") as harness:
            harness.load("sample")
            ready = harness.fork("sample", "f")
            self.assertFalse(ready["ok"])
            self.assertIn("filter", ready["reason"])


class Resources(unittest.TestCase):
    def test_memory(self):
        source = """
            import resource
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
            def f(a):
                if a == 1: return len("x" * (1 << 32))
                if a == 2: return ["x" * (1 << 20) for _ in range(2000)]
                if a == 3: return "x" * (200 << 20)
                return a
        """
        records = observe(source, "f", [plain(0), plain(1), plain(2), plain(3), plain(0)], ticks=300)
        self.assertEqual([record[0] for record in records], [0, 2, 2, 1, 0])
        self.assertEqual(records[1][1][0], "MemoryError")

    def test_deep_recursion(self):
        source = """
            import sys
            def f(n): return 0 if n == 0 else 1 + f(n - 1)
            def g(n):
                sys.setrecursionlimit(25)
                deep = n
                for _ in range(30): deep = [deep]
                return deep
        """
        records = observe(source, "f", [plain(100), plain(100000), plain(100)], ticks=100)
        self.assertEqual([record[0] for record in records], [0, 2, 0])
        self.assertEqual(records[1][1][0], "RecursionError")
        first, second = observe(source, "g", [plain(1)] * 2)
        self.assertEqual((first, first[0]), (second, 0))

    def test_writing_to_the_harness(self):
        source = """
            import os
            def f(a):
                for name in os.listdir("/proc/self/fd"):
                    try:
                        open(int(name), "wb", closefd=False).write(b"forged")
                    except OSError:
                        pass
        """
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            record = harness.run([plain(0)])[0]
            self.assertEqual((record[0], record[3]["effects"][-1][0]), (4, "write"))

    def test_putting_something_else_in_place_of_the_pipes(self):
        source = """
            import os
            def f(a):
                other = os.open(os.devnull, os.O_RDWR)
                for descriptor in range(3, 1000):
                    os.dup2(other, descriptor)
        """
        with Harness({"sample.py": source}) as harness:
            harness.load("sample")
            harness.fork("sample", "f")
            harness.data.send(("run", [plain(0)]))
            ended = harness.ended()
            self.assertEqual((ended["why"], ended["at"]), ("exit", 0))


if __name__ == "__main__":
    unittest.main()
