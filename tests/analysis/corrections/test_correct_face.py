import re

import pytest
from django.urls import reverse

from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections.models import Correction
from analysis.errors import CorrectionError
from analysis.photos import services
from analysis.photos.models import Face, Photo
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo, make_recognition


def _face(owner, **options):
    return make_photo(owner, **options).result.faces.first()


def _correct(client, face, **fields):
    return client.post(reverse("analysis:face-correct", args=[face.pk]), {"emotion": "sad", **fields})


def test_it_saves_both_expressions_and_the_version(signed_in, user):
    face = _face(user, emotions=["happy"])
    response = _correct(signed_in, face)
    correction = Correction.objects.get()
    assert (correction.face, correction.by, correction.emotion) == (face, user, "sad")
    assert (correction.said, correction.model, correction.status) == ("happy", "test-1", "pending")
    assert response["Location"] == reverse("analysis:detail", args=[face.analysis.photo_id]) + "#face-1"


def test_the_result_is_unchanged(signed_in, user):
    face = _face(user, emotions=["happy"])
    _correct(signed_in, face)
    face.refresh_from_db()
    assert face.emotion == "happy"


def test_the_page_offers_the_other_six_expressions_cannot_tell_and_not_a_face_without_script(signed_in, user):
    face = _face(user, emotions=["happy"])
    page = signed_in.get(reverse("analysis:detail", args=[face.analysis.photo_id])).content.decode()
    offered = re.findall(r'type="radio" name="emotion" value="(\w+)"', page)
    assert offered == ["angry", "disgust", "fear", "sad", "surprise", "neutral", "cannot_tell", "not_a_face"]


def test_the_page_shows_the_correction(signed_in, user):
    face = _face(user)
    _correct(signed_in, face)
    page = signed_in.get(reverse("analysis:detail", args=[face.analysis.photo_id])).content.decode()
    assert "You chose <strong>sad</strong>" in page
    assert "Saved with this result only" in page


def test_the_training_checkbox_is_off_by_default(signed_in, user):
    face = _face(user)
    page = signed_in.get(reverse("analysis:detail", args=[face.analysis.photo_id])).content.decode()
    box = page[page.index('<input type="checkbox" name="learn"') :]
    assert "checked" not in box[: box.index(">")]
    _correct(signed_in, face)
    assert consents.active_consent(user=user) is None


def test_the_checkbox_gives_the_consent_to_training(signed_in, user):
    _correct(signed_in, _face(user), learn="1", notice=consents.NOTICES["training"])
    assert consents.active_consent(user=user) is not None
    assert Correction.objects.consented().count() == 1


def test_an_outdated_notice_saves_the_correction_without_consent(signed_in, user):
    _correct(signed_in, _face(user), learn="1", notice="2001-01")
    assert Correction.objects.count() == 1
    assert consents.active_consent(user=user) is None


def test_the_checkbox_is_hidden_after_the_consent(signed_in, user):
    face = _face(user)
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    page = signed_in.get(reverse("analysis:detail", args=[face.analysis.photo_id])).content.decode()
    assert 'name="learn"' not in page
    assert "as you agreed on" in page


@pytest.mark.parametrize("emotion", ["", "bored", "HAPPY"])
def test_an_unknown_expression_is_refused(signed_in, user, emotion):
    response = signed_in.post(
        reverse("analysis:face-correct", args=[_face(user).pk]), {"emotion": emotion}, follow=True
    )
    assert b"Choose one of: angry" in response.content
    assert not Correction.objects.exists()


def test_a_confirmed_face_is_not_to_review_and_its_photo_not_among_the_corrected(user):
    face = _face(user, faces=[make_face("sad", 0.4)])
    assert Photo.objects.get().has_uncertain
    corrections.correct_face(face=face, by=user, emotion="sad")
    photo = Photo.objects.get()
    assert (photo.has_uncertain, photo.is_corrected, photo.shows_sad) == (False, False, True)
    assert list(Face.objects.to_review()) == []


def test_a_changed_correction_is_reviewed_again(user, administrator):
    face = _face(user)
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    first = corrections.correct_face(face=face, by=user, emotion="sad")
    corrections.review_correction(correction=first, by=administrator, approve=True)
    second = corrections.correct_face(face=face, by=user, emotion="fear")
    assert (second.status, Correction.objects.count()) == ("pending", 1)
    assert second.pk != first.pk


def test_an_unchanged_correction_keeps_its_review(user, administrator):
    face = _face(user)
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    first = corrections.correct_face(face=face, by=user, emotion="sad")
    corrections.review_correction(correction=first, by=administrator, approve=True)
    assert corrections.correct_face(face=face, by=user, emotion="sad").status == "approved"


def test_withdraw(signed_in, user):
    correction = corrections.correct_face(face=_face(user), by=user, emotion="sad")
    signed_in.post(reverse("analysis:correction-withdraw", args=[correction.pk]))
    assert not Correction.objects.exists()


def test_faces_of_other_users_are_404(signed_in, other_user):
    assert _correct(signed_in, _face(other_user)).status_code == 404
    assert not Correction.objects.exists()


def test_corrections_of_other_users_are_404(signed_in, other_user):
    correction = corrections.correct_face(face=_face(other_user), by=other_user, emotion="sad")
    assert signed_in.post(reverse("analysis:correction-withdraw", args=[correction.pk])).status_code == 404
    assert Correction.objects.exists()


def test_it_requires_post(signed_in, user):
    assert signed_in.get(reverse("analysis:face-correct", args=[_face(user).pk])).status_code == 405


def test_it_requires_sign_in(client, user):
    assert _correct(client, _face(user))["Location"].startswith(reverse("account_login"))


def test_former_results_cannot_be_corrected(user):
    face = _face(user)
    services.record_analysis(photo=face.analysis.photo, recognition=make_recognition([make_face()], model="test-2"))
    with pytest.raises(CorrectionError) as raised:
        corrections.correct_face(face=Face.objects.get(pk=face.pk), by=user, emotion="sad")
    assert raised.value.code == "outdated"


def test_it_moves_to_the_same_face_of_a_later_result(user):
    left, right = make_face("happy", box=Box(5, 8, 30, 36)), make_face("fear", box=Box(60, 8, 30, 36))
    photo = make_photo(user, faces=[left, right])
    correction = corrections.correct_face(face=photo.result.faces.last(), by=user, emotion="sad")
    shifted = [make_face(box=Box(4, 9, 31, 35)), make_face(box=Box(61, 7, 30, 37))]
    later = services.record_analysis(photo=photo, recognition=make_recognition(shifted, model="test-2"))
    correction.refresh_from_db()
    assert correction.face == later.faces.get(position=2)
    assert (correction.said, correction.model) == ("fear", "test-1")


def test_it_stays_where_a_later_result_does_not_find_the_face(user):
    photo = make_photo(user, faces=[make_face(box=Box(5, 8, 30, 36))])
    correction = corrections.correct_face(face=photo.result.faces.first(), by=user, emotion="sad")
    elsewhere = make_recognition([make_face(box=Box(60, 8, 30, 36))], model="test-2")
    services.record_analysis(photo=photo, recognition=elsewhere)
    correction.refresh_from_db()
    assert correction.face.analysis.model == "test-1"
