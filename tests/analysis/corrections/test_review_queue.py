"""Going through uncertain faces one by one."""

import pytest
from django.urls import reverse

from analysis.consents import services as consents
from analysis.corrections.models import Correction
from analysis.photos import services
from analysis.photos.models import Face, Photo
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo

PAGE = reverse("analysis:review")


def _faces(*confidences):
    """Faces from left to right; those of less than 0.5 are uncertain."""
    return [make_face("happy", each, Box(30 * i, 8, 20, 24)) for i, each in enumerate(confidences)]


def _shown(client, **query):
    return client.get(PAGE, query).context["face"]


def _say(client, face, emotion):
    return client.post(PAGE, {"face": face.pk, "emotion": emotion}, follow=True)


@pytest.fixture
def older(user):
    return make_photo(user, faces=_faces(0.4, 0.9, 0.3))


@pytest.fixture
def newer(user, older):
    return make_photo(user, faces=_faces(0.35))


def test_it_goes_from_the_newest_photo_to_the_oldest_and_from_face_to_face(signed_in, older, newer):
    (first,) = newer.result.faces.all()
    second, _sure, third = older.result.faces.all()
    found = [_shown(signed_in)]
    while found[-1] is not None:
        found.append(_shown(signed_in, after=found[-1].pk))
    assert found == [first, second, third, None]


@pytest.mark.parametrize("answer", ["sad", "happy", "cannot_tell", "not_a_face"])
def test_an_answer_is_saved_and_leads_to_the_next_face(signed_in, older, answer):
    first, _, last = older.result.faces.all()
    response = _say(signed_in, first, answer)
    assert Correction.objects.get().emotion == answer
    assert response.context["face"] == last
    assert f"Saved: {Correction.objects.get().get_emotion_display().lower()}" in response.content.decode()


def test_an_answer_is_undone_and_the_face_shown_again(signed_in, older):
    first = older.result.faces.first()
    _say(signed_in, first, "not_a_face")
    response = signed_in.post(PAGE, {"face": first.pk, "undo": "1"}, follow=True)
    assert response.context["face"] == first
    assert not Correction.objects.exists()
    assert Face.objects.included().count() == 3


def test_at_the_end_it_offers_those_that_were_skipped(signed_in, newer, older):
    page = signed_in.get(PAGE, {"after": older.result.faces.last().pk}).content.decode()
    assert "That was the last one." in page
    assert "Review them again" in page


def test_without_uncertain_faces_there_is_nothing_to_review(signed_in, user):
    make_photo(user, faces=_faces(0.9))
    assert "Nothing to review." in signed_in.get(PAGE).content.decode()


def test_photos_without_their_picture_are_left_out(signed_in, newer):
    services.delete_photo_files(photos=Photo.objects.all())
    assert _shown(signed_in) is None


def test_it_says_who_sees_the_answers(signed_in, user, newer):
    assert "Nobody else sees them" in signed_in.get(PAGE).content.decode()
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    assert "Your corrections can be reviewed" in signed_in.get(PAGE).content.decode()


@pytest.mark.parametrize("emotion", ["", "bored"])
def test_an_unknown_answer_is_refused_and_the_face_stays(signed_in, newer, emotion):
    face = newer.result.faces.get()
    response = _say(signed_in, face, emotion)
    assert "Choose one of" in response.content.decode()
    assert response.context["face"] == face


@pytest.mark.parametrize("face", ["", "x", "-1", "9" * 30, "²"])
def test_an_answer_about_no_face_is_404(signed_in, newer, face):
    assert signed_in.post(PAGE, {"face": face, "emotion": "sad"}).status_code == 404
    assert _shown(signed_in, after=face) == newer.result.faces.get()


def test_another_persons_faces_are_not_shown_and_not_answered(signed_in, other_user):
    face = make_photo(other_user, faces=_faces(0.4)).result.faces.get()
    assert _shown(signed_in, face=face.pk) is None
    assert _say(signed_in, face, "sad").status_code == 404
    assert not Correction.objects.exists()


def test_it_reads_as_much_for_many_photos_as_for_one(signed_in, user, newer, django_assert_max_num_queries):
    for _ in range(5):
        make_photo(user, faces=_faces(0.4, 0.3))
    with django_assert_max_num_queries(10):
        signed_in.get(PAGE)
