"""Who may do what through the API; whose rows are whose is the querysets' business."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request


class Scoped(BasePermission):
    """A token made for reading changes nothing; a session and a writing token may do what their user may."""

    message = "This token may only read. Make one that may write too at /account/tokens/."
    code = "read_only_token"

    def has_permission(self, request: Request, view: object) -> bool:
        return request.method in SAFE_METHODS or getattr(request.auth, "scope", "write") == "write"


class IsStaff(BasePermission):
    message = "Only staff of this site may do this."
    code = "staff_only"

    def has_permission(self, request: Request, view: object) -> bool:
        return bool(request.user.is_staff)


SIGNED_IN = [IsAuthenticated, Scoped]
STAFF = [IsAuthenticated, IsStaff, Scoped]


def needs(permission: str) -> type[BasePermission]:
    """Return a class that lets in whoever has the named permission, as the admin does."""

    class HasPermission(BasePermission):
        message = "Your account lacks the permission for this; an administrator can grant it."
        code = "forbidden"

        def has_permission(self, request: Request, view: object) -> bool:
            return bool(request.user.has_perm(permission))

    return HasPermission
