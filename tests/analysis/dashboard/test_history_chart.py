"""/history/chart.png: the dashboard's charts as images."""

import datetime as dt
import io

import numpy as np
import pytest
from PIL import Image

from analysis.dashboard import charts
from tests.analysis.sums import count_faces

URL = "/history/chart.png"
KINDS = ["shares", "means", "counts", "comparison", "sources"]
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def pixels(response) -> np.ndarray:
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (charts.WIDTH, charts.HEIGHT))
    return np.asarray(picture.convert("RGB"))


def some_faces(user) -> None:
    for day in range(1, 29):
        count_faces(user, dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC), day % 7, emotion="happy")
        count_faces(user, dt.datetime(2026, 2, day, 12, tzinfo=dt.UTC), 5, emotion="sad", source="live")


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_png_that_changes_with_the_faces(signed_in, user, kind):
    some_faces(user)
    before = pixels(signed_in.get(URL, {**MARCH, "kind": kind}))
    count_faces(user, dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC), 60, emotion="sad")
    after = pixels(signed_in.get(URL, {**MARCH, "kind": kind}))
    assert (before != after).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_without_faces(signed_in, kind):
    assert pixels(signed_in.get(URL, {"kind": kind})).std() > 0


def test_happy_faces_are_drawn_in_their_colour(signed_in, user):
    for day in (9, 10):
        count_faces(user, dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC), 60, emotion="happy")
    shown = pixels(signed_in.get(URL, {"from": "2026-03-09", "to": "2026-03-10", "interval": "day"}))
    happy = (np.abs(shown.astype(int) - (0xB8, 0x7F, 0x09)).max(axis=2) < 8).mean()
    assert happy > 0.3


def test_few_faces_are_pale(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC), 4, emotion="happy")
    shown = pixels(signed_in.get(URL, {"from": "2026-03-09", "to": "2026-03-09", "interval": "day"}))
    happy = (np.abs(shown.astype(int) - (0xB8, 0x7F, 0x09)).max(axis=2) < 8).mean()
    assert happy < 0.05


def test_the_caption_is_in_its_metadata(user, signed_in):
    some_faces(user)
    response = signed_in.get(URL, {**MARCH, "source": "photo"})
    described = Image.open(io.BytesIO(response.content)).text["Description"]
    assert described == "1\u2009–\u200931 Mar 2026 · Photos: 84 faces · Versions: test-1 (84 faces) · Times in UTC"
    response = signed_in.get(URL, {"from": "2026-02-01", "to": "2026-03-31", "kind": "sources"})
    described = Image.open(io.BytesIO(response.content)).text["Description"]
    days = "1 Feb\u2009–\u200931 Mar 2026"
    assert described == f"{days} · Photos: 84 faces · Live sessions: 2 min 20 s · Videos: 0 s · Times in UTC"


def test_an_unchanged_chart_is_not_drawn_again(signed_in, user, monkeypatch):
    some_faces(user)
    first = signed_in.get(URL, MARCH)
    assert first["Cache-Control"] == "private, no-cache"
    monkeypatch.setattr(charts, "_draw", lambda chart: pytest.fail("drawn again"))
    assert signed_in.get(URL, MARCH, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304


def test_its_etag_changes_with_faces_kind_and_zone(signed_in, user):
    some_faces(user)
    tags = [signed_in.get(URL, MARCH)["ETag"], signed_in.get(URL, {**MARCH, "kind": "counts"})["ETag"]]
    count_faces(user, dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC))
    tags.append(signed_in.get(URL, MARCH)["ETag"])
    user.time_zone = "Asia/Tokyo"
    user.save()
    tags.append(signed_in.get(URL, MARCH)["ETag"])
    assert len(set(tags)) == 4


def test_it_downloads_under_a_descriptive_name(signed_in):
    response = signed_in.get(URL, {**MARCH, "kind": "means", "download": ""})
    assert response["Content-Disposition"] == 'attachment; filename="expressions-means-2026-03-01-2026-03-31.png"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_kind_is_an_error(signed_in):
    response = signed_in.get(URL, {"kind": "pie"})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_kind")
    assert "Choose one of shares, means" in response.json()["message"]


def test_a_busy_renderer_is_retryable(signed_in, monkeypatch):
    monkeypatch.setattr(charts, "_DRAW_TIMEOUT", 0.01)
    with charts._draw_lock:
        response = signed_in.get(URL)
    assert (response.status_code, response.json()["retryable"]) == (503, True)
    assert response["Retry-After"]


def test_a_dollar_sign_in_a_versions_name(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 9, 12, tzinfo=dt.UTC), 6, model="a$b_{c$")
    pixels(signed_in.get(URL, MARCH))


def test_a_chart_shows_only_ones_own_faces(client, signed_in, user, other_user):
    client.force_login(other_user)
    empty = client.get(URL, MARCH).content
    some_faces(user)
    assert client.get(URL, MARCH).content == empty


@pytest.mark.parametrize(("is_installed", "title"), [(True, "ja"), (False, "en")])
def test_a_language_without_a_font_is_drawn_in_english(signed_in, user, monkeypatch, is_installed, title):
    some_faces(user)
    monkeypatch.setattr(charts, "can_be_drawn", lambda language: is_installed or language == "en")
    drawn = []
    monkeypatch.setattr(charts, "_draw", lambda chart: drawn.append(chart) or b"")
    signed_in.get(URL, MARCH, HTTP_ACCEPT_LANGUAGE="ja")
    assert drawn[0].language == title
