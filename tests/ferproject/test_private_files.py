"""The folder of the database, photos and keys is for its owner alone."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ferproject.private_files import ExposedFilesError, protect_files
from tests.support.site import PROJECT, RunningSite


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _open_to_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if _mode(path) & 0o077]


def test_what_lies_there_is_closed_to_others_and_links_are_not_followed(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    outside.chmod(0o644)
    folder = tmp_path / "var"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "photo.jpg").write_bytes(b"photo")
    (folder / "link").symlink_to(outside)
    for path, mode in ((folder, 0o755), (folder / "media", 0o777), (folder / "media" / "photo.jpg", 0o664)):
        path.chmod(mode)

    assert protect_files(folder) == 3

    assert [_mode(path) for path in (folder, folder / "media", folder / "media" / "photo.jpg")] == [0o700, 0o700, 0o600]
    assert _mode(outside) == 0o644
    assert protect_files(folder) == 0


def test_a_folder_that_stays_open_is_refused(tmp_path: Path, monkeypatch):
    def refuse(self: Path, mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ExposedFilesError, match="expected a folder that only its owner can open"):
        protect_files(tmp_path)


@pytest.mark.sqlite
def test_what_a_process_writes_is_private_whatever_its_umask(tmp_path: Path):
    folder = tmp_path / "var"
    program = (
        "import os; os.umask(0o022); import django; django.setup();"
        "from django.db import connection; connection.cursor().execute('CREATE TABLE t (x)');"
        "from django.conf import settings; assert (settings.VAR_DIR / 'db.sqlite3-wal').exists();"
        "print([oct(p.stat().st_mode & 0o777) for p in (settings.VAR_DIR, *settings.VAR_DIR.iterdir())])"
    )
    environment = {**os.environ, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert set(eval(done.stdout)) == {"0o700", "0o600"}, done.stderr  # a list of texts


@pytest.mark.sqlite
def test_a_site_that_starts_closes_an_open_database_and_its_log(tmp_path: Path):
    folder = tmp_path / "site"
    folder.mkdir(mode=0o755)
    site = RunningSite(folder)
    site.prepare()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    # A reader keeps the log there.
    with sqlite3.connect(folder / "db.sqlite3") as reader:
        reader.execute("SELECT 1 FROM django_migrations").fetchone()
        site.launch()
        try:
            assert (folder / "db.sqlite3-wal").exists()
            assert _open_to_others(folder) == []
        finally:
            site.stop()
