"""Coroutines and asynchronous generators, run to their end.

Where the project has not loaded `asyncio`, nothing can be awaited that needs a loop, and a coroutine is driven by `send`.
Otherwise it runs as a task on a private loop, which is kept from call to call. Waiting takes no time: see `freeze_selectors`.
"""

import sys

from .world import EffectRefused, Overdue

_loop = None


def run(coroutine):
    """The result of a coroutine; what it raises passes through."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return _drive(coroutine)
    return _on_loop(asyncio, coroutine)


def run_generator(generator, encode, limit):
    """(elements, end) of an asynchronous generator."""
    elements = []

    async def collect():
        try:
            async for element in generator:
                elements.append(encode(element))
                if len(elements) >= limit:
                    return "cap"
        except (Overdue, EffectRefused):
            raise
        except BaseException as error:
            return type(error)
        return "end"

    end = run(collect())
    return elements, end


def _drive(coroutine):
    try:
        while True:
            # A bare `yield` is a turn given to other tasks, of which there are none.
            awaited = coroutine.send(None)
            if awaited is not None:
                coroutine.throw(RuntimeError("awaited %s without an event loop" % type(awaited).__name__))
    except StopIteration as finished:
        return finished.value
    finally:
        coroutine.close()


def _on_loop(asyncio, coroutine):
    global _loop
    if _loop is None or _loop.is_closed():
        _loop = asyncio.new_event_loop()
    loop = _loop
    try:
        return loop.run_until_complete(coroutine)
    except (Overdue, EffectRefused):
        _loop = None  # in an unknown state
        raise
    finally:
        if _loop is not None:
            _cancel_left_over(asyncio, loop)


def _cancel_left_over(asyncio, loop):
    tasks = asyncio.all_tasks(loop)
    if not tasks:
        return
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
