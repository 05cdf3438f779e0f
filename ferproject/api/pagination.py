"""Pages by where a row stands, so that the last costs what the first does and nothing is skipped or shown twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from ferproject.api.exceptions import Refusal

NEWEST_FIRST = ("-created_at", "-id")
_SALT = "ferproject.api.cursor"


@dataclass(frozen=True)
class Keyset:
    """The columns that order a list, all ascending or all descending; the last one is unique, none is ever NULL."""

    columns: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [column.lstrip("-") for column in self.columns]

    @property
    def descends(self) -> bool:
        return self.columns[0].startswith("-")

    def backwards(self) -> Keyset:
        return Keyset(tuple(name if self.descends else f"-{name}" for name in self.names))

    def values_of(self, row: Model) -> list[str]:
        return [row._meta.get_field(name).value_to_string(row) for name in self.names]

    def beyond(self, rows: QuerySet[Any], place: Sequence[str]) -> QuerySet[Any]:
        """Return, in this order, the rows that come after the one whose values `place` holds."""
        side = "lt" if self.descends else "gt"
        fields = [rows.model._meta.get_field(name) for name in self.names]
        values = [field.to_python(text) for field, text in zip(fields, place, strict=True)]
        after = Q()
        for count, (name, value) in enumerate(zip(self.names, values, strict=True)):
            tied = dict(zip(self.names[:count], values[:count], strict=True))
            after |= Q(**tied, **{f"{name}__{side}": value})
        # The first condition alone bounds the index's range; the OR by itself would read it from its beginning.
        return rows.filter(after, **{f"{self.names[0]}__{side}e": values[0]}).order_by(*self.columns)


class KeysetPagination(BasePagination):
    """Answers `{"next", "previous", "results"}`; a view orders its list by `keyset`, or by `get_keyset()`.

    Cursors are signed: whatever comes back in one is a place this site named.
    """

    page_size = 50
    max_page_size = 100

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        chosen = getattr(view, "get_keyset", lambda: getattr(view, "keyset", NEWEST_FIRST))
        self.keyset = Keyset(tuple(chosen()))
        self.address = request.build_absolute_uri()
        size = self._size(request)
        back, place = self._read(request)
        order = self.keyset.backwards() if back else self.keyset
        rows = order.beyond(queryset, place) if place else queryset.order_by(*order.columns)
        found = list(rows[: size + 1])
        self.page = found[:size][::-1] if back else found[:size]
        more = len(found) > size
        self.has_next = bool(self.page) if back else more
        self.has_previous = more if back else place is not None and bool(self.page)
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        next_ = self._link(False, self.page[-1]) if self.has_next else None
        previous = self._link(True, self.page[0]) if self.has_previous else None
        return Response({"next": next_, "previous": previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: object) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        cursor = "Where the page begins: taken from `next` or `previous` of another one."
        return [
            {"name": "cursor", "in": "query", "description": cursor, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "description": "Rows at most.", "schema": size},
        ]

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(self.page_size))
        if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= self.max_page_size):
            raise ValidationError({"page_size": f"Expected a whole number from 1 to {self.max_page_size}."})
        return int(text)

    def _read(self, request: Request) -> tuple[bool, list[str] | None]:
        text = request.query_params.get("cursor")
        if text is None:
            return False, None
        try:
            back, columns, place = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, UnicodeEncodeError):
            columns = None
        if columns != list(self.keyset.columns):
            message = "Expected a cursor from `next` or `previous` of this list in this order; got another."
            raise Refusal(HTTPStatus.NOT_FOUND, "bad_cursor", message)
        return back, place

    def _link(self, back: bool, row: Model) -> str:
        cursor = signing.dumps([back, list(self.keyset.columns), self.keyset.values_of(row)], salt=_SALT)
        return str(replace_query_param(remove_query_param(self.address, "cursor"), "cursor", cursor))
