"""The error that recognition raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Value = str | int | float


class RecognitionError(Exception):
    """Recognition failed; `message` is written for the user, in English.

    `code` is a stable snake_case name that clients may test; `retryable` says whether the same input may succeed later.
    `text` and `hint`, a further sentence, are marked by `gettext_noop`; `values` are those that `text` names.
    """

    def __init__(self, code: str, text: str, *, hint: str = "", retryable: bool = False, **values: Value) -> None:
        self.message = f"{in_english(text, values)} {hint}".strip()
        super().__init__(self.message)
        self.code, self.text, self.hint, self.values = code, text, hint, values
        self.retryable = retryable

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments of an equal error, for another process."""
        return {"code": self.code, "text": self.text, "hint": self.hint, "retryable": self.retryable, **self.values}


def gettext_noop(text: str) -> str:
    """Return `text`; the call marks it for translation by a caller that shows it."""
    return text


NOT_INSTALLED = gettext_noop("%(library)s is not installed. Install it with `pip install %(package)s`.")


def in_english(text: str, values: Mapping[str, Value]) -> str:
    """Return `text` with its named `values`: whole numbers as 1,234 and others with one decimal."""
    shown = {name: value if isinstance(value, str) else f"{value:,.{digits(value)}f}" for name, value in values.items()}
    return text % shown if values else text


def digits(value: float) -> int:
    """Return how many decimals of a number are shown, 0 or 1."""
    return 0 if round(value, 1) == round(value) else 1


@contextmanager
def optional(library: str, *, package: str) -> Iterator[None]:
    """Import a library that not everybody has; raise `RecognitionError` of code "not_installed" where it is missing.

    `package` is its name for pip.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise RecognitionError("not_installed", NOT_INSTALLED, library=library, package=package) from error
