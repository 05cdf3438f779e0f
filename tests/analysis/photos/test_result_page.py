import json
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from analysis.photos import services
from analysis.photos.models import Photo
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from analysis.recognition.quality import QualityWarning
from analysis.versions.models import ModelVersion
from tests.analysis.factories import make_face, make_photo


def _page(client, photo):
    response = client.get(reverse("analysis:detail", args=[photo.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_each_faces_expression_confidence_and_margin(signed_in, user):
    page = _page(signed_in, make_photo(user, faces=[make_face("surprise", 0.88)]))
    assert re.search(r"Surprise\s+<span class=\"numeric\">88%</span>", page)
    assert "86 points ahead of" in page
    assert "1 face" in page


@pytest.mark.parametrize(("confidence", "is_uncertain"), [(0.45, True), (0.9, False)])
def test_it_marks_uncertain_results(signed_in, user, confidence, is_uncertain):
    page = _page(signed_in, make_photo(user, faces=[make_face("fear", confidence)]))
    assert ("Uncertain</strong>" in page) is is_uncertain


def test_it_shows_quality_warnings(signed_in, user):
    warned = replace(make_face("happy", 0.9), quality_warnings=(QualityWarning.SMALL, QualityWarning.BLURRED))
    page = _page(signed_in, make_photo(user, faces=[warned]))
    assert "<span>the face is small and blurred</span>" in page
    assert "<span>88 points ahead of" in page


def test_it_has_seven_bars_per_face_without_script(signed_in, user):
    page = _page(signed_in, make_photo(user, faces=[make_face(), make_face("sad")]))
    assert page.count('<svg class="bar emotion-') == 2 * len(EMOTIONS)
    assert '<rect width="90.0%"' in page


def test_overlay_data_is_in_pixels_of_the_upright_original(signed_in, user):
    page = _page(signed_in, make_photo(user, faces=[make_face("happy", 0.93, Box(12.5, 8, 30, 36))]))
    data = json.loads(re.search(r'id="overlay-data" type="application/json">(.*?)</script>', page)[1])
    assert (data["width"], data["height"]) == (96, 64)
    # CenterFace's frame: 1.121 sides of 33 pixels, 0.005 sides left of the box's centre and 0.018 above it.
    assert data["faces"] == [{"position": 1, "circle": [27.3, 25.4, 18.5], "emotion": "happy", "label": "happy 93%"}]


def test_a_card_shows_the_frame_that_was_classified(signed_in, user):
    photo = make_photo(user, faces=[make_face("happy", 0.93, Box(12.5, 8, 30, 36))])
    page = _page(signed_in, photo)
    assert 'class="face-crop" viewBox="8.8 6.9 37.0 37.0"' in page
    assert f'<image href="{reverse("analysis:image", args=[photo.pk])}" width="96" height="64"' in page


def test_a_card_without_the_removed_picture_shows_the_expression_alone(signed_in, user):
    photo = make_photo(user)
    services.delete_photo_files(photos=Photo.objects.filter(pk=photo.pk))
    page = _page(signed_in, photo)
    assert "face-crop" not in page
    assert "face-icon" in page


def test_no_probability_reads_as_impossible_or_certain(signed_in, user):
    page = _page(signed_in, make_photo(user, faces=[make_face("happy", 1.0)]))
    numbers = set(re.findall(r'bars-number numeric">(.*?)<', page))
    assert numbers == {"&lt;1%", "&gt;99%"}


@pytest.mark.parametrize(("count", "is_collapsed"), [(2, False), (3, True)])
def test_cards_of_many_faces_open_where_asked(signed_in, user, count, is_collapsed):
    page = _page(signed_in, make_photo(user, emotions=["happy"] * count))
    assert ('<details class="face-card' in page) is is_collapsed


def test_twelve_faces_have_twelve_cards(signed_in, user):
    faces = [make_face(EMOTIONS[i % 7], 0.8, Box(4 + 7 * i, 8, 6, 6)) for i in range(12)]
    page = _page(signed_in, make_photo(user, faces=faces))
    assert page.count("data-face=") == 12
    assert "12 faces" in page


def test_without_a_face_it_shows_advice(signed_in, user):
    page = _page(signed_in, make_photo(user, emotions=[]))
    assert "No face was found in this photo." in page
    assert "looks towards the camera" in page
    assert "Download with marks" not in page


def test_it_links_to_the_newer_and_older_photo(signed_in, user):
    older, shown, newer = (make_photo(user) for _ in range(3))
    page = _page(signed_in, shown)
    assert f'href="{reverse("analysis:detail", args=[older.pk])}" rel="next"' in page
    assert f'href="{reverse("analysis:detail", args=[newer.pk])}" rel="prev"' in page


def test_it_names_the_version_of_the_result(signed_in, user):
    assert "test-1" in _page(signed_in, make_photo(user))


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ({}, "trial-1</a> (FER-2013’s labels) ·"),
        ({"votes_share": 0.65}, "trial-1</a> (65% people’s votes, 35% FER-2013’s labels) ·"),
        (None, "trial-1</a> ·"),
    ],
)
def test_it_says_which_reading_made_a_result(signed_in, user, card, shown):
    if card is not None:  # None: a version that was deleted since
        ModelVersion.objects.create(name="trial-1", origin="trained", pins={}, card=card)
    photo = make_photo(user)
    photo.analyses.update(model="trial-1")
    assert shown in _page(signed_in, photo)
