"""A session's samples as CSV: every column, streamed, in the order of time."""

import csv
import datetime as dt
import io

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from analysis.recognition.emotions import EMOTIONS
from analysis.sessions import csv_export as session_csv
from analysis.sessions.face_names import name_faces
from tests.analysis.session_factories import NOON, add_samples, fill_session, make_session


@pytest.fixture
def fetch(user):
    """Ask for the CSV as an ASGI server does; return the response and its rows."""

    async def fetch(session):
        client = AsyncClient()
        await client.aforce_login(user)
        response = await client.get(reverse("analysis:session-csv", args=[session.pk]))
        assert response.is_async
        text = b"".join([part async for part in response.streaming_content]).decode()
        return response, list(csv.reader(io.StringIO(text)))

    return async_to_sync(fetch)


def test_every_sample_is_a_line(user, fetch):
    session = make_session(user, started_at=NOON + dt.timedelta(milliseconds=250))
    add_samples(session, [(65, 2, "sad"), (0, 1, "happy"), (65, 1, "fear")])
    response, (header, *rows) = fetch(session)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert header[:6] == ["second", "time", "face", "frames", "emotion", "confidence"]
    assert header[6:] == [
        *(f"p_{emotion}" for emotion in EMOTIONS),
        "score",
        "is_uncertain",
        "doubts",
        "model",
        "face_name",
    ]
    assert [row[:5] for row in rows] == [
        ["0", "2026-03-10T12:00:00Z", "1", "10", "happy"],
        ["65", "2026-03-10T12:01:05Z", "1", "10", "fear"],
        ["65", "2026-03-10T12:01:05Z", "2", "10", "sad"],
    ]
    assert rows[0][9] == rows[0][5] == "0.700000"
    assert rows[0][-5:] == ["", "false", "", "test-1", ""]


def test_the_names_that_the_owner_gave_are_a_column(user, fetch):
    session = make_session(user)
    add_samples(session, [(0, 1, "happy"), (0, 2, "sad"), (1, 2, "sad"), (1, 3, "fear")])
    name_faces(session=session, names={2: "Anna, Berg", 3: "=1+1"})
    _, (header, *rows) = fetch(session)
    assert [row[header.index("face_name")] for row in rows] == ["", "Anna, Berg", "Anna, Berg", "'=1+1"]


def test_without_samples_there_is_only_the_header(user, fetch):
    _, rows = fetch(make_session(user))
    assert rows == [session_csv.COLUMNS]


def test_it_is_read_in_chunks_without_gaps_or_repeats(user, fetch, monkeypatch):
    monkeypatch.setattr(session_csv, "_CHUNK", 7)
    session = make_session(user)
    fill_session(session, range(20), faces={1: "happy", 2: "sad", 3: "fear"})
    _, (_, *rows) = fetch(session)
    assert [(int(row[0]), int(row[2])) for row in rows] == [(s, f) for s in range(20) for f in (1, 2, 3)]


@pytest.mark.django_db(transaction=True)
def test_the_first_lines_come_before_the_last_are_read(user, monkeypatch):
    monkeypatch.setattr(session_csv, "_CHUNK", 5)
    session = make_session(user)
    fill_session(session, range(20), faces={1: "happy"})

    async def read():
        lines = session_csv.session_csv(session)
        first = [await anext(lines), await anext(lines)]
        await session.samples.filter(second__gte=10).adelete()
        return b"".join(first + [part async for part in lines])

    assert async_to_sync(read)().count(b"\r\n") == 1 + 10


def test_the_file_is_named_for_the_session(user, fetch):
    response, _ = fetch(make_session(user, name='Talk "2"; сеанс'))
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Talk%20%222%22%3B")
