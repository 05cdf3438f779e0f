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


class HistoryError(AnalysisError):
    """A question about the history cannot be answered as it was asked."""


class VideoError(AnalysisError):
    """A video could not be taken, analysed, cancelled or tried again.

    `received` tells an upload how many bytes are here, where the next part was expected elsewhere.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, received: int | None = None) -> None:
        super().__init__(code, message, retryable=retryable)
        self.received = received


class VersionError(AnalysisError):
    """A model version could not be registered, promoted, rolled back or deleted; nothing was changed."""


class SessionError(AnalysisError):
    """A session could not be started, gone on with or changed."""


class IdempotencyError(AnalysisError):
    """A request with this key was sent before: another one, or this one, which is still worked on."""
