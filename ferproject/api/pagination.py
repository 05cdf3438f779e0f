"""Keyset pagination of the API's lists, with signed cursors."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from ferproject.errors import ServiceError
from ferproject.pagination import Keyset

NEWEST_FIRST = ("-created_at", "-id")
_SALT = "ferproject.api.cursor"


class KeysetPagination(BasePagination):
    """Responds with `{"next", "previous", "results"}`; a view orders its list by `keyset`, or by `get_keyset()`.

    Cursors are signed, so that a client cannot make up a position.
    """

    page_size = 50
    max_page_size = 100

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        chosen = getattr(view, "get_keyset", lambda: getattr(view, "keyset", NEWEST_FIRST))
        self.keyset = Keyset(tuple(chosen()))
        self.address = request.build_absolute_uri()
        size = self._size(request)
        backwards, position = self._cursor(request)
        self.page = self.keyset.read_page(queryset, position, size=size, backwards=backwards)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        next_ = self._link(False, self.page.rows[-1]) if self.page.has_next else None
        previous = self._link(True, self.page.rows[0]) if self.page.has_previous else None
        return Response({"next": next_, "previous": previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
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
            raise ValidationError(
                {"page_size": _("Enter a whole number from 1 to %(maximum)s.") % {"maximum": self.max_page_size}}
            )
        return int(text)

    def _cursor(self, request: Request) -> tuple[bool, list[str] | None]:
        text = request.query_params.get("cursor")
        if text is None:
            return False, None
        try:
            backwards, columns, position = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, UnicodeEncodeError):
            columns = None
        if columns != list(self.keyset.columns):
            message = _("The cursor is not from `next` or `previous` of this list in this order.")
            raise ServiceError("bad_cursor", message)
        return backwards, position

    def _link(self, backwards: bool, row: Model) -> str:
        position = [row._meta.get_field(name).value_to_string(row) for name in self.keyset.names]
        cursor = signing.dumps([backwards, list(self.keyset.columns), position], salt=_SALT)
        return str(replace_query_param(remove_query_param(self.address, "cursor"), "cursor", cursor))
