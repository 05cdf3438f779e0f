"""The error that recognition raises."""

from __future__ import annotations


class RecognitionError(Exception):
    """Recognition failed; `message` is written for the user.

    `code` is a stable snake_case name that clients may test; `retryable` says whether the same input may succeed later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
