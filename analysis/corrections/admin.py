"""Review of corrections in the admin: those with consent to training, and of each photo only the face."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analysis.audit.admin import ViewRecordingAdmin
from analysis.corrections.models import Correction, CorrectionQuerySet
from analysis.corrections.services import review_correction
from analysis.errors import CorrectionError
from analysis.words import CORRECTION_NAMES
from ferproject.numbers import number


@admin.register(Correction)
class CorrectionAdmin(ViewRecordingAdmin):
    list_display = ["face_image", "claim", "state"]
    list_display_links = ["claim"]
    list_filter = ["status"]
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = ["face_image", "emotion", "said", "model", "state", "created_at", "reviewed_by"]
    actions = ["approve", "reject"]

    def owner_id_of(self, row: Correction) -> int:
        return row.by_id

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": gettext("Corrections to review"), **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> CorrectionQuerySet:
        return super().get_queryset(request).consented().pending_first().select_related("face")

    @admin.display(description=_("face"))
    def face_image(self, correction: Correction) -> str:
        url = reverse("analysis:correction-face", args=[correction.pk])
        return format_html('<img src="{}" height="120" loading="lazy" alt="{}">', url, capfirst(self.claim(correction)))

    @admin.display(description=_("correction"), ordering="emotion")
    def claim(self, correction: Correction) -> str:
        names = {"emotion": CORRECTION_NAMES[correction.emotion], "said": CORRECTION_NAMES[correction.said]}
        if correction.emotion == correction.said:
            claim = gettext("%(emotion)s, as recognized") % names
        else:
            claim = gettext("%(emotion)s, recognized as %(said)s") % names
        return gettext("%(claim)s (marked by hand)") % {"claim": claim} if correction.face.is_marked else claim

    @admin.display(description=_("status"), ordering="status")
    def state(self, correction: Correction) -> str:
        return correction.get_status_display()

    @admin.action(description=_("Approve for training"), permissions=["change"])
    def approve(self, request: HttpRequest, corrections: CorrectionQuerySet) -> None:
        self._review(request, corrections, approve=True)

    @admin.action(description=_("Reject"), permissions=["change"])
    def reject(self, request: HttpRequest, corrections: CorrectionQuerySet) -> None:
        self._review(request, corrections, approve=False)

    def _review(self, request: HttpRequest, corrections: CorrectionQuerySet, *, approve: bool) -> None:
        count = 0
        for correction in corrections:
            try:
                review_correction(correction=correction, by=request.user, approve=approve)
                count += 1
            except CorrectionError as error:
                messages.warning(request, error.message)
        if count:
            messages.success(request, _reviewed(count, approve=approve))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        # For the actions of the list; a correction's own page has nothing to save.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False


def _reviewed(count: int, *, approve: bool) -> str:
    if approve:
        text = ngettext("%(count)s correction approved.", "%(count)s corrections approved.", count)
    else:
        text = ngettext("%(count)s correction rejected.", "%(count)s corrections rejected.", count)
    return text % {"count": number(count)}
