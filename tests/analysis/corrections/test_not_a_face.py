"""What is not a face leaves everything that counts faces, what cannot be told every expression, until it is undone."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.privacy.takeout import TABLES
from analysis.consents import services as consents
from analysis.consents.models import Consent
from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.corrections.training_rows import approved_rows
from analysis.dashboard.export import ExportFilter, export_batches
from analysis.dashboard.export_formats import export_text
from analysis.history.series import history_totals
from analysis.management.verify_history import verify_history
from analysis.photos import services
from analysis.photos.models import Face, Photo
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo, make_recognition

LEFT, MIDDLE, RIGHT = Box(5, 8, 20, 24), Box(35, 8, 20, 24), Box(65, 8, 20, 24)
CORRECTION = reverse("admin:analysis_correction_changelist")


@pytest.fixture
def photo(user):
    """Three faces from left to right: happy, sad, fear."""
    boxes = zip(("happy", "sad", "fear"), (LEFT, MIDDLE, RIGHT), strict=True)
    return make_photo(user, faces=[make_face(emotion, box=box) for emotion, box in boxes])


def _face(photo, emotion):
    return Face.objects.get(analysis__photo=photo, analysis__is_current=True, emotion=emotion)


def _correct(photo, emotion, to):
    return corrections.correct_face(face=_face(photo, emotion), by=photo.owner, emotion=to)


def _counts(owner):
    """Return where faces are counted: the sums, the list's columns, exports, and the zip of one's data."""
    now = timezone.now()
    sums = history_totals(owner=owner, start=now.replace(year=2000), end=now.replace(year=2090), source="photo")
    exported = [row for batch in export_batches(ExportFilter(owner)) for row in batch]
    (faces,) = (table for table in TABLES if table.name == "faces")
    photo = Photo.objects.get()
    return {
        "sums": sums.whole.faces.n,
        "list": photo.face_count,
        "page": len(photo.result.faces.all()),
        "export": len(exported),
        "zip": sum(map(len, faces.read_batches(owner))),
    }


def test_not_a_face_leaves_everything_at_once(user, photo):
    assert set(_counts(user).values()) == {3}
    correction = _correct(photo, "sad", "not_a_face")
    assert set(_counts(user).values()) == {2}
    photo.refresh_from_db()
    assert (photo.shows_sad, photo.is_corrected) == (False, True)
    assert verify_history(owner=user) == []
    corrections.withdraw_correction(correction=correction)
    assert set(_counts(user).values()) == {3}
    assert verify_history(owner=user) == []


def test_the_others_are_numbered_anew_and_it_returns_to_its_place(photo):
    correction = _correct(photo, "happy", "not_a_face")
    result = Photo.objects.get().result
    assert [(face.position, face.emotion) for face in result.faces.all()] == [(1, "sad"), (2, "fear")]
    assert [face.emotion for face in result.excluded_faces] == ["happy"]
    corrections.withdraw_correction(correction=correction)
    assert [face.emotion for face in Photo.objects.get().result.faces.all()] == ["happy", "sad", "fear"]


def test_cannot_tell_stays_a_face_that_shows_nothing(user, photo):
    _correct(photo, "sad", "cannot_tell")
    counts = _counts(user)
    assert counts.pop("sums") == 2
    assert set(counts.values()) == {3}
    photo.refresh_from_db()
    assert (photo.shows_sad, photo.is_corrected) == (False, True)
    assert _face(photo, "sad").corrected_emotion == ""
    assert verify_history(owner=user) == []


def test_another_expression_counts_as_corrected(user, photo):
    _correct(photo, "sad", "surprise")
    photo.refresh_from_db()
    assert (photo.shows_sad, photo.shows_surprise) == (False, True)
    assert Photo.objects.get().result.emotion_counts == [("happy", 1), ("surprise", 1), ("fear", 1)]
    assert verify_history(owner=user) == []


@pytest.mark.parametrize("to", ["not_a_face", "cannot_tell"])
def test_it_goes_along_to_the_same_face_of_a_later_result(user, photo, to):
    _correct(photo, "sad", to)
    faces = [make_face("happy", box=LEFT), make_face("angry", box=MIDDLE)]
    services.record_analysis(photo=photo, recognition=make_recognition(faces, model="test-2"))
    found = _face(photo, "angry")
    assert (found.corrected_emotion, found.is_included) == ("", to == "cannot_tell")
    assert verify_history(owner=user) == []


@pytest.mark.parametrize("to", ["not_a_face", "cannot_tell"])
def test_nothing_is_learnt_from_it(user, photo, administrator, to):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    correction = _correct(photo, "sad", to)
    Correction.objects.update(status="approved", reviewed_at=timezone.now())
    assert len(approved_rows().labels) == 0
    assert Correction.objects.approved().filter(pk=correction.pk).exists() == (to == "not_a_face")


def test_reviewers_see_not_a_face_as_such(client, administrator, user, photo):
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    _correct(photo, "sad", "not_a_face")
    _correct(photo, "happy", "cannot_tell")
    client.force_login(administrator)
    page = client.get(CORRECTION).content.decode()
    assert "not a face, recognized as sad" in page
    assert "cannot tell" not in page


def test_an_earlier_notice_did_not_name_it(user, photo):
    Consent.objects.create(user=user, purpose="training", notice_version="2026-11")
    assert not _correct(photo, "sad", "not_a_face").is_for_training
    assert _correct(photo, "sad", "angry").is_for_training


def test_the_api_takes_it_out_and_back(api, photo):
    path = f"/api/v1/faces/{_face(photo, 'sad').pk}/"
    assert api.put(f"{path}correction/", {"emotion": "not_a_face"}, format="json").json()["emotion"] == "not_a_face"
    answer = api.get(f"/api/v1/analyses/{photo.pk}/").json()
    assert [face["emotion"] for face in answer["faces"]] == ["happy", "fear"]
    (taken_out,) = answer["excluded_faces"]
    assert (taken_out["is_included"], taken_out["corrected_emotion"]) == (False, None)
    assert api.delete(f"{path}correction/").status_code == 204
    assert len(api.get(f"/api/v1/analyses/{photo.pk}/").json()["faces"]) == 3


def test_the_page_takes_it_out_and_back(signed_in, user, photo):
    face = _face(photo, "sad")
    signed_in.post(reverse("analysis:face-correct", args=[face.pk]), {"emotion": "not_a_face"})
    assert not Face.objects.get(pk=face.pk).is_included
    signed_in.post(reverse("analysis:correction-withdraw", args=[Correction.objects.get().pk]))
    assert Face.objects.get(pk=face.pk).is_included


def test_exports_say_both(user, photo):
    _correct(photo, "sad", "surprise")
    _correct(photo, "fear", "cannot_tell")
    faces = json.loads("".join(export_text(ExportFilter(user), "json", dt.UTC)))["faces"]
    said = [(face["emotion"], face["correction"], face["corrected_emotion"]) for face in faces]
    assert said == [("happy", None, "happy"), ("sad", "surprise", "surprise"), ("fear", "cannot_tell", None)]
