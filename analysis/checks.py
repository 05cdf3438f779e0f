"""What `manage.py check` says about this app's surroundings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from analysis.recognition.bundle import shipped_default
from analysis.recognition.detectors import DETECTORS
from analysis.recognition.errors import RecognitionError


def check_active_model(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The model that serves is there and is, byte for byte, the one that was pinned."""
    try:
        shipped_default(settings.MODELS_STORE)
    except RecognitionError as error:
        return [Error(error.message, hint="Until then photos are refused with this message.", id="analysis.E001")]
    return []


def check_detector(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """FACE_DETECTOR names one that exists and has what it needs."""
    if settings.FACE_DETECTOR not in DETECTORS:
        expected = ", ".join(DETECTORS)
        return [Error(f"FACE_DETECTOR: expected one of {expected}; got {settings.FACE_DETECTOR!r}", id="analysis.E002")]
    return []
