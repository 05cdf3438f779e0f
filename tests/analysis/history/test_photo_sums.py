"""Whatever happens to photos, the sums are exactly those of the faces that are there."""

import contextlib
import threading

import pytest
from django.db import connection, transaction

from analysis.history.models import HistorySum
from analysis.management.verify_history import verify_history
from analysis.photos import services
from analysis.photos.models import Photo
from tests.analysis.factories import make_face, make_photo, make_recognition


def _count(owner):
    assert verify_history(owner=owner) == []
    return sum(HistorySum.objects.owned_by(owner).values_list("n", flat=True))


def _again(photo, *emotions, model="test-2"):
    faces = [make_face(emotion) for emotion in emotions]
    services.record_analysis(photo=photo, recognition=make_recognition(faces, model=model))


@pytest.mark.django_db
def test_a_new_photos_faces_count_when_it_was_added(user):
    photo = make_photo(user, emotions=["happy", "happy", "sad"])
    rows = HistorySum.objects.order_by("emotion").values_list("source", "model", "emotion", "n")
    assert list(rows) == [("photo", "test-1", "happy", 2), ("photo", "test-1", "sad", 1)]
    assert {row.quarter <= photo.created_at for row in HistorySum.objects.all()} == {True}
    assert _count(user) == 3


@pytest.mark.django_db
def test_a_new_result_counts_instead_of_the_earlier_one(user):
    photo = make_photo(user, emotions=["happy", "sad"])
    _again(photo, "fear")
    assert list(HistorySum.objects.values_list("model", "emotion", "n")) == [("test-2", "fear", 1)]
    _again(photo)
    assert _count(user) == 0


@pytest.mark.django_db
def test_a_result_that_cannot_be_kept_changes_no_sum(user, monkeypatch):
    photo = make_photo(user, emotions=["happy", "sad"])
    monkeypatch.setattr(services.analysis_recorded, "send", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _again(photo, "fear")
    assert _count(user) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "delete",
    [
        lambda owner, photos: services.delete_photos(owner=owner, ids=[photo.pk for photo in photos]),
        lambda owner, photos: [photo.delete() for photo in photos],
        lambda owner, photos: Photo.objects.filter(pk__in=[photo.pk for photo in photos]).delete(),
        lambda owner, photos: owner.photos.exclude(name="kept.jpg").delete(),
        lambda owner, photos: [photo.delete() for photo in [*owner.photos.exclude(name="kept.jpg"), *photos]],
    ],
    ids=["chosen", "one by one", "a query", "a related query", "twice"],
)
def test_deleted_photos_count_no_more(user, other_user, delete):
    photos = [make_photo(user, emotions=["happy", "sad"]) for _ in range(3)]
    _again(photos[0], "fear")
    make_photo(user, name="kept.jpg")
    make_photo(other_user)
    delete(user, photos)
    assert (_count(user), _count(other_user)) == (1, 1)
    assert Photo.objects.owned_by(user).count() == 1


@pytest.mark.django_db
def test_a_rolled_back_deletion_changes_no_sum(user):
    make_photo(user)
    with transaction.atomic():
        user.photos.all().delete()
        transaction.set_rollback(True)
    assert _count(user) == 1


@pytest.mark.django_db
def test_a_deleted_user_leaves_no_sums(user, other_user):
    make_photo(user), make_photo(other_user)
    user.delete()
    assert list(HistorySum.objects.values_list("owner_id", flat=True)) == [other_user.pk]


@pytest.mark.django_db
def test_many_are_deleted_with_few_queries(user, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr("analysis.photos.models._BATCH_SIZE", 20)
    for _ in range(40):
        make_photo(user, emotions=["happy"])
    with django_assert_max_num_queries(40):
        user.photos.all().delete()
    assert _count(user) == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Threads with connections of their own, as requests and workers have them."""

    def _run(self, *works):
        """Let all works begin together; raise what one of them raised."""
        start, errors = threading.Barrier(len(works)), []

        def run(work):
            try:
                start.wait(10)
                work()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[work]) for work in works]
        [thread.start() for thread in threads]
        [thread.join(60) for thread in threads]
        if errors:
            raise errors[0]

    def test_uploads_lose_no_count(self, user):
        def upload():
            for _ in range(5):
                make_photo(user, emotions=["happy", "sad"])

        self._run(upload, upload, upload)
        assert _count(user) == 30

    def test_two_results_for_one_photo_count_once(self, user):
        photo = make_photo(user)
        for _ in range(5):
            self._run(
                lambda: _again(Photo.objects.get(pk=photo.pk), "fear", "sad", model="test-3"),
                lambda: _again(Photo.objects.get(pk=photo.pk), "angry", model="test-4"),
            )
        shown = Photo.objects.get()
        assert (_count(user), shown.face_count) in {(2, 2), (1, 1)}
        assert shown.model == shown.result.model

    def test_a_photo_deleted_while_it_is_analysed_again_counts_no_more(self, user):
        def again(photo):
            with contextlib.suppress(Photo.DoesNotExist):
                _again(photo, "fear", "sad")

        for _ in range(5):
            photo = make_photo(user)
            mine = Photo.objects.get(pk=photo.pk)
            self._run(lambda mine=mine: again(mine), photo.delete)
            assert _count(user) == 0

    def test_one_photo_deleted_twice_is_taken_out_once(self, user, caplog):
        kept = make_photo(user)
        for _ in range(5):
            photo = make_photo(user, created_at=kept.created_at)
            ids = [photo.pk]
            self._run(
                lambda ids=ids: services.delete_photos(owner=user, ids=ids),
                lambda ids=ids: Photo.objects.filter(pk__in=ids).delete(),
            )
        assert _count(user) == 1
        assert "wrong" not in caplog.text
