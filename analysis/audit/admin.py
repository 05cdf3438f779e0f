"""The audit log in the admin: to read and to search, never to change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from analysis.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = ["at", "what", "subject", "who", "reason"]
    list_filter = ["action"]
    list_select_related = ["actor"]
    search_fields = ["subject", "reason", "actor__email", "pseudonym"]
    fields = readonly_fields = ["at", "who", "what", "subject", "reason", "details"]

    @admin.display(description="who", ordering="actor__email")
    def who(self, entry: AuditEntry) -> str:
        return entry.who

    @admin.display(description="what", ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return entry.what

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
