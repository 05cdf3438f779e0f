"""Why runs wait, failed or stopped: rows store it in English, and it is translated where it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from analysis.recognition.errors import RecognitionError
from ferproject.errors import translated_message
from training.learning.errors import LearningError

NOT_STARTED = gettext_noop("The training process could not be started: %(error)s")
WORKER_STOPPED = gettext_noop("Its worker was stopped. It continues from its last checkpoint.")
ENDED = gettext_noop("Its process on %(host)s ended without a message.")
SILENT = gettext_noop("Its process on %(host)s sent nothing for %(seconds)s seconds.")
CONTINUES = gettext_noop("It continues from its last checkpoint.")
RESUME = gettext_noop("Continue it from its last checkpoint with `manage.py train ... --resume`, or resume it here.")
EXITED = gettext_noop("The training process ended with status %(status)s: %(message)s.")
KILLED = gettext_noop("The training process was ended by %(signal)s.")
KILLED_PERHAPS_MEMORY = gettext_noop(
    "The training process was ended by %(signal)s. The machine may have run out of memory."
)
OFTEN = gettext_noop("This happened %(count)s times before an epoch was finished.")
OUT_OF_MEMORY = gettext_noop("The machine ran out of memory. Try a smaller batch size, or close other programs.")
TRIED = gettext_noop("It was tried %(count)s times.")
UNEXPECTED = gettext_noop("An unexpected error occurred; see the log. %(error)s")

_TEXTS = (
    NOT_STARTED,
    WORKER_STOPPED,
    ENDED,
    SILENT,
    CONTINUES,
    RESUME,
    EXITED,
    KILLED_PERHAPS_MEMORY,
    KILLED,
    OFTEN,
    OUT_OF_MEMORY,
    TRIED,
    UNEXPECTED,
)
_PATTERNS = [
    (text, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(text)), re.DOTALL)) for text in _TEXTS
]


def parts_of(error: Exception) -> dict[str, Any] | None:
    """Return the text, hint and values of an error of learning or recognition, as rows store them; of others None."""
    if not isinstance(error, LearningError | RecognitionError):
        return None
    return {"text": error.text, "hint": error.hint, "values": error.values}


def in_active_language(stored: str, parts: Mapping[str, Any] | None = None) -> str:
    """Return a stored reason in the active language, by its `parts` or as one or several of the texts above.

    Any other is returned as it is stored.
    """
    if stored and parts is not None:
        return translated_message(LearningError(parts["text"], hint=parts["hint"], **parts["values"]))
    for text, pattern in _PATTERNS:
        if found := pattern.fullmatch(stored):
            return gettext(text) % found.groupdict()
    for text, pattern in _PATTERNS:
        if found := re.match(f"(?:{pattern.pattern}) (?=[A-Z])", stored, re.DOTALL):
            rest = in_active_language(stored[found.end() :])
            return f"{gettext(text) % found.groupdict()} {rest}"
    return stored
