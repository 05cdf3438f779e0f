"""Base of admins whose pages call services and show their errors as messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext

ModelRow = TypeVar("ModelRow", bound=Model)


class OwnPagesAdmin(admin.ModelAdmin, Generic[ModelRow]):
    """Admin with Django's list and deletion, and the subclass's own page of a row.

    `error` is the exception that the subclass's services raise.
    """

    class Media:
        css = {"all": ["css/admin/admin.css"]}

    actions = None
    error: type[Exception]

    def get_row(self, request: HttpRequest, pk: object, permission: Callable[..., bool] | None = None) -> ModelRow:
        """Return a row; raise `PermissionDenied` unless the user may view it, or has the permission asked for."""
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404(gettext("It does not exist. It may have been deleted."))
        if not (permission or self.has_view_permission)(request, row):
            raise PermissionDenied
        return row

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def page_context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}

    def call_service(
        self, request: HttpRequest, row: ModelRow, service: Callable[[], ModelRow | None], done: Any
    ) -> HttpResponse:
        """Call a service and redirect to the row that it returns, or else to `row`; `done` is lazy, with %(name)s."""
        try:
            row = service() or row
        except self.error as error:
            messages.error(request, str(error))
        else:
            with translation.override("en"):
                self.log_change(request, row, str(done) % {"name": row})
            messages.success(request, str(done) % {"name": row})
        return HttpResponseRedirect(self.row_url(row))

    def row_url(self, row: ModelRow) -> str:
        """Return the URL of a row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:
        try:
            return super().delete_view(request, object_id, extra_context)
        except self.error as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.row_url(self.get_row(request, object_id)))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], list]:
        """List what is deleted in sentences, not row by row."""
        lines = [line for row in objs for line in self.describe_deletion(row)]
        return lines, {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def describe_deletion(self, row: ModelRow) -> list[str]:
        raise NotImplementedError
