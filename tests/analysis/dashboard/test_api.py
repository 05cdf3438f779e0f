"""The history as numbers by the API."""

import datetime as dt

import pytest

from analysis.history.sums import HistoryEntry, add_to_history

PATH = "/api/v1/history/"
HAPPY = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)


@pytest.fixture
def history(user):
    user.time_zone = "Asia/Kathmandu"
    user.save()
    # Kathmandu is 5:45 ahead: the first falls on the 2nd of March there.
    moments = ["2026-03-01T18:30", "2026-03-02T12:00", "2026-03-02T12:05"]
    at = [dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC) for moment in moments]
    add_to_history(HistoryEntry(user.pk, moment, "photo", "residual-1", "happy", HAPPY) for moment in at)


def series(api, **query):
    return api.get(PATH, {"from": "2026-03-01", "to": "2026-03-03", **query})


def test_days_are_those_of_the_users_time_zone(api, history):
    body = series(api).json()
    assert body["time_zone"] == "Asia/Kathmandu"
    assert [bucket["n"] for bucket in body["buckets"]] == [0, 3, 0]
    assert body["buckets"][1]["start"] == "2026-03-02T00:00:00+05:45"
    assert body["n"] == 3


def test_each_bucket_tells_counts_means_and_versions(api, history):
    empty, full, _ = series(api).json()["buckets"]
    assert (full["counts"]["happy"], full["means"]["happy"], full["models"]) == (3, 1.0, {"residual-1": 3})
    assert full["is_few"]
    assert (empty["counts"]["happy"], empty["means"], empty["is_few"]) == (0, None, False)


def test_a_source_alone(api, history):
    assert series(api, source="live").json()["n"] == 0
    assert series(api, source="photo").json()["n"] == 3


def test_hours_weeks_and_months(api, history):
    assert len(series(api, interval="hour").json()["buckets"]) == 72
    assert len(series(api, interval="week").json()["buckets"]) == 2
    assert len(series(api, interval="month").json()["buckets"]) == 1


def test_without_a_range_the_last_thirty_days(api):
    assert len(api.get(PATH).json()["buckets"]) == 30


@pytest.mark.parametrize(
    "query",
    [
        {"interval": "minute"},
        {"from": "2026-03-04"},
        {"from": "March"},
        {"source": "radio"},
        {"from": "1900-01-01"},
        {"from": "2000-01-01", "interval": "hour"},
    ],
)
def test_what_cannot_be_answered_is_refused(api, query):
    response = series(api, **query)
    assert response.status_code == 400
    assert response.json()["message"]


def test_photos_and_sessions_are_never_added_up(api, user, history):
    at = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    add_to_history([HistoryEntry(user.pk, at, "live", "residual-1", "happy", HAPPY)] * 40)
    assert [
        (body["source"], body["unit"], body["n"]) for body in (series(api).json(), series(api, source="live").json())
    ] == [
        ("photo", "face", 3),
        ("live", "second", 40),
    ]
    summary = api.get(f"{PATH}summary/", {"from": "2026-03-01", "to": "2026-03-03"}).json()
    sources = {name: (tally["unit"], tally["n"]) for name, tally in summary["sources"].items()}
    assert sources == {"photo": ("face", 3), "live": ("second", 40), "video": ("second", 0)}
    assert summary["n"] == 3


def test_the_summary_of_a_range(api, history):
    body = api.get(f"{PATH}summary/", {"from": "2026-03-01", "to": "2026-03-03"}).json()
    assert (body["n"], body["dominant"]) == (3, "happy")
    assert body["sources"]["photo"]["n"] == 3
    assert body["by_model"]["residual-1"]["counts"]["happy"] == 3
    assert body["first"].startswith("2026-03-02T00:15")


def test_others_histories_are_their_own(others_api, history):
    assert series(others_api).json()["n"] == 0
