"""Training runs in the admin."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from analysis.admin_pages import OwnPagesAdmin
from training.errors import RunError
from training.learning.recipes import RECIPES
from training.models import TrainingRun
from training.runs import services as runs
from training.runs.forms import StartRunForm, fieldsets
from training.runs.presentation import describe_run, duration, list_settings
from training.transfers.admin import VersionTransferAdmin

__all__ = ["TrainingRunAdmin", "VersionTransferAdmin"]


@admin.register(TrainingRun)
class TrainingRunAdmin(OwnPagesAdmin[TrainingRun]):
    """Starting a run needs the permission to add, cancelling and resuming one the permission to change."""

    error = RunError
    list_display = ["name", "state", "architecture", "progress_text", "elapsed", "created_by", "created_at"]
    list_filter = ["state"]
    list_select_related = ["created_by"]
    search_fields = ["name"]
    ordering = ["-created_at"]

    @admin.display(description=_("progress"))
    def progress_text(self, run: TrainingRun) -> str:
        text = ngettext("%(done)s of %(epochs)s epoch", "%(done)s of %(epochs)s epochs", run.epochs)
        return text % {"done": run.epoch, "epochs": run.epochs}

    @admin.display(description=_("elapsed"), ordering="seconds")
    def elapsed(self, run: TrainingRun) -> str:
        return duration(run.seconds)

    def get_urls(self) -> list[Any]:
        names = ("status", "cancel", "resume", "again")
        views = [(name, self.admin_site.admin_view(getattr(self, f"{name}_view"))) for name in names]
        own = [path(f"<uuid:pk>/{name}/", view, name=f"training_trainingrun_{name}") for name, view in views]
        return own + super().get_urls()

    def has_delete_permission(self, request: HttpRequest, obj: TrainingRun | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.is_live)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponseBase:
        """Start a run."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StartRunForm(request.POST or None, initial={"architecture": "cnn", "name": runs.propose_name("cnn")})
        if request.method == "POST" and form.is_valid():
            try:
                run = runs.start_run(name=form.cleaned_data["name"], settings=form.run_settings(), by=request.user)
            except RunError as error:
                form.add_error(None, error.message)
            else:
                self.log_addition(request, run, [{"added": {}}])
                return HttpResponseRedirect(self.row_url(run))
        context = {
            **self.page_context(request, gettext("Start a training run")),
            "adminform": AdminForm(form, fieldsets(), {}, model_admin=self),
            "errors": form.errors,
            "recipes": [(name, runs.propose_name(name), recipe) for name, recipe in RECIPES.items()],
            "data_problem": "" if form.is_bound else runs.data_problem(),
        }
        return TemplateResponse(request, "admin/training/trainingrun/start.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Watch a run."""
        run = self.get_row(request, object_id)
        context = {
            **self.page_context(request, run.name),
            "run": run,
            "status": describe_run(run),
            "settings": list_settings(run),
            "may_start": self.has_add_permission(request),
            "may_change": self.has_change_permission(request, run),
            "may_delete": super().has_delete_permission(request, run),
        }
        return TemplateResponse(request, "admin/training/trainingrun/watch.html", context)

    @method_decorator([require_safe, never_cache])
    def status_view(self, request: HttpRequest, pk: object) -> JsonResponse:
        """Return the run for the page that watches it."""
        return JsonResponse(describe_run(self.get_row(request, pk)))

    @method_decorator(require_POST)
    def cancel_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        run = self.get_row(request, pk, self.has_change_permission)
        return self.call_service(
            request, run, partial(runs.cancel_run, run=run), _("%(name)s is being stopped. What it has learnt is kept.")
        )

    @method_decorator(require_POST)
    def resume_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        run = self.get_row(request, pk, self.has_change_permission)
        return self.call_service(
            request, run, partial(runs.resume_run, run=run), _("%(name)s will continue where it stopped.")
        )

    @method_decorator(require_POST)
    def again_view(self, request: HttpRequest, pk: object) -> HttpResponse:
        """Start another run with the same settings."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        run = self.get_row(request, pk)
        start = partial(runs.copy_settings, run=run, by=request.user)
        return self.call_service(request, run, start, _("%(name)s was started with the same settings."))

    def delete_model(self, request: HttpRequest, obj: TrainingRun) -> None:
        runs.delete_run(run=obj)

    def describe_deletion(self, row: TrainingRun) -> list[str]:
        return [
            gettext("The run %(name)s with its settings, log and curves") % {"name": row},
            gettext("Its checkpoints, so it can no longer be resumed. A version it created is kept."),
        ]
