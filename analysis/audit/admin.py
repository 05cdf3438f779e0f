"""The audit log in the admin, and the base of admin classes whose page views it records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from analysis.audit.models import ACTIONS, AuditEntry
from analysis.audit.services import record_view


class ReadOnlyAdmin(admin.ModelAdmin):
    """An admin whose rows can be seen, but not added or changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ViewRecordingAdmin(admin.ModelAdmin):
    """An admin of users' rows that records each view of one of them; lists show no content and are not recorded."""

    def owner_id_of(self, row: Any) -> int:
        """Return the id of the user who owns the row."""
        raise NotImplementedError

    def audit_name(self, row: Any) -> str:
        """Return the row's name in the audit log, "" for the user account itself."""
        return f"{self.opts.verbose_name_raw} {row.pk}"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        # Every page of one row calls this.
        row = super().get_object(request, object_id, from_field)
        if row is not None and self.has_view_or_change_permission(request, row):
            record_view(actor=request.user, owner_id=self.owner_id_of(row), what=self.audit_name(row))
        return row


class ActionFilter(admin.SimpleListFilter):
    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Iterable[tuple[str, Any]]:
        return ACTIONS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "what", "subject", "who", "reason"]
    list_filter = [ActionFilter]
    list_select_related = ["actor"]
    search_fields = ["subject", "reason", "actor__email", "pseudonym"]
    fields = readonly_fields = ["at", "who", "what", "subject", "reason", "details"]

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
