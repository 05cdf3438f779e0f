"""The API of sessions."""

import pytest

from analysis.sessions.models import Session
from analysis.sessions.services import NewSample, record_samples, start_session

LIST = "/api/v1/sessions/"
HAPPY = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)
SAD = (0.0, 0.0, 0.0, 0.1, 0.8, 0.1, 0.0)


@pytest.fixture
def session(user):
    session = start_session(owner=user, name="Morning")
    samples = [NewSample(session.pk, second, 1, 5, "residual-1", HAPPY) for second in range(3)]
    record_samples(samples=[*samples, NewSample(session.pk, 2, 2, 4, "residual-1", SAD, score=0.8)])
    return session


def test_a_session_is_listed_and_fetched(api, session):
    (row,) = api.get(LIST).json()["results"]
    assert (row["name"], row["source"], row["video"]) == ("Morning", "live", None)
    assert api.get(f"{LIST}{session.pk}/").json() == row


def test_lists_are_filtered(api, session):
    assert len(api.get(LIST, {"source": "live"}).json()["results"]) == 1
    assert api.get(LIST, {"source": "video"}).json()["results"] == []
    assert api.get(LIST, {"started_before": "2020-01-01T00:00:00Z"}).json()["results"] == []
    assert len(api.get(LIST, {"started_after": "2020-01-01T00:00:00Z"}).json()["results"]) == 1


def test_samples_come_in_order_page_after_page(api, session):
    path = f"{LIST}{session.pk}/samples/"
    first = api.get(path, {"page_size": 3}).json()
    rest = api.get(first["next"]).json()
    found = [(row["second"], row["face"]) for row in first["results"] + rest["results"]]
    assert found == [(0, 1), (1, 1), (2, 1), (2, 2)]
    assert first["results"][0]["probabilities"]["happy"] == pytest.approx(0.9)
    assert api.get(rest["previous"]).json()["results"] == first["results"]


def test_one_faces_samples(api, session):
    (row,) = api.get(f"{LIST}{session.pk}/samples/", {"face": 2}).json()["results"]
    assert (row["second"], row["emotion"], row["frames"], row["score"]) == (2, "sad", 4, 0.8)
    assert row["is_uncertain"] is bool(row["doubts"])


def test_the_summary_has_each_face(api, session):
    summary = api.get(f"{LIST}{session.pk}/summary/").json()
    assert summary["n"] == 4
    assert summary["shares"] == {"happy": 0.75, "sad": 0.25}
    assert [(face["face"], face["seconds"]) for face in summary["faces"]] == [(1, 3), (2, 1)]


def test_renaming_and_notes(api, session):
    response = api.patch(f"{LIST}{session.pk}/", {"name": "Evening", "notes": "Rain."}, format="json")
    assert (response.json()["name"], response.json()["notes"]) == ("Evening", "Rain.")
    refused = api.patch(f"{LIST}{session.pk}/", {"name": " "}, format="json")
    assert refused.status_code == 400
    assert "name" in refused.json()["errors"]


def test_deleting(api, session):
    assert api.delete(f"{LIST}{session.pk}/").status_code == 204
    assert not Session.objects.exists()


def test_other_users_sessions_are_404(others_api, session):
    assert others_api.get(LIST).json()["results"] == []
    for path in ("", "samples/", "summary/"):
        assert others_api.get(f"{LIST}{session.pk}/{path}").status_code == 404
    assert others_api.patch(f"{LIST}{session.pk}/", {"name": "x"}, format="json").status_code == 404
    assert others_api.delete(f"{LIST}{session.pk}/").status_code == 404
    assert Session.objects.get().name == "Morning"
