"""The error that recognition raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class RecognitionError(Exception):
    """Recognition failed; `message` is written for the user.

    `code` is a stable snake_case name that clients may test; `retryable` says whether the same input may succeed later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


@contextmanager
def optional(library: str, *, package: str) -> Iterator[None]:
    """Import a library that not everybody has; raise `RecognitionError` of code "not_installed" where it is missing.

    `package` is its name for pip.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = f"{library} is not installed; install it with `pip install {package}`."
        raise RecognitionError("not_installed", message) from error
