"""The errors that leave this app's services; recognition's own passes through them unchanged."""

from __future__ import annotations


class AnalysisError(Exception):
    """What was asked for was not done; `message` is written for the person who asked.

    `code` is a stable snake_case name that clients may test; `retryable` says whether the same request may be
    granted later.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class PhotoError(AnalysisError):
    """A photo could not be kept."""


class ConsentError(AnalysisError):
    """A consent could not be recorded."""


class CorrectionError(AnalysisError):
    """A correction could not be made or reviewed."""


class ReanalysisError(AnalysisError):
    """A history could not be analysed again."""


class VersionError(AnalysisError):
    """A model version could not be registered, promoted, rolled back or deleted; nothing was changed."""


class SessionError(AnalysisError):
    """A session could not be started, gone on with or changed."""
