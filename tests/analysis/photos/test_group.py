"""The mean over all faces of a photo."""

import pytest
from django.urls import reverse

from tests.analysis.factories import make_photo


def test_two_faces_have_a_mean(signed_in, api, user):
    photo = make_photo(user, emotions=["happy", "sad"])
    one, other = (face.probabilities for face in photo.result.faces.all())
    expected = [(a + b) / 2 for a, b in zip(one, other, strict=True)]
    body = api.get(f"/api/v1/analyses/{photo.pk}/").json()
    assert list(body["mean_probabilities"].values()) == pytest.approx(expected)
    assert "All 2 faces together" in signed_in.get(reverse("analysis:detail", args=[photo.pk])).content.decode()


def test_one_face_is_no_group(signed_in, api, user):
    photo = make_photo(user, emotions=["happy"])
    means = api.get(f"/api/v1/analyses/{photo.pk}/").json()["mean_probabilities"]
    assert means["happy"] == photo.result.faces.get().probabilities[3]
    assert "together" not in signed_in.get(reverse("analysis:detail", args=[photo.pk])).content.decode()


def test_a_photo_without_a_face_has_no_mean(api, user):
    photo = make_photo(user, emotions=[])
    assert api.get(f"/api/v1/analyses/{photo.pk}/").json()["mean_probabilities"] is None
