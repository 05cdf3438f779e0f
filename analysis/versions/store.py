"""Folders of model versions: in `MODELS_STORE`; with `S3_BUCKET` trained ones in the bucket and in each host's cache.

A version's objects are named after their SHA-256, so that none is ever replaced by another one.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from analysis.recognition.bundle import FILES, check_name, file_sha256, not_as_pinned
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.versions.models import ModelVersion
from ferproject.file_storage import Bucket, site_bucket
from ferproject.storage_errors import BucketError

FOLDER = "models"
NEW_SECONDS = 3600
logger = logging.getLogger(__name__)


def trained_store() -> Path:
    """Return the folder into which trainings write versions."""
    return settings.MODELS_STORE if site_bucket() is None else Path(settings.VAR_DIR) / "cache" / FOLDER


def version_folder(store: Path, name: str, pins: Mapping[str, str]) -> Path:
    """Return a version's folder in `store`, or fetched from the bucket; the caller verifies its files.

    Raises `RecognitionError` of code "model_missing" or "model_corrupt" where it cannot be fetched as pinned.
    """
    folder, bucket = store / check_name(name), site_bucket()
    if bucket is None or folder.is_dir():
        return folder
    cached = trained_store() / name
    if not is_pinned(cached, pins):
        _fetch(bucket, cached, pins)
    return cached


def is_pinned(folder: Path, pins: Mapping[str, str]) -> bool:
    """Return whether a folder has all files of a version as pinned."""
    try:
        return all(file_sha256(folder / file) == pins[file] for file in FILES)
    except OSError:
        return False


def publish_version(folder: Path, pins: Mapping[str, str]) -> None:
    """Copy a version's files to the bucket, if there is one."""
    bucket = site_bucket()
    if bucket is not None:
        for file in FILES:
            bucket.upload(_key(folder.name, file, pins), folder / file)


def remove_version(name: str) -> None:
    """Remove a version's files from the bucket and from this host; others remove theirs by `remove_unregistered`."""
    for store in {settings.MODELS_STORE, trained_store()}:
        shutil.rmtree(store / check_name(name), ignore_errors=True)
    if (bucket := site_bucket()) is not None:
        bucket.delete_all(f"{FOLDER}/{name}/")


def remove_unregistered() -> None:
    """Remove from this host's cache the versions that were deleted."""
    if site_bucket() is None:
        return
    # A training registers its version soon after it has written the folder.
    cached = {path.name for path in trained_store().glob("*") if time.time() - path.stat().st_mtime > NEW_SECONDS}
    if cached:
        for name in cached - set(ModelVersion.objects.filter(name__in=cached).values_list("name", flat=True)):
            shutil.rmtree(trained_store() / name, ignore_errors=True)


def publish_local() -> None:
    """Copy the trained versions in this host's store that the bucket lacks, as of a site that had no bucket."""
    bucket = site_bucket()
    if bucket is None:
        return
    try:
        for version in ModelVersion.objects.filter(origin=ModelVersion.Origin.TRAINED):
            folder = settings.MODELS_STORE / version.name
            if is_pinned(folder, version.pins) and not bucket.exists(_key(folder.name, FILES[-1], version.pins)):
                publish_version(folder, version.pins)
    except BucketError as error:
        logger.warning("Model versions could not be copied to the bucket: %s", error)


def _fetch(bucket: Bucket, folder: Path, pins: Mapping[str, str]) -> None:
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        beside.mkdir(mode=0o700, parents=True)
        for file in FILES:
            bucket.download(_key(folder.name, file, pins), beside / file)
            if (found := file_sha256(beside / file)) != pins[file]:
                raise not_as_pinned(folder / file, pins[file], found)
        # What is there is not as pinned.
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except OSError as error:
        # Another process of this host may have fetched it meanwhile.
        if not is_pinned(folder, pins):
            logger.warning("The model version %s could not be fetched: %s", folder.name, error)
            text = gettext_noop("The files of %(version)s could not be fetched from the bucket. See the server’s log.")
            raise RecognitionError("model_missing", text, version=folder.name) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _key(name: str, file: str, pins: Mapping[str, str]) -> str:
    return f"{FOLDER}/{name}/{pins[file]}/{file}"
