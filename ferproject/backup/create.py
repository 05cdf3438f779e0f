"""Everything an installation holds, in one archive; `ferproject.restore` brings it back.

The archive is a tar: `files/` from the media folder, `models/` from the model store, `secret_key`, `database.sqlite3`,
and last `manifest.json`, without which it is not whole. The site may serve meanwhile: files are written before the rows
that name them, so those that are new or changed are copied once more after the database's snapshot, and each row finds
its files whole. Of a file that is in the archive twice the later one counts.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

FORMAT = 1
MANIFEST, DATABASE, SECRET_KEY = "manifest.json", "database.sqlite3", "secret_key"
FILES, MODELS = "files", "models"


class BackupError(Exception):
    """A backup that cannot be made or restored; the message is for the person at the shell."""


@dataclass(frozen=True)
class Manifest:
    """What an archive holds: `files` maps each name to its SHA-256, `rows` each table to its number of rows."""

    made_at: str
    rows: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def back_up(destination: Path) -> tuple[Path, Manifest]:
    """Write an archive to `destination`, or into it where it is a folder; return its path and what it holds.

    Raises `BackupError` for another database than SQLite, where something of that name exists already, and where
    the archive cannot be written, as on a full disk.
    """
    database = sqlite_path()
    path = _archive_path(destination)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _open_new(partial) as handle, tarfile.open(fileobj=handle, mode="w") as tar:
            manifest = _fill(_Archive(tar), database)
        _give_name(partial, path)
    except FileExistsError as error:
        raise BackupError(f"{path}: there is something of this name already.") from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{path}: the backup failed, and nothing of it is kept; {error}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return path, manifest


def sqlite_path() -> Path:
    if connection.vendor != "sqlite":
        raise BackupError(f"Only SQLite is backed up by this command; for {connection.vendor} use its own tools.")
    return Path(connection.settings_dict["NAME"])


def _archive_path(destination: Path) -> Path:
    if destination.is_dir():
        return destination / f"expressions-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
    if not destination.parent.is_dir():
        raise BackupError(f"{destination.parent}: expected a folder that exists.")
    return destination


@contextmanager
def _open_new(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for its owner alone: it will hold everybody's photos and the key that signs sessions."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise BackupError(f"{path.parent}: expected a folder that can be written; {error.strerror}.") from error
    with os.fdopen(descriptor, "wb") as handle:
        yield handle


def _give_name(partial: Path, path: Path) -> None:
    """Rename a finished archive, but never over something else."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:
        # exFAT and SMB know no links: the name is taken first, by an empty file that the archive then replaces.
        path.touch(mode=0o600, exist_ok=False)
        partial.replace(path)


class _Archive:
    """A tar that is being filled, and what it holds; a file is added again only where it changed since."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), {})
        self._tar = tar
        self._stamps: dict[str, tuple[int, ...]] = {}

    def add_tree(self, name: str, root: Path) -> None:
        for path in sorted(root.rglob("*")):
            inside = f"{name}/{path.relative_to(root).as_posix()}"
            # Names with a dot in front are being written.
            if path.is_file() and not any(part.startswith(".") for part in Path(inside).parts):
                self.add_file(inside, path)

    def add_file(self, name: str, path: Path) -> None:
        try:
            if self._stamps.get(name) == _stamp(path.stat()):
                return
            handle = path.open("rb")
        except FileNotFoundError:
            return  # deleted by its owner since it was listed
        with handle:
            # Before its size is taken: whatever is written from now on shows in the next stamp.
            self._stamps[name] = _stamp(os.fstat(handle.fileno()))
            information = self._tar.gettarinfo(arcname=name, fileobj=handle)
            information.uid = information.gid = 0
            information.uname = information.gname = ""
            information.mode = 0o600
            reader = _HashingReader(handle, information.size)
            self._tar.addfile(information, reader)
        self.manifest.files[name] = reader.sha256.hexdigest()

    def add_bytes(self, name: str, data: bytes) -> None:
        information = tarfile.TarInfo(name)
        information.size, information.mode = len(data), 0o600
        self._tar.addfile(information, io.BytesIO(data))


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    """Return what tells a file from what it was before."""
    return status.st_ino, status.st_size, status.st_mtime_ns


def _fill(archive: _Archive, database: Path) -> Manifest:
    manifest = archive.manifest
    trees = [(FILES, Path(settings.MEDIA_ROOT)), (MODELS, Path(settings.MODELS_STORE))]
    for name, root in trees:
        archive.add_tree(name, root)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR_DIR) as folder:
        snapshot = Path(folder) / DATABASE
        _snapshot(database, snapshot)
        manifest.rows.update(_count_rows(snapshot))
        archive.add_file(DATABASE, snapshot)
    # What the first pass met half-written, or not at all.
    for name, root in trees:
        archive.add_tree(name, root)
    key = settings.SECRET_KEY.encode()
    manifest.files[SECRET_KEY] = hashlib.sha256(key).hexdigest()
    archive.add_bytes(SECRET_KEY, key)
    archive.add_bytes(MANIFEST, json.dumps(vars(manifest), indent=1).encode())
    return manifest


def _snapshot(database: Path, to: Path) -> None:
    """Copy the database as of one moment, without what its deleted rows left behind."""
    with closing(sqlite3.connect(database, timeout=60)) as source:
        source.execute("VACUUM INTO ?", (str(to),))


def _count_rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as rows:
        tables = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        # Names come from the database itself.
        return {name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


class _HashingReader(io.RawIOBase):
    """Reads so many bytes, remembering their SHA-256; a file that shrank meanwhile is filled up with zeros."""

    def __init__(self, handle: IO[bytes], size: int) -> None:
        self._handle, self._left = handle, size
        self.sha256 = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        wanted = self._left if count < 0 else min(count, self._left)
        data = self._handle.read(wanted).ljust(wanted, b"\0")
        self._left -= wanted
        self.sha256.update(data)
        return data
