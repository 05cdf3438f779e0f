"""Names of what `analysis.recognition` identifies by English words, in the active language."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

EMOTION_NAMES = {
    "angry": pgettext_lazy("expression", "angry"),
    "disgust": pgettext_lazy("expression", "disgust"),
    "fear": pgettext_lazy("expression", "fear"),
    "happy": pgettext_lazy("expression", "happy"),
    "sad": pgettext_lazy("expression", "sad"),
    "surprise": pgettext_lazy("expression", "surprise"),
    "neutral": pgettext_lazy("expression", "neutral"),
}
"""Names of `EMOTIONS` for people, in the active language, as within a sentence."""
