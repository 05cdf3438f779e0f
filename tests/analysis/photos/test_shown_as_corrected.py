"""Result page, tiles and filters show faces as corrected, or as the version answered."""

import json
import re

import pytest
from django.urls import reverse

from analysis.corrections import services as corrections
from analysis.photos.models import Photo
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo

HISTORY = reverse("analysis:history")


def _photo(user, *said):
    """A photo of happy faces, corrected to what is `said` of each; None: not corrected."""
    faces = [make_face("happy", 0.9, Box(30 * i, 8, 20, 24)) for i in range(len(said))]
    photo = make_photo(user, faces=faces)
    for face, emotion in zip(photo.result.faces.all(), said, strict=True):
        if emotion:
            corrections.correct_face(face=face, by=user, emotion=emotion)
    return Photo.objects.with_result().get(pk=photo.pk)


def _page(client, photo, **query):
    return client.get(reverse("analysis:detail", args=[photo.pk]), query).content.decode()


def _labels(page):
    data = json.loads(re.search(r'id="overlay-data" type="application/json">(.*?)</script>', page)[1])
    return [(face["emotion"], face["label"]) for face in data["faces"]]


def _words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_result_shows_corrections_and_on_request_the_answers(signed_in, user):
    photo = _photo(user, "sad", "cannot_tell", "happy")
    page = _page(signed_in, photo)
    assert _labels(page) == [("sad", "sad, corrected"), ("", "cannot tell"), ("happy", "happy 90%")]
    assert "Face 1: Sad Corrected. The model’s result: happy 90%" in _words(page)
    assert "Face 2: Cannot tell Corrected. The model’s result: happy 90%" in _words(page)
    assert "Face 3: Happy 90% Confirmed 88 points ahead" in _words(page)
    answered = _page(signed_in, photo, faces="answered")
    assert _labels(answered) == [("happy", "happy 90%")] * 3
    assert "Show your corrections" in answered


def test_a_face_taken_out_is_listed_apart_with_undo(signed_in, user):
    photo = _photo(user, "not_a_face", None)
    page = _page(signed_in, photo)
    assert len(_labels(page)) == 1
    assert "1 face" in page
    assert "Not a face You said that this is not a face. It is left out of your history" in _words(page)
    excluded = photo.result.excluded_faces[0]
    signed_in.post(reverse("analysis:correction-withdraw", args=[excluded.correction.pk]))
    assert len(_labels(_page(signed_in, photo))) == 2


@pytest.mark.parametrize(
    ("said", "corrected", "answered"),
    [
        (["sad"], "sad , corrected", "happy 90%"),
        (["cannot_tell"], "cannot tell , corrected", "happy 90%"),
        (["happy"], "happy 90%", "happy 90%"),
        (["sad", "sad", None], "2 sad 1 happy", "3 happy"),
        (["cannot_tell", None], "1 cannot tell 1 happy", "2 happy"),
        (["not_a_face"], "No face found", "No face found"),
    ],
)
def test_a_tile_shows_corrections_and_on_request_the_answers(signed_in, user, said, corrected, answered):
    _photo(user, *said)
    for query, words in (({}, corrected), ({"faces": "answered"}, answered)):
        page = signed_in.get(HISTORY, query).content.decode()
        tile = _words(re.search(r'<span class="photo-card-faces">(.*?)<span class="photo-card-name"', page, re.S)[1])
        assert tile == words


def _names(client, **query):
    return {photo.name for photo in client.get(HISTORY, query).context["page"].rows}


def test_filters_find_corrected_uncertain_and_empty_photos(signed_in, user):
    said = {"corrected": ["sad"], "taken out": ["not_a_face"], "confirmed": ["happy"], "sure": [None]}
    for name, each in said.items():
        Photo.objects.filter(pk=_photo(user, *each).pk).update(name=name)
    make_photo(user, faces=[make_face("fear", 0.4)], name="uncertain")
    make_photo(user, emotions=[], name="nobody")
    assert _names(signed_in, kind="corrected") == {"corrected", "taken out"}
    assert _names(signed_in, kind="uncertain") == {"uncertain"}
    assert _names(signed_in, kind="no_face") == {"nobody", "taken out"}
    assert _names(signed_in, emotion="sad") == {"corrected"}
    assert _names(signed_in, emotion="happy") == {"confirmed", "sure"}
    assert _names(signed_in, emotion="happy", faces="answered") == {"corrected", "confirmed", "sure"}
    # An address with an unknown word filters nothing.
    assert len(_names(signed_in, kind="nonsense", faces="nonsense")) == 6
