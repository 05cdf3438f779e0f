"""Whatever happens to what is in an album or tag, its sums are exactly those of the faces that are in it."""

import pytest

from analysis.albums.models import Collection, CollectionRollup, CollectionSum
from analysis.albums.services import add_items, create_collection, delete_collection, remove_items
from analysis.history.series import history_totals
from analysis.management.verify_history import rebuild_history, verify_history
from analysis.photos import services as photos
from analysis.sessions.services import delete_sessions
from tests.analysis.factories import make_face, make_photo, make_recognition
from tests.analysis.session_factories import add_samples, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def album(user):
    return create_collection(owner=user, kind="album", name="Holiday")


def _n(collection) -> int:
    assert verify_history(owner=collection) == []
    return sum(CollectionSum.objects.owned_by(collection).values_list("n", flat=True))


def test_what_is_put_in_counts_once(user, album):
    photo, other = make_photo(user, emotions=["happy", "sad"]), make_photo(user)
    session = make_session(user, {1: "happy", 2: "sad", 3: "sad"})
    assert add_items(collection=album, photos=[photo.pk], sessions=[session.pk]) == 2
    assert _n(album) == 5
    assert add_items(collection=album, photos=[photo.pk, other.pk]) == 1
    assert _n(album) == 6


def test_what_is_taken_out_counts_no_more(user, album):
    photo, session = make_photo(user), make_session(user, {1: "happy"})
    add_items(collection=album, photos=[photo.pk], sessions=[session.pk])
    assert remove_items(collection=album, photos=[photo.pk]) == 1
    assert _n(album) == 1
    assert remove_items(collection=album, photos=[photo.pk], sessions=[session.pk]) == 1
    assert (_n(album), CollectionRollup.objects.count()) == (0, 0)


def test_a_new_result_and_new_seconds_count(user, album):
    tag = create_collection(owner=user, kind="tag", name="Sea")
    photo, session = make_photo(user, emotions=["happy"]), make_session(user, {1: "happy"}, is_open=True)
    for collection in (album, tag):
        add_items(collection=collection, photos=[photo.pk], sessions=[session.pk])
    again = make_recognition([make_face("fear"), make_face("sad")], model="test-2")
    photos.record_analysis(photo=photo, recognition=again)
    add_samples(session, [(2, 1, "sad")])
    assert [_n(album), _n(tag)] == [4, 4]


def test_what_is_deleted_leaves_the_sums(user, album):
    photo, session = make_photo(user), make_session(user, {1: "happy"})
    add_items(collection=album, photos=[photo.pk], sessions=[session.pk])
    photos.delete_photos(owner=user, ids=[photo.pk])
    assert _n(album) == 1
    delete_sessions(owner=user, ids=[session.pk])
    assert _n(album) == 0


def test_a_deleted_album_leaves_what_was_in_it(user, album):
    photo = make_photo(user)
    add_items(collection=album, photos=[photo.pk])
    delete_collection(collection=album)
    assert (CollectionSum.objects.count(), CollectionRollup.objects.count()) == (0, 0)
    assert verify_history(owner=user) == []
    photo.refresh_from_db()


def test_nothing_of_somebody_else_gets_in(other_user, album):
    photo, session = make_photo(other_user), make_session(other_user, {1: "happy"})
    assert add_items(collection=album, photos=[photo.pk], sessions=[session.pk]) == 0
    assert _n(album) == 0


def test_an_albums_history_is_read_as_a_persons(user, album):
    photo, _ = make_photo(user, emotions=["happy", "sad"]), make_photo(user, emotions=["fear"])
    add_items(collection=album, photos=[photo.pk])
    found = history_totals(
        owner=album,
        start=photo.created_at.replace(hour=0, minute=0),
        end=photo.created_at.replace(hour=23, minute=59),
        source="photo",
    )
    assert found.whole.faces.n == 2


def test_wrong_sums_are_found_and_mended(user, album):
    add_items(collection=album, photos=[make_photo(user).pk])
    CollectionSum.objects.update(n=7)
    assert len(verify_history(owner=album)) == 1
    assert rebuild_history(owner=album) == 1
    assert (_n(album), Collection.objects.get().pk) == (1, album.pk)
