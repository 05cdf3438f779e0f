"""The security log, second factors and sessions in the admin."""

from __future__ import annotations

# Imported so that they are registered by now, to be replaced.
from allauth.mfa import admin as _mfa_admin  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _usersessions_admin  # noqa: F401
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.security.models import BY_ADMINISTRATOR, SecurityEvent
from accounts.security.services import Kind, factor_name, record_event
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


# allauth's own pages show the factors' secrets, and search a column that this site's users do not have.
admin.site.unregister([Authenticator, UserSession])

# allauth's catalogs have no names of these. Migrations do not see what is set here.
_NAMES = {
    Authenticator: (_("two-step verification method"), _("two-step verification methods")),
    UserSession: (_("browser session"), _("browser sessions")),
}
_FIELDS = {
    "user": _("user"),
    "type": _("type"),
    "created_at": _("created"),
    "last_used_at": _("last used"),
    "ip": _("IP address"),
    "user_agent": _("browser"),
}


def _name_models() -> None:
    for model, names in _NAMES.items():
        model._meta.verbose_name, model._meta.verbose_name_plural = names
        for field in model._meta.fields:
            field.verbose_name = _FIELDS.get(field.name, field.verbose_name)


_name_models()


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Deleting one lets in somebody who lost a phone or key."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for authenticator in queryset:
            self.delete_model(request, authenticator)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        detail = f"{factor_name(obj)}{BY_ADMINISTRATOR}"
        record_event(request=request, kind=Kind.FACTOR_REMOVED, user=obj.user, detail=detail)
        super().delete_model(request, obj)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Deleting one signs that browser out."""

    list_display = ["user", "created_at", "ip", "user_agent"]
    list_select_related = ["user"]
    search_fields = ["user__email", "ip"]
    fields = ["user", "created_at", "ip", "user_agent"]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[UserSession]) -> None:
        for session in queryset:
            self.delete_model(request, session)

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        detail = f"{obj.user_agent}{BY_ADMINISTRATOR}"
        record_event(request=request, kind=Kind.SESSION_ENDED, user=obj.user, detail=detail)
        obj.end()
