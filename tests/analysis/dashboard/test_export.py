"""A history's faces as CSV and JSON: each once, exactly, and harmless wherever the file is opened."""

import csv
import datetime as dt
import io
import json

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from analysis.corrections import services as corrections
from analysis.dashboard import export
from analysis.dashboard.export import ExportFilter
from analysis.dashboard.export_formats import COLUMNS, export_text
from analysis.photos import services
from analysis.photos.models import Photo
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.models import Sample, Session
from tests.analysis.factories import make_face, make_photo, make_recognition

NOON = dt.datetime(2026, 3, 10, 12, 0, 0, 250_000, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def make_session(owner, *, seconds=3, faces=1, source="live", started_at=NOON, name="Live"):
    session = Session.objects.create(
        owner=owner, source=source, name=name, started_at=started_at, seen_at=started_at + dt.timedelta(seconds=seconds)
    )
    probabilities = {f"p_{emotion}": 0.7 if emotion == "sad" else 0.05 for emotion in EMOTIONS}
    Sample.objects.bulk_create(
        Sample(
            session=session,
            second=second,
            face=face,
            frames=9,
            model="test-1",
            emotion="sad",
            confidence=0.7,
            **probabilities,
        )
        for second in range(seconds)
        for face in range(1, faces + 1)
    )
    return session


def _file(client, format="csv", **query):
    response = client.get(reverse(f"analysis:export-{format}"), query)
    assert response.status_code == 200, response.content

    async def read():
        return b"".join([piece async for piece in response.streaming_content])

    response.text_ = async_to_sync(read)().decode()
    return response


def _rows(client, **query):
    return list(csv.DictReader(io.StringIO(_file(client, **query).text_, newline="")))


def _texts(owner, format="csv", **limits):
    return "".join(export_text(ExportFilter(owner, **limits), format, dt.UTC))


def _exported(owner, **limits):
    return list(csv.DictReader(io.StringIO(_texts(owner, **limits), newline="")))


def test_a_photos_face_is_a_row_with_all_that_is_known_of_it(user):
    photo = make_photo(user, name="a.jpg", emotions=["happy", "sad"], created_at=NOON)
    corrections.correct_face(face=photo.result.faces.first(), by=user, emotion="fear")
    first, second = _exported(user)
    assert first == {
        "source": "photo",
        "time": "2026-03-10T12:00:00.250+00:00",
        "id": str(photo.pk),
        "name": "a.jpg",
        "face": "1",
        "emotion": "happy",
        "confidence": "0.900000",
        **{f"p_{emotion}": "0.900000" if emotion == "happy" else "0.016667" for emotion in EMOTIONS},
        "score": "0.950000",
        "is_uncertain": "false",
        "doubts": "",
        "model": "test-1",
        "correction": "fear",
        "corrected_emotion": "fear",
        "is_marked": "false",
        "unit": "face",
        "taken": "",
    }
    assert (second["face"], second["emotion"], second["correction"]) == ("2", "sad", "")
    assert tuple(first) == COLUMNS


def test_a_sessions_sample_is_a_row_of_its_own_second(user):
    session = make_session(user, seconds=2, faces=2, name="Talk")
    rows = _exported(user)
    assert [(row["time"][11:19], row["face"]) for row in rows] == [
        ("12:00:00", "1"),
        ("12:00:00", "2"),
        ("12:00:01", "1"),
        ("12:00:01", "2"),
    ]
    assert {(row["source"], row["id"], row["name"]) for row in rows} == {("live", str(session.pk), "Talk")}
    assert {row["unit"] for row in rows} == {"second"}


def test_a_capture_time_is_exported(user):
    photo = make_photo(user, created_at=NOON)
    Photo.objects.filter(pk=photo.pk).update(taken_at=dt.datetime(2024, 5, 3, 12, tzinfo=dt.UTC))
    assert _exported(user)[0]["taken"] == "2024-05-03T12:00:00.000+00:00"
    assert json.loads(_texts(user, "json"))["faces"][0]["taken"] == "2024-05-03T12:00:00.000+00:00"


def test_json_says_the_same(user):
    make_photo(user, name='say "cheese"\n.jpg', created_at=NOON)
    make_session(user, seconds=1)
    photo, second = json.loads(_texts(user, "json"))["faces"]
    assert photo["name"] == 'say "cheese"\n.jpg'
    assert photo["probabilities"]["happy"] == 0.9
    assert list(photo["probabilities"]) == [str(emotion) for emotion in EMOTIONS]
    assert (second["source"], second["confidence"], second["correction"]) == ("live", 0.7, None)


def test_an_empty_history_is_a_valid_file(user):
    assert _exported(user) == []
    assert json.loads(_texts(user, "json")) == {"faces": []}


def test_only_current_results_and_only_ones_own(user, other_user):
    photo = make_photo(user, emotions=["happy"])
    services.record_analysis(photo=photo, recognition=make_recognition([make_face("fear")], model="test-2"))
    make_photo(other_user)
    make_session(other_user)
    assert [(row["emotion"], row["model"]) for row in _exported(user)] == [("fear", "test-2")]


def test_every_row_once_with_any_batch_size(user, monkeypatch):
    for name, size in (("_PHOTO_BATCH", 2), ("_SAMPLE_BATCH", 3), ("_SESSION_BATCH", 2)):
        monkeypatch.setattr(export, name, size)
    for minute in (0, 0, 0, 1, 2):
        make_photo(user, emotions=["happy", "sad"], created_at=NOON + dt.timedelta(minutes=minute))
    make_photo(user, emotions=[])
    for minute in (0, 0, 5):
        make_session(user, seconds=4, faces=2, started_at=NOON + dt.timedelta(minutes=minute))
    rows = [(row["id"], row["time"], row["face"]) for row in _exported(user)]
    assert len(rows) == len(set(rows)) == 10 + 24
    times = [time for _, time, _ in rows[:10]]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "name",
    ["=1+1.jpg", "+49.jpg", "-2.jpg", "@sum.jpg", "\tx.jpg", "\rx.jpg", *(f"{sign}1.jpg" for sign in "＝＋－＠")],
)
def test_no_name_is_taken_for_a_formula(user, name):
    make_photo(user, name=name)
    make_session(user, seconds=1, name=name)
    assert {row["name"] for row in _exported(user)} == {f"'{name}"}
    assert {face["name"] for face in json.loads(_texts(user, "json"))["faces"]} == {name}


class TestDownload:
    def test_it_is_a_file_told_in_ones_own_time_zone(self, signed_in, user):
        user.time_zone = "Asia/Kathmandu"
        user.save()
        make_photo(user, created_at=NOON)
        response = _file(signed_in)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"].startswith('attachment; filename="history 2')
        assert "2026-03-10T17:45:00.250+05:45" in response.text_
        assert _file(signed_in, "json")["Content-Type"] == "application/json"

    def test_days_are_chosen_with_both_ends_included(self, signed_in, user):
        for day in range(4):
            make_photo(user, name=str(day), created_at=NOON + dt.timedelta(days=day))
        rows = _rows(signed_in, since="2026-03-11", until="2026-03-12")
        assert [row["name"] for row in rows] == ["1", "2"]

    def test_a_session_over_midnight_is_cut_where_the_day_is(self, signed_in, user):
        make_session(user, seconds=20, started_at=dt.datetime(2026, 3, 10, 23, 59, 50, tzinfo=dt.UTC))
        assert len(_rows(signed_in, until="2026-03-10")) == 10
        assert [row["time"][11:19] for row in _rows(signed_in, since="2026-03-11")][:1] == ["00:00:00"]
        assert _rows(signed_in, since="2026-03-12") == []

    def test_sources_are_chosen(self, signed_in, user):
        make_photo(user)
        make_session(user, seconds=1)
        make_session(user, seconds=1, source="video")
        assert {row["source"] for row in _rows(signed_in)} == {"photo", "live", "video"}
        assert [row["source"] for row in _rows(signed_in, source="video")] == ["video"]
        assert {row["source"] for row in _rows(signed_in, source=["photo", "live"])} == {"photo", "live"}

    @pytest.mark.parametrize(
        "query", [{"since": "soon"}, {"source": "dreams"}, {"since": "2026-03-02", "until": "2026-03-01"}]
    )
    def test_a_filter_it_cannot_understand_is_refused(self, signed_in, query):
        response = signed_in.get(reverse("analysis:export-csv"), query)
        assert (response.status_code, response.json()["code"]) == (400, "bad_filter")
        assert set(response.json()["errors"]) <= set(query)

    def test_visitors_sign_in_first(self, client, db):
        assert client.get(reverse("analysis:export-csv")).status_code == 302
        assert client.get(reverse("analysis:export-csv"), headers={"accept": "application/json"}).status_code == 401

    def test_asking_for_the_head_reads_nothing(self, signed_in, user, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            assert signed_in.head(reverse("analysis:export-csv")).status_code == 200


def test_pages_offer_what_they_show(signed_in, user):
    make_photo(user, created_at=NOON)
    content = signed_in.get(reverse("analysis:history"), {"since": "2026-03-01"}).content.decode()
    assert reverse("analysis:export-csv") in content
    assert reverse("analysis:export-json") in content
    assert 'name="since" id="export-since" value="2026-03-01"' in content
    query = {"from": "2026-03-01", "to": "2026-03-20", "source": "photo"}
    content = signed_in.get(reverse("analysis:dashboard"), query).content.decode()
    assert 'name="until" id="export-until" value="2026-03-20"' in content
    assert 'value="photo" checked' in content
