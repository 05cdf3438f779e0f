"""Backing up a running site, losing everything, restoring it."""

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.model_store import Store
from tests.support.site import PROJECT, RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory, hopper):
    """A site with a photo and a trained version, backed up while it serves; the archive; what tables and files held."""
    folder = tmp_path_factory.mktemp("backed-up")
    store = folder / "store"
    shutil.copytree(PROJECT / "models_store", store)
    site = RunningSite(folder / "var", MODELS_STORE=str(store))
    (folder / "var").mkdir()
    site.start()
    try:
        site.create_user(site.admin_email, superuser=True)
        upload(site, hopper)
        pins = Store(store, store / "residual-1").write("mine-1")
        registering = f"register_version(name='mine-1', pins={pins}, origin='trained', card={{}})"
        site.shell(f"from analysis.versions.services import register_version; {registering}")
        archive = folder / "backup.tar"
        told = site.manage("backup", str(archive))
    finally:
        site.stop()
    return site, archive, told, rows(site), files(site)


@contextmanager
def signed_in(site):
    with httpx.Client(base_url=site.url, headers={"Referer": site.url}) as client:
        client.get("/accounts/login/")
        token = client.cookies["csrftoken"]
        form = {"login": site.admin_email, "password": site.password, "csrfmiddlewaretoken": token}
        assert client.post("/accounts/login/", data=form).status_code == 302
        yield client


def upload(site, photo):
    with signed_in(site) as client:
        form = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
        form["people_agreed"] = "on"
        added = client.post("/photos/", data=form, files={"photo": ("hopper.jpg", photo, "image/jpeg")})
        assert added.status_code == 302, added.text


def rows(site):
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def files(site):
    found = sorted(path for path in (site.folder / "media").rglob("*") if path.is_file())
    return {str(p.relative_to(site.folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}


def wipe(site):
    shutil.rmtree(site.folder)
    site.folder.mkdir()


def asides(site):
    return list(site.folder.glob("replaced-*"))


def version(site):
    """The folder of the trained version."""
    return Path(site.environment["MODELS_STORE"]) / "mine-1"


def leave_a_log(site):
    """Leave a write-ahead log as a killed site leaves it, with a change that the archive does not have."""
    database, log = site.folder / "db.sqlite3", site.folder / "db.sqlite3-wal"
    with closing(sqlite3.connect(database)) as changing:
        changing.execute("PRAGMA journal_mode = WAL")
        changing.execute("UPDATE accounts_user SET first_name = 'old'")
        changing.commit()
        kept = log.read_bytes()
    log.write_bytes(kept)


def manage_fails(site, *arguments):
    with pytest.raises(RuntimeError, match="CommandError") as failure:
        site.call_command(*arguments)
    return str(failure.value)


def test_backup_wipe_restore_brings_every_row_and_file_back(backed_up):
    site, archive, told, rows_before, files_before = backed_up
    assert len(files_before) == 2
    assert rows_before["analysis_photo"] == 1
    assert str(archive) in told
    wipe(site)
    told = site.manage("restore", str(archive))
    assert "Restored" in told
    assert files(site) == files_before
    assert rows(site) == rows_before
    site.start()
    try:
        with signed_in(site) as client:
            assert "hopper.jpg" in client.get("/history/").text
    finally:
        site.stop()


def test_a_log_left_without_its_database_is_put_aside_not_replayed(backed_up):
    site, archive, _, rows_before, files_before = backed_up
    wipe(site)
    site.call_command("restore", str(archive))
    leave_a_log(site)
    (site.folder / "db.sqlite3").unlink()
    told = site.call_command("restore", str(archive))
    (aside,) = asides(site)
    assert str(aside) in told
    assert (aside / "db.sqlite3-wal").stat().st_size > 0
    with closing(sqlite3.connect(site.folder / "db.sqlite3")) as database:
        assert database.execute("SELECT first_name FROM accounts_user").fetchall() == [("",)]
    assert (rows(site), files(site)) == (rows_before, files_before)


def test_files_left_without_a_database_are_put_aside_not_mixed_up(backed_up):
    site, archive, *_, files_before = backed_up
    wipe(site)
    (site.folder / "media/photos").mkdir(parents=True)
    (site.folder / "media/photos/other.jpg").write_bytes(b"other")
    site.call_command("restore", str(archive))
    assert files(site) == files_before
    (aside,) = asides(site)
    assert (aside / "media/photos/other.jpg").read_bytes() == b"other"


def test_an_interrupted_restore_can_be_repeated(backed_up):
    site, archive, _, rows_before, files_before = backed_up
    wipe(site)
    site.call_command("restore", str(archive))
    # All is in place but the database, which comes last.
    (site.folder / "db.sqlite3").unlink()
    site.call_command("restore", str(archive))
    assert (rows(site), files(site)) == (rows_before, files_before)


def test_a_trained_version_comes_back_into_a_new_store(backed_up):
    site, archive, *_ = backed_up
    trained = {path.name: path.read_bytes() for path in version(site).iterdir()}
    wipe(site)
    shutil.rmtree(version(site))
    site.call_command("restore", str(archive))
    assert {path.name: path.read_bytes() for path in version(site).iterdir()} == trained
    found = site.shell("from analysis.versions.services import find_bundle; print(find_bundle(name='mine-1').folder)")
    assert found.strip() == str(version(site))


def test_the_archive_is_its_owners_alone(backed_up):
    _, archive, *_ = backed_up
    assert archive.stat().st_mode & 0o077 == 0


def test_an_existing_database_is_kept_unless_forced(backed_up):
    site, archive, *_ = backed_up
    site.call_command("migrate", "--verbosity", "0")
    assert "--force" in manage_fails(site, "restore", str(archive))
    told = site.call_command("restore", str(archive), "--force")
    (aside,) = site.folder.glob("replaced-*")
    assert str(aside) in told
    assert (aside / "db.sqlite3").exists()
    shutil.rmtree(aside)


def test_a_damaged_archive_restores_nothing(backed_up, tmp_path):
    site, archive, *_ = backed_up
    site.call_command("migrate", "--verbosity", "0")
    before = rows(site)
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(archive) as whole, tarfile.open(damaged, "w") as copy:
        for member in whole.getmembers():
            data = whole.extractfile(member).read()
            if member.name.endswith(".webp"):
                data = b"X" + data[1:]
            copy.addfile(member, io.BytesIO(data))
    assert "is missing or damaged; nothing was restored" in manage_fails(site, "restore", str(damaged), "--force")
    assert rows(site) == before
    assert not list(site.folder.glob("replaced-*"))


def test_a_truncated_archive_is_refused(backed_up, tmp_path):
    site, archive, *_ = backed_up
    truncated = tmp_path / "truncated.tar"
    truncated.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    assert "expected a backup" in manage_fails(site, "restore", str(truncated), "--force")


def test_a_name_outside_the_archive_is_rejected(backed_up, tmp_path):
    site, *_ = backed_up
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as archive:
        information = tarfile.TarInfo("../outside")
        information.size = 1
        archive.addfile(information, io.BytesIO(b"x"))
        manifest = json.dumps({"format": 1, "made_at": "", "rows": {}, "files": {}}).encode()
        information = tarfile.TarInfo("manifest.json")
        information.size = len(manifest)
        archive.addfile(information, io.BytesIO(manifest))
    assert "expected a backup" in manage_fails(site, "restore", str(evil), "--force")
    assert not (site.folder / "outside").exists()


def test_a_backup_overwrites_nothing(backed_up):
    site, archive, *_ = backed_up
    site.call_command("migrate", "--verbosity", "0")
    assert "there is something of this name already" in manage_fails(site, "backup", str(archive))
    assert "expected a folder that exists" in manage_fails(site, "backup", "/nowhere/at/all.tar")
