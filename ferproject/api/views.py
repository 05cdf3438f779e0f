"""The API's schema, its documentation page and its 404 response."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ferproject.api.reference import read_reference


@cache
def _schema() -> dict[str, Any]:
    # One for all readers; the labels of choices are in it.
    with translation.override("en"):
        schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


@cache
def _reference() -> dict[str, Any]:
    return read_reference(_schema())


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 schema, public."""

    authentication_classes = ()

    def _get_schema_response(self, request: Request) -> Response:
        name = f"expressions.{self.perform_content_negotiation(request, force=True)[0].format}"
        return Response(_schema(), headers={"Content-Disposition": f'inline; filename="{name}"'})


@require_safe
@ensure_csrf_cookie
def docs(request: HttpRequest) -> HttpResponse:
    """The schema as a page, public, with forms that send requests."""
    return render(request, "api/docs.html", _reference())


class NotFoundView(APIView):
    """Answers every other address under /api/ with a JSON 404."""

    authentication_classes = ()
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound
