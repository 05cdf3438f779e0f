"""Which class a folder's or a column's name means: FER-2013's words, and the numbers of other data sets."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.errors import LearningError

SKIP = "skip"
Classes = Mapping[str, int | None]
"""Label by lower-case name; None: pictures of that name are skipped."""

_SYNONYMS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "afraid", "scared"),
    "happy": ("happiness", "joy"),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": ("neutrality", "calm"),
}
WORDS: Classes = {
    word: index for index, emotion in enumerate(EMOTIONS) for word in (emotion.value, *_SYNONYMS[emotion.value])
}
_NUMBERED = {
    # Mollahosseini et al., "AffectNet" (2017).
    "affectnet": (0, ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", SKIP)),
    # Li and Deng, "Reliable Crowdsourcing and Deep Locality-Preserving Learning" (2017).
    "rafdb": (1, ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")),
}
_NUMBER_BEFORE_WORD = re.compile(r"\d+[ _.-]+(?=[a-z])")


def find_label(name: str, classes: Classes) -> int | None:
    """Return the label of a name such as "happy", "0_angry" or one of `classes`, None to skip it.

    Raises `KeyError` for an unknown name.
    """
    lower = name.strip().lower()
    if lower in classes:
        return classes[lower]
    return classes[_NUMBER_BEFORE_WORD.sub("", lower, count=1)]


def read_classes(source: str | None) -> Classes:
    """Return the classes by name: FER-2013's words, and those of `source`: "affectnet", "rafdb" or a CSV file.

    The file has a name and a class in each row, one of the seven or "skip". Raises `LearningError` naming the row.
    """
    if not source:
        return WORDS
    if source in _NUMBERED:
        first, words = _NUMBERED[source]
        numbered = {str(number): _label(word) for number, word in enumerate(words, start=first)}
        return {**WORDS, "contempt": None, **numbered}
    found: dict[str, int | None] = dict(WORDS)
    try:
        with Path(source).open(encoding="utf-8-sig", newline="") as handle:
            for number, row in enumerate(csv.reader(handle), start=1):
                values = [value.strip().lower() for value in row]
                if not any(values) or (number == 1 and values == ["name", "class"]):
                    continue
                if len(values) != 2 or values[1] not in (*WORDS, SKIP):
                    text = gettext_noop(
                        "Row %(row)s of %(file)s must have a name and one of these: %(known)s. It has “%(found)s”."
                    )
                    known = ", ".join((*EMOTIONS, SKIP))
                    raise LearningError(text, row=number, file=source, known=known, found=",".join(row)[:60])
                found[values[0]] = _label(values[1])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        text = gettext_noop("The classes in %(file)s could not be read. (%(error)s)")
        hint = gettext_noop("Choose affectnet, rafdb, or a CSV of name and class.")
        raise LearningError(text, file=source, error=str(error), hint=hint) from error
    return found


def _label(word: str) -> int | None:
    return None if word == SKIP else WORDS[word]
