"""Rows for tables that would be empty: plain values by the type of a column, the same in both versions."""

import datetime
import decimal
import uuid

NUMBERS = (1, 2)
_TEXTS = "ab"
_UNKNOWN = object()


class Place:
    """Where a value stands: two columns of one row hold different values, so that one taken for the other shows. What rows are found
    by (keys, names) is short and the same everywhere, so that calls find them."""

    def __init__(self, position=0, name="", is_key=True):
        self.position = position
        self.name = name
        self.is_key = is_key or name.lower() in _NAMES

    def text(self, number, longest):
        text = _TEXTS[number - 1] if self.is_key else "%s %s" % (_TEXTS[number - 1], self.name)
        return text[:longest] if longest else text

    def number(self, number):
        return number if self.is_key else 10 * self.position + number


_KEY = Place()
_NAMES = frozenset(("name", "username", "user_name", "login", "slug", "key", "code", "title", "label", "token"))


def _of_type(kind, number, longest=None, place=_KEY):
    """A value of a type, or `_UNKNOWN`."""
    whole = place.number(number)
    now = datetime.datetime.now().replace(microsecond=0) - datetime.timedelta(days=whole)
    makers = (
        (bool, lambda: number == 1), (int, lambda: whole), (float, lambda: float(whole)),
        (decimal.Decimal, lambda: decimal.Decimal(whole)), (str, lambda: place.text(number, longest)),
        (bytes, lambda: place.text(number, longest).encode()), (datetime.datetime, lambda: now), (datetime.date, now.date),
        (datetime.time, (now - datetime.timedelta(minutes=whole)).time), (datetime.timedelta, lambda: datetime.timedelta(days=whole)),
        (uuid.UUID, lambda: uuid.UUID(int=whole)), (dict, lambda: {} if place.is_key else {place.name: number}), (list, list),
    )
    for known, make in makers:
        if kind is known:
            return make()
    return _UNKNOWN


# Django

_DJANGO = {
    "AutoField": int, "BigAutoField": int, "SmallAutoField": int, "IntegerField": int, "BigIntegerField": int,
    "SmallIntegerField": int, "PositiveIntegerField": int, "PositiveBigIntegerField": int, "PositiveSmallIntegerField": int,
    "BooleanField": bool, "NullBooleanField": bool, "CharField": str, "TextField": str, "SlugField": str, "FileField": str,
    "FilePathField": str, "DateField": datetime.date, "DateTimeField": datetime.datetime, "TimeField": datetime.time,
    "DurationField": datetime.timedelta, "DecimalField": decimal.Decimal, "FloatField": float, "UUIDField": uuid.UUID,
    "JSONField": dict, "BinaryField": bytes,
}


def of_model(model, number):
    """Values by name for an object of a Django model."""
    values = {}
    for position, field in enumerate(model._meta.concrete_fields):
        value = _of_field(field, number, Place(position, field.name, field.primary_key or field.unique or field.db_index))
        if value is not _UNKNOWN:
            values[field.attname] = value
    return values


def _of_field(field, number, place):
    if field.is_relation:
        return number
    choices = [value for value, _words in getattr(field, "flatchoices", None) or () if value not in (None, "")]
    if choices:
        return choices[(number - 1) % len(choices)]
    name = type(field).__name__
    if name == "EmailField":
        return "%s@example.com" % _TEXTS[number - 1]
    if name == "URLField":
        return "https://example.com/%s" % place.text(number, None).replace(" ", "/")
    if name in ("GenericIPAddressField", "IPAddressField"):
        return "127.0.0.%d" % number
    value = _of_type(_DJANGO.get(field.get_internal_type()), number, field.max_length, place)
    if type(value) is datetime.datetime:
        return _aware(value)
    return value


def _aware(value):
    from django.conf import settings
    return value.replace(tzinfo=datetime.timezone.utc) if settings.USE_TZ else value


# SQLAlchemy

def of_table(table, number):
    """Values by column for a row of an SQLAlchemy table."""
    values = {}
    for position, column in enumerate(table.columns):
        value = _of_column(column, number, Place(position, column.key, column.primary_key or column.unique or column.index))
        if value is not _UNKNOWN:
            values[column.key] = value
    return values


def _of_column(column, number, place):
    members = getattr(column.type, "enums", None)
    if members:
        kind = getattr(column.type, "enum_class", None)
        return list(kind)[(number - 1) % len(list(kind))] if kind else members[(number - 1) % len(members)]
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return _UNKNOWN
    if column.foreign_keys and kind is int:
        return number
    if column.key == "email" and kind is str:
        return "%s@example.com" % _TEXTS[number - 1]
    return _of_type(kind, number, getattr(column.type, "length", None), place)
