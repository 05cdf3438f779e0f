"""The one error that leaves learning, and the one way of stopping it."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.recognition.errors import Value, gettext_noop, in_english

AT_LEAST = gettext_noop("%(name)s is %(value)s. It must be %(least)s or more.")
NOT_ONE_OF = gettext_noop("%(name)s is “%(value)s”. It must be one of these: %(known)s.")


class LearningError(Exception):
    """Data, a configuration or a checkpoint does not fit; `message`, which `str()` returns too, says so in English.

    `text` and `hint`, a further sentence, are marked by `gettext_noop` where a run, an export, an import or a form can
    meet them; `values` are those that `text` names.
    """

    code = "learning_failed"

    def __init__(self, text: str, *, hint: str = "", **values: Value) -> None:
        self.message = f"{in_english(text, values)} {hint}".strip()
        super().__init__(self.message)
        self.text, self.hint, self.values = text, hint, values


class TrainingStopped(Exception):  # nothing went wrong
    """Raised by a callback to stop a training between two batches; what was learnt is kept."""


def not_one_of(name: str, value: str, known: Sequence[str]) -> LearningError:
    """Return the error of a setting that has to be one of the `known` words."""
    return LearningError(NOT_ONE_OF, name=name, value=value, known=", ".join(known))
