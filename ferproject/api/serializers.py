"""Bodies taken at their word."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty

_KINDS: tuple[tuple[type[serializers.Field], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.ChoiceField, (str,), "a string"),
    (serializers.CharField, (str,), "a string"),
    (serializers.IntegerField, (int, float), "a number"),
    (serializers.FloatField, (int, float), "a number"),
)


_UNSEEN = r"\x01-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
"""Control characters, spaces, and marks that only tell how others are to be shown."""
# Two classes that share no character, one after the other: a long text is read once, whatever is in it.
_TEXT = rf"^[{_UNSEEN}]*[^\x00{_UNSEEN}][^\x00]*\Z"
# The description adds "or empty" where a field may be blank, and one of the two alone must fit.
_TEXT_OR_BLANK = r"^[^\x00]+\Z"


class TextField(serializers.RegexField):
    """Text without NUL characters, at most `max_length` of them, in which something can be seen unless `allow_blank`.

    It is judged as it came and trimmed afterwards, so that it is as the API's description says to the character: the
    framework trims first, which no description can tell.
    """

    default_error_messages = {"invalid": "Expected text that can be seen, without NUL characters."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_TEXT_OR_BLANK if kwargs.get("allow_blank") else _TEXT, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        value = super().run_validation(data)
        return value.strip() if isinstance(value, str) else value


class StrictBooleanField(serializers.BooleanField):
    """true or false, in a form as text: the framework would take 0, "off" or "n" for false, too."""

    TRUE_VALUES = {True, "true"}
    FALSE_VALUES = {False, "false"}
    NULL_VALUES: set[Any] = set()
    default_error_messages = {"invalid": "Expected true or false; got {input!r}."}


class BodySerializer(serializers.Serializer[Any]):
    """A JSON body, whose values must be of the described types: the framework would take 0 for false and "5" for 5.

    A form's values, which are all text, are taken as the framework takes them; see `StrictBooleanField`.
    """

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is dict:
            wrong = {field.field_name: message for field in self._writable_fields if (message := _wrong(field, data))}
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


def _wrong(field: serializers.Field, data: dict[str, Any]) -> list[str] | None:
    value = data.get(field.field_name)
    expected = next(((types, said) for kind, types, said in _KINDS if isinstance(field, kind)), None)
    if value is None or expected is None:
        return None
    types, said = expected
    fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
    return None if fits else [f"Expected {said}; got {_name(value)}."]


def _name(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")
