"""Bodies taken at their word."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

_KINDS: tuple[tuple[type[serializers.Field], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.ChoiceField, (str,), "a string"),
    (serializers.CharField, (str,), "a string"),
    (serializers.IntegerField, (int, float), "a number"),
    (serializers.FloatField, (int, float), "a number"),
)


class BodySerializer(serializers.Serializer[Any]):
    """A JSON body, whose values must be of the described types: the framework would take 0 for false and "5" for 5.

    A form's values, which are all text, are taken as the framework takes them.
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
