"""An archive made while files are written, on disks of every kind."""

import errno
import os
import sqlite3
import tarfile
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ferproject.backup import create as backup
from ferproject.backup.databases import SqliteDatabase

pytestmark = pytest.mark.sqlite


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A database file with one row, as the site's."""
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE things (name TEXT)")
        made.execute("INSERT INTO things VALUES ('one')")
        made.commit()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(path))
    return path


@pytest.fixture
def media(database, settings, tmp_path):
    """The folder of a site's files; its store of models is empty."""
    settings.MODELS_STORE = tmp_path / "store"
    settings.MODELS_STORE.mkdir()
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def before_snapshot(monkeypatch):
    """Have something happen after the first pass over the files, just before the database's snapshot."""

    def before_snapshot(happens):
        snapshot = SqliteDatabase.snapshot

        def happen_then_snapshot(*args):
            happens()
            return snapshot(*args)

        monkeypatch.setattr(SqliteDatabase, "snapshot", happen_then_snapshot)

    return before_snapshot


@pytest.fixture
def no_links(monkeypatch):
    """A disk such as exFAT, which knows no hard links."""

    def link(*args, **kwargs):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


def unpacked(archive, folder):
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


def test_a_file_completed_meanwhile_is_added_again(media, before_snapshot, tmp_path):
    photo, other = media / "photo.jpg", media / "other.jpg"
    photo.write_bytes(b"half")
    other.write_bytes(b"other")
    before_snapshot(lambda: photo.write_bytes(b"half and whole"))
    archive, manifest = backup.create_backup(tmp_path / "a.tar")
    assert (unpacked(archive, tmp_path / "out") / "files/photo.jpg").read_bytes() == b"half and whole"
    assert manifest.files["files/photo.jpg"] == backup.hashlib.sha256(b"half and whole").hexdigest()


def test_a_file_replaced_by_one_of_the_same_size_is_added_again(media, before_snapshot, tmp_path):
    part = media / "a.part"
    part.write_bytes(b"old")

    def write_anew():
        part.unlink()
        part.write_bytes(b"new")
        os.utime(part, ns=(1, 1))

    before_snapshot(write_anew)
    archive, _ = backup.create_backup(tmp_path / "a.tar")
    assert (unpacked(archive, tmp_path / "out") / "files/a.part").read_bytes() == b"new"


def test_an_unchanged_file_is_added_once(media, tmp_path):
    (media / "photo.jpg").write_bytes(b"photo")
    archive, _ = backup.create_backup(tmp_path / "a.tar")
    with tarfile.open(archive) as tar:
        assert tar.getnames().count("files/photo.jpg") == 1


def test_a_file_deleted_meanwhile_is_skipped(media, before_snapshot, tmp_path):
    (media / "photo.jpg").write_bytes(b"photo")
    before_snapshot((media / "photo.jpg").unlink)
    backup.create_backup(tmp_path / "a.tar")


def test_it_works_on_a_disk_without_hard_links(media, no_links, tmp_path):
    (media / "photo.jpg").write_bytes(b"photo")
    archive, _ = backup.create_backup(tmp_path / "a.tar")
    assert (unpacked(archive, tmp_path / "out") / "files/photo.jpg").read_bytes() == b"photo"
    assert archive.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("*.partial"))


def test_it_does_not_overwrite_without_hard_links(media, no_links, tmp_path):
    taken = tmp_path / "a.tar"
    taken.write_bytes(b"taken")
    with pytest.raises(backup.BackupError, match="there is something of this name already"):
        backup.create_backup(taken)
    assert taken.read_bytes() == b"taken"


def test_a_full_disk_raises_and_leaves_no_file(media, tmp_path):
    (media / "photo.jpg").write_bytes(os.urandom(100_000))
    # Whatever is written to this device finds no space.
    (tmp_path / "a.tar.partial").symlink_to("/dev/full")
    with pytest.raises(CommandError, match=r"a\.tar: the backup failed, and nothing of it is kept; .*No space left"):
        call_command("backup", str(tmp_path / "a.tar"))
    assert not list(tmp_path.glob("*.tar*"))


def test_an_unreadable_database_raises_and_leaves_no_file(media, database, tmp_path):
    database.write_bytes(b"no database" * 1000)
    with pytest.raises(backup.BackupError, match="file is not a database"):
        backup.create_backup(tmp_path / "a.tar")
    assert not list(tmp_path.glob("*.tar*"))


def test_an_unfinished_archive_is_found_by_the_documented_clean_up(media, before_snapshot, tmp_path):
    found = []
    # As in docs/upgrade.md.
    before_snapshot(lambda: found.extend(tmp_path.glob("expressions-*.tar*")))
    backup.create_backup(tmp_path)
    assert [path.name.endswith(".tar.partial") for path in found] == [True]
