"""The security log in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from accounts.security.models import SecurityEvent
from analysis.audit.admin import ReadOnlyAdmin


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "user", "detail", "ip", "user_agent"]
    list_filter = ["kind", "at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "ip"]
    ordering = ["-at", "-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return False
