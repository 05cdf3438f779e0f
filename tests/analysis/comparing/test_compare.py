"""Two photos, two sessions and two versions side by side."""

import pytest
from django.urls import reverse

from analysis.versions.comparison import compare_any
from tests.analysis.factories import make_face, make_photo
from tests.analysis.session_factories import make_session
from tests.support.cards import make_card, make_version

PHOTOS, SESSIONS, VERSIONS = (reverse(f"analysis:compare-{kind}") for kind in ("photos", "sessions", "versions"))


def _pairs(response):
    return {pair.emotion: pair for pair in response.context["pairs"]}


def test_two_photos_are_compared_by_the_mean_of_their_faces(signed_in, user):
    group = make_photo(user, faces=[make_face("happy", 0.9), make_face("sad", 0.7)], name="group.jpg")
    portrait = make_photo(user, faces=[make_face("happy", 0.4)], name="portrait.jpg")
    response = signed_in.get(PHOTOS, {"photo": [group.pk, portrait.pk]})
    assert [photo.name for photo in response.context["photos"]] == ["group.jpg", "portrait.jpg"]
    happy = _pairs(response)["happy"]
    assert happy.first == pytest.approx((0.9 + 0.05) / 2)
    assert happy.change == pytest.approx(0.4 - (0.9 + 0.05) / 2)


def test_a_photo_without_a_face_has_no_numbers(signed_in, user):
    response = signed_in.get(PHOTOS, {"photo": [make_photo(user).pk, make_photo(user, faces=[]).pk]})
    assert {(pair.second, pair.change) for pair in response.context["pairs"]} == {(None, None)}
    assert b"No face found" in response.content


def test_two_sessions_have_one_scale_of_time(signed_in, user):
    short = make_session(user, {1: "happy"}, name="Short", seconds=30)
    long = make_session(user, {1: "sad", 200: "sad"}, name="Long", seconds=300)
    response = signed_in.get(SESSIONS, {"session": [short.pk, long.pk]})
    assert response.context["seconds"] == 300
    assert response.content.count(b'viewBox="0 0 300 100"') == 2
    assert _pairs(response)["happy"].change < -0.5
    first, second = response.context["sides"]
    assert sum(band.height for band in first.bands) == pytest.approx(100, abs=0.1)
    assert {band.x for band in second.bands} == {0, 200}


def test_a_session_that_saw_nobody_is_compared_too(signed_in, user):
    response = signed_in.get(SESSIONS, {"session": [make_session(user).pk, make_session(user, {1: "happy"}).pk]})
    assert b"No face found" in response.content


@pytest.mark.parametrize(
    ("address", "name", "make"), [(PHOTOS, "photo", make_photo), (SESSIONS, "session", make_session)]
)
class TestChoosing:
    def test_with_one_the_others_are_offered(self, signed_in, user, address, name, make):
        chosen, other = make(user), make(user)
        page = signed_in.get(address, {name: chosen.pk}).content.decode()
        assert f"{address}?{name}={chosen.pk}&amp;{name}={other.pk}" in page
        assert f"{name}={chosen.pk}&amp;{name}={chosen.pk}" not in page

    def test_without_another_it_says_so(self, signed_in, user, address, name, make):
        assert b"No other" in signed_in.get(address, {name: make(user).pk}).content

    def test_what_is_not_there_or_anothers_is_not_found(self, signed_in, user, other_user, address, name, make):
        mine, others = make(user).pk, make(other_user).pk
        third = make(user).pk
        for ids in ([mine, others], [others], ["nonsense"], [mine, third, make(user).pk]):
            assert signed_in.get(address, {name: ids}).status_code == 404

    def test_with_none_one_is_chosen_in_the_history(self, signed_in, address, name, make):
        response = signed_in.get(address, follow=True)
        assert response.redirect_chain == [(reverse(f"analysis:{'history' if name == 'photo' else 'sessions'}"), 302)]
        assert b"Open a photo or session" in response.content


@pytest.fixture
def versions(db):
    return make_version("one", make_card(0.6)), make_version("two", make_card(0.6, happy=0.8))


def test_any_two_versions_are_compared(signed_in, versions):
    response = signed_in.get(VERSIONS, {"first": "two", "second": "one"})
    page = response.content.decode()
    changes = {change.name: change.points for change in response.context["comparison"].metrics}
    assert (changes["happy"], changes["sad"]) == (20, 0)
    assert "<td>+20</td>" in page
    assert "mlp" in page


def test_versions_of_different_rows_are_not_compared(signed_in, versions):
    make_version("three", make_card(0.6, data="b" * 64))
    response = signed_in.get(VERSIONS, {"first": "one", "second": "three"})
    assert b"are from different data files" in response.content


def test_an_unknown_version_is_not_found(signed_in, versions):
    assert signed_in.get(VERSIONS, {"first": "one", "second": "none"}).status_code == 404


def test_figures_that_only_the_others_card_has_serve_both_ways(versions):
    one = versions[0]
    beside = {"one": one.card["evaluation"]["PublicTest"]}
    newer = make_version("three", make_card(0.7, data="b" * 64) | {"beside": beside})
    forth, back = compare_any(newer, one), compare_any(one, newer)
    assert forth.accuracy.points == pytest.approx(10)
    assert back.accuracy.points == pytest.approx(-10)


def test_the_api_compares_versions(api, versions):
    path = "/api/v1/versions/two/comparison/"
    answer = api.get(path, {"other": "one"}).json()
    metrics = {metric["name"]: metric for metric in answer["metrics"]}
    assert (answer["version"], answer["other"], answer["why_not"]) == ("two", "one", "")
    assert metrics["happy"]["points"] == 20
    assert api.get(path, {"other": "none"}).status_code == 404
    assert api.get(path).status_code == 400
