"""Backup of an installation in one tar archive, which `ferproject.backup.restore` restores.

It holds `files/` from the media folder, `models/` from the model store, both with a bucket from there too,
`secret_key`, the database, and last `manifest.json`, without which it is incomplete. The site may run meanwhile: files
are written before the rows that name them, so files that changed are added once more after the database's snapshot,
and every row finds its files. Of a file that is in the archive twice, the later one counts.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from ferproject.backup.databases import BackupError, SiteDatabase, site_database
from ferproject.file_storage import Bucket, StoredFile, site_bucket

FORMAT = 1
MANIFEST, SECRET_KEY = "manifest.json", "secret_key"
FILES, MODELS = "files", "models"
CHECKPOINTS = "training"
"""Not in the archive; of a bucket, whose other top folders are."""


@dataclass(frozen=True)
class Manifest:
    """Contents of an archive: `files` maps each name to its SHA-256, `rows` each table to its number of rows."""

    made_at: str
    rows: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def create_backup(destination: Path) -> tuple[Path, Manifest]:
    """Write an archive to `destination`, or into it if it is a folder; return its path and its manifest.

    Raises `BackupError` for a database of another kind, for an existing file, and for an archive that cannot be
    written, for example because the disk is full.
    """
    database = site_database()
    path = destination
    if destination.is_dir():
        path = destination / f"expressions-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    elif not destination.parent.is_dir():
        raise BackupError(f"{destination.parent}: expected a folder that exists.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _open_private(partial) as handle, tarfile.open(fileobj=handle, mode="w") as tar:
            manifest = _fill(_Archive(tar), database)
        _rename(partial, path)
    except FileExistsError as error:
        raise BackupError(f"{path}: there is something of this name already.") from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{path}: the backup failed, and nothing of it is kept; {error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return path, manifest


def _open_private(path: Path) -> IO[bytes]:
    """Open a file that only its owner can read: it will hold photos and the key that signs sessions."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise BackupError(f"{path.parent}: expected a folder that can be written; {error.strerror}.") from error


def _rename(partial: Path, path: Path) -> None:
    """Rename a finished archive without replacing an existing file."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:
        # exFAT and SMB have no hard links: reserve the name with an empty file, then replace that.
        path.touch(mode=0o600, exist_ok=False)
        partial.replace(path)


class _Archive:
    """A tar being filled, with its manifest; a file is added again only if it changed since."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), {})
        self._tar = tar
        self._states: dict[str, tuple[int, ...]] = {}

    def add_tree(self, name: str, root: Path) -> None:
        for path in sorted(root.rglob("*")):
            inside = f"{name}/{path.relative_to(root).as_posix()}"
            # Files with a leading dot are still being written.
            if path.is_file() and not any(part.startswith(".") for part in Path(inside).parts):
                self.add_file(inside, path)

    def add_file(self, name: str, path: Path) -> None:
        try:
            if self._states.get(name) == _state(path.stat()):
                return
            handle = path.open("rb")
        except FileNotFoundError:
            return  # deleted by its owner since it was listed
        with handle:
            # Taken before reading: a later write changes the state and the file is added again.
            status = os.fstat(handle.fileno())
            self._states[name] = _state(status)
            reader = _HashingReader(handle, status.st_size)
            self._add(name, reader, status.st_size, status.st_mtime)
        self.manifest.files[name] = reader.sha256.hexdigest()

    def add_bucket(self, bucket: Bucket) -> None:
        """Add what is in a bucket but for checkpoints, each object as it arrives."""
        for page in bucket.pages(""):
            for file in page:
                top, *folders, last = file.name.split("/")
                if top == MODELS:
                    # Named after their SHA-256, which a folder of the store has not.
                    self._add_object(f"{MODELS}/{folders[0]}/{last}", file, bucket)
                elif top != CHECKPOINTS:
                    self._add_object(f"{FILES}/{file.name}", file, bucket)

    def _add_object(self, name: str, file: StoredFile, bucket: Bucket) -> None:
        state = file.size, round(file.modified_at.timestamp())
        if self._states.get(name) == state:
            return
        try:
            handle = bucket.open(file.name)
        except FileNotFoundError:
            return  # deleted by its owner since it was listed
        with handle:
            self._states[name] = state
            reader = _HashingReader(handle, file.size)
            self._add(name, reader, file.size, file.modified_at.timestamp())
        self.manifest.files[name] = reader.sha256.hexdigest()

    def add_bytes(self, name: str, data: bytes) -> None:
        self._add(name, io.BytesIO(data), len(data))

    def _add(self, name: str, content: io.IOBase, size: int, modified: float = 0) -> None:
        information = tarfile.TarInfo(name)
        information.size, information.mtime, information.mode = size, modified, 0o600
        self._tar.addfile(information, content)


def _state(status: os.stat_result) -> tuple[int, ...]:
    """Return values that differ once a file has changed."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def _fill(archive: _Archive, database: SiteDatabase) -> Manifest:
    manifest = archive.manifest
    _add_files(archive)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR_DIR) as folder:
        snapshot = Path(folder) / database.file
        manifest.rows.update(database.snapshot(snapshot))
        archive.add_file(database.file, snapshot)
    # Files that are new or were incomplete the first time.
    _add_files(archive)
    key = settings.SECRET_KEY.encode()
    manifest.files[SECRET_KEY] = hashlib.sha256(key).hexdigest()
    archive.add_bytes(SECRET_KEY, key)
    archive.add_bytes(MANIFEST, json.dumps(vars(manifest), indent=1).encode())
    return manifest


def _add_files(archive: _Archive) -> None:
    archive.add_tree(MODELS, Path(settings.MODELS_STORE))
    if (bucket := site_bucket()) is not None:
        archive.add_bucket(bucket)
    else:
        archive.add_tree(FILES, Path(settings.MEDIA_ROOT))


class _HashingReader(io.RawIOBase):
    """Reads exactly `size` bytes and hashes them; a file that has shrunk is padded with zeros."""

    def __init__(self, handle: IO[bytes], size: int) -> None:
        self._handle, self._remaining = handle, size
        self.sha256 = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        wanted = self._remaining if count < 0 else min(count, self._remaining)
        data = self._handle.read(wanted).ljust(wanted, b"\0")
        self._remaining -= wanted
        self.sha256.update(data)
        return data
