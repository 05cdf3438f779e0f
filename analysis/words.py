"""Names of what `analysis.recognition` identifies by English words, in the active language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

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

CORRECTION_NAMES = {
    **EMOTION_NAMES,
    "cannot_tell": gettext_lazy("cannot tell"),
    "not_a_face": gettext_lazy("not a face"),
}
"""Names of what a person can say of a face, as within a sentence."""

QUALITY_NAMES = {
    "small": pgettext_lazy("face", "small"),
    "blurred": pgettext_lazy("face", "blurred"),
    "dark": pgettext_lazy("face", "dark"),
    "turned": pgettext_lazy("face", "turned to the side"),
    "bowed": pgettext_lazy("face", "tilted down"),
    "raised": pgettext_lazy("face", "tilted up"),
    "cut": pgettext_lazy("face", "cut off"),
}
"""What a face is according to its `QualityWarning`s but "close", after "the face is"."""
