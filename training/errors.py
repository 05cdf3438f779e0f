"""The one error that leaves the services of runs."""

from __future__ import annotations


class RunError(Exception):
    """A run cannot be started or changed so; `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
