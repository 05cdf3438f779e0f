"""Model versions in the admin: metrics, comparison with the active version, promotion and rollback."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from analysis.admin_pages import OwnPagesAdmin
from analysis.audit.models import AuditEntry
from analysis.errors import VersionError
from analysis.recognition.bundle import FILES
from analysis.versions import admin_page as version_page
from analysis.versions import services as versions
from analysis.versions.card import read_limits
from analysis.versions.comparison import SPLIT, compare_with_active
from analysis.versions.models import ModelVersion
from ferproject import numbers


class PromoteForm(forms.Form):
    """`instead_of` is the active version that the page showed, so that nobody overrides a decision unseen."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    instead_of = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


@admin.register(ModelVersion)
class ModelVersionAdmin(OwnPagesAdmin[ModelVersion]):
    """Promoting and rolling back need the change permission; only training runs add versions."""

    error = VersionError
    list_display = ["name", "serves", "accuracy", "architecture", "origin", "created_at", "activated_at"]
    search_fields = ["name"]
    ordering = ["-created_at", "-pk"]

    @admin.display(description=_("active"), boolean=True, ordering="is_active")
    def serves(self, version: ModelVersion) -> bool:
        return version.is_active

    @admin.display(description=_("architecture"))
    def architecture(self, version: ModelVersion) -> str | None:
        return version.card.get("architecture")

    @admin.display(description=format_lazy(_("accuracy on {split}"), split=SPLIT))
    def accuracy(self, version: ModelVersion) -> str | None:
        evaluation = version.card.get("evaluation", {}).get(SPLIT)
        if not evaluation:
            return None
        values = {"share": numbers.percent(evaluation["accuracy"], 1), "count": numbers.number(evaluation["n"])}
        return gettext("%(share)s of %(count)s") % values

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        urls = [
            path("roll-back/", view(self.roll_back_view), name="analysis_modelversion_roll_back"),
            path("<int:pk>/promote/", view(self.promote_view), name="analysis_modelversion_promote"),
            path("<int:pk>/files/<str:name>", view(self.file_view), name="analysis_modelversion_file"),
        ]
        return urls + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        deletable = obj is None or not (obj.is_active or obj.is_shipped)
        return deletable and super().has_delete_permission(request, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        context = {"active": ModelVersion.objects.active(), "may_change": self.has_change_permission(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Show a version and its comparison with the active one."""
        version = self.get_row(request, object_id)
        context = {
            **self.page_context(request, version.name),
            "version": version,
            "active": ModelVersion.objects.active(),
            "comparison": compare_with_active(version=version),
            "figures": version_page.list_figures(version),
            "details": version_page.list_details(version),
            "epochs": version_page.list_epochs(version),
            "files": version_page.list_files(version),
            "limits": read_limits(version.card),
            "entries": AuditEntry.objects.filter(subject=version.name).select_related("actor"),
            "may_change": self.has_change_permission(request, version),
            "may_delete": self.has_delete_permission(request, version),
        }
        return TemplateResponse(request, "admin/analysis/modelversion/version.html", context)

    def promote_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Show what promoting changes; promote on POST."""
        version = self.get_row(request, pk, self.has_change_permission)
        active = ModelVersion.objects.active()
        form = PromoteForm(request.POST or None, initial={"instead_of": active.name if active else ""})
        if request.method == "POST" and form.is_valid():
            try:
                versions.promote_version(version=version, actor=request.user, **form.cleaned_data)
            except VersionError as error:
                form.add_error("reason" if error.code == "reason_needed" else None, error.message)
            else:
                messages.success(request, gettext("%(name)s passed its test and is now active.") % {"name": version})
                return HttpResponseRedirect(self.row_url(version))
        context = {
            **self.page_context(request, gettext("Promote %(name)s") % {"name": version}),
            "version": version,
            "comparison": compare_with_active(version=version),
            "form": form,
        }
        return TemplateResponse(request, "admin/analysis/modelversion/promote.html", context)

    @method_decorator(require_POST)
    def roll_back_view(self, request: HttpRequest) -> HttpResponse:
        active = ModelVersion.objects.active()
        if active is None:
            raise Http404(gettext("No version is active."))
        if not self.has_change_permission(request, active):
            raise PermissionDenied
        instead_of = request.POST.get("instead_of", "")
        service = partial(versions.roll_back, actor=request.user, instead_of=instead_of)
        return self.call_service(request, active, service, _("%(name)s is active again."))

    @method_decorator(require_safe)
    def file_view(self, request: HttpRequest, pk: object, name: str) -> HttpResponseBase:
        """Download one of a version's files."""
        version = self.get_row(request, pk)
        if name not in FILES:
            raise Http404(gettext("The files of a version are %(names)s.") % {"names": ", ".join(FILES)})
        try:
            file = version_page.find_file(version, name)
        except VersionError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(self.row_url(version))
        return FileResponse(file.open("rb"), as_attachment=True, filename=f"{version.name}-{name}")

    def delete_model(self, request: HttpRequest, obj: ModelVersion) -> None:
        versions.delete_version(version=obj, actor=request.user)

    def describe_deletion(self, row: ModelVersion) -> list[str]:
        return [
            gettext("The version %(name)s and its files") % {"name": row},
            gettext("Its results are kept under its name"),
        ]
