"""The one error that leaves this app's services; recognition's own passes through them unchanged."""

from __future__ import annotations


class PhotoError(Exception):
    """A photo could not be kept; `message` is written for the person who sent it.

    `code` is a stable snake_case name that clients may test; `retryable` says whether the same photo may be
    accepted later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
