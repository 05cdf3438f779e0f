"""Limits of a video's length and of the pixels of its frames."""

from __future__ import annotations

from django.conf import settings

from analysis.errors import VideoError
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.head import read_head


def check_head(data: bytes) -> None:
    """Raise `VideoError` where a video's first bytes state a longer video, or more pixels, than are accepted."""
    stated = read_head(data)
    if stated is None:
        return
    check_length(stated.seconds)
    try:
        stated.check(settings.VIDEO_MAX_PIXELS)
    except RecognitionError as error:
        raise VideoError(error.code, error.message) from error


def check_length(seconds: float) -> None:
    """Raise `VideoError` for a video that lasts longer than is accepted."""
    if seconds > settings.VIDEO_MAX_SECONDS:
        length, limit = minutes(seconds), minutes(settings.VIDEO_MAX_SECONDS)
        raise VideoError("too_long", f"This video lasts {length} or longer; {limit} is the most.")


def minutes(seconds: float) -> str:
    """Return 95.2 as "1:35 minutes"."""
    whole = int(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}" if whole < 60 else f"{whole // 60}:{whole % 60:02d} minutes"
