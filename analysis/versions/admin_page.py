"""What a model version's page in the admin shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from analysis.errors import VersionError
from analysis.recognition.bundle import FILES, file_sha256
from analysis.recognition.errors import RecognitionError
from analysis.versions.card import SPLITS, SplitFigures, read_details, read_figures
from analysis.versions.models import ModelVersion
from analysis.versions.store import version_folder
from analysis.versions.words import DETAILS
from ferproject.errors import translated_message


@dataclass(frozen=True)
class VersionFile:
    """One of a version's files; `bytes` is None where the card has no size."""

    name: str
    sha256: str
    bytes: int | None


def list_figures(version: ModelVersion) -> list[SplitFigures]:
    """Return a version's metrics by split, the one that decides promotions first."""
    found = (read_figures(version.card, split) for split in reversed(SPLITS))
    return [figures for figures in found if figures]


def list_details(version: ModelVersion) -> list[tuple[str, Any]]:
    """Return the (name, value) pairs about how the version was made."""
    details = {"origin": version.get_origin_display(), **read_details(version.card)}
    shown = [name for name, value in details.items() if value and name not in ("start_from", "teachers")]
    return [(str(DETAILS[name]), details[name]) for name in shown]


def list_epochs(version: ModelVersion) -> list[dict[str, float]]:
    """Return the metrics of each epoch of its training, as a run's page shows them."""
    history = version.card.get("trained", {}).get("history", [])
    return [_epoch(number, metrics) for number, metrics in enumerate(history, start=1)]


def list_files(version: ModelVersion) -> list[VersionFile]:
    sizes = version.card.get("files", {})
    return [VersionFile(name, version.pins[name], sizes.get(name, {}).get("bytes")) for name in FILES]


def find_file(version: ModelVersion, name: str) -> Path:
    """Return the path of one of a version's files; raise `VersionError` where it is missing or was changed."""
    try:
        path = version_folder(settings.MODELS_STORE, version.name, version.pins) / name
    except RecognitionError as error:
        raise VersionError(error.code, translated_message(error)) from error
    if not path.is_file():
        raise VersionError(
            "model_missing", gettext("%(version)s: %(file)s is missing.") % {"version": version, "file": name}
        )
    if file_sha256(path) != version.pins[name]:
        message = gettext("%(version)s: %(file)s has changed since it was registered.")
        raise VersionError("model_corrupt", message % {"version": version, "file": name})
    return path


def _epoch(number: int, metrics: Mapping[str, float]) -> dict[str, float]:
    """Return an epoch's metrics; a network with a votes head prefixes the emotion head's with "emotion_"."""
    row = {"number": number}
    for prefix in ("", "val_"):
        for name in ("loss", "accuracy"):
            row[prefix + name] = metrics.get(f"{prefix}emotion_{name}", metrics.get(prefix + name, float("nan")))
    return row
