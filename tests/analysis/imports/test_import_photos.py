"""`manage.py import_photos` and the watched folder."""

import os
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from analysis.consents.models import Consent
from analysis.consents.services import withdraw_consent
from analysis.imports import watched
from analysis.photos.models import Photo
from tests.analysis.factories import landscape

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("model")]


@pytest.fixture
def folder(tmp_path):
    """Three photos, one of them twice, in folders; a broken one; and what is none."""
    folder = tmp_path / "pictures"
    (folder / "2024").mkdir(parents=True)
    for number, name in enumerate(("a.jpg", "2024/b.JPG", "2024/c.jpg")):
        (folder / name).write_bytes(landscape(number))
    (folder / "2024" / "again.jpg").write_bytes(landscape(0))
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("notes")
    (folder / ".hidden.jpg").write_bytes(landscape(9))
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    return folder


def _run(folder, *options, owner="ada@example.org"):
    out, errors = StringIO(), StringIO()
    try:
        call_command("import_photos", str(folder), "--owner", owner, *options, stdout=out, stderr=errors)
        status = 0
    except SystemExit as exit:
        status = exit.code
    return status, out.getvalue(), errors.getvalue()


def test_it_adds_each_photo_once_and_lists_what_it_refused(user, folder):
    status, out, errors = _run(folder)
    assert (status, Photo.objects.owned_by(user).count()) == (1, 3)
    assert "3 of 5 photos were added, 1 were already there, 1 were refused." in out
    assert "broken.png: " in errors
    assert set(Photo.objects.values_list("source", flat=True)) == {"import"}
    (folder / "broken.png").unlink()
    assert _run(folder)[:2] == (0, "0 of 4 photos were added, 4 were already there, 0 were refused.\n")


def test_it_asks_for_the_owners_consent(user, folder):
    withdraw_consent(user=user, purpose=Consent.Purpose.PHOTOS)
    with pytest.raises(CommandError, match="--agree"):
        _run(folder)
    assert Photo.objects.count() == 0
    _run(folder, "--agree")
    assert (Photo.objects.count(), Consent.objects.active().filter(user=user).count()) == (3, 1)


def test_it_stops_where_the_next_file_would_meet_the_same(user, folder, settings, monkeypatch):
    user.quota_megabytes = 0
    user.save()
    with pytest.raises(CommandError, match=r"0 of 5 photos are done\. Run the command again"):
        _run(folder)


@pytest.mark.parametrize(
    ("owner", "name", "message"),
    [
        ("nobody@example.org", "pictures", "no account with the email address nobody@example"),
        ("ada@example.org", "nowhere", "is not a folder"),
    ],
)
def test_an_unknown_owner_or_folder_is_refused(user, folder, owner, name, message):
    with pytest.raises(CommandError, match=message):
        _run(folder.parent / name, owner=owner)


@pytest.fixture
def inbox(tmp_path, settings, user):
    """The user's watched folder, in which everything lies for a while already."""
    settings.WATCHED_DIR = str(tmp_path / "watched")
    inbox = tmp_path / "watched" / user.email
    inbox.mkdir(parents=True)
    return inbox


def _put(inbox, name, data, age=60):
    path = inbox / name
    path.write_bytes(data)
    os.utime(path, (time.time() - age,) * 2)
    return path


def _files(inbox):
    return sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file())


def test_what_lies_in_the_watched_folder_is_imported_and_moved(user, other_user, inbox):
    _put(inbox, "a.jpg", landscape(1))
    _put(inbox, "broken.jpg", b"no picture")
    _put(inbox, "arriving.jpg", landscape(2), age=0)
    _put(inbox, "notes.txt", b"notes")
    watched.import_watched_folder()
    assert list(Photo.objects.values_list("owner", "name")) == [(user.pk, "a.jpg")]
    left = ["arriving.jpg", "done/a.jpg", "notes.txt", "refused/broken.jpg", "refused/broken.jpg.txt"]
    assert _files(inbox) == left
    assert (inbox / "refused/broken.jpg.txt").read_text().strip()
    _put(inbox, "a.jpg", landscape(1))
    watched.import_watched_folder()
    assert "done/a (2).jpg" in _files(inbox)
    assert Photo.objects.count() == 1


def test_files_go_into_the_bucket(user, folder, inbox, bucket, s3_server):
    _run(folder)
    _put(inbox, "d.jpg", landscape(3))
    watched.import_watched_folder()
    assert "done/d.jpg" in _files(inbox)
    named = Photo.objects.owned_by(user).values_list("picture", "thumbnail")
    assert len(named) == 4
    assert sorted(name for pair in named for name in pair) == s3_server.names(bucket.bucket_name)


def test_files_wait_while_the_bucket_is_away(user, inbox, bucket, s3_server):
    _put(inbox, "a.jpg", landscape(1))
    s3_server.stop()
    try:
        watched.import_watched_folder()
        with pytest.raises(CommandError, match="cannot be reached"):
            _run(inbox)
    finally:
        s3_server.start()
    assert (_files(inbox), Photo.objects.count()) == (["a.jpg"], 0)
    watched.import_watched_folder()
    assert (_files(inbox), Photo.objects.count()) == (["done/a.jpg"], 1)


def test_without_consent_files_wait(user, inbox, caplog):
    withdraw_consent(user=user, purpose=Consent.Purpose.PHOTOS)
    _put(inbox, "a.jpg", landscape(1))
    watched.import_watched_folder()
    assert (_files(inbox), Photo.objects.count()) == (["a.jpg"], 0)
    assert f"user {user.pk} are imported later" in caplog.text


def test_the_sweeper_sends_the_task_while_files_wait(inbox, settings, monkeypatch):
    sent = []
    monkeypatch.setattr(watched, "send", sent.append)
    watched.sweep_watched_folder()
    _put(inbox, "a.jpg", landscape(1))
    with watched._lock():
        watched.sweep_watched_folder()
    assert sent == []
    watched.sweep_watched_folder()
    assert sent == [watched.TASK]
    (inbox.parent / "nobody@example.org").mkdir()
    settings.WATCHED_DIR = str(inbox.parent / "gone")
    watched.sweep_watched_folder()
    watched.import_watched_folder()
    settings.WATCHED_DIR = ""
    watched.sweep_watched_folder()
    assert sent == [watched.TASK]
