"""How long what people add is kept, and the purge that follows."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session as SignIn
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import AccountDeletion, Purge, User
from accounts.privacy import retention
from analysis.management.verify_history import rebuild_history, verify_history
from analysis.photos.models import Photo
from analysis.photos.services import create_photo
from analysis.sessions.models import Session
from analysis.sessions.services import NewSample, record_samples, start_session
from analysis.videos.models import Video

HAPPY = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)
NOW = timezone.now()


def ago(days):
    return NOW - dt.timedelta(days=days)


@pytest.fixture
def add(hopper):
    """Add a photo of so many days ago."""

    def add(owner, days, number=0):
        photo = create_photo(owner=owner, name=f"{days}.jpg", data=hopper + bytes([number])).photo
        Photo.objects.filter(pk=photo.pk).update(created_at=ago(days))
        rebuild_history(owner=owner)
        return Photo.objects.get(pk=photo.pk)

    return add


@pytest.fixture
def session(user):
    session = start_session(owner=user, name="Morning", started_at=ago(40))
    record_samples(samples=[NewSample(session.pk, second, 1, 5, "residual-1", HAPPY) for second in range(3)])
    Session.objects.filter(pk=session.pk).update(ended_at=ago(40) + dt.timedelta(seconds=3))
    return session


@pytest.fixture
def video(user):
    name = default_storage.save("videos/ab/annotated.webm", ContentFile(b"0123456789"))
    return Video.objects.create(
        owner=user,
        name="walk.webm",
        bytes=10,
        status=Video.Status.FINISHED,
        annotated=name,
        annotated_bytes=10,
        created_at=ago(40),
        ended_at=ago(40),
    )


def keep(user, days, *, scores=False):
    retention.set_retention(user=user, days=days, keep_scores=scores)


@pytest.fixture
def purge(django_capture_on_commit_callbacks):
    def purge():
        with django_capture_on_commit_callbacks(execute=True):
            return retention.purge(now=NOW)

    return purge


def test_what_is_older_goes_and_the_rest_stays(user, other_user, add, session, video, purge):
    old, young = add(user, 31, 1), add(user, 29, 2)
    others = add(other_user, 400, 3)
    keep(user, 30)
    purge()
    assert set(Photo.objects.all()) == {young, others}
    assert not Session.objects.exists()
    assert not Video.objects.exists()
    assert not default_storage.exists(old.picture.name)
    assert not default_storage.exists(video.annotated.name)
    assert default_storage.exists(young.picture.name)


def test_for_ever_is_for_ever(user, add):
    add(user, 5000)
    assert retention.purge(now=NOW) == []
    assert Photo.objects.count() == 1


def test_an_open_session_is_not_purged(user, session):
    Session.objects.update(ended_at=None)
    keep(user, 7)
    assert retention.purge(now=NOW) == []


def test_scores_can_be_kept_without_pictures(user, client, add, session, video, purge):
    photo = add(user, 31)
    keep(user, 30, scores=True)
    purge()
    kept = Photo.objects.get()
    assert (kept.picture.name, kept.thumbnail.name, kept.bytes) == ("", "", 0)
    assert kept.result.faces.count() == 1
    assert Session.objects.count() == 1
    assert Video.objects.get().annotated.name == ""
    for name in (photo.picture.name, photo.thumbnail.name, video.annotated.name):
        assert not default_storage.exists(name)


def test_the_sums_stay_exact(user, add, session):
    add(user, 31, 1), add(user, 3, 2)
    keep(user, 30)
    retention.purge(now=NOW)
    assert verify_history(owner=user) == []


def test_pages_bear_a_photo_without_its_picture(user, client, add):
    photo = add(user, 31)
    keep(user, 30, scores=True)
    retention.purge(now=NOW)
    client.force_login(user)
    page = client.get(reverse("analysis:detail", args=[photo.pk]))
    assert "The file was deleted after" in page.content.decode()
    assert "File deleted" in client.get(reverse("analysis:history")).content.decode()
    for name in ("image", "thumbnail", "annotated"):
        assert client.get(reverse(f"analysis:{name}", args=[photo.pk])).status_code == 404


@pytest.mark.parametrize("scores", [False, True])
def test_the_dry_run_says_what_the_purge_then_does(user, add, session, video, scores, capsys):
    add(user, 31, 1), add(user, 400, 2), add(user, 3, 3)
    keep(user, 30, scores=scores)
    planned = retention.plan_purge(now=NOW)
    assert Photo.objects.with_picture().count() == 3
    (done,) = retention.purge(now=NOW)
    assert [done] == planned
    assert (done.photos, done.sessions, done.videos) == ((2, 0, 1) if scores else (2, 1, 1))
    assert Photo.objects.with_picture().count() == 1
    assert retention.plan_purge(now=NOW) == []


def test_the_command_prints_both(user, add, capsys):
    add(user, 31)
    keep(user, 30)
    call_command("purge", dry_run=True)
    said = capsys.readouterr().out
    assert f"user {user.pk}: 1 photos, 0 live sessions, 0 videos" in said
    assert Photo.objects.count() == 1
    call_command("purge")
    assert capsys.readouterr().out == said
    assert Photo.objects.count() == 0
    call_command("purge")
    assert "Nothing is older" in capsys.readouterr().out


def test_the_worker_purges_once_a_day(user, add):
    add(user, 31, 1)
    keep(user, 30)
    assert retention.purge_daily()
    add(user, 31, 2)
    assert not retention.purge_daily()
    assert Photo.objects.count() == 1
    Purge.objects.update(day=timezone.localdate() - dt.timedelta(days=1))
    assert retention.purge_daily()
    assert Photo.objects.count() == 0


def test_an_interrupted_purge_is_repeated(user, add, monkeypatch):
    add(user, 31)
    keep(user, 30)

    def stopped(expired):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(retention.Expired, "delete", stopped)
        with pytest.raises(SystemExit):
            retention.purge_daily()
    assert retention.purge_daily()
    assert Photo.objects.count() == 0


def test_an_error_with_one_user_does_not_affect_others(user, other_user, add, monkeypatch, caplog):
    stays, _ = add(user, 31, 1), add(other_user, 31, 2)
    keep(user, 30), keep(other_user, 30)
    delete = retention.Expired.delete

    def fail_with_the_first(expired):
        if expired.user == user:
            raise OSError("a broken disk")
        delete(expired)

    monkeypatch.setattr(retention.Expired, "delete", fail_with_the_first)
    assert retention.purge_daily()
    assert set(Photo.objects.all()) == {stays}
    assert f"Rows of user {user.pk} could not be purged" in caplog.text
    assert "a broken disk" in caplog.text


def test_a_deactivated_users_rows_are_purged(user, add):
    add(user, 31)
    keep(user, 30)
    User.objects.update(is_active=False)
    (done,) = retention.purge(now=NOW)
    assert (done.user, done.photos) == (user, 1)


def test_whoever_is_being_deleted_is_left_to_that(user, add):
    add(user, 31)
    keep(user, 30)
    AccountDeletion.objects.create(user=user, pseudonym="former user 1")
    assert retention.plan_purge(now=NOW) == []


def test_sign_ins_that_expired_are_forgotten(user, client):
    for days in (-1, 1):
        client.force_login(user)
        SignIn.objects.filter(pk=client.session.session_key).update(expire_date=NOW + dt.timedelta(days=days))
        client.cookies.clear()
    assert SignIn.objects.count() == 2
    assert retention.purge_daily()
    assert SignIn.objects.get().expire_date > NOW


def test_another_time_is_refused(user, client):
    with pytest.raises(AccountsError, match="expected one of 7, 30, 90, 365"):
        keep(user, 8)
    client.force_login(user)
    assert client.post(reverse("accounts:retention"), {"days": "8"}).context["form"].errors["days"]
    assert User.objects.get(pk=user.pk).retention_days is None
