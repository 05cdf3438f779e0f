"""Runs as the admin's pages and the API show them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from analysis.templatetags import ui
from analysis.versions.models import ModelVersion
from ferproject import numbers
from training.learning.recipes import RECIPES
from training.models import State, TrainingRun, Worker
from training.run_settings import OPTIONS
from training.runs.reasons import in_active_language

_NOTHING = "–"
_OTHER_SETTINGS = {
    "data": gettext_lazy("Data"),
    "votes_data": gettext_lazy("FER+ votes"),
    "recipe": gettext_lazy("Other values"),
}
_NO_WORKER = gettext_lazy("No training worker is running. `make run` starts one.")


def describe_run(run: TrainingRun) -> dict[str, Any]:
    """Return the run as JSON: `texts` to show, `epochs` to draw, `can` for the actions that are possible."""
    return {
        "state": run.state,
        "over": run.is_over,
        "progress": run.progress,
        "texts": _texts(run),
        "epochs": list(run.epoch_rows.values("number", "loss", "val_loss", "accuracy", "val_accuracy")),
        "log": run.log,
        "can": {"cancel": run.can_cancel, "resume": run.can_resume, "delete": not run.is_live},
        "version_url": _version_url(run),
    }


def list_settings(run: TrainingRun) -> list[tuple[str, Any]]:
    """Return (name, value) of the run's settings, with the architecture's own values where they are unset."""
    recipe = RECIPES.get(run.architecture)
    changed = run.configuration.get("recipe") or {}
    rows = []
    for name, given in run.configuration.items():
        value, own = changed.get(name) if given is None else given, getattr(recipe, name, None)
        shown = _shown(name, value)
        if value is None and own is not None:
            shown = gettext("%(value)s (the architecture’s own)") % {"value": own}
        rows.append((str(_label(name)), shown))
    return rows


def _label(name: str) -> Any:
    option = OPTIONS.get(name)
    return (option and option.label) or _OTHER_SETTINGS.get(name) or name.replace("_", " ").capitalize()


def _shown(name: str, value: Any) -> Any:
    option = OPTIONS.get(name)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if value in (None, "", {}):
        return (option and option.unset) or _NOTHING
    if option and option.kind == "versions":
        return value.replace(",", ", ")
    return ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else value


def duration(seconds: float | None) -> str:
    """Return 3725 as "1 h 2 min"."""
    return _NOTHING if seconds is None else ui.duration(seconds)


def waiting_reason(*, run: TrainingRun) -> str:
    """Return in a sentence or two why a run makes no progress, "" where it does."""
    if run.is_live:
        return _live_reason(run)
    if run.is_over:
        return ""
    reasons = [in_active_language(run.reason, run.reason_parts)] if run.reason else []
    if run.broker_problem:
        text = gettext("The run starts once the message broker can be reached. (%(problem)s)")
        reasons.append(text % {"problem": run.broker_problem.rstrip(".")})
    other = TrainingRun.objects.live().exclude(pk=run.pk).first()
    before = TrainingRun.objects.waiting().filter(queued_at__lt=run.queued_at).count()
    if other is not None:
        text = gettext("%(name)s is being trained, and only one run trains at a time.")
        reasons.append(text % {"name": other.name})
    if before:
        text = ngettext(
            "%(count)s other run is waiting before this one.",
            "%(count)s other runs are waiting before this one.",
            before,
        )
        reasons.append(text % {"count": numbers.number(before)})
    if not has_worker():
        reasons.append(str(_NO_WORKER))
    return " ".join(reasons) or gettext("A worker will start it in a moment.")


def has_worker() -> bool:
    """Return whether a training worker has swept lately."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - dt.timedelta(seconds=3 * site.SWEEP_SECONDS)).exists()


def _live_reason(run: TrainingRun) -> str:
    silent = (timezone.now() - run.heartbeat_at).total_seconds() if run.heartbeat_at else 0
    if silent > 3 * site.RUN_HEARTBEAT_SECONDS:
        text = gettext("Its process has sent nothing for %(time)s. The run will continue from its last checkpoint.")
        reason = text % {"time": ui.duration(silent)}
        return reason if has_worker() else f"{reason} {_NO_WORKER}"
    if run.cancel_requested_at:
        return gettext("The run is being stopped. What it has learnt is kept.")
    return ""


def _texts(run: TrainingRun) -> dict[str, str]:
    return {
        "label": gettext("Cancelling") if run.is_live and run.cancel_requested_at else run.get_state_display(),
        "reason": waiting_reason(run=run) or in_active_language(run.reason, run.reason_parts),
        "progress": _progress(run),
        "elapsed": duration(run.seconds) if run.seconds else _NOTHING,
        "remaining": duration(run.remaining_seconds),
        "speed": _speed(run),
        "memory": _memory(run),
        "host": run.host or _NOTHING,
    }


def _progress(run: TrainingRun) -> str:
    values = {
        "epoch": numbers.number(run.epoch + 1),
        "done": numbers.number(run.epoch),
        "epochs": numbers.number(run.epochs),
        "batch": numbers.number(run.batch),
        "batches": numbers.number(run.batches),
    }
    if run.state == State.TRAINING and run.epoch < run.epochs:
        if run.batches:
            return gettext("Epoch %(epoch)s of %(epochs)s, batch %(batch)s of %(batches)s") % values
        return gettext("Epoch %(epoch)s of %(epochs)s") % values
    if run.epoch >= run.epochs > 0:
        return ngettext("%(epochs)s epoch done", "All %(epochs)s epochs done", run.epochs) % values
    if not run.epochs:
        return _NOTHING
    return ngettext("%(done)s of %(epochs)s epoch done", "%(done)s of %(epochs)s epochs done", run.epochs) % values


def _speed(run: TrainingRun) -> str:
    if not (run.is_live and run.images_per_second):
        return _NOTHING
    return gettext("%(count)s images per second") % {"count": numbers.number(run.images_per_second)}


def _memory(run: TrainingRun) -> str:
    if not (run.is_live and run.memory_mb):
        return _NOTHING
    return gettext("%(size)s MB") % {"size": numbers.number(run.memory_mb)}


def _version_url(run: TrainingRun) -> str | None:
    if run.state != State.FINISHED:
        return None
    version = ModelVersion.objects.filter(name=run.name).only("pk").first()
    return reverse("admin:analysis_modelversion_change", args=[version.pk]) if version else None
