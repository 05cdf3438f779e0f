"""The dashboard's page and the data of its charts."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from analysis.versions.models import ModelVersion
from tests.analysis.sums import count_faces

URL = "/dashboard/"
BAD = [
    ({"from": "soon"}, "from", "Enter a valid date"),
    ({"from": "2026-03-02", "to": "2026-03-01"}, "to", "This date is before the first day, 2 March 2026."),
    ({"from": "1999-12-31"}, "from", "Choose a date from 1 January 2000 to 31 December 2099."),
    ({"to": "9999-12-31"}, "to", "Choose a date from"),
    ({"interval": "decade"}, "interval", "Select a valid choice"),
    ({"source": "film"}, "source", "Select a valid choice"),
    ({"days": "31"}, "days", "Select a valid choice"),
    ({"against_from": "2026-03-02", "against_to": "2026-03-01"}, "against_to", "This date is before the first day"),
]


def days_ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def page(client, status: int = 200, **query: str):
    response = client.get(URL, query)
    assert response.status_code == status
    return response


def page_text(response) -> str:
    """Return the page's text without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def test_without_faces_it_links_to_upload_and_live(signed_in):
    content = page(signed_in).content.decode()
    assert "No faces yet" in content
    for name in ("upload", "live", "sample-create"):
        assert reverse(f"analysis:{name}") in content
    assert "chart.umd" not in content


def test_it_shows_the_last_thirty_days_by_default(signed_in, user):
    count_faces(user, days_ago(0), 6)
    count_faces(user, days_ago(29), 1)
    count_faces(user, days_ago(31), 10)
    found = page(signed_in).context["dashboard"]
    assert (len(found.series.buckets), found.totals.whole.faces.n, found.before.whole.faces.n) == (30, 7, 10)


@pytest.mark.parametrize(("days", "n"), [("7", 1), ("30", 2), ("90", 3)])
def test_number_of_days(signed_in, user, days: str, n: int):
    for ago in (6, 7, 30, 90):
        count_faces(user, days_ago(ago))
    assert page(signed_in, days=days).context["dashboard"].totals.whole.faces.n == n


def test_chosen_days_and_interval(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC), 3)
    response = page(signed_in, **{"from": "2026-03-01", "to": "2026-03-31", "interval": "week"})
    assert [bucket.faces.n for bucket in response.context["dashboard"].series.buckets] == [0, 0, 3, 0, 0, 0]
    assert "1 – 31 Mar 2026" in page_text(response)
    assert "9 – 15 Mar 2026" in page_text(response)


def test_days_are_in_the_users_time_zone(signed_in, user):
    user.time_zone = "Asia/Kolkata"
    user.save()
    count_faces(user, dt.datetime(2026, 3, 9, 18, 30, tzinfo=dt.UTC), 1)
    count_faces(user, dt.datetime(2026, 3, 10, 18, 30, tzinfo=dt.UTC), 2)
    response = page(signed_in, **{"from": "2026-03-10", "to": "2026-03-10"})
    assert response.context["dashboard"].totals.whole.faces.n == 1
    assert "Asia/Kolkata" in page_text(response)


def test_it_shows_the_most_frequent_emotion_the_number_and_the_version(signed_in, user):
    count_faces(user, days_ago(1), 6, emotion="sad", model="test-1")
    count_faces(user, days_ago(1), 2, emotion="fear", model="test-1")
    text = page_text(page(signed_in))
    assert "Most frequent Sad 75% of the faces" in text
    assert "8 faces, all from" in text
    assert "Version test-1 No other version" in text


def test_several_versions_are_pointed_out(signed_in, user):
    count_faces(user, days_ago(1), 6, model="test-1")
    count_faces(user, days_ago(2), 2, model="test-2")
    text = page_text(page(signed_in))
    assert "a change may come from the version" in text
    assert "test-1 (6 faces)" in text
    assert "test-2 (2 faces)" in text


def test_too_few_faces_make_no_shares(signed_in, user):
    count_faces(user, days_ago(1), 4, emotion="disgust")
    count_faces(user, days_ago(2), 4, emotion="disgust", source="live")
    text = page_text(page(signed_in))
    assert "Most frequent Too few 4 faces. Shares need at least 5 faces." in text
    assert "Shares need at least 5 faces" in text
    assert "100%" not in text
    assert "Shares need at least 5 s" in page_text(page(signed_in, source="live"))


@pytest.mark.parametrize("source", ["photo", "live"])
def test_too_few_faces_of_some_days_are_marked(signed_in, user, source):
    count_faces(user, days_ago(1), 4, source=source)
    count_faces(user, days_ago(2), 9, source=source)
    words = {"photo": "fewer than 5 faces", "live": "less than 5 s"}[source]
    assert f"Hatched in grey: {words}, too few to rely on" in page_text(page(signed_in, source=source))


def test_enough_faces_have_no_note(signed_in, user):
    count_faces(user, days_ago(1), 5)
    text = page_text(page(signed_in))
    assert "too few" not in text.lower()


def test_it_compares_with_as_many_days_before(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, tzinfo=dt.UTC), 10, emotion="happy")
    count_faces(user, dt.datetime(2026, 3, 9, tzinfo=dt.UTC), 6, emotion="happy")
    count_faces(user, dt.datetime(2026, 3, 8, tzinfo=dt.UTC), 4, emotion="sad")
    response = page(signed_in, **{"from": "2026-03-10", "to": "2026-03-11"})
    assert "10 6 faces" not in page_text(response)
    assert "8 – 9 Mar 2026: 10 faces" in page_text(response)
    assert "+40 points compared with 8 – 9 Mar 2026" in page_text(response)


def test_it_compares_with_chosen_days(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, tzinfo=dt.UTC), 10)
    count_faces(user, dt.datetime(2025, 3, 10, tzinfo=dt.UTC), 7)
    found = page(
        signed_in,
        **{"from": "2026-03-10", "to": "2026-03-10", "against_from": "2025-03-01", "against_to": "2025-03-31"},
    ).context["dashboard"]
    assert [column.faces.n for column in found.compared.columns] == [10, 7]


def test_sources_are_counted_apart(signed_in, user):
    count_faces(user, days_ago(1), 12, emotion="happy", source="photo")
    count_faces(user, days_ago(1), 150, emotion="neutral", source="live")
    response = page(signed_in)
    found = response.context["dashboard"]
    assert (found.query.source, found.totals.whole.faces.n, found.dominant_share) == ("photo", 12, 1)
    assert [(column.name, column.faces.n, column.unit) for column in found.sources.columns] == [
        ("Photos", 12, "face"),
        ("Live sessions", 150, "second"),
    ]
    text = page_text(response)
    assert "Photos 12 faces Live sessions 2 min 30 s Videos" in text
    assert "162" not in text
    assert "Time with faces 2 min 30 s" in page_text(page(signed_in, source="live"))


def test_one_source_is_not_compared_with_others(signed_in, user):
    count_faces(user, days_ago(1), 12)
    assert "Expressions by source" not in page_text(page(signed_in))


def test_without_photos_it_leads_to_the_other_sources(signed_in, user):
    count_faces(user, days_ago(1), 90, source="live")
    response = page(signed_in)
    assert "No faces in photos in this period" in page_text(response)
    assert '<a class="button" href="?source=live">Live sessions: 1 min 30 s</a>' in response.content.decode()


@pytest.mark.parametrize(("days", "shown"), [(None, 3), ("90", 3), ("7", 3)])
def test_days_before_the_first_face_are_not_drawn(signed_in, user, days, shown):
    count_faces(user, days_ago(20), source="live")
    for ago in (0, 2):
        count_faces(user, days_ago(ago), 6)
    found = page(signed_in, **({"days": days} if days else {})).context["dashboard"]
    assert (len(found.series.buckets), found.query.interval, found.compared) == (shown, "day", None)


def test_chosen_days_are_drawn_as_they_are(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, tzinfo=dt.UTC), 6)
    query = {"from": "2026-03-01", "to": "2026-03-10"}
    assert len(page(signed_in, **query).context["dashboard"].series.buckets) == 10


def test_the_first_day_has_no_axis_of_time(signed_in, user):
    count_faces(user, days_ago(0), 6, emotion="happy")
    count_faces(user, days_ago(0), 2, emotion="sad")
    response = page(signed_in)
    text = page_text(response)
    assert "8 faces, all from" in text
    assert "Happy 75% 6" in text
    assert "<canvas" not in response.content.decode()


@pytest.mark.parametrize(
    ("days", "interval", "shown"),
    [((0, 60), "week", (9, 10)), ((0, 85), "week", (13, 14)), ((0, 1, 3, 5, 60), "day", (61,))],
)
def test_a_sparse_history_is_drawn_by_longer_intervals(signed_in, user, days, interval, shown):
    for ago in days:
        count_faces(user, days_ago(ago), 6)
    found = page(signed_in, days="90").context["dashboard"]
    assert found.query.interval == interval
    assert len(found.series.buckets) in shown
    assert page(signed_in, days="90", interval="day").context["dashboard"].query.interval == "day"


def test_days_without_faces_link_to_the_last_with_some(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC))
    content = page(signed_in, **{"from": "2020-01-01", "to": "2020-01-02"}).content.decode()
    assert "No faces in photos in this period" in content
    assert "?from=2026-02-09&amp;to=2026-03-10" in content
    assert "Show the latest days" not in page(signed_in, source="live").content.decode()


@pytest.mark.parametrize(("query", "name", "message"), BAD)
def test_an_invalid_query_is_explained_on_the_page(signed_in, user, query, name, message):
    count_faces(user, days_ago(1))
    labels = {"to": "To", "from": "From", "interval": "Interval", "source": "Source", "days": "Days"}
    text = page_text(page(signed_in, 400, **query))
    assert f"{labels.get(name, 'Compare to')}: {message}" in text


@pytest.mark.parametrize("url", ["/dashboard/series/", "/history/chart.png"])
@pytest.mark.parametrize(("query", "name", "message"), BAD)
def test_an_invalid_query_is_explained_as_json(signed_in, url, query, name, message):
    response = signed_in.get(url, query, HTTP_ACCEPT="application/json")
    answer = response.json()
    assert response.status_code == 400
    assert answer["code"] == "bad_question"
    assert message in answer["errors"][name][0]
    assert answer["message"].startswith(f"{name}: ")


@pytest.mark.parametrize("url", [URL, "/history/chart.png"])
def test_too_many_buckets_are_refused(signed_in, user, url):
    query = {"from": "2025-01-01", "to": "2025-12-31", "interval": "day"}
    response = signed_in.get(url, query, HTTP_ACCEPT="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "too_many_buckets")
    assert "up to 200 intervals" in response.json()["message"]
    assert "up to 200 intervals" in page_text(page(signed_in, 400, **query))


def test_the_best_interval(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, tzinfo=dt.UTC))
    for first, interval in (
        ("2026-03-10", "hour"),
        ("2026-01-01", "day"),
        ("2025-01-01", "week"),
        ("2010-01-01", "month"),
    ):
        found = page(signed_in, **{"from": first, "to": "2026-03-10"}).context["dashboard"]
        assert found.query.interval == interval


def test_links_to_images_keep_the_query(signed_in, user):
    for ago in (1, 20, 40, 60, 80, 100):
        count_faces(user, days_ago(ago))
        count_faces(user, days_ago(ago), source="live")
    content = page(signed_in, days="90", source="photo").content.decode()
    kinds = set(re.findall(r'href="/history/chart.png\?days=90&amp;source=photo&amp;kind=(\w+)&amp;download"', content))
    assert kinds == {"shares", "counts", "means", "comparison", "sources"}


def test_other_users_faces_are_not_shown(signed_in, other_user):
    count_faces(other_user, days_ago(1), 9)
    assert "No faces yet" in page(signed_in).content.decode()
    assert signed_in.get("/dashboard/series/").json()["n"] == 0


@pytest.mark.parametrize("url", [URL, "/dashboard/series/", "/history/chart.png"])
def test_a_visitor_is_redirected_to_sign_in(db, client, url):
    assert client.get(url)["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("url", ["/dashboard/series/", "/history/chart.png"])
def test_a_script_without_a_session_gets_401(db, client, url):
    response = client.get(url, HTTP_ACCEPT="application/json")
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


def test_chart_data(signed_in, user):
    count_faces(user, dt.datetime(2026, 3, 10, 8, tzinfo=dt.UTC), 3, emotion="angry")
    count_faces(user, dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC), 1, emotion="fear", model="test-2")
    count_faces(user, dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC), 2, emotion="fear", source="live")
    query = {"from": "2026-03-09", "to": "2026-03-10", "interval": "day"}
    answer = signed_in.get("/dashboard/series/", query).json()
    empty, full = answer["buckets"]
    assert (empty["n"], empty["means"]) == (0, None)
    assert (full["n"], full["counts"]) == (4, [3, 0, 1, 0, 0, 0, 0])
    assert full["means"][0] == pytest.approx((3 * 0.7 + 0.05) / 4, abs=1e-4)
    assert full["models"] == {"test-1": 3, "test-2": 1}
    assert full["start"] == "2026-03-10T00:00:00+00:00"
    assert full["behind"].startswith("/history/?")
    assert (answer["few"], answer["zone"], answer["interval"]) == (5, "UTC", "day")
    assert (answer["source"], answer["unit"]) == ("photo", "face")
    live = signed_in.get("/dashboard/series/", {**query, "source": "live"}).json()
    assert (live["n"], live["unit"]) == (2, "second")


def test_two_readings_are_not_mixed_without_saying_so(signed_in, user):
    for name, share in (("test-1", None), ("test-2", 0.65), ("test-3", None)):
        card = {} if share is None else {"votes_share": share}
        ModelVersion.objects.create(name=name, origin="trained", pins={}, card=card)
    for name in ("test-1", "test-3"):
        count_faces(user, days_ago(1), model=name)
    assert "These versions were trained on different labels" not in page_text(page(signed_in))
    count_faces(user, days_ago(1), model="test-2")
    content = page_text(page(signed_in))
    assert "These versions were trained on different labels" in content
    assert "test-2 : 65% people’s votes, 35% FER-2013’s labels" in content


def test_the_page_costs_the_same_queries_however_much_there_is(signed_in, user, django_assert_max_num_queries):
    def count() -> int:
        with django_assert_max_num_queries(8) as context:
            page(signed_in, days="90")
        return len(context)

    count_faces(user, days_ago(1))
    few = count()
    for ago in range(80):
        for source in ("photo", "live", "video"):
            count_faces(user, days_ago(ago), 2, source=source, model=f"test-{ago % 3}")
    assert count() == few
