"""After a roll-back the stored answers of the version that serves again count at once, without a new analysis."""

import pytest

from analysis.corrections import services as corrections
from analysis.management.verify_history import verify_history
from analysis.photos import restoring
from analysis.photos.models import Analysis, Face, Photo
from analysis.photos.services import record_analysis
from analysis.recognition.faces import Box
from analysis.versions.models import ModelVersion
from analysis.versions.services import promote_version, roll_back
from tests.analysis.factories import make_face, make_photo, make_recognition

pytestmark = pytest.mark.usefixtures("smoke_in_process")
LEFT, RIGHT = Box(5, 8, 20, 24), Box(65, 8, 20, 24)


def _record(photo, *emotions, model, boxes=(LEFT, RIGHT)):
    faces = [make_face(emotion, box=box) for emotion, box in zip(emotions, boxes, strict=True)]
    return record_analysis(photo=photo, recognition=make_recognition(faces, model=model))


@pytest.fixture
def promoted(second, administrator):
    promote_version(version=second, actor=administrator)


@pytest.fixture
def photo(user, promoted):
    """A photo that both versions analysed: happy and sad, then angry and fear."""
    photo = make_photo(user, emotions=[])
    _record(photo, "happy", "sad", model="first-1")
    _record(photo, "angry", "fear", model="second-1")
    return photo


def _emotions(photo):
    result = Photo.objects.get(pk=photo.pk).result
    return result.model, [face.emotion for face in result.faces.all()]


def test_it_is_the_result_again(user, photo, administrator):
    roll_back(actor=administrator)
    assert _emotions(photo) == ("first-1", ["happy", "sad"])
    photo.refresh_from_db()
    assert (photo.model, photo.shows_happy, photo.shows_fear) == ("first-1", True, False)
    assert verify_history(owner=user) == []
    assert not ModelVersion.objects.active().has_results_to_restore


def test_the_first_version_of_a_site_has_nothing_to_restore(first):
    assert not first.has_results_to_restore


def test_promoting_it_anew_does_the_same(photo, second, administrator):
    roll_back(actor=administrator)
    promote_version(version=second, actor=administrator)
    assert _emotions(photo) == ("second-1", ["angry", "fear"])


def test_a_photo_that_it_never_analysed_keeps_its_result(user, promoted, administrator):
    photo = make_photo(user, emotions=[])
    _record(photo, "angry", "fear", model="second-1")
    roll_back(actor=administrator)
    assert _emotions(photo) == ("second-1", ["angry", "fear"])


def test_a_result_of_another_detector_stays_stored(photo, administrator):
    Analysis.objects.filter(model="first-1").update(detector="other")
    roll_back(actor=administrator)
    assert _emotions(photo)[0] == "second-1"


def test_of_several_results_the_newest_counts(photo, administrator):
    _record(photo, "surprise", "sad", model="first-1")
    _record(photo, "angry", "fear", model="second-1")
    roll_back(actor=administrator)
    assert _emotions(photo) == ("first-1", ["surprise", "sad"])


def test_corrections_go_along(user, photo, administrator):
    left, right = Face.objects.current()
    corrections.correct_face(face=left, by=user, emotion="surprise")
    corrections.correct_face(face=right, by=user, emotion="not_a_face")
    roll_back(actor=administrator)
    assert _emotions(photo) == ("first-1", ["happy"])
    assert Face.objects.current().included().get().corrected_emotion == "surprise"
    assert verify_history(owner=user) == []


@pytest.mark.parametrize("has_it", [True, False])
def test_a_marked_face_is_never_lost(user, photo, administrator, has_it):
    """Where the stored result lacks it, the photo keeps its result until it is analysed again."""
    Face.objects.current().filter(emotion="fear").update(is_marked=True)
    if not has_it:
        Face.objects.filter(analysis__model="first-1", emotion="sad").delete()
    roll_back(actor=administrator)
    assert _emotions(photo)[0] == ("first-1" if has_it else "second-1")
    assert verify_history(owner=user) == []


def test_workers_do_what_a_request_has_no_time_for(user, promoted, administrator, monkeypatch):
    monkeypatch.setattr(restoring, "_BATCH", 2)
    monkeypatch.setattr(restoring, "REQUEST_SECONDS", 0)
    photos = [make_photo(user, emotions=[]) for _ in range(5)]
    for photo in photos:
        _record(photo, "happy", "sad", model="first-1")
        _record(photo, "angry", "fear", model="second-1")
    roll_back(actor=administrator)
    assert Photo.objects.filter(model="first-1").count() == 2
    assert restoring.restore_results(seconds=60)
    assert Photo.objects.filter(model="first-1").count() == 5
    assert verify_history(owner=user) == []
