"""Review of corrections in the admin: those with consent to training, and of each photo only the face."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html

from analysis.audit.admin import ViewRecordingAdmin
from analysis.corrections.models import NOT_A_FACE, Correction, CorrectionQuerySet
from analysis.corrections.services import review_correction
from analysis.errors import CorrectionError


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
        return super().changelist_view(request, {"title": "Corrections to review", **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> CorrectionQuerySet:
        return super().get_queryset(request).consented().pending_first().select_related("face")

    @admin.display(description="face")
    def face_image(self, correction: Correction) -> str:
        url = reverse("analysis:correction-face", args=[correction.pk])
        return format_html(
            '<img src="{}" height="120" loading="lazy" alt="{}">', url, self.claim(correction).capitalize()
        )

    @admin.display(description="they say", ordering="emotion")
    def claim(self, correction: Correction) -> str:
        said = correction.get_emotion_display().lower()
        if correction.emotion == correction.said:
            claim = f"{said}, as recognized"
        elif correction.emotion == NOT_A_FACE:
            claim = f"{said}, recognized as {correction.said}"
        else:
            claim = f"{said}, not {correction.said}"
        return claim + (" (marked by a person)" if correction.face.is_marked else "")

    @admin.display(description="state", ordering="status")
    def state(self, correction: Correction) -> str:
        return correction.get_status_display()

    @admin.action(description="Approve for training", permissions=["change"])
    def approve(self, request: HttpRequest, corrections: CorrectionQuerySet) -> None:
        self._review(request, corrections, approve=True)

    @admin.action(description="Reject", permissions=["change"])
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
            word = "approved" if approve else "rejected"
            messages.success(request, f"{count} correction{pluralize(count)} {word}.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        # For the actions of the list; a correction's own page has nothing to save.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Correction | None = None) -> bool:
        return False
