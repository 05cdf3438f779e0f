"""Faces and corrections by the API."""

import pytest

from analysis.corrections.models import Correction
from analysis.photos.models import Face


@pytest.fixture
def face(upload):
    return upload().json()["faces"][0]


@pytest.fixture
def other_emotion(face):
    return "sad" if face["emotion"] != "sad" else "angry"


def test_a_face_has_the_values_of_the_analysis(api, face):
    assert api.get(f"/api/v1/faces/{face['id']}/").json() == face


def test_an_uncertain_face_has_doubts(api, face):
    Face.objects.filter(pk=face["id"]).update(picture_doubts="small dark")
    found = api.get(f"/api/v1/faces/{face['id']}/").json()
    assert (found["is_uncertain"], found["doubts"][-2:]) == (True, ["small", "dark"])


def test_a_correction_is_saved_shown_and_withdrawn(api, face, other_emotion):
    path = f"/api/v1/faces/{face['id']}/"
    said = api.put(f"{path}correction/", {"emotion": other_emotion}, format="json").json()
    assert (said["emotion"], said["said"], said["status"]) == (other_emotion, face["emotion"], "pending")
    assert api.get(path).json()["correction"] == said
    assert api.delete(f"{path}correction/").status_code == 204
    assert api.get(path).json()["correction"] is None
    assert api.delete(f"{path}correction/").status_code == 204


def test_the_recognized_expression_confirms_it(api, face):
    said = api.put(f"/api/v1/faces/{face['id']}/correction/", {"emotion": face["emotion"]}, format="json").json()
    assert (said["emotion"], said["said"]) == (face["emotion"], face["emotion"])


def test_an_unknown_expression_is_refused_with_the_choices(api, face):
    response = api.put(f"/api/v1/faces/{face['id']}/correction/", {"emotion": "bored"}, format="json")
    assert response.status_code == 400
    assert "emotion" in response.json()["errors"]


def test_faces_of_other_users_are_404(others_api, face, other_emotion):
    path = f"/api/v1/faces/{face['id']}/"
    body = {"emotion": other_emotion}
    assert others_api.get(path).status_code == 404
    assert others_api.put(f"{path}correction/", body, format="json").status_code == 404
    assert others_api.delete(f"{path}correction/").status_code == 404
    assert Correction.objects.count() == 0
