"""What stands after the question mark, checked."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def read_query(serializer_class: type[Serializer], request: Request) -> dict[str, Any]:
    """Return a list's filters by a serializer's rules; raise `ValidationError` for a value that does not fit."""
    # A plain dictionary: in a form's data an empty value would stand for none, and be taken as if it were not there.
    serializer = serializer_class(data=request.query_params.dict())
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
