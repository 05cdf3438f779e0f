"""Backup and restore of a site on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ferproject.test_move_database import COUNT, FILL
from tests.support.postgresql import PostgresqlMissing, Server, running_server
from tests.support.site import RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
DELETE_HALF = "from analysis.models import Photo; Photo.objects.filter(pk__in=Photo.objects.values('pk')[:6]).delete()"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is missing: install PostgreSQL's client programs")
    try:
        with running_server() as running:
            yield running
    except PostgresqlMissing as error:
        pytest.skip(str(error))


def _site(folder: Path, server: Server, name: str) -> RunningSite:
    """Return a site on a new database without tables."""
    folder.mkdir()
    server.create_database(name)
    return RunningSite(folder, DATABASE_URL=server.url(name), SECRET_KEY="of all of them")


@pytest.fixture(scope="module")
def backed_up(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSite, Path]]:
    """A site with rows and a file, and its archive."""
    folder = tmp_path_factory.mktemp("backed-up")
    site = _site(folder / "var", server, "first")
    site.manage("migrate", "--verbosity", "0")
    site.shell(FILL)
    (site.folder / "media" / "photo.jpg").write_bytes(b"photo")
    site.manage("backup", str(folder / "backup.tar"))
    yield site, folder / "backup.tar"
    site.stop()


def test_a_backup_comes_back_into_an_empty_database(backed_up, server: Server, tmp_path: Path):
    site, archive = backed_up
    other = _site(tmp_path / "other", server, "empty")
    assert "Restored" in other.manage("restore", str(archive))
    assert other.shell(COUNT) == site.shell(COUNT)
    assert (other.folder / "media" / "photo.jpg").read_bytes() == b"photo"
    other.create_user("later@example.org")  # its id comes after the restored ones
    other.stop()


def test_an_existing_one_is_kept_unless_forced_and_then_put_aside(backed_up, server: Server, tmp_path: Path):
    site, archive = backed_up
    before = site.shell(COUNT)
    site.shell(DELETE_HALF)
    with pytest.raises(RuntimeError, match="give --force to put it aside"):
        site.call_command("restore", str(archive))
    assert site.shell(COUNT) != before
    site.manage("restore", str(archive), "--force")
    assert site.shell(COUNT) == before
    (aside,) = site.folder.glob("replaced-*")
    assert (aside / "database.dump").read_bytes().startswith(b"PGDMP")
    assert (aside / "media" / "photo.jpg").exists()


def test_an_archive_of_sqlite_is_refused(backed_up, server: Server, tmp_path: Path):
    local = RunningSite(tmp_path)
    local.prepare()
    local.manage("backup", str(tmp_path / "local.tar"))
    other = _site(tmp_path / "other", server, "refused")
    with pytest.raises(RuntimeError, match="it holds another kind of database"):
        other.call_command("restore", str(tmp_path / "local.tar"))
    other.stop()


def test_a_dump_that_cannot_be_read_leaves_an_empty_database_and_can_be_repeated(backed_up, server, tmp_path: Path):
    site, archive = backed_up
    other = _site(tmp_path / "other", server, "broken")
    other.environment["PATH"] = f"{tmp_path / 'tools'}:{other.environment['PATH']}"
    broken = tmp_path / "tools" / "pg_restore"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'server closed the connection' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"server closed the connection.*Give the same command again"):
        other.call_command("restore", str(archive))
    broken.unlink()
    other.manage("restore", str(archive))
    assert other.shell(COUNT) == site.shell(COUNT)
    other.stop()
