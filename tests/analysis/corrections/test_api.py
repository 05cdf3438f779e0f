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


def test_a_face_is_what_the_analysis_said(api, face):
    assert api.get(f"/api/v1/faces/{face['id']}/").json() == face


def test_it_says_why_an_answer_is_uncertain(api, face):
    Face.objects.filter(pk=face["id"]).update(picture_doubts="small dark")
    found = api.get(f"/api/v1/faces/{face['id']}/").json()
    assert (found["is_uncertain"], found["doubts"][-2:]) == (True, ["small", "dark"])


def test_a_correction_is_kept_shown_and_withdrawn(api, face, other_emotion):
    path = f"/api/v1/faces/{face['id']}/"
    said = api.put(f"{path}correction/", {"emotion": other_emotion}, format="json").json()
    assert (said["emotion"], said["said"], said["status"]) == (other_emotion, face["emotion"], "pending")
    assert api.get(path).json()["correction"] == said
    assert api.delete(f"{path}correction/").status_code == 204
    assert api.get(path).json()["correction"] is None
    assert api.delete(f"{path}correction/").status_code == 204


def test_what_was_recognized_is_no_correction(api, face):
    response = api.put(f"/api/v1/faces/{face['id']}/correction/", {"emotion": face["emotion"]}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "same_emotion")


def test_an_unknown_expression_names_the_known(api, face):
    response = api.put(f"/api/v1/faces/{face['id']}/correction/", {"emotion": "bored"}, format="json")
    assert response.status_code == 400
    assert "emotion" in response.json()["errors"]


def test_others_faces_are_not_there(others_api, face, other_emotion):
    path = f"/api/v1/faces/{face['id']}/"
    body = {"emotion": other_emotion}
    assert others_api.get(path).status_code == 404
    assert others_api.put(f"{path}correction/", body, format="json").status_code == 404
    assert others_api.delete(f"{path}correction/").status_code == 404
    assert Correction.objects.count() == 0
