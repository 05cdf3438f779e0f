"""Serializers that reject values of another type than described, where DRF would convert them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

_JSON_TYPES: tuple[tuple[type[serializers.Field], tuple[type, ...], Promise], ...] = (
    (serializers.BooleanField, (bool,), gettext_lazy("Expected true or false.")),
    (serializers.ChoiceField, (str,), gettext_lazy("Expected a string.")),
    (serializers.CharField, (str,), gettext_lazy("Expected a string.")),
    (serializers.IntegerField, (int, float), gettext_lazy("Expected a number.")),
    (serializers.FloatField, (int, float), gettext_lazy("Expected a number.")),
)
_INVISIBLE = r"\x01-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
"""Control characters, spaces and formatting marks."""
# The two classes share no character, so matching takes linear time.
_TEXT = rf"^[{_INVISIBLE}]*[^\x00{_INVISIBLE}][^\x00]*\Z"
# The schema allows the empty string separately, so the pattern must not match it.
_TEXT_OR_BLANK = r"^[^\x00]+\Z"


def read_query(serializer_class: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return the query parameters validated by a serializer; raises `ValidationError`."""
    # As a plain dict: in a QueryDict, DRF treats an empty value as a missing one.
    serializer = serializer_class(data=request.query_params.dict())
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def read_body(serializer_class: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return the request's body validated by a serializer; raises `ValidationError`."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class TextField(serializers.RegexField):
    """Text of at most `max_length` characters, without NUL and with a visible character unless `allow_blank`.

    Validated before it is trimmed, so that the pattern in the schema is exact.
    """

    default_error_messages = {
        "invalid": gettext_lazy("Enter text with visible characters, and without NUL characters.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(_TEXT_OR_BLANK if kwargs.get("allow_blank") else _TEXT, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        value = super().run_validation(data)
        return value.strip() if isinstance(value, str) else value


class StrictBooleanField(serializers.BooleanField):
    """true or false, as text in a form; DRF would accept 0, "off" or "n" too."""

    TRUE_VALUES = {True, "true"}
    FALSE_VALUES = {False, "false"}
    NULL_VALUES: set[Any] = set()
    default_error_messages = {"invalid": gettext_lazy("Expected true or false.")}


class BodySerializer(serializers.Serializer[Any]):
    """A JSON body, whose values must have the described types, or a form."""

    # DRF would accept 0 for false and "5" for 5. Values of a form, which are all text, are converted as DRF does.
    def to_internal_value(self, data: Any) -> Any:
        if type(data) is dict:
            errors = {f.field_name: [error] for f in self._writable_fields if (error := _type_error(f, data))}
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)


def _type_error(field: serializers.Field, data: dict[str, Any]) -> str | None:
    value = data.get(field.field_name)
    expected = next(((types, message) for kind, types, message in _JSON_TYPES if isinstance(field, kind)), None)
    if value is None or expected is None:
        return None
    types, message = expected
    # bool is a subclass of int
    if isinstance(value, types) and (bool in types or not isinstance(value, bool)):
        return None
    return str(message)
