"""Permissions of the API; querysets limit users to their own rows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request


class HasTokenScope(BasePermission):
    """Limits read-only tokens to safe methods; sessions and writing tokens may do what their user may."""

    message = _("This token can only read. Create one that can also write at /account/tokens/.")
    code = "read_only_token"

    def has_permission(self, request: Request, view: object) -> bool:
        return request.method in SAFE_METHODS or getattr(request.auth, "scope", "write") == "write"


class IsStaff(BasePermission):
    message = _("Only staff of this site can do this.")
    code = "staff_only"

    def has_permission(self, request: Request, view: object) -> bool:
        return bool(request.user.is_staff)


SIGNED_IN = [IsAuthenticated, HasTokenScope]
STAFF = [IsAuthenticated, IsStaff, HasTokenScope]


def has_permission(name: str) -> type[BasePermission]:
    """Return a permission class that requires the Django permission `name`, as in "app.change_model"."""

    class HasPermission(BasePermission):
        message = _("Your account does not have permission for this. An administrator can grant it.")
        code = "forbidden"

        def has_permission(self, request: Request, view: object) -> bool:
            return bool(request.user.has_perm(name))

    return HasPermission
