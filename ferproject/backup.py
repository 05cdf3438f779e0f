"""Everything an installation holds, in one archive, and back again.

The archive is a tar: `files/` from the media folder, `models/` from the model store, `secret_key`, `database.sqlite3`,
and last `manifest.json`, without which it is not whole. Files keep their names for ever and are written once, so the
site may serve meanwhile: files are copied before and after the database's snapshot, and each row finds its files.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
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

    Raises `BackupError` for another database than SQLite, and where something of that name exists already.
    """
    database = _sqlite_path()
    path = _archive_path(destination)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with _open_new(partial) as handle, tarfile.open(fileobj=handle, mode="w") as archive:
            manifest = _fill(archive, database)
        os.link(partial, path)  # unlike a rename, never over something else
    except FileExistsError as error:
        raise BackupError(f"{path}: there is something of this name already.") from error
    finally:
        partial.unlink(missing_ok=True)
    return path, manifest


def restore(archive: Path, *, force: bool = False) -> tuple[Manifest, Path | None]:
    """Put an archive's database, files and model versions in place; return what it holds and where the old ones went.

    Nothing is touched before the whole archive has been unpacked and compared with its manifest. Raises `BackupError`
    for an archive that is damaged or incomplete, for one of a later program, and, without `force`, where there is
    a database already.
    """
    database = _sqlite_path()
    if database.exists() and not force:
        raise BackupError(f"{database} exists: give --force to put it aside and restore over it.")
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.VAR_DIR) as folder:
        manifest = _unpack(archive, Path(folder))
        aside = _put_aside(database)
        _put_in_place(Path(folder), database)
    call_command("migrate", verbosity=0)
    return manifest, aside


def _sqlite_path() -> Path:
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


def _fill(archive: tarfile.TarFile, database: Path) -> Manifest:
    manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), {})
    trees = [(FILES, Path(settings.MEDIA_ROOT)), (MODELS, Path(settings.MODELS_STORE))]
    for name, root in trees:
        _add_tree(archive, manifest, name, root)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=settings.VAR_DIR) as folder:
        snapshot = Path(folder) / DATABASE
        _snapshot(database, snapshot)
        manifest.rows.update(_count_rows(snapshot))
        _add_file(archive, manifest, DATABASE, snapshot)
    for name, root in trees:
        _add_tree(archive, manifest, name, root)
    key = settings.SECRET_KEY.encode()
    manifest.files[SECRET_KEY] = hashlib.sha256(key).hexdigest()
    _add_bytes(archive, SECRET_KEY, key)
    _add_bytes(archive, MANIFEST, json.dumps(vars(manifest), indent=1).encode())
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


def _add_tree(archive: tarfile.TarFile, manifest: Manifest, name: str, root: Path) -> None:
    for path in sorted(root.rglob("*")):
        inside = f"{name}/{path.relative_to(root).as_posix()}"
        # Names with a dot in front are being written; a file of the first pass is never changed later.
        if inside in manifest.files or not path.is_file() or any(part.startswith(".") for part in Path(inside).parts):
            continue
        _add_file(archive, manifest, inside, path)


def _add_file(archive: tarfile.TarFile, manifest: Manifest, name: str, path: Path) -> None:
    try:
        handle = path.open("rb")
    except FileNotFoundError:
        return  # deleted by its owner since it was listed
    with handle:
        information = archive.gettarinfo(arcname=name, fileobj=handle)
        information.uid = information.gid = 0
        information.uname = information.gname = ""
        information.mode = 0o600
        reader = _HashingReader(handle, information.size)
        archive.addfile(information, reader)
    manifest.files[name] = reader.sha256.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    information = tarfile.TarInfo(name)
    information.size, information.mode = len(data), 0o600
    archive.addfile(information, io.BytesIO(data))


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
    """Move what is there into one folder; return it, or None where there was nothing."""
    connection.close()
    old = [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]
    old = [path for path in [*old, Path(settings.MEDIA_ROOT), _key_path()] if path.exists()]
    if not database.exists():
        return None
    aside = Path(settings.VAR_DIR) / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    for path in old:
        shutil.move(path, aside / path.name)
    return aside


def _put_in_place(unpacked: Path, database: Path) -> None:
    if (unpacked / FILES).exists():
        shutil.move(unpacked / FILES, settings.MEDIA_ROOT)
    for version in sorted((unpacked / MODELS).glob("*/")):
        # A version's files never change, so one that is there is the same, or belongs to this program.
        if not (target := Path(settings.MODELS_STORE) / version.name).exists():
            shutil.move(version, target)
    if "SECRET_KEY" not in os.environ:
        shutil.move(unpacked / SECRET_KEY, _key_path())
    # Last: as long as there is no database, the same command may be given again.
    shutil.move(unpacked / DATABASE, database)


def _key_path() -> Path:
    return Path(settings.VAR_DIR) / SECRET_KEY
