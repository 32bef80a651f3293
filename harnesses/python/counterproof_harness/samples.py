"""Rows for tables that would be empty: plain values by the type of a column, the same in both versions."""

import datetime
import decimal
import uuid

NUMBERS = (1, 2)
_TEXTS = "ab"
_UNKNOWN = object()


def _text(number, longest=None):
    return _TEXTS[number - 1][:longest] if longest else _TEXTS[number - 1]


def _of_type(kind, number, longest=None):
    """A value of a type, or `_UNKNOWN`."""
    now = datetime.datetime.now().replace(microsecond=0) - datetime.timedelta(days=number)
    makers = (
        (bool, lambda: number == 1), (int, lambda: number), (float, lambda: float(number)),
        (decimal.Decimal, lambda: decimal.Decimal(number)), (str, lambda: _text(number, longest)),
        (bytes, lambda: _text(number).encode()), (datetime.datetime, lambda: now), (datetime.date, now.date),
        (datetime.time, now.time), (datetime.timedelta, lambda: datetime.timedelta(days=number)),
        (uuid.UUID, lambda: uuid.UUID(int=number)), (dict, dict), (list, list),
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
    for field in model._meta.concrete_fields:
        value = _of_field(field, number)
        if value is not _UNKNOWN:
            values[field.attname] = value
    return values


def _of_field(field, number):
    if field.is_relation:
        return number
    choices = [value for value, _words in getattr(field, "flatchoices", None) or () if value not in (None, "")]
    if choices:
        return choices[(number - 1) % len(choices)]
    name = type(field).__name__
    if name == "EmailField":
        return "%s@example.com" % _text(number)
    if name == "URLField":
        return "https://example.com/%s" % _text(number)
    if name in ("GenericIPAddressField", "IPAddressField"):
        return "127.0.0.%d" % number
    value = _of_type(_DJANGO.get(field.get_internal_type()), number, field.max_length)
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
    for column in table.columns:
        value = _of_column(column, number)
        if value is not _UNKNOWN:
            values[column.key] = value
    return values


def _of_column(column, number):
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
        return "%s@example.com" % _text(number)
    return _of_type(kind, number, getattr(column.type, "length", None))
