"""What a model version's page in the admin shows of its row and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from analysis.errors import VersionError
from analysis.recognition.bundle import FILES, check_name, file_sha256
from analysis.versions.card import SPLITS, Figures, read_figures
from analysis.versions.models import ModelVersion


@dataclass(frozen=True)
class File:
    """One of a version's files; `bytes` is None where the card doesn't tell."""

    name: str
    sha256: str
    bytes: int | None


def list_figures(version: ModelVersion) -> list[Figures]:
    """Return a version's figures by split, that which decides promotions first."""
    found = (read_figures(version.card, split) for split in reversed(SPLITS))
    return [figures for figures in found if figures]


def list_details(version: ModelVersion) -> list[tuple[str, Any]]:
    """Return (name, value) of what the card tells about how the version was made."""
    card = version.card
    trained = card.get("trained", {})
    data = trained.get("data", {})
    conversion = card.get("conversion", {})
    found = {
        "Origin": version.get_origin_display(),
        "Architecture": card.get("architecture"),
        "Parameters": f"{card['parameters']:,}" if card.get("parameters") else None,
        "Trained on": _trained_on(data),
        "FER+ votes": data.get("votes"),
        "Trained until": str(trained.get("finished") or "")[:10],
        "Serves": conversion.get("precision"),
        "Temperature": f"{card['temperature']:.2f}" if card.get("temperature") else None,
        "Time for one face": f"{card['milliseconds_per_face']:.1f} ms" if card.get("milliseconds_per_face") else None,
    }
    return [(name, value) for name, value in found.items() if value]


def list_epochs(version: ModelVersion) -> list[dict[str, float]]:
    """Return the figures of each epoch of its training, as a run's page shows them."""
    history = version.card.get("trained", {}).get("history", [])
    return [_epoch(number, metrics) for number, metrics in enumerate(history, start=1)]


def list_files(version: ModelVersion) -> list[File]:
    facts = version.card.get("files", {})
    return [File(name, version.pins[name], facts.get(name, {}).get("bytes")) for name in FILES]


def find_file(version: ModelVersion, name: str) -> Path:
    """Return where one of a version's files is; raise `VersionError` unless it is what was pinned."""
    path = Path(settings.MODELS_STORE) / check_name(version.name) / name
    if not path.is_file():
        raise VersionError("model_missing", f"{version}: {name} is not in the models' folder any more.")
    if file_sha256(path) != version.pins[name]:
        raise VersionError("model_corrupt", f"{version}: {name} was changed since it was registered.")
    return path


def _trained_on(data: Mapping[str, Any]) -> str | None:
    rows = data.get("rows", {}).get("Training")
    return f"{data.get('name')}, {rows:,} faces" if rows else None


def _epoch(number: int, metrics: Mapping[str, float]) -> dict[str, float]:
    """A network with a votes head names the emotion's own figures so; another has no need to."""
    row = {"number": number}
    for prefix in ("", "val_"):
        for name in ("loss", "accuracy"):
            row[prefix + name] = metrics.get(f"{prefix}emotion_{name}", metrics.get(prefix + name, float("nan")))
    return row
