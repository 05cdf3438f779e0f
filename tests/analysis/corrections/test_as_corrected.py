"""Sums, charts, lists and the API as corrected (the default) or as answered."""

import pytest
from django.urls import reverse

from analysis.corrections import services as corrections
from analysis.dashboard.forms import DashboardForm
from analysis.photos.models import Face, Photo
from tests.analysis.factories import make_face, make_photo


@pytest.fixture
def photo(user):
    """A face that was recognized as happy, is corrected to sad, and one of which nobody can tell."""
    photo = make_photo(user, emotions=["happy", "fear"], name="corrected")
    for face, emotion in zip(photo.result.faces.all(), ("sad", "cannot_tell"), strict=True):
        corrections.correct_face(face=face, by=user, emotion=emotion)
    return photo


@pytest.mark.parametrize(("faces", "shown"), [({}, {"sad": 1}), ({"faces": "answered"}, {"happy": 1, "fear": 1})])
def test_numbers_and_charts(api, signed_in, photo, faces, shown):
    (*_, today) = api.get("/api/v1/history/", faces).json()["buckets"]
    summary = api.get("/api/v1/history/summary/", faces).json()
    page = signed_in.get(reverse("analysis:series"), {"interval": "day", **faces}).json()
    for counts in (today["counts"], summary["counts"], summary["sources"]["photo"]["counts"]):
        assert {emotion: n for emotion, n in counts.items() if n} == shown
    assert sum(bucket["n"] for bucket in page["buckets"]) == sum(shown.values())
    assert DashboardForm(faces).get_query().as_answered == bool(faces)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("emotion=happy", ["certain"]),
        ("emotion=sad", ["corrected"]),
        ("emotion=happy&faces=answered", ["certain", "corrected"]),
        ("emotion=sad&faces=answered", []),
        ("emotion=fear&faces=answered", ["corrected"]),
        ("corrected=true", ["corrected"]),
        ("corrected=false", ["certain", "nobody", "open"]),
        ("uncertain=true", ["open"]),
        ("without_faces=true", ["nobody"]),
        ("without_faces=false", ["certain", "corrected", "open"]),
        ("corrected=true&uncertain=true", []),
    ],
)
def test_filters_of_the_list(api, user, photo, query, names):
    make_photo(user, name="certain")
    make_photo(user, name="nobody", emotions=[])
    make_photo(user, name="open", faces=[make_face("neutral", 0.3)])
    assert sorted(each["name"] for each in api.get(f"/api/v1/analyses/?{query}").json()["results"]) == names


def test_an_unknown_choice_is_refused(api, signed_in):
    for path in ("/api/v1/analyses/", "/api/v1/history/"):
        assert api.get(path, {"faces": "guessed"}).status_code == 400
    assert signed_in.get(reverse("analysis:series"), {"faces": "guessed"}).status_code == 400


def test_uncertain_faces_are_to_review_until_they_are_corrected(user):
    doubtful = make_face("happy", 0.9)
    faces = [make_face("neutral", 0.3), make_face("happy", 0.45), doubtful]
    photo = make_photo(user, faces=faces)
    Face.objects.filter(position=3).update(picture_doubts="dark")
    to_review = Face.objects.current().to_review()
    assert set(to_review) == {face for face in Face.objects.all() if face.is_open}
    assert len(to_review) == 3
    for face in list(to_review):
        assert Photo.objects.get().has_uncertain
        corrections.correct_face(face=face, by=user, emotion="angry")
    assert not to_review.all()
    assert not Photo.objects.get(pk=photo.pk).has_uncertain
