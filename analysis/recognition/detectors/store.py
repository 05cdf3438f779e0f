"""The files of detectors that come with the program, pinned by SHA-256 in `models_store/shipped.json`.

They stand beside the versions of the classifier, but are none: a detector cannot be promoted, evaluated or deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analysis.recognition.bundle import (
    CARD,
    MODEL,
    SHIPPED,
    check_name,
    corrupt,
    json_bytes,
    read_shipped,
    read_verified,
    write_beside,
    write_shipped,
)
from analysis.recognition.errors import gettext_noop

PROGRAM_STORE = Path(__file__).resolve().parents[3] / "models_store"
"""The program's own folder, wherever a site keeps its versions (MODELS_STORE)."""


def read_detector(name: str, store: Path = PROGRAM_STORE) -> bytes:
    """Return the verified bytes of a shipped detector's `model.tflite`.

    Raises `RecognitionError` of code "model_missing" or "model_corrupt", naming the file and what to do.
    """
    pins = read_shipped(store).detectors.get(name, {})
    if set(pins) != {MODEL, CARD}:
        text = gettext_noop("%(file)s lacks the SHA-256 of %(files)s of the detector %(detector)s.")
        raise corrupt(store / SHIPPED, text, files=f"{MODEL}, {CARD}", detector=name)
    read_verified(store / name / CARD, pins[CARD])
    return read_verified(store / name / MODEL, pins[MODEL])


def write_detector(store: Path, name: str, model: bytes, card: Mapping[str, Any]) -> None:
    """Write a detector's files into `store`, over those it had, and pin them in `shipped.json`."""
    folder = store / check_name(name)
    folder.mkdir(exist_ok=True)
    files = {MODEL: model, CARD: json_bytes(card)}
    for file, data in files.items():
        write_beside(folder / file, data)
    shipped = read_shipped(store)
    pins = {file: hashlib.sha256(data).hexdigest() for file, data in files.items()}
    write_shipped(store, replace(shipped, detectors={**shipped.detectors, name: pins}))
