"""What came out of a call, as data.

`Snapshot` takes plain data as it is, copied, since a result may share lists with state that later calls change. What is not
plain is encoded by an `Encoder`. Neither runs code of the project where it can be avoided: types are `type(x)`, containers are
read through the methods of the built-in types, attributes through the descriptors of `__dict__` and `__slots__`.
"""

from types import (AsyncGeneratorType, BuiltinFunctionType, CodeType, CoroutineType, FrameType, FunctionType, GeneratorType,
                   ModuleType, TracebackType)

from . import describing
from .effects import sha1
from .naming import class_name, value_name
from .world import EffectRefused, Overdue

NoneType = type(None)
EllipsisType = type(Ellipsis)

# Exact types whose values cannot change. `bytearray`, arrays and the like are absent on purpose: `marshal` would write them
# as bytes, and code objects as code.
SCALARS = frozenset((NoneType, bool, int, float, complex, str, bytes))
are_scalars = SCALARS.issuperset

_NAMED = frozenset((FunctionType, BuiltinFunctionType, ModuleType, type))
_OPAQUE = frozenset((FrameType, TracebackType, CodeType, CoroutineType, AsyncGeneratorType))


# Where a 64-bit system keeps objects. `hash` of an object is its address over 16.
LOWEST, _HIGHEST = 1 << 40, 1 << 48
_NEAR = 1 << 32


def is_address(number):
    """Whether an integer is where an object is kept, or the hash that follows from it: another one in each process.

    It may be the address of an object that is gone, so that being near to objects that are there has to do: of the integers that
    a program may mean to give, one in ten thousand of this size is taken for an address."""
    if not LOWEST < number < _HIGHEST:
        return False
    places = id(None), id(object())
    return any(number % 8 == 0 and abs(number - place) < _NEAR or abs(number - place // 16) < _NEAR // 16 for place in places)


ADDRESS = "an address"


class NotPlain(Exception):
    """The value has parts that are no plain data, or too many parts."""


class Snapshot:
    """Copies plain data within the limits; anything else raises `NotPlain`."""

    def __init__(self, limits):
        self.nodes = limits["nodes"]
        self.depth = limits["depth"]
        self.text = limits["text"]
        self.widest = 1 << min(8 * limits["text"], 1 << 20)
        self.left = 0

    def take(self, value):
        self.left = self.nodes
        return self._copy(value, self.depth)

    def is_short(self, value):
        """Whether a scalar is within the limits."""
        kind = type(value)
        if kind is str or kind is bytes:
            return len(value) <= self.text
        if kind is int:
            return -LOWEST < value < LOWEST or -self.widest < value < self.widest and not is_address(value)
        return True

    def _copy(self, value, depth):
        kind = type(value)
        if kind in SCALARS:
            if self.is_short(value):
                return value
            raise NotPlain
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            self._spend(len(value), depth)
            if are_scalars(map(type, value)):
                if not all(map(self.is_short, value)):
                    raise NotPlain
                return kind(value)
            return kind([self._copy(part, depth - 1) for part in value])
        if kind is dict:
            self._spend(2 * len(value), depth)
            if are_scalars(map(type, value)) and are_scalars(map(type, value.values())):
                if not all(map(self.is_short, value)) or not all(map(self.is_short, value.values())):
                    raise NotPlain
                return value.copy()
            copy = self._copy
            return {copy(key, depth - 1): copy(part, depth - 1) for key, part in value.items()}
        raise NotPlain

    def _spend(self, parts, depth):
        self.left -= parts
        if self.left < 0 or depth <= 0:
            raise NotPlain


def same(a, b):
    """Whether two plain values are the same in type and content, signed zeros and all; NaN is the same as NaN."""
    kind = type(a)
    if kind is not type(b):
        return False
    if kind is float:
        return a == b and str(a) == str(b) or a != a and b != b
    if kind in SCALARS:
        return a == b or kind is complex and repr(a) == repr(b)
    if kind is list or kind is tuple:
        return len(a) == len(b) and all(map(same, a, b))
    if kind is dict:
        return len(a) == len(b) and all(same(p, q) and same(a[p], b[q]) for p, q in zip(a, b))
    if kind is set or kind is frozenset:
        return a == b and sorted(map(_typed, a)) == sorted(map(_typed, b))
    return False


def _typed(value):
    return type(value).__name__ + repr(value)


class Encoder:
    """Encodes the values of one call; objects keep their numbers from value to value."""

    def __init__(self, limits):
        self.items = limits["items"]
        self.depth = limits["depth"]
        self.nodes = self.budget = limits["nodes"]
        self.text = limits["text"]
        self.drain = limits["drain"]
        self.draining = True
        self.cut = False
        self.count = -1
        self.numbers = {}
        self.emitted = set()
        self.alive = []  # a number must not pass to a new object at the same address
        self.path = {}  # containers being encoded, for those that hold themselves
        self.widest = 1 << min(8 * self.text, 1 << 20)

    def number(self, values):
        """Give numbers to the objects within these values without draining anything."""
        self.draining = False
        self.encode_list(values)
        self.nodes = self.budget
        self.draining = True

    def start_over(self):
        """From here on, objects are written out again where they are first met, under the numbers they have."""
        self.emitted.clear()
        self.nodes = self.budget

    def encode_list(self, values):
        return "l", [self.encode(value, 0) for value in values]

    def encode(self, value, depth=0):
        kind = type(value)
        if kind in SCALARS:
            return self.scalar(value)
        self.nodes -= 1
        if self.nodes < 0 or depth > self.depth:
            return self.cut_here()
        try:
            return self._compound(value, kind, depth)
        except (Overdue, EffectRefused, KeyboardInterrupt):
            raise
        except RecursionError:
            return self.cut_here()
        except Exception:
            return "x", class_name(kind)

    def cut_here(self):
        self.cut = True
        return ("cut",)

    def scalar(self, value):
        kind = type(value)
        if kind is str and len(value) > self.text:
            self.cut = True
            digest = sha1(value.encode("utf-8", "surrogatepass")).hexdigest()
            return "%s… (%d characters, sha1 %s)" % (value[: self.text], len(value), digest)
        if kind is bytes and len(value) > self.text:
            self.cut = True
            return value[: self.text] + b"... (%d bytes, sha1 %s)" % (len(value), sha1(value).hexdigest().encode())
        if kind is int and is_address(value):
            return "n", ADDRESS
        if kind is int and not -self.widest < value < self.widest:
            self.cut = True
            bits = value.bit_length()
            digest = sha1(value.to_bytes(bits // 8 + 1, "little", signed=True)).hexdigest()
            return "o", "int", self.next_number(), "integer of %d bits, sha1 %s" % (bits, digest), []
        return value

    def _compound(self, value, kind, depth):
        if kind is list or kind is tuple or kind is set or kind is frozenset or kind is dict:
            return self._container(value, kind, depth)
        if kind in _NAMED or issubclass(kind, type):
            return "n", value_name(value)
        if kind is EllipsisType or value is NotImplemented:
            return "n", "Ellipsis" if kind is EllipsisType else "NotImplemented"
        if kind is GeneratorType:
            return self.drained(value, kind, depth)
        if kind in _OPAQUE:
            return "x", class_name(kind)
        return describing.describe(self, value, kind, depth)

    def _container(self, value, kind, depth):
        address = id(value)
        if address in self.path:
            return "a", self.path[address] - depth  # the container so many levels up
        self.path[address] = depth
        try:
            if kind is dict:
                return "d", self.pairs(value.items(), depth)
            tag = "l" if kind is list else "t" if kind is tuple else "s" if kind is set else "f"
            return tag, self.parts(value, depth)
        finally:
            del self.path[address]

    def parts(self, values, depth):
        """The elements of an iterable of the built-in kind, up to the limit."""
        encoded, room = [], self.items
        for value in values:
            if room == 0:
                encoded.append(self.cut_here())
                break
            room -= 1
            encoded.append(self.encode(value, depth + 1))
        return encoded

    def pairs(self, items, depth):
        encoded, room = [], self.items
        for key, value in items:
            if room == 0:
                encoded.append((self.cut_here(), None))
                break
            room -= 1
            encoded.append((self.encode(key, depth + 1), self.encode(value, depth + 1)))
        return encoded

    def next_number(self):
        self.count += 1
        return self.count

    def known(self, value):
        """("a", number) for an object written out before, else None; then `self.numbers[id(value)]` is its number."""
        address = id(value)
        number = self.numbers.get(address)
        if number is None:
            self.numbers[address] = self.next_number()
            self.alive.append(value)
        elif address in self.emitted:
            return "a", number
        self.emitted.add(address)
        return None

    def drained(self, iterator, kind, depth):
        """What an iterator still gives, up to the limit, and how it ended."""
        if not self.draining:
            return "x", class_name(kind)
        encoded = []
        end = "cap"
        try:
            for _turn in range(self.drain):
                encoded.append(self.encode(next(iterator), depth + 1))
        except StopIteration:
            end = "end"
        except (Overdue, EffectRefused):
            raise
        except BaseException as error:
            end = class_name(type(error))
        return "g", class_name(kind), encoded, end
