import pytest
from django.db import IntegrityError

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.photos.models import Face
from analysis.recognition.emotions import EMOTIONS
from tests.analysis.factories import make_face, make_photo


def test_a_face_comes_back_as_it_was_recognized(user):
    face = make_face("disgust", 0.7)
    assert make_photo(user, faces=[face]).result.recognized_faces == [face]


def test_probabilities_follow_the_order_of_the_emotions():
    assert [field.removeprefix("p_") for field in PROBABILITY_FIELDS] == list(EMOTIONS)


def test_a_rounding_error_above_one_is_kept_as_one(user):
    photo = make_photo(user, faces=[make_face("happy", 1.0000001)])
    assert photo.result.faces.get().confidence == 1.0


@pytest.mark.parametrize(
    "change",
    [
        {"p_sad": 1.5},
        {"p_angry": -0.1},
        {"confidence": 2},
        {"score": -1},
        {"width": 0},
        {"height": -3},
        {"emotion": "bored"},
    ],
)
def test_the_database_refuses_what_cannot_be(user, change):
    make_photo(user)
    with pytest.raises(IntegrityError):
        Face.objects.update(**change)


def test_the_database_refuses_two_current_results(user):
    photo = make_photo(user)
    with pytest.raises(IntegrityError):
        photo.analyses.create(detector="centerface", model="test-2", decode_ms=1, detect_ms=1, classify_ms=1)


def test_a_photo_does_not_show_its_name_to_the_admin(user):
    assert "secret" not in str(make_photo(user, name="secret.jpg"))
