"""Restore an archive made by `ferproject.backup.create`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management import call_command

from ferproject.backup import create as backup
from ferproject.backup.create import Manifest
from ferproject.backup.databases import BackupError, SiteDatabase, site_database
from ferproject.file_storage import site_bucket


def restore_backup(archive: Path, *, force: bool = False) -> tuple[Manifest, Path | None]:
    """Replace database, files and model versions; return the archive's manifest and the folder of the replaced ones.

    Nothing is changed before the whole archive is unpacked and checked against its manifest. Raises `BackupError` for
    an archive that is damaged, incomplete, of a later format or of another kind of database, for an existing database
    without `force`, and for files that cannot be moved.
    """
    database = site_database()
    if database.exists() and not force:
        raise BackupError(f"{database} exists: give --force to put it aside and restore over it.")
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.VAR_DIR) as folder:
        manifest = _unpack(archive, Path(folder))
        if database.file not in manifest.files:
            raise BackupError(f"{archive}: expected {database.file}; it holds another kind of database.")
        replaced = _move_aside(database)
        try:
            _move_into_place(Path(folder), database)
        except (OSError, BackupError) as error:
            before = f" What was there before is in {replaced}." if replaced else ""
            raise BackupError(f"Not all is in place: {error}. Give the same command again.{before}") from error
    call_command("migrate", verbosity=0)
    return manifest, replaced


def _unpack(path: Path, folder: Path) -> Manifest:
    """Unpack an archive into `folder` and compare every file with the manifest."""
    try:
        with tarfile.open(path, "r:*") as archive:
            archive.extractall(folder, filter="data")
        manifest = _read_manifest(folder / backup.MANIFEST)
    except FileNotFoundError as error:
        raise BackupError(f"{path}: expected a backup, which ends in {backup.MANIFEST}; {error}") from error
    except (tarfile.TarError, EOFError, OSError, ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{path}: expected a backup made by `manage.py backup`; {error}") from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise BackupError(f"{path}: {name} is missing or damaged; nothing was restored.")
    return manifest


def _read_manifest(path: Path) -> Manifest:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if values["format"] != backup.FORMAT:
        raise ValueError(f"format: expected {backup.FORMAT}; got {values['format']} (a later program may read it)")
    manifest = Manifest(**values)
    for name in manifest.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"expected names inside the archive; got {name!r}")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _move_aside(database: SiteDatabase) -> Path | None:
    """Move what is there into one folder and return it, None if there is nothing."""
    media = Path(settings.MEDIA_ROOT)
    if not media.exists() and not database.has_remains():
        return None
    replaced = Path(tempfile.mkdtemp(prefix=f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}-", dir=settings.VAR_DIR))
    database.put_aside(replaced)
    for path in [media, _key_path()]:
        if path.exists():
            shutil.move(path, replaced / path.name)
    return replaced


def _move_into_place(unpacked: Path, database: SiteDatabase) -> None:
    _restore_files(unpacked / backup.FILES)
    for version in sorted((unpacked / backup.MODELS).glob("*/")):
        # A version's files never change, so an existing one is the same, or shipped with this program.
        if not (target := Path(settings.MODELS_STORE) / version.name).exists():
            shutil.move(version, target)
    if "SECRET_KEY" not in os.environ:
        shutil.move(unpacked / backup.SECRET_KEY, _key_path())
    # Last: while there is no database, the same command may be repeated.
    database.restore(unpacked / database.file)


def _restore_files(folder: Path) -> None:
    """Move the files into place, or copy them to the bucket, where others stay until the next sweep."""
    bucket = site_bucket()
    if bucket is None and folder.exists():
        _move(folder, Path(settings.MEDIA_ROOT))
    elif bucket is not None:
        for path in folder.rglob("*"):
            if path.is_file():
                bucket.upload(path.relative_to(folder).as_posix(), path)


def _move(source: Path, target: Path) -> None:
    # `shutil.move` would move into an existing folder.
    if target.exists():
        raise FileExistsError(f"{target} is there again, as if the site were running")
    shutil.move(source, target)


def _key_path() -> Path:
    return Path(settings.VAR_DIR) / backup.SECRET_KEY
