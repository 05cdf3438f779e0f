"""Errors of this app's services, and what to do about libraries that are not installed."""

from __future__ import annotations

import sys

from ferproject.errors import ServiceError

TRAINING_LIBRARIES = {"h5py", "keras", "tensorflow"}


class RunError(ServiceError):
    """A run, an export or an import could not be started or changed; `received` bytes of an upload are here."""

    received: int | None = None


def missing_library(error: BaseException) -> str:
    """Return what to install where an import failed because this host lacks what only training needs, else ""."""
    if not isinstance(error, ModuleNotFoundError) or (error.name or "").partition(".")[0] not in TRAINING_LIBRARIES:
        return ""
    return (
        f"{error.name} is not installed on this server. Training needs it. "
        f"Install it with: {sys.executable} -m pip install --require-hashes -r requirements.lock"
    )
