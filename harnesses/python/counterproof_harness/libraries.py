"""Describers for values of numpy, pandas and pydantic, when the project has loaded these libraries.

What equal values share is left out where it is the usual, so that an example stays readable: a shape that the elements
show, an index that counts from 0. What is left out is always the same thing, so that two values that differ never look
alike. Elements are told in full as far as `items` allows, and in the form the library itself turns them into plain data.
"""

from .effects import sha1
from .naming import class_name, namespace_of

# Singletons, by the names they go by.
CONSTANTS = {
    "pandas._libs.tslibs.nattype.NaTType": "pandas.NaT",
    "pandas._libs.missing.NAType": "pandas.NA",
    "pandas.api.typing.NaTType": "pandas.NaT",
    "pandas.api.typing.NAType": "pandas.NA",
}


# numpy

def _array(encoder, value, _plan, depth):
    kind = value.dtype.kind
    many = value.size > encoder.items
    flat = value.ravel()[: encoder.items] if many else value
    if kind in "mM":  # their own elements would be numbers without a unit
        flat = flat.astype(str)
    extra = [("dtype", str(value.dtype))]
    if many or not value.size or kind == "O":  # elements of a list of objects may be lists themselves
        extra.append(("shape", tuple(value.shape)))
    return encoder.encode(flat.tolist(), depth + 1), extra + ([("sha1", _digest(encoder, value))] if many else [])


def _digest(encoder, array):
    """What stands for more elements than are shown, where equal ones have equal bytes; else the observation is cut here."""
    if array.dtype.kind in "biuSUmM":
        return sha1(array.tobytes()).hexdigest()
    encoder.cut = True
    return None


def _masked_array(encoder, value, plan, depth):
    items, extra = _array(encoder, value, plan, depth)
    if value.dtype.kind == "O":
        extra.append(("mask", value.mask.tolist() if hasattr(value.mask, "tolist") else value.mask))
    fill = getattr(value, "_fill_value", None)
    return items, extra + ([("fill_value", fill.tolist())] if hasattr(fill, "tolist") else [])


def _scalar(encoder, value, _plan, depth):
    kind = value.dtype.kind
    if kind in "mM":
        return str(value), [("dtype", str(value.dtype))]
    item = value.item()
    extra = [("dtype", str(value.dtype))] if kind == "V" else []
    if type(item) is type(value):
        return str(value), extra
    return encoder.encode(item, depth + 1), extra


def _numpy_dtype(_encoder, value, _plan, _depth):
    return str(value), []


# pandas

def _frame(encoder, value, _plan, depth):
    rows = value.iloc[: encoder.items]
    names = value.columns
    columns = [
        (encoder.encode(name, depth + 1), encoder.encode(rows.iloc[:, at].tolist(), depth + 1))
        for at, name in enumerate(names)
    ]
    # Columns of one name are no dictionary.
    items = ("d", columns) if names.is_unique else ("l", [("t", [name, column]) for name, column in columns])
    extra = [("dtypes", [_dtype(kind) for kind in value.dtypes])]
    if not _is_plain(names):
        extra.append(("columns", names))
    if not (len(names) and _counts_from_zero(value.index)):
        extra.append(("index", value.index))
    if len(value) > encoder.items:
        extra.append(("sha1", [_digest(encoder, value.iloc[:, at].to_numpy()) for at in range(len(names))]))
    return items, extra + _own(value)


def _series(encoder, value, _plan, depth):
    items, extra = _elements(encoder, value, value.iloc[: encoder.items], depth)
    extra.insert(0, ("dtype", _dtype(value.dtype)))
    if value.name is not None:
        extra.append(("name", value.name))
    if not _counts_from_zero(value.index):
        extra.append(("index", value.index))
    return items, extra + _own(value)


def _index(encoder, value, _plan, depth):
    items, extra = _elements(encoder, value, value[: encoder.items], depth)
    levels = getattr(value, "levels", None)
    dtype = ("dtype", _dtype(value.dtype)) if levels is None else ("dtypes", [_dtype(one.dtype) for one in levels])
    extra.insert(0, dtype)
    if any(name is not None for name in value.names):
        extra.append(("names", list(value.names)))
    frequency = getattr(value, "freqstr", None)
    return items, extra + ([("freq", frequency)] if type(frequency) is str else [])


def _elements(encoder, value, first, depth):
    extra = [("sha1", _digest(encoder, value.to_numpy()))] if len(value) > encoder.items else []
    return encoder.encode(first.tolist(), depth + 1), extra


def _extension_array(encoder, value, _plan, depth):
    return encoder.encode(list(value[: encoder.items + 1]), depth + 1), [("dtype", _dtype(value.dtype))]


def _dtype(kind):
    """The text of a dtype, where the text tells all of it: not for categories."""
    return kind if hasattr(kind, "categories") else str(kind)


def _extension_dtype(encoder, value, _plan, depth):
    if not hasattr(value, "categories"):
        return str(value), []
    categories = value.categories
    items = None if categories is None else encoder.encode(categories[: encoder.items + 1].tolist(), depth + 1)
    return items, [("ordered", value.ordered)]


def _counts_from_zero(index):
    return (type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1 and index.name is None)


def _is_plain(columns):
    """Whether the names of columns tell all about them."""
    usual = type(columns).__name__ == "Index" and str(columns.dtype) in ("object", "str")
    return usual and len(columns) > 0 and columns.name is None


def _own(value):
    """What a user attached, and what a subclass says that its own instances carry."""
    named = [name for name in getattr(type(value), "_metadata", ()) if name not in ("name", "_name")]
    extra = [(name, getattr(value, name, None)) for name in named]
    return extra + ([("attrs", dict(value.attrs))] if value.attrs else [])


def _timestamp(_encoder, value, plan, _depth):
    zone = value.tzinfo
    return plan.base.isoformat(value), [] if zone is None else [("tz", str(zone))]


def _timedelta(_encoder, value, plan, _depth):
    return plan.base.isoformat(value), []


def _period(_encoder, value, _plan, _depth):
    return str(value), [("freq", value.freqstr)]


def _offset(_encoder, value, _plan, _depth):
    return value.freqstr, []


def _interval(encoder, value, _plan, depth):
    ends = encoder.encode(value.left, depth + 1), encoder.encode(value.right, depth + 1)
    return ("t", list(ends)), [("closed", value.closed)]


# pydantic

def _model(_encoder, value, plan, _depth):
    """Fields are in `__dict__`; the rest is in slots, of which only what is there is told."""
    own = plan.attributes(value)
    for name, slot in namespace_of(plan.base).items():
        if not name.startswith("__pydantic_") or class_name(type(slot)) != "member_descriptor":
            continue
        try:
            part = slot.__get__(value)
        except AttributeError:
            continue
        if type(part) is dict:  # fields beyond the declared ones, and private ones
            own += [(key, one) for key, one in part.items() if type(key) is str]
        elif part is not None:
            own.append((name, part))
    return None, sorted(own, key=lambda pair: (pair[0].startswith("_"), pair[0]))


def _by_name(entries):
    """Every class under its name and, for those that newer releases call so, under the short one."""
    table = {}
    for name, entry in entries.items():
        table[name] = entry
        if name.startswith("pandas."):
            table["pandas." + name.rpartition(".")[2]] = entry
    return table


# class name -> (describer, is a value, attributes as well)
BY_NAME = _by_name({
    "numpy.ma.core.MaskedArray": (_masked_array, False, False),
    "numpy.ma.MaskedArray": (_masked_array, False, False),
    "numpy.ndarray": (_array, False, True),
    "numpy.generic": (_scalar, True, False),
    "numpy.dtype": (_numpy_dtype, True, False),
    "pandas.core.frame.DataFrame": (_frame, False, False),
    "pandas.core.series.Series": (_series, False, False),
    "pandas.core.indexes.base.Index": (_index, True, False),
    "pandas.core.arrays.base.ExtensionArray": (_extension_array, False, False),
    "pandas.core.dtypes.base.ExtensionDtype": (_extension_dtype, True, False),
    "pandas._libs.tslibs.timestamps.Timestamp": (_timestamp, True, False),
    "pandas._libs.tslibs.timedeltas.Timedelta": (_timedelta, True, False),
    "pandas._libs.tslibs.period.Period": (_period, True, False),
    "pandas._libs.tslibs.offsets.BaseOffset": (_offset, True, False),
    "pandas._libs.interval.Interval": (_interval, True, False),
    "pydantic.main.BaseModel": (_model, False, False),
})
