"""Runs as the admin's pages and the API show them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings as site
from django.urls import reverse
from django.utils import timezone

from analysis.versions.models import ModelVersion
from training.learning.recipes import RECIPES
from training.models import State, TrainingRun, Worker
from training.run_settings import OPTIONS

_NOTHING = "–"
_NO_WORKER = "No training worker is running: `make run` starts one."


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
        shown = f"{own} (the architecture's own)" if value is None and own is not None else _shown(name, value)
        rows.append((name.replace("_", " ").capitalize(), shown))
    return rows


def _shown(name: str, value: Any) -> Any:
    option = OPTIONS.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", {}):
        return (option and option.unset) or _NOTHING
    if option and option.kind == "versions":
        return value.replace(",", ", ")
    return ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else value


def duration(seconds: float | None) -> str:
    """Return 3725 as "1 h 2 min"."""
    if seconds is None:
        return _NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def waiting_reason(*, run: TrainingRun) -> str:
    """Return in a sentence or two why a run makes no progress, "" where it does."""
    if run.is_live:
        return _live_reason(run)
    if run.is_over:
        return ""
    reasons = [run.reason] if run.reason else []
    if run.broker_problem:
        reasons.append(f"{run.broker_problem.rstrip('.')}. The run starts by itself soon after the broker is back.")
    other = TrainingRun.objects.live().exclude(pk=run.pk).first()
    before = TrainingRun.objects.waiting().filter(queued_at__lt=run.queued_at).count()
    if other is not None:
        reasons.append(f"{other.name} is being trained, and one run trains at a time.")
    if before:
        reasons.append(f"{before} more {'waits' if before == 1 else 'wait'} before this one.")
    if not has_worker():
        reasons.append(_NO_WORKER)
    return " ".join(reasons) or "A worker will take it in a moment."


def has_worker() -> bool:
    """Return whether a training worker has swept lately."""
    return Worker.objects.filter(seen_at__gt=timezone.now() - dt.timedelta(seconds=3 * site.SWEEP_SECONDS)).exists()


def _live_reason(run: TrainingRun) -> str:
    silent = (timezone.now() - run.heartbeat_at).total_seconds() if run.heartbeat_at else 0
    if silent > 3 * site.RUN_HEARTBEAT_SECONDS:
        reason = f"Nothing has been heard of it for {silent:.0f} s; it will be put back and go on from its checkpoint."
        return reason if has_worker() else f"{reason} {_NO_WORKER}"
    if run.cancel_requested_at:
        return "Stopping; what was learnt is kept."
    return ""


def _texts(run: TrainingRun) -> dict[str, str]:
    return {
        "label": "Cancelling" if run.is_live and run.cancel_requested_at else run.get_state_display(),
        "reason": waiting_reason(run=run) or run.reason,
        "progress": _progress(run),
        "elapsed": duration(run.seconds) if run.seconds else _NOTHING,
        "remaining": duration(run.remaining_seconds),
        "speed": f"{run.images_per_second:,.0f} images/s" if run.is_live and run.images_per_second else _NOTHING,
        "memory": f"{run.memory_mb:,.0f} MB" if run.is_live and run.memory_mb else _NOTHING,
        "host": run.host or _NOTHING,
    }


def _progress(run: TrainingRun) -> str:
    epochs = f"{run.epochs} epoch{'' if run.epochs == 1 else 's'}"
    if run.state == State.TRAINING and run.epoch < run.epochs:
        batch = f", batch {run.batch:,} of {run.batches:,}" if run.batches else ""
        return f"Epoch {run.epoch + 1} of {run.epochs}{batch}"
    if run.epoch >= run.epochs > 0:
        return f"All {epochs} done"
    return f"{run.epoch} of {epochs} done" if run.epochs else _NOTHING


def _version_url(run: TrainingRun) -> str | None:
    if run.state != State.FINISHED:
        return None
    version = ModelVersion.objects.filter(name=run.name).only("pk").first()
    return reverse("admin:analysis_modelversion_change", args=[version.pk]) if version else None
