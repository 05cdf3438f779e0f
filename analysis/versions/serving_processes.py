"""Processes that serve, in rows: with a bucket, a version is promoted once each live one has its files."""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext

from analysis.errors import VersionError
from analysis.recognition.bundle import read_bundle
from analysis.recognition.errors import RecognitionError
from analysis.versions.lookup import PinnedVersion
from analysis.versions.models import ModelVersion, ServingProcess
from analysis.versions.store import version_folder
from ferproject.file_storage import site_bucket
from ferproject.queue.processes import identify_process

LIVE_FOR = dt.timedelta(seconds=10)
"""A process that reported nothing for so long does not serve."""
WAIT_SECONDS = 20.0
"""Longer than `LIVE_FOR`, so that a promotion outlasts a process that was killed."""
POLL_SECONDS = 0.5
KEPT_FOR = dt.timedelta(hours=1)


def report_process(store: Path, announced: PinnedVersion | None) -> None:
    """Write, with a bucket, that this process serves, and fetch the version that is about to be promoted, if any."""
    if site_bucket() is None:
        return
    row = ServingProcess(process=identify_process(os.getpid()), host=f"{socket.gethostname()}, process {os.getpid()}")
    changed = ["seen_at"]
    if announced is not None:
        row.prepared, row.problem = _prepare(store, announced)
        changed += ["prepared", "problem"]
        row.seen_at = timezone.now()
    ServingProcess.objects.bulk_create([row], update_conflicts=True, unique_fields=["process"], update_fields=changed)


def _prepare(store: Path, version: PinnedVersion) -> tuple[str, str]:
    """Return the version's name and "", or "" and why it could not be fetched."""
    try:
        read_bundle(version_folder(store, version.name, version.pins), version.pins)
    except RecognitionError as error:
        return "", error.message[:255]
    return version.name, ""


def await_processes(version: ModelVersion) -> None:
    """Ask each live process to fetch `version`, and wait until all have; raise `VersionError` with those that have not.

    Its code is "files_not_everywhere".
    """
    if site_bucket() is None:
        return
    ServingProcess.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR).delete()
    # Those that prepared it before may have removed it since.
    ServingProcess.objects.filter(prepared=version.name).update(prepared="")
    until = time.monotonic() + WAIT_SECONDS
    while True:
        now = timezone.now()
        ModelVersion.objects.filter(pk=version.pk).update(announced_at=now)
        missing = ServingProcess.objects.filter(seen_at__gt=now - LIVE_FOR).exclude(prepared=version.name)
        if not missing.exists():
            return
        if time.monotonic() > until:
            named = "; ".join(f"{row.host}{f' ({row.problem})' if row.problem else ''}" for row in missing)
            message = gettext(
                "Some processes do not have the files of %(version)s yet, so nothing was changed: %(processes)s."
            )
            values = {"version": version, "processes": named}
            raise VersionError("files_not_everywhere", message % values, retryable=True)
        time.sleep(POLL_SECONDS)
