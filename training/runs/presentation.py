"""What a run's page says of it, in words and figures: for its first drawing and for every renewal."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from analysis.versions.models import ModelVersion
from training.learning.recipes import RECIPES
from training.models import RunEpoch, State, TrainingRun
from training.runs.waiting_reason import waiting_reason

_NOTHING = "–"
_UNASKED = {"limit": "all rows", "precision": "float32"}


def describe_run(run: TrainingRun) -> dict[str, Any]:
    """Return the run as JSON: `texts` to show as they are, `epochs` to draw, `can` for what may be asked of it."""
    return {
        "state": run.state,
        "over": run.is_over,
        "progress": run.progress,
        "texts": _texts(run),
        "epochs": [_epoch(row) for row in run.epoch_rows.all()],
        "log": run.log,
        "can": {"cancel": run.can_cancel, "resume": run.can_resume, "delete": run.can_delete},
        "version_url": _version_url(run),
    }


def list_settings(run: TrainingRun) -> list[tuple[str, Any]]:
    """Return (name, value) of what was asked for, with the architecture's own values where nothing was."""
    recipe = RECIPES.get(run.architecture)
    changed = run.configuration.get("recipe") or {}
    rows = []
    for name, given in run.configuration.items():
        asked, own = changed.get(name) if given is None else given, getattr(recipe, name, None)
        said = f"{own} (the architecture's own)" if asked is None and own is not None else _said(name, asked)
        rows.append((name.replace("_", " ").capitalize(), said))
    return rows


def _said(name: str, asked: Any) -> Any:
    if isinstance(asked, bool):
        return "yes" if asked else "no"
    if asked is None and name in _UNASKED:
        return _UNASKED[name]
    if name == "teachers" and asked:
        return asked.replace(",", ", ")
    if asked in (None, "", {}):
        return _NOTHING
    return ", ".join(f"{key} {value}" for key, value in asked.items()) if isinstance(asked, dict) else asked


def duration(seconds: float | None) -> str:
    """Return 3725 as "1 h 2 min"."""
    if seconds is None:
        return _NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


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


def _epoch(row: RunEpoch) -> dict[str, float]:
    names = ("number", "loss", "val_loss", "accuracy", "val_accuracy")
    return {name: getattr(row, name) for name in names}


def _version_url(run: TrainingRun) -> str | None:
    if run.state != State.FINISHED:
        return None
    version = ModelVersion.objects.filter(name=run.name).only("pk").first()
    return reverse("admin:analysis_modelversion_change", args=[version.pk]) if version else None
