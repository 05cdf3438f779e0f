"""Links in the admin: whose and until when, never their address; staff may revoke them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analysis.audit.admin import ReadOnlyAdmin, ViewRecordingAdmin
from analysis.sharing.models import SharedLink
from analysis.sharing.services import revoke_link
from ferproject.numbers import number


@admin.register(SharedLink)
class SharedLinkAdmin(ReadOnlyAdmin, ViewRecordingAdmin):
    list_display = ["id", "owner", "kind_name", "shows", "created_at", "expires_at", "revoked_at"]
    list_filter = ["shows", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["owner__email"]
    fields = readonly_fields = list_display
    actions = ["revoke"]

    def owner_id_of(self, row: SharedLink) -> int:
        return row.owner_id

    @admin.display(description=_("kind"))
    def kind_name(self, row: SharedLink) -> str:
        return row.kind_name

    def has_delete_permission(self, request: HttpRequest, obj: SharedLink | None = None) -> bool:
        # What it shows goes with its owner's things; staff revoke, which stays in its owner's list.
        return False

    @admin.action(description=_("Revoke the selected links"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[SharedLink]) -> None:
        links = list(queryset.filter(revoked_at=None))
        for link in links:
            revoke_link(link=link, by=request.user)
        text = ngettext("%(count)s link was revoked.", "%(count)s links were revoked.", len(links))
        messages.success(request, text % {"count": number(len(links))})

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("analysis.change_sharedlink"))
