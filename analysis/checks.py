"""What `manage.py check` says about this app's surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError

from analysis.recognition.bundle import read_bundle, shipped_default
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.errors import RecognitionError
from analysis.silenced_stderr import silenced_stderr
from analysis.versions.models import ModelVersion


def check_active_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The model that serves is there and is, byte for byte, the one that was pinned."""
    try:
        shipped_default(settings.MODELS_STORE)
    except RecognitionError as error:
        return [Error(error.message, hint="Until then photos are refused with this message.", id="analysis.E001")]
    return []


def check_detector(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """FACE_DETECTOR names one that exists and has what it needs: it is made, for only that tells."""
    try:
        with silenced_stderr():
            create_detector(settings.FACE_DETECTOR)
    except RecognitionError as error:
        hint = "Set FACE_DETECTOR, and YUNET_MODEL for yunet; until then photos, videos and live sessions are refused."
        return [Error(f"FACE_DETECTOR={settings.FACE_DETECTOR}: {error.message}", hint=hint, id="analysis.E002")]
    return []


def check_chosen_model(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The version that somebody promoted is there as pinned; asked with `check --database default` and by migrate.

    A warning, because an error would keep `migrate` from mending anything.
    """
    if not databases:
        return []
    try:
        version = ModelVersion.objects.active()
    except DatabaseError:
        return []
    try:
        if version is not None:
            read_bundle(settings.MODELS_STORE / version.name, version.pins)
    except RecognitionError as error:
        hint = "Put the file back, or let another version serve: `manage.py rollback` or `manage.py promote VERSION`."
        return [Warning(f"The active model version {version}: {error.message}", hint=hint, id="analysis.W003")]
    return []
