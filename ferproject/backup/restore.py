"""An archive made by `ferproject.backup.create`, checked and put in place of what is there."""

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
from django.db import connection

from ferproject.backup.create import (
    DATABASE,
    FILES,
    FORMAT,
    MANIFEST,
    MODELS,
    SECRET_KEY,
    BackupError,
    Manifest,
    sqlite_path,
)


def restore(archive: Path, *, force: bool = False) -> tuple[Manifest, Path | None]:
    """Put an archive's database, files and model versions in place; return what it holds and where the old ones went.

    Nothing is touched before the whole archive has been unpacked and compared with its manifest. Raises `BackupError`
    for an archive that is damaged or incomplete, for one of a later program, without `force` where there is a database
    already, and where something cannot be moved.
    """
    database = sqlite_path()
    if database.exists() and not force:
        raise BackupError(f"{database} exists: give --force to put it aside and restore over it.")
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.VAR_DIR) as folder:
        manifest = _unpack(archive, Path(folder))
        aside = _put_aside(database)
        try:
            _put_in_place(Path(folder), database)
        except OSError as error:
            before = f" What was there before lies in {aside}." if aside else ""
            raise BackupError(f"Not all is in place: {error}. Give the same command again.{before}") from error
    call_command("migrate", verbosity=0)
    return manifest, aside


def _unpack(path: Path, folder: Path) -> Manifest:
    """Unpack an archive into `folder` and compare every file with the manifest."""
    try:
        with tarfile.open(path, "r:*") as archive:
            archive.extractall(folder, filter="data")
        manifest = _read_manifest(folder / MANIFEST)
    except FileNotFoundError as error:
        raise BackupError(f"{path}: expected a backup, which ends in {MANIFEST}; {error}") from error
    except (tarfile.TarError, EOFError, OSError, ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{path}: expected a backup made by `manage.py backup`; {error}") from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise BackupError(f"{path}: {name} is missing or damaged; nothing was restored.")
    return manifest


def _read_manifest(path: Path) -> Manifest:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if values["format"] != FORMAT:
        raise ValueError(f"format: expected {FORMAT}; got {values['format']} (a later program may read it)")
    manifest = Manifest(**values)
    for name in manifest.files:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"expected names inside the archive; got {name!r}")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _put_aside(database: Path) -> Path | None:
    """Move what is there into one folder; return it, or None where there was nothing.

    Also where there is no database: a log left without its database would be replayed into the next one beside it.
    """
    connection.close()
    old = [path for path in [*_database_files(database), Path(settings.MEDIA_ROOT)] if path.exists()]
    if not old:
        return None
    aside = Path(tempfile.mkdtemp(prefix=f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}-", dir=settings.VAR_DIR))
    for path in [*old, _key_path()]:
        if path.exists():
            shutil.move(path, aside / path.name)
    return aside


def _put_in_place(unpacked: Path, database: Path) -> None:
    if (unpacked / FILES).exists():
        _move(unpacked / FILES, Path(settings.MEDIA_ROOT))
    for version in sorted((unpacked / MODELS).glob("*/")):
        # A version's files never change, so one that is there is the same, or belongs to this program.
        if not (target := Path(settings.MODELS_STORE) / version.name).exists():
            shutil.move(version, target)
    if "SECRET_KEY" not in os.environ:
        shutil.move(unpacked / SECRET_KEY, _key_path())
    for path in _database_files(database):
        _expect_nothing(path)
    # Last: as long as there is no database, the same command may be given again.
    _move(unpacked / DATABASE, database)


def _move(source: Path, target: Path) -> None:
    """Move something to where nothing is: into a folder that is there, it would be moved inside."""
    _expect_nothing(target)
    shutil.move(source, target)


def _expect_nothing(path: Path) -> None:
    if path.exists():
        raise FileExistsError(f"{path} is there again, as if the site were running")


def _database_files(database: Path) -> list[Path]:
    return [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]


def _key_path() -> Path:
    return Path(settings.VAR_DIR) / SECRET_KEY
