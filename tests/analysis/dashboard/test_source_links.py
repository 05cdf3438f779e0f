"""Links from a chart's bar to its photos and sessions."""

import datetime as dt

import pytest

from analysis.corrections.services import correct_face
from analysis.sessions.models import Session
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from tests.analysis.sums import count_faces

TEN = dt.datetime(2026, 3, 10, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def link_of(client, source: str, **query: str) -> str:
    """Return the link of the only bar with faces."""
    buckets = client.get("/dashboard/series/", {"source": source, **query}).json()["buckets"]
    (bucket,) = (bucket for bucket in buckets if bucket["n"])
    return bucket["behind"]


def names(client, url: str) -> list[str]:
    response = client.get(url)
    assert response.status_code == 200
    page = response.context["page"]
    return [row.name for row in (page.rows if hasattr(page, "rows") else page.photos)]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_an_hour_links_to_its_photos(signed_in, user, zone):
    user.time_zone = zone
    user.save()
    half = dt.timedelta(minutes=30) if zone == "Asia/Kolkata" else dt.timedelta()
    for name, at in (("before", TEN - HOUR / 4), ("in", TEN), ("after", TEN + HOUR)):
        make_photo(user, name=name, created_at=at + half, emotions=["happy"] if name == "in" else [])
    url = link_of(signed_in, "photo", **{"from": "2026-03-10", "to": "2026-03-10", "interval": "hour"})
    assert names(signed_in, url) == ["in"]
    assert "Show whole days" in signed_in.get(url).content.decode()


def test_a_week_links_to_its_days(signed_in, user):
    for day in (8, 9, 15, 16):  # the week is that of the 9th to the 15th
        make_photo(user, name=str(day), created_at=TEN.replace(day=day), emotions=["sad"] if day == 9 else [])
    url = link_of(signed_in, "photo", **{"from": "2026-03-01", "to": "2026-03-31", "interval": "week"})
    assert names(signed_in, url) == ["15", "9"]
    assert names(signed_in, f"{url}&emotion=sad") == ["9"]


def test_expressions_as_answered_link_to_photos_as_answered(signed_in, user):
    photo = make_photo(user, name="corrected", created_at=TEN, emotions=["happy"])
    correct_face(face=photo.result.faces.get(), by=user, emotion="sad")
    make_session(user, started_at=TEN)
    count_faces(user, TEN, source="live")
    days = {"from": "2026-03-10", "to": "2026-03-10", "faces": "answered"}
    url = link_of(signed_in, "photo", **days)
    assert (names(signed_in, f"{url}&emotion=happy"), names(signed_in, f"{url}&emotion=sad")) == (["corrected"], [])
    # Nothing in a session is corrected.
    assert "faces=" not in link_of(signed_in, "live", **days)


def test_an_hour_links_to_overlapping_sessions(signed_in, user):
    for name, start, seconds in (("over", -3600, 600), ("into", -60, 120), ("within", 60, 60), ("later", 3600, 60)):
        make_session(user, name=name, started_at=TEN + dt.timedelta(seconds=start), seconds=seconds)
    count_faces(user, TEN, source="live")
    url = link_of(signed_in, "live", **{"from": "2026-03-10", "to": "2026-03-10", "interval": "hour"})
    assert names(signed_in, url) == ["within", "into"]


def test_videos_link_to_their_sessions(signed_in, user):
    make_session(user, name="film", started_at=TEN, source=Session.Source.VIDEO)
    make_session(user, name="camera", started_at=TEN)
    count_faces(user, TEN, source="video")
    assert names(signed_in, link_of(signed_in, "video", **{"from": "2026-03-10", "to": "2026-03-12"})) == ["film"]


@pytest.mark.parametrize("page", ["/history/", "/sessions/"])
@pytest.mark.parametrize("moment", ["soon", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-13-01"])
def test_an_invalid_time_filters_nothing(signed_in, user, page, moment):
    make_photo(user, name="one")
    make_session(user, name="one")
    assert names(signed_in, f"{page}?from={moment.replace('+', '%2B')}") == ["one"]
