"""Exports and imports of model versions in the admin."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analysis.admin_pages import OwnPagesAdmin
from analysis.http import error_json, wants_json
from analysis.versions.models import ModelVersion
from ferproject.numbers import number, percent
from training.errors import RunError
from training.models import TrainingRun, VersionTransfer
from training.runs.reasons import in_active_language
from training.runs.services import data_problem
from training.transfers import services as transfers
from training.transfers.downloads import send_archive

PART_BYTES = 4_000_000
"""Size of the parts that the page sends; the server holds each request in memory."""


class ImportForm(forms.Form):
    """A script sends `size` and then the file in parts; a plain form sends the file itself."""

    name = forms.CharField(
        max_length=64,
        label=gettext_lazy("Name"),
        validators=TrainingRun._meta.get_field("name").validators,
        widget=AdminTextInputWidget,
        help_text=gettext_lazy("What the version is called here."),
    )
    archive = forms.FileField(
        required=False,
        label=gettext_lazy("Zip file"),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    size = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("size") and not cleaned.get("archive") and not self.errors:
            self.add_error("archive", _("Choose the zip that another site exported."))
        return cleaned


@admin.register(VersionTransfer)
class VersionTransferAdmin(OwnPagesAdmin[VersionTransfer]):
    """Exporting and importing need the permission to add, cancelling the one to change."""

    error = RunError
    list_display = ["name", "kind", "status", "created_by", "created_at", "ended_at"]
    list_select_related = ["created_by"]
    search_fields = ["name"]
    ordering = ["-created_at", "-pk"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        own = [
            path(f"<uuid:pk>/{name}/", view(getattr(self, f"{name}_view")), name=f"training_versiontransfer_{name}")
            for name in ("progress", "part", "cancel", "download")
        ]
        export = path("export/<int:version>/", view(self.export_view), name="training_versiontransfer_export")
        return [export, *own, *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: VersionTransfer | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_open)

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """Start the export of a version, and show it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        row = get_object_or_404(ModelVersion, pk=version)
        try:
            export = transfers.start_export(version=row, by=request.user)
        except RunError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(reverse("admin:analysis_modelversion_change", args=[version]))
        return HttpResponseRedirect(self.row_url(export))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """Begin an import; a script gets JSON and sends the parts of the file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                begun = self._begin(request, **form.cleaned_data)
            except RunError as error:
                if wants_json(request):
                    return error_json(error)
                form.add_error(None, error.message)
            else:
                return self._began(request, begun)
        elif request.method == "POST" and wants_json(request):
            problem = " ".join(message for each in form.errors.values() for message in each)
            return error_json(RunError("bad_name", problem))
        context = {
            **self.page_context(request, _("Import a version")),
            "form": form,
            "data_problem": "" if form.is_bound else data_problem(),
            "form_megabytes": number(settings.PHOTO_MAX_BYTES / 1e6),
            "max_megabytes": number(transfers.MAX_BYTES / 1e6),
            "part_bytes": PART_BYTES,
        }
        return TemplateResponse(request, "admin/training/versiontransfer/import.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Show how far a transfer is, and the zip of a finished export."""
        transfer = self.get_row(request, object_id)
        context = {
            **self.page_context(request, str(transfer)),
            "transfer": transfer,
            "words": describe(transfer),
            "message": in_active_language(transfer.message, transfer.message_parts),
            "deleted_at": transfer.ended_at and transfer.ended_at + transfers.KEPT_FOR,
            "may_change": self.has_change_permission(request, transfer),
            "may_delete": self.has_delete_permission(request, transfer),
        }
        return TemplateResponse(request, "admin/training/versiontransfer/transfer.html", context)

    @method_decorator([require_safe, never_cache])
    def progress_view(self, request: HttpRequest, pk: object) -> JsonResponse:
        """Return a transfer for the scripts of its page and of its upload."""
        return JsonResponse(self._as_json(self.get_row(request, pk)))

    def part_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Save the next part of an upload: raw bytes, from `?offset=` on."""
        transfer = self.get_row(request, pk, lambda request, row: self.has_add_permission(request))
        offset = request.GET.get("offset", "")
        try:
            if not (offset.isascii() and offset.isdecimal() and len(offset) < 16):
                raise RunError("bad_offset", _("offset: expected a whole number of bytes."))
            # `request.body` would refuse bodies of this size.
            data = request.read(transfers.MAX_PART_BYTES + 1)
            return JsonResponse(self._as_json(transfers.append_part(transfer=transfer, offset=int(offset), data=data)))
        except RunError as error:
            return error_json(error)

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        transfer = self.get_row(request, pk, self.has_change_permission)
        cancel = partial(transfers.cancel_transfer, transfer=transfer)
        return self.call_service(request, transfer, cancel, _("%(name)s was cancelled."))

    @method_decorator(require_safe)
    def download_view(self, request: HttpRequest, pk: object) -> HttpResponseBase:
        return send_archive(request, self.get_row(request, pk))

    def delete_model(self, request: HttpRequest, obj: VersionTransfer) -> None:
        transfers.delete_transfer(transfer=obj)

    def describe_deletion(self, row: VersionTransfer) -> list[str]:
        if row.has_archive:
            return [_("The zip of %(name)s. The version itself stays") % {"name": row.name}]
        return [_("This entry. A version that it added stays")]

    def _begin(
        self, request: HttpRequest, *, name: str, archive: UploadedFile | None, size: int | None
    ) -> VersionTransfer:
        if archive is None:
            return transfers.start_import(name=name, size=size or 0, by=request.user)
        transfer = transfers.start_import(name=name, size=archive.size or 0, by=request.user)
        try:
            for data in archive.chunks(PART_BYTES):
                transfer = transfers.append_part(transfer=transfer, offset=transfer.received, data=data)
        except RunError:
            VersionTransfer.objects.filter(pk=transfer.pk).delete()
            raise
        return transfer

    def _began(self, request: HttpRequest, transfer: VersionTransfer) -> HttpResponse:
        if wants_json(request):
            return JsonResponse(self._as_json(transfer), status=HTTPStatus.CREATED)
        return HttpResponseRedirect(self.row_url(transfer))

    def _as_json(self, transfer: VersionTransfer) -> dict[str, Any]:
        return {
            "status": transfer.status,
            "received": transfer.received,
            "words": describe(transfer),
            "is_over": not transfer.is_open,
            # Leads to the change page; the upload's script appends "progress/" to it.
            "url": reverse("admin:training_versiontransfer_progress", args=[transfer.pk]).removesuffix("progress/"),
            "part_url": reverse("admin:training_versiontransfer_part", args=[transfer.pk]),
        }


def describe(transfer: VersionTransfer) -> str:
    """Return what happens to a transfer at the moment, in words."""
    if transfer.status == transfers.Status.UPLOADING:
        return _("%(share)s of the file is uploaded.") % {"share": percent(transfer.received / max(transfer.bytes, 1))}
    if transfer.status == transfers.Status.QUEUED:
        return _("It starts once a training worker is free. A training run in progress is finished first.")
    return f"{transfer.get_step_display()}." if transfer.step else ""
