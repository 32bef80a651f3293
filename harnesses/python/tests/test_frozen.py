"""The frozen clock and the frozen randomness."""

import unittest

from client import FROZEN, Harness, observe, plain


class Clock(unittest.TestCase):
    def test_every_clock_stands_still(self):
        source = """
            import time, datetime, calendar, email.utils
            from time import time as early, perf_counter
            from datetime import datetime as dt, date
            class Sub(dt): pass
            class Keeps:
                now = time.time
                convert = time.localtime
            tz = datetime.timezone(datetime.timedelta(hours=2))
            def f():
                return (time.time(), early(), time.time_ns(), time.monotonic(), perf_counter(), time.process_time(),
                        time.gmtime()[:6], time.localtime()[:6], time.strftime("%Y-%m-%d"), time.ctime(), time.asctime(),
                        time.clock_gettime(time.CLOCK_REALTIME),
                        dt.now().isoformat(), dt.utcnow().isoformat(), dt.today().isoformat(), date.today().isoformat(),
                        dt.now(tz).isoformat(), dt.now(tz=tz).isoformat(),
                        type(Sub.now()).__name__, Sub.now().isoformat(), type(Sub.utcnow()).__name__, type(Sub.today()).__name__,
                        Keeps().now(), Keeps().convert(0)[:3], email.utils.formatdate())
        """
        value = observe(source, "f", [plain()] * 2)[1][1]
        stamp = "2023-11-14T22:13:20.250000"
        self.assertEqual(value, (
            FROZEN, FROZEN, 1700000000250000000, 1000.0, 1000.0, 1000.0,
            (2023, 11, 14, 22, 13, 20), (2023, 11, 14, 22, 13, 20), "2023-11-14", "Tue Nov 14 22:13:20 2023",
            "Tue Nov 14 22:13:20 2023", FROZEN,
            stamp, stamp, stamp, "2023-11-14",
            "2023-11-15T00:13:20.250000+02:00", "2023-11-15T00:13:20.250000+02:00",
            "Sub", stamp, "Sub", "Sub", FROZEN, (1970, 1, 1), "Tue, 14 Nov 2023 22:13:20 -0000"))

    def test_hello_says_what_moves(self):
        with Harness({}) as harness:
            frozen = [name for name in harness.hello["not_frozen"] if name.startswith(("time.", "datetime."))]
            self.assertEqual(frozen, [])

    def test_the_process_has_one_number_however_many_were_forked(self):
        source = """
            import os
            from os import getpid
            IMPORTED = getpid()
            def f():
                return os.getpid(), getpid(), IMPORTED
        """
        numbers = {observe(source, "f", [plain()])[0][1] for _ in range(2)}
        self.assertEqual(len(numbers), 1)
        self.assertEqual(len(set(numbers.pop())), 1)

    def test_arguments_are_checked_as_before(self):
        source = """
            import time, datetime
            def f(a):
                if a == 0: time.sleep(-1)
                if a == 1: time.sleep("x")
                if a == 2: datetime.datetime.now("x")
                if a == 3: datetime.datetime.now(None, None)
        """
        records = observe(source, "f", [plain(i) for i in range(4)])
        self.assertEqual([record[1][0] for record in records], ["ValueError", "TypeError", "TypeError", "TypeError"])

    def test_sleep_moves_the_clock_and_each_call_starts_over(self):
        source = """
            import time
            def f():
                began = time.time()
                time.sleep(3600)
                return began, time.time() - began, time.monotonic()
        """
        records = observe(source, "f", [plain()] * 2)
        self.assertEqual([record[1] for record in records], [(FROZEN, 3600.0, 4600.0)] * 2)

    def test_polling_loops_end(self):
        source = """
            import time
            def f():
                end = time.time() + 2
                turns = 0
                while time.time() < end: turns += 1
                return turns
        """
        records = observe(source, "f", [plain()] * 2, ticks=100)
        self.assertEqual([record[:2] for record in records], [(0, records[0][1])] * 2)

    def test_logging(self):
        source = """
            import logging
            logging.basicConfig(format="%(asctime)s %(message)s")
            def f(a): logging.warning("x %s", a)
        """
        self.assertEqual(observe(source, "f", [plain(1)])[0][3], {"err": "2023-11-14 22:13:20,250 x 1\n"})


class Chance(unittest.TestCase):
    def test_every_call_draws_the_same(self):
        source = """
            import random, secrets, uuid, os, tempfile
            from random import random as early, choice, shuffle
            own = random.Random(5)
            def f(a):
                items = list(range(20))
                shuffle(items)
                return (random.random(), early(), choice(range(1000)), random.getrandbits(70), random.gauss(0, 1), items,
                        random.sample(range(1000), 3), random.Random().random(), random.SystemRandom().random(),
                        secrets.token_hex(), secrets.randbelow(10 ** 9), str(uuid.uuid1()), str(uuid.uuid1()), str(uuid.uuid4()),
                        os.urandom(8), os.urandom(0))
        """
        records = observe(source, "f", [plain(0)] * 3)
        self.assertEqual(records[0][0], 0, records[0])
        self.assertEqual(len({repr(record) for record in records}), 1)
        value = records[0][1]
        self.assertNotEqual(value[0], value[1])
        self.assertNotEqual(value[11], value[12])

    def test_two_processes_draw_the_same(self):
        source = "import random, uuid\ndef f(): return random.random(), str(uuid.uuid4()), random.gauss(0, 1)\n"
        self.assertEqual(observe(source, "f", [plain()]), observe(source, "f", [plain()]))
        self.assertNotEqual(observe(source, "f", [plain()]), observe(source, "f", [plain()], config={"seed": 7}))

    def test_own_seeds_hold(self):
        source = """
            import random
            def f(a):
                random.seed(a)
                state = random.getstate()
                first = random.random()
                random.setstate(state)
                return first, random.random(), random.Random(a).random()
            def g(a): return random.random()
        """
        first, again = observe(source, "f", [plain(1), plain(1)])
        self.assertEqual(len(set(first[1])), 1)
        self.assertEqual(first, again)
        import random
        self.assertEqual(first[1][2], random.Random(1).random())


if __name__ == "__main__":
    unittest.main()
