"""Objects: by class and state, with a word of their own for the types whose state is not in attributes.

Types are recognised by the names of their classes, so that nothing is imported for their sake. A describer gives
(items, attributes); a *value* (a date, a number, a path) has no identity worth telling, as long as it has no attributes of its
own: it gets a new number each time.
"""

from types import GetSetDescriptorType, MemberDescriptorType, ModuleType

from . import libraries, persistence, services
from .effects import shown
from .naming import class_name, module_name, mro_of, namespace_of

_IGNORED = frozenset((
    "__weakref__", "__dict__", "__orig_class__", "__suppress_context__",
    "__vectorcalloffset__", "__dictoffset__", "__weaklistoffset__",
)) | persistence.HIDDEN


class Plan:
    """How instances of one class are observed."""

    def __init__(self, kind):
        self.kind = kind  # also keeps the class alive, so that its address stays its own
        self.name = class_name(kind)
        self.describer, self.base, self.is_value, self.with_attributes = _describer_for(kind)
        self.dictionary = _dictionary_getter(kind)
        self.slots = _slot_getters(kind, self.base)
        self.is_iterator = _is_iterator(kind)
        self.service = services.service_of(kind)
        self.is_row = persistence.is_mapped(kind)
        self.is_module = issubclass(kind, ModuleType)  # one that loads its parts when they are asked for, say
        self.is_empty = self.describer is None and self.dictionary is None and not self.slots

    def attributes(self, value):
        """(name, value) of every attribute in `__dict__` and `__slots__`, public ones first, by name."""
        found = {}
        if self.dictionary is not None:
            try:
                names = self.dictionary(value)
            except AttributeError:
                names = None
            if type(names) is dict:
                found.update(names)
        for name, getter in self.slots:
            try:
                found[name] = getter(value)
            except AttributeError:
                continue  # a slot that was not set
        names = [name for name in found if type(name) is str and name not in _IGNORED]
        names.sort(key=_public_first)
        return [(name, found[name]) for name in names]


def _public_first(name):
    return name.startswith("_"), name


_plans = {}


def plan_for(kind):
    plan = _plans.get(id(kind))
    if plan is None:
        plan = _plans[id(kind)] = Plan(kind)
    return plan


def describe(encoder, value, kind, depth):
    plan = plan_for(kind)
    if plan.describer is _enumeration:
        return _enumeration(encoder, value, plan, depth)
    if plan.describer is _opaque:
        return "x", plan.name
    if plan.service is not None:
        return services.describe(encoder, value, plan, depth)
    if plan.is_module:
        return "n", module_name(value)
    if plan.name in libraries.CONSTANTS:
        return "n", libraries.CONSTANTS[plan.name]
    if plan.is_empty:
        return encoder.drained(value, kind, depth) if plan.is_iterator else ("x", plan.name)
    # One that refers to others (a tuple with a parent, say) is an object like them: written out each time, it would never end.
    if plan.is_value and not (plan.with_attributes and plan.attributes(value)):
        number = encoder.next_number()
    else:
        again = encoder.known(value)
        if again is not None:
            return again
        number = encoder.numbers[id(value)]
    items, extra = (None, []) if plan.describer is None else plan.describer(encoder, value, plan, depth)
    if plan.is_row and plan.dictionary is not None:
        extra = extra + persistence.waiting(plan.dictionary(value).get(persistence.STATE))
    attributes = [(name, ("cut",) if part is persistence.UNSEEN else encoder.encode(part, depth + 1)) for name, part in extra]
    if plan.with_attributes:
        own = plan.attributes(value)
        if len(own) > encoder.items:
            own = own[: encoder.items]
            encoder.cut = True
        attributes += [(name, encoder.encode(part, depth + 1)) for name, part in own]
    if items is None and plan.is_iterator:
        items = encoder.drained(value, kind, depth)
    return "o", plan.name, number, items, attributes


# How a class keeps its state

def _dictionary_getter(kind):
    """The interpreter's own access to `__dict__`: a property of that name in a class is not what we want."""
    for klass in mro_of(kind):
        entry = namespace_of(klass).get("__dict__")
        if type(entry) in (GetSetDescriptorType, MemberDescriptorType):
            return entry.__get__
    return None


def _slot_getters(kind, base):
    """Access to the slots of the classes below `base`, whose own state its describer tells."""
    getters, seen = [], set()
    for klass in mro_of(kind):
        if klass is base:
            break
        for name, entry in namespace_of(klass).items():
            if type(entry) is MemberDescriptorType and name not in seen and name not in _IGNORED:
                seen.add(name)
                getters.append((name, entry.__get__))
    return getters


def _is_iterator(kind):
    has = {name for klass in mro_of(kind) for name in ("__next__", "__iter__") if name in namespace_of(klass)}
    return len(has) == 2


def _describer_for(kind):
    """(describer, the class it is for, whether instances are values, whether attributes are shown as well)."""
    bases = [(klass, class_name(klass)) for klass in mro_of(kind)]
    for klass, name in bases:
        if name == "enum.Enum":  # before the type that its members mix in
            return _enumeration, klass, True, True
    for klass, name in bases:
        entry = _BY_NAME.get(name)
        if entry is not None:
            describer, is_value, with_attributes = entry
            return describer, klass, is_value, with_attributes
    return None, None, False, True


# Describers: subclasses of built-in types

def _list(encoder, value, _plan, depth):
    return ("l", encoder.parts(list.__iter__(value), depth)), []


def _tuple(encoder, value, _plan, depth):
    return ("t", encoder.parts(tuple.__iter__(value), depth)), []


def _set(encoder, value, _plan, depth):
    return ("s", encoder.parts(set.__iter__(value), depth)), []


def _frozenset(encoder, value, _plan, depth):
    return ("f", encoder.parts(frozenset.__iter__(value), depth)), []


def _dict(encoder, value, _plan, depth):
    return ("d", encoder.pairs(dict.items(value), depth)), []


def _ordered_dict(encoder, value, plan, depth):
    return ("d", encoder.pairs(plan.base.items(value), depth)), []


def _str(encoder, value, _plan, _depth):
    return encoder.scalar(str.__getitem__(value, slice(None))), []


def _bytes(encoder, value, _plan, _depth):
    return encoder.scalar(bytes.__getitem__(value, slice(None))), []


def _int(encoder, value, _plan, _depth):
    return encoder.scalar(int.__add__(value, 0)), []


def _float(_encoder, value, _plan, _depth):
    return float.__pos__(value), []


def _complex(_encoder, value, _plan, _depth):
    return complex.__pos__(value), []


def _bytearray(encoder, value, _plan, _depth):
    return encoder.scalar(bytes(bytearray.__getitem__(value, slice(None)))), []


# Describers: built-in and standard types

def _range(_encoder, value, _plan, _depth):
    return ("t", [value.start, value.stop, value.step]), []


def _slice(encoder, value, _plan, depth):
    return ("t", encoder.parts((value.start, value.stop, value.step), depth)), []


def _memoryview(encoder, value, _plan, _depth):
    return encoder.scalar(value.tobytes()), [("format", value.format), ("shape", value.shape)]


def _mapping_proxy(encoder, value, _plan, depth):
    from gc import get_referents
    return encoder.encode(get_referents(value)[0], depth + 1), []


def _bound_method(_encoder, value, _plan, _depth):
    return None, [("__func__", value.__func__), ("__self__", value.__self__)]


def _array(encoder, value, plan, depth):
    return ("l", encoder.parts(plan.base.tolist(value), depth)), [("typecode", value.typecode)]


def _deque(encoder, value, plan, depth):
    return ("l", encoder.parts(plan.base.__iter__(value), depth)), [("maxlen", plan.base.maxlen.__get__(value))]


def _text_of_base(encoder, value, plan, _depth):
    return encoder.scalar(str(plan.base.__str__(value))), []


def _fraction(_encoder, value, _plan, _depth):
    return ("t", [value._numerator, value._denominator]), []


def _datetime(_encoder, value, plan, _depth):
    from datetime import date, time
    text = date.isoformat(plan.base.date(value)) + "T" + time.isoformat(plan.base.time(value))
    return text, _zone(value, plan)


def _date(_encoder, value, plan, _depth):
    return plan.base.isoformat(value), []


def _time(_encoder, value, plan, _depth):
    base = plan.base
    parts = [getattr(base, name).__get__(value) for name in ("hour", "minute", "second", "microsecond")]
    return "%02d:%02d:%02d.%06d" % tuple(parts), _zone(value, plan)


def _zone(value, plan):
    zone, fold = plan.base.tzinfo.__get__(value), plan.base.fold.__get__(value)
    return ([("tzinfo", zone)] if zone is not None else []) + ([("fold", fold)] if fold else [])


def _timedelta(_encoder, value, plan, _depth):
    base = plan.base
    return ("t", [getattr(base, name).__get__(value) for name in ("days", "seconds", "microseconds")]), []


def _zone_info(_encoder, value, _plan, _depth):
    return value.key, []


def _uuid(_encoder, value, _plan, _depth):
    digits = "%032x" % value.int
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])), []


def _path(encoder, value, plan, _depth):
    return encoder.scalar(shown(plan.base.__str__(value))), []


def _pattern(encoder, value, _plan, _depth):
    return ("t", [encoder.scalar(value.pattern), value.flags]), []


def _match(encoder, value, _plan, depth):
    groups = encoder.encode((value.regs, value.groups()), depth + 1)
    return groups, [("re", value.re), ("string", value.string)]


def _memory_file(encoder, value, plan, _depth):
    return encoder.scalar(plan.base.getvalue(value)), [("position", plan.base.tell(value))]


def _open_file(_encoder, value, _plan, _depth):
    name = getattr(value, "name", None)
    shown_name = shown(name) if type(name) is str else name if type(name) is int else None
    return None, [("closed", bool(value.closed)), ("mode", getattr(value, "mode", None)), ("name", shown_name)]


_args_of = BaseException.__dict__["args"].__get__


def _exception(encoder, value, _plan, depth):
    return ("t", encoder.parts(_args_of(value), depth)), []


def _opaque(_encoder, _value, _plan, _depth):
    return None, []


def _enumeration(encoder, value, plan, depth):
    """A member by its name; a combination of flags, which has none, by its value."""
    state = dict(plan.attributes(value))
    name = state.get("_name_")
    if type(name) is str:
        return "n", plan.name + "." + name
    return "o", plan.name, encoder.next_number(), encoder.encode(state.get("_value_"), depth + 1), []


# class name -> (describer, is a value, attributes as well)
_BY_NAME = {
    "list": (_list, False, True),
    "tuple": (_tuple, True, True),
    "set": (_set, False, True),
    "frozenset": (_frozenset, True, True),
    "dict": (_dict, False, True),
    "collections.OrderedDict": (_ordered_dict, False, True),
    "str": (_str, True, True),
    "bytes": (_bytes, True, True),
    "int": (_int, True, True),
    "float": (_float, True, True),
    "complex": (_complex, True, True),
    "bytearray": (_bytearray, False, True),
    "range": (_range, True, False),
    "slice": (_slice, True, False),
    "memoryview": (_memoryview, False, False),
    "mappingproxy": (_mapping_proxy, False, False),
    "method": (_bound_method, True, False),
    "array.array": (_array, False, True),
    "collections.deque": (_deque, False, True),
    "decimal.Decimal": (_text_of_base, True, True),
    "fractions.Fraction": (_fraction, True, False),
    "datetime.datetime": (_datetime, True, True),
    "datetime.date": (_date, True, True),
    "datetime.time": (_time, True, True),
    "datetime.timedelta": (_timedelta, True, True),
    "datetime.timezone": (_text_of_base, True, False),
    "zoneinfo.ZoneInfo": (_zone_info, True, False),
    "uuid.UUID": (_uuid, True, False),
    "pathlib.PurePath": (_path, True, False),
    "pathlib._local.PurePath": (_path, True, False),
    "re.Pattern": (_pattern, True, False),
    "re.Match": (_match, True, False),
    "_io.StringIO": (_memory_file, False, True),
    "_io.BytesIO": (_memory_file, False, True),
    "_io._IOBase": (_open_file, False, False),
    "BaseException": (_exception, False, True),
    "weakref": (_opaque, True, False),
    "weakref.ReferenceType": (_opaque, True, False),
    "weakproxy": (_opaque, True, False),
    "weakref.ProxyType": (_opaque, True, False),
    "weakcallableproxy": (_opaque, True, False),
    "weakref.CallableProxyType": (_opaque, True, False),
    **libraries.BY_NAME,
    **persistence.BY_NAME,
}
