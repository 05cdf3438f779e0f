"""System checks of the model files and the face detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError

from analysis.recognition.bundle import read_bundle, shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.silenced_stderr import silenced_stderr
from analysis.versions.models import ModelVersion
from analysis.versions.store import version_folder


def check_shipped_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that the shipped default's files exist and match their SHA-256."""
    try:
        shipped_default(settings.MODELS_STORE)
    except RecognitionError as error:
        return [Error(error.message, hint="Until then photos are refused with this message.", id="analysis.E001")]
    return []


def check_detector(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that the detector named by FACE_DETECTOR can be created."""
    try:
        with silenced_stderr():
            create_detector(settings.FACE_DETECTOR)
    except RecognitionError as error:
        hint = "Set FACE_DETECTOR, and YUNET_MODEL for yunet; until then photos, videos and live sessions are refused."
        return [Error(f"FACE_DETECTOR={settings.FACE_DETECTOR}: {error.message}", hint=hint, id="analysis.E002")]
    return []


def check_active_version(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Check the active version's files, with `check --database default` and on `migrate`.

    It is a warning, because an error would keep `migrate` from running.
    """
    if not databases:
        return []
    try:
        version = ModelVersion.objects.active()
    except DatabaseError:
        return []
    try:
        if version is not None:
            read_bundle(version_folder(settings.MODELS_STORE, version.name, version.pins), version.pins)
    except RecognitionError as error:
        hint = "Put the file back, or let another version serve: `manage.py rollback` or `manage.py promote VERSION`."
        return [Warning(f"The active model version {version}: {error.message}", hint=hint, id="analysis.W003")]
    return []
