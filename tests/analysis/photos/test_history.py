import datetime as dt

import pytest
from django.urls import reverse

from analysis.photos import services
from tests.analysis.factories import make_face, make_photo, make_recognition

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def _names(client, **query):
    response = client.get(reverse("analysis:history"), query)
    assert response.status_code == 200
    return [photo.name for photo in response.context["page"].rows]


def test_newest_first(signed_in, user):
    for day, name in enumerate(["old", "middle", "new"]):
        make_photo(user, name=name, created_at=NOON + dt.timedelta(days=day))
    assert _names(signed_in) == ["new", "middle", "old"]


def test_filter_by_the_emotion_of_any_face(signed_in, user):
    make_photo(user, name="both", emotions=["sad", "happy"])
    make_photo(user, name="sad", emotions=["sad"])
    make_photo(user, name="nobody", emotions=[])
    assert _names(signed_in, emotion="happy") == ["both"]
    assert _names(signed_in, emotion="sad") == ["sad", "both"]


def test_former_results_are_not_filtered_by(signed_in, user):
    photo = make_photo(user, name="photo", emotions=["sad"])
    services.record_analysis(photo=photo, recognition=make_recognition([make_face("happy")], model="test-2"))
    assert _names(signed_in, emotion="sad") == []
    assert _names(signed_in, emotion="happy") == ["photo"]
    assert set(photo.analyses.values_list("model", flat=True)) == {"test-1", "test-2"}


def test_filter_by_days_includes_both(signed_in, user):
    for day in range(4):
        make_photo(user, name=str(day), created_at=NOON + dt.timedelta(days=day))
    assert _names(signed_in, since="2026-03-11", until="2026-03-12") == ["2", "1"]
    assert _names(signed_in, since="2026-03-13") == ["3"]
    assert _names(signed_in, until="2026-03-10") == ["0"]


def test_days_are_in_the_sites_time_zone(signed_in, user, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    make_photo(user, name="late in UTC", created_at=dt.datetime(2026, 3, 10, 23, tzinfo=dt.UTC))
    assert _names(signed_in, since="2026-03-11", until="2026-03-11") == ["late in UTC"]
    assert _names(signed_in, until="2026-03-10") == []


def test_filters_are_combined(signed_in, user):
    make_photo(user, name="early", emotions=["fear"], created_at=NOON)
    make_photo(user, name="late", emotions=["fear"], created_at=NOON + dt.timedelta(days=2))
    assert _names(signed_in, emotion="fear", since="2026-03-11") == ["late"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"emotion": "bored"}, b"Select a valid choice"),
        ({"since": "soon"}, b"Enter a valid date"),
        ({"since": "2026-03-12", "until": "2026-03-11"}, b"before the first day"),
    ],
)
def test_an_invalid_filter_shows_an_error(signed_in, user, query, message):
    make_photo(user)
    response = signed_in.get(reverse("analysis:history"), query)
    assert response.status_code == 200
    assert message in response.content


def test_the_maximum_date_is_valid(signed_in, user):
    make_photo(user, name="photo")
    assert _names(signed_in, until="9999-12-31") == ["photo"]


def test_an_empty_history_links_to_the_upload(signed_in):
    content = signed_in.get(reverse("analysis:history")).content
    assert b"No photos yet" in content
    assert reverse("analysis:upload").encode() in content
    assert reverse("analysis:sample-create").encode() in content


def test_an_empty_filter_result_links_to_all_photos(signed_in, user):
    make_photo(user)
    content = signed_in.get(reverse("analysis:history"), {"emotion": "disgust"}).content
    assert b"No photos match these filters" in content


def test_days_have_headings(signed_in, user):
    make_photo(user)
    make_photo(user, created_at=NOON)
    content = signed_in.get(reverse("analysis:history")).content.decode()
    assert "Today" in content
    assert "Tuesday, 10 March 2026" in content
