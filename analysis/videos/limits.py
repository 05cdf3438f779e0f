"""Limits of a video's length and of the pixels of its frames."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, ngettext

from analysis.errors import VideoError
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.head import read_head
from ferproject import numbers
from ferproject.errors import translated_message


def check_head(data: bytes) -> None:
    """Raise `VideoError` where a video's first bytes state a longer video, or more pixels, than are accepted."""
    stated = read_head(data)
    if stated is None:
        return
    check_length(stated.seconds)
    try:
        stated.check(settings.VIDEO_MAX_PIXELS)
    except RecognitionError as error:
        raise VideoError(error.code, translated_message(error)) from error


def check_length(seconds: float) -> None:
    """Raise `VideoError` for a video that lasts longer than is accepted."""
    if seconds > settings.VIDEO_MAX_SECONDS:
        message = gettext("This video is %(length)s or longer. Videos can be up to %(limit)s.")
        values = {"length": minutes(seconds), "limit": minutes(settings.VIDEO_MAX_SECONDS)}
        raise VideoError("too_long", message % values)


def minutes(seconds: float) -> str:
    """Return 95.2 as "1:35 minutes", 30 as "30 seconds" and 1800 as "30 minutes", in the active language."""
    whole = int(seconds)
    if whole < 60:
        return ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": numbers.number(whole)}
    if whole % 60 == 0:
        return ngettext("%(count)s minute", "%(count)s minutes", whole // 60) % {"count": numbers.number(whole // 60)}
    return gettext("%(time)s minutes") % {"time": f"{whole // 60}:{whole % 60:02d}"}


def megabytes(size: int) -> str:
    """Return 25_300_000 as "25.3" and 500_000_000 as "500", in the active language."""
    millions = round(size / 1_000_000, 1)
    return numbers.number(millions, digits=0 if millions.is_integer() else 1)
