import datetime as dt
import uuid

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from analysis.history.models import HistorySum
from analysis.sessions import services
from analysis.sessions.models import Sample, Session
from analysis.videos import upload_parts
from analysis.videos.models import Video
from tests.analysis.factories import kept_files, make_photo
from tests.analysis.session_factories import NOON, add_samples, make_session


def _sums(owner):
    return sorted(HistorySum.objects.owned_by(owner).values_list("quarter", "source", "emotion", "model", "n"))


def test_its_samples_are_deleted_and_subtracted_from_the_sums(user):
    make_photo(user)
    make_session(user, {0: "happy", 899: "sad"})
    before = _sums(user)
    session = make_session(user, {0: "happy", 5: "fear", 900: "happy"}, started_at=NOON + dt.timedelta(seconds=7))
    add_samples(session, [(6, 2, "happy")], model="test-2")
    assert _sums(user) != before
    services.delete_session(session=session)
    assert _sums(user) == before
    assert not Sample.objects.filter(session=session.pk).exists()
    assert not Session.objects.filter(pk=session.pk).exists()


def test_a_session_without_samples_can_be_deleted(user):
    session = make_session(user)
    services.delete_session(session=session)
    assert not Session.objects.exists()


def test_several_are_deleted_at_once_but_not_another_users(user, other_user):
    mine = [make_session(user, {0: "sad"}) for _ in range(2)]
    theirs = make_session(other_user, {0: "sad"})
    ids = [session.pk for session in [*mine, theirs]] + [uuid.uuid4()]
    assert services.delete_sessions(owner=user, ids=ids) == 2
    assert Session.objects.get() == theirs
    assert _sums(user) == []
    assert len(_sums(other_user)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_is_rolled_back_changes_neither_rows_nor_sums(user):
    session = make_session(user, {0: "happy"})
    before = _sums(user)
    with transaction.atomic():
        services.delete_session(session=session)
        transaction.set_rollback(True)
    assert Session.objects.filter(pk=session.pk).exists()
    assert _sums(user) == before


@pytest.mark.django_db(transaction=True)
def test_deleting_a_videos_session_deletes_the_video_and_its_files(user):
    session = make_session(user, {0: "happy"}, source=Session.Source.VIDEO)
    upload = upload_parts.new_name()
    upload_parts.save_part(upload, 0, b"film")
    annotated = default_storage.save(f"{upload}.webm", ContentFile(b"film"))
    Video.objects.create(owner=user, session=session, file=upload, annotated=annotated, bytes=4, status="finished")
    assert len(kept_files()) == 2
    services.delete_session(session=session)
    assert not Video.objects.exists()
    assert kept_files() == []
    assert _sums(user) == []


def test_deleting_an_account_deletes_its_sessions(user, other_user):
    make_session(user, {0: "happy"})
    make_session(other_user, {0: "happy"})
    user.delete()
    assert Session.objects.get().owner == other_user
    assert Sample.objects.count() == 1
    assert len(_sums(other_user)) == 1
