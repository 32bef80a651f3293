"""The hot loop: call, observe, record.

A call of plain arguments that returns a scalar runs through `Runner._loop` alone, with no function of the harness called in
between. All that may have happened besides (output, effects, a tick of the timer, a reading of the clock) sets `world.dirty`,
and only then is the call looked at more closely.
"""

import sys
from marshal import dumps, loads
from types import AsyncGeneratorType, CoroutineType

from . import arrivals, draining, effects, recipes
from .answers import answers
from .databases import take_asked
from .encoding import LOWEST, SCALARS, Encoder, NotPlain, Snapshot, are_scalars, same
from .frames import FORMAT
from .importing import ends_below, innermost, message_of
from .naming import base_names, class_name
from .world import CALLING, OFF, REFUSED, TIMED_OUT, EffectRefused, Overdue, count_threads, world

PLAIN, ENCODED, RAISED, NOT_MADE = 0, 1, 2, 5
# The first calls of a child, and the ticks that they are given at least: tables that are built when they are first asked for, say,
# which a call that is cut would leave unbuilt for ever.
COLD, COLDER = 3, 30
MADE = 2  # the kind of a call that ends when its arguments are made

_settrace, _gettrace, _recursion_limit = sys.settrace, sys.gettrace, sys.getrecursionlimit
_SMALL = frozenset((type(None), bool, float, complex))  # scalars of bounded size


class Runner:
    """Runs the calls of one request in one child."""

    def __init__(self, target, request, shared, tracer, trace, kept_in_scratch):
        self.target = target
        self.shared = shared
        self.tracer = tracer  # a function for `sys.settrace`, or None
        self.trace = trace  # a full trace of each call, or None
        self.limits = self.all_limits = world.limits
        self.state = request["state"]
        self.snapshot = Snapshot(self.limits)
        self.kept = kept_in_scratch
        self.laid_out = ()  # files that were written to make the arguments
        self.ticks = world.deadline = max(1, request["ticks"])
        self.colder = request.get("cold_ticks") or COLDER
        self.cold = COLD  # calls left that may have to set up what later ones find

    # Batches

    def settle(self):
        """Before the first call: the state every call starts from."""
        self._restore()
        world.armed = False
        world.mode = OFF

    def bound(self, nodes):
        """Observe no more than so many values of each call from now on, where that is less than always."""
        self.limits = self.all_limits if nodes is None else dict(self.all_limits, nodes=min(nodes, self.all_limits["nodes"]))

    def run(self, calls):
        """The records of a batch. Whatever escapes the loop counts for the call it escaped from."""
        records = []
        world.mode = CALLING
        world.armed = True
        while len(records) < len(calls):
            if self.cold:
                self.cold -= 1
                world.deadline = max(self.ticks, self.colder)
                some = calls[:len(records) + 1]
            else:
                world.deadline = self.ticks
                some = calls
            try:
                self._loop(some, records)
            except BaseException as error:
                world.armed = False
                if self.tracer:
                    _settrace(None)
                records.append(self._finish(self._mishap(error)))
                world.armed = True
        world.armed = False
        world.mode = OFF
        return records

    def _mishap(self, error):
        if isinstance(error, (Overdue, EffectRefused)):
            return TIMED_OUT, None, None, None
        # Observation itself failed: out of memory, most likely.
        return ENCODED, ("cut",), None, {"cut": True}

    def _loop(self, calls, records):
        function = self.target.call
        shared, tracer, snapshot = self.shared, self.tracer, self.snapshot.take
        saved = world.saved
        recursion, out, err = saved.recursion, world.out, world.err
        small, scalars = _SMALL, are_scalars
        text, widest = self.snapshot.text, LOWEST
        add = records.append
        for at in range(len(records), len(calls)):
            shared[1] = at + 1
            call = calls[at]
            if call[0] or function is None:
                add(self._recipe(call))
                continue
            _kind, args, kwargs = call
            if scalars(map(type, args)) and (not kwargs or scalars(map(type, kwargs.values()))):
                before = None
            else:
                before = dumps((args, kwargs), FORMAT)
            try:
                if tracer:
                    _settrace(tracer)
                value = function(*args, **kwargs) if kwargs else function(*args)
                watcher = _gettrace()
                if tracer:
                    _settrace(None)
            except BaseException as error:
                if tracer:
                    _settrace(None)
                    watcher = tracer  # an exception may have passed through the trace function, which ends it
                else:
                    watcher = _gettrace()
                record = self._raised(error)
            else:
                kind = type(value)
                if kind in small or kind is int and -widest < value < widest or kind is str and len(value) <= text:
                    record = PLAIN, value, None, None
                else:
                    if _recursion_limit() != recursion:
                        sys.setrecursionlimit(recursion)  # too low for looking at the result, perhaps
                    try:
                        record = PLAIN, snapshot(value), None, None
                    except NotPlain:
                        record = self._returned(value, kind)
                    value = None
            if before is not None and record[0] < TIMED_OUT:
                after = self._changed(before, args, kwargs)
                if after is not None:
                    record = record[0], record[1], after, record[3]
            if watcher is not tracer:
                self._tampered()
            if (world.dirty or _recursion_limit() != recursion or count_threads() != saved.threads
                    or sys.stdout is not out or sys.stderr is not err):
                record = self._finish(record)
            add(record)

    def _tampered(self):
        """The call left another trace function than it found (unless that was ours, of a call past its deadline)."""
        _settrace(None)
        if not world.verdict:
            world.note("trace", "sys.settrace", False)

    # Plain calls

    def _returned(self, value, kind):
        """A result that is not plain as it stands."""
        if kind is CoroutineType:
            return self._awaited(value)
        return self._encoded(value, Encoder(self.limits))

    def _awaited(self, coroutine, ingredients=None):
        try:
            if self.tracer:
                _settrace(self.tracer)
            value = draining.run(coroutine)
            if self.tracer:
                _settrace(None)
        except BaseException as error:
            if self.tracer:
                _settrace(None)
            return self._raised(error)
        return self._observed(value, ingredients)

    def _observed(self, value, ingredients=None):
        """Plain if it can be, else encoded, with the objects of the arguments numbered first."""
        try:
            return PLAIN, self.snapshot.take(value), None, None
        except NotPlain:
            pass
        encoder = Encoder(self.limits)
        if ingredients is not None:
            encoder.number(ingredients.all())
            ingredients.encoder = encoder  # which knows the objects when their state is written afterwards
        return self._encoded(value, encoder)

    def _encoded(self, value, encoder):
        if self.tracer:
            _settrace(self.tracer)  # generators run while they are drained
        try:
            if type(value) is AsyncGeneratorType:
                encoded = self._drained(value, encoder)
            else:
                encoded = encoder.encode(value)
        finally:
            if self.tracer:
                _settrace(None)
        return ENCODED, encoded, None, {"cut": True} if encoder.cut else None

    def _drained(self, generator, encoder):
        elements, end = draining.run_generator(generator, encoder.encode, self.limits["drain"])
        return "g", "async_generator", elements, end if type(end) is str else class_name(end)

    def _changed(self, before, args, kwargs):
        """The arguments afterwards, if the call changed them."""
        try:
            if dumps((args, kwargs), FORMAT) == before:
                return None
        except ValueError:
            pass  # something that is no plain data was put into them
        given = loads(before)
        values = list(args) + list((kwargs or {}).values())
        originals = list(given[0]) + list((given[1] or {}).values())
        if same(values, originals):
            return None  # written differently, but equal: an interned string, say
        return self._after(values)

    def _after(self, values):
        try:
            return PLAIN, self.snapshot.take(values)
        except NotPlain:
            return ENCODED, Encoder(self.limits).encode_list(values)

    def _raised(self, error):
        """The record of an exception, which may be the end of a deadline or of a refused effect: `_finish` knows."""
        kind = type(error)
        if kind is Overdue or kind is EffectRefused:
            return TIMED_OUT, None, None, None
        place, depth = innermost(error.__traceback__, world.tree)
        extra = None
        if kind is KeyError and error.args and type(error.args[0]) in SCALARS:
            extra = {"hints": [error.args[0]]}
        if depth and ends_below(error.__traceback__, world.tree):
            extra = dict(extra or (), below=True)
        message = message_of(error, self.limits["text"])
        return RAISED, (class_name(kind), base_names(kind), message, place, depth), None, extra

    # Calls from recipes, and of properties

    def _recipe(self, call):
        """A call whose arguments have to be made first."""
        recipe = call[1] if call[0] else {"args": [("v", value) for value in call[1]],
                                          "kwargs": [(name, ("v", value)) for name, value in (call[2] or {}).items()]}
        try:
            ingredients = recipes.make(recipe)
        except recipes.NotMade as error:
            return self._not_made(str(error))
        except (Overdue, EffectRefused) as error:
            return self._not_made("refused" if isinstance(error, EffectRefused) else "timed out")
        if world.verdict:
            return self._not_made("refused" if world.verdict == REFUSED else "timed out")
        self._forget_making()
        if call[0] == MADE:
            record = self._with_state((PLAIN, None, None, None), ingredients)
        else:
            record = self._performed(ingredients)
        return self._finish(record) if self._has_more_to_tell() else record

    def _not_made(self, text):
        world.verdict = 0
        world.effects.clear()
        world.out.take()
        world.err.take()
        del world.asked[:], world.arrivals[:]
        self._finish((NOT_MADE, text, None, None))
        return NOT_MADE, text, None, None

    def _forget_making(self):
        """What making the arguments printed, did and took is not the call's."""
        answers.rewind()
        if world.scratch_touched:
            self.laid_out = effects.describe_scratch(self.kept)
        if world.dirty:
            world.effects.clear()
            del world.asked[:], world.arrivals[:]
            world.out.take()
            world.err.take()
            world.ticks = 0

    def _performed(self, ingredients):
        tracer = self.tracer
        watcher = tracer
        try:
            function, leading = self._bound(ingredients)
        except LookupError as error:
            return NOT_MADE, str(error), None, None
        except BaseException as error:
            return self._with_state(self._raised(error), ingredients)
        try:
            if tracer:
                _settrace(tracer)
            value = function(*leading, **ingredients.kwargs)
            watcher = _gettrace()
            if tracer:
                _settrace(None)
        except BaseException as error:
            if tracer:
                _settrace(None)
            else:
                watcher = _gettrace()
            record = self._raised(error)
        else:
            if type(value) is CoroutineType:
                record = self._awaited(value, ingredients)
            else:
                record = self._observed(value, ingredients)
        if watcher is not tracer:
            self._tampered()
        return self._with_state(record, ingredients)

    def _bound(self, ingredients):
        """The function to call with the ingredients, and its positional arguments."""
        target = self.target
        if not ingredients.has_receiver:
            if target.call is None:
                raise LookupError("it needs a receiver")
            return target.call, ingredients.args
        if target.kind == "returned":
            return ingredients.receiver, ingredients.args
        target.check_receiver(ingredients.receiver)
        if target.kind == "property":
            return getattr, [ingredients.receiver, target.last]
        if target.kind == "setter":
            return _assigned, [ingredients.receiver, target.last] + ingredients.args
        return getattr(ingredients.receiver, target.last), ingredients.args

    def _with_state(self, record, ingredients):
        """The record with the receiver and the arguments as they are afterwards, where the request asks for them."""
        values = ingredients.all() if self.state else ()
        if record[0] >= TIMED_OUT or are_scalars(map(type, values)):
            return record
        extra = record[3]
        try:
            after = PLAIN, self.snapshot.take(values)
        except NotPlain:
            encoder = ingredients.encoder or Encoder(self.limits)
            encoder.start_over()
            after = ENCODED, encoder.encode_list(values)
            if encoder.cut:
                extra = dict(extra or (), cut=True)
        return record[0], record[1], after, extra

    # What else happened

    def _has_more_to_tell(self):
        saved = world.saved
        return (world.dirty or _recursion_limit() != saved.recursion or count_threads() != saved.threads
                or sys.stdout is not world.out or sys.stderr is not world.err)

    def _finish(self, record):
        """Complete the record of a call that did more than return, and put the world back for the next one."""
        world.armed = False
        world.mode = OFF
        extra = dict(record[3]) if record[3] else {}
        out, out_cut = world.out.take()
        err, err_cut = world.err.take()
        if world.verdict != TIMED_OUT:  # how far an endless loop printed is no behaviour
            if out:
                extra["out"] = out
            if err:
                extra["err"] = err
            if out_cut or err_cut:
                extra["cut"] = True
        if world.ticks:
            extra["ticks"] = world.ticks
        if count_threads() > world.saved.threads:
            extra["threads"] = True
        if world.scratch_touched:
            if not world.verdict:
                # What was laid out for the call and is as it was, the call has not written.
                left = effects.describe_scratch(self.kept)
                world.effects.extend([effect for effect in left if effect not in self.laid_out])
            self.laid_out = ()
            effects.empty_scratch(self.kept)
            world.scratch_touched = False
        if world.effects:
            extra["effects"] = world.effects
            world.effects = []
        if world.arrivals:
            extra["arrivals"] = arrivals.take()
        if world.asked:
            extra["asked"] = take_asked()
        if self.trace is not None:
            extra["trace"] = self.trace.take()
        tag, value, after = record[:3]
        if world.verdict == REFUSED or world.verdict == TIMED_OUT:
            tag, value, after = world.verdict, None, None
        self._restore()
        return tag, value, after, extra or None

    def _restore(self):
        _settrace(None)
        world.saved.restore_process()
        for reset in world.resets:
            reset()
        world.verdict = 0
        world.ticks = 0
        world.dirty = world.always_dirty
        world.mode = CALLING
        world.armed = True


def _assigned(receiver, name, value):
    """What a property gives once it was assigned to."""
    setattr(receiver, name, value)
    return getattr(receiver, name)
