"""The history's pictures and exports, for programs as for browsers."""

from __future__ import annotations

import csv
import io
import json

import pytest
from asgiref.sync import async_to_sync
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

CHART, CSV, JSON = (f"/api/v1/history/{name}" for name in ("chart.png", "export.csv", "export.json"))


@pytest.fixture
def program(user) -> APIClient:
    """One with a token that only reads."""
    secret = tokens.create_token(user=user, name="t", scope="read", expires_in=None).secret
    return APIClient(HTTP_AUTHORIZATION=f"Token {secret}")


def _text(response) -> str:
    assert response.status_code == 200, response.content

    async def read():
        return b"".join([piece async for piece in response.streaming_content])

    return async_to_sync(read)().decode()


def test_a_chart_is_a_png_that_need_not_be_fetched_twice(program, user):
    make_photo(user)
    asked = {"kind": "means", "interval": "day"}
    answer = program.get(CHART, asked)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    assert program.get(CHART, asked, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"kind": "pie"}, "invalid"),
        ({"from": "soon"}, "invalid"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "bad_question"),
        ({"against_to": "1999-12-31"}, "bad_question"),
        ({"from": "2000-01-01", "interval": "hour"}, "too_many_buckets"),
    ],
)
def test_a_chart_of_nothing_is_refused_in_the_one_shape(program, query, code):
    answer = program.get(CHART, query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) >= {"code", "message", "errors"}


def test_every_face_is_in_the_export(program, user):
    photo, lived = make_photo(user, name="Näme.jpg", emotions=["happy", "sad"]), make_session(user, {1: "fear"})
    rows = list(csv.DictReader(io.StringIO(_text(program.get(CSV)), newline="")))
    faces = json.loads(_text(program.get(JSON)))["faces"]
    for found in (rows, faces):
        assert [(row["id"], row["emotion"]) for row in found] == [
            (str(photo.pk), "happy"),
            (str(photo.pk), "sad"),
            (str(lived.pk), "fear"),
        ]


def test_an_export_is_narrowed_by_days_and_source(program, user):
    make_photo(user)
    lived = make_session(user, {1: "fear"})
    day = {"from": f"{lived.started_at:%Y-%m-%d}", "to": f"{lived.started_at:%Y-%m-%d}"}
    assert [face["source"] for face in json.loads(_text(program.get(JSON, day)))["faces"]] == ["live"]
    assert [face["source"] for face in json.loads(_text(program.get(JSON, {"source": "photo"})))["faces"]] == ["photo"]


@pytest.mark.parametrize("address", [CSV, JSON])
def test_days_that_are_none_are_refused(program, address):
    for query, code in (({"to": "0001-01-01"}, "bad_range"), ({"source": "dream"}, "invalid")):
        answer = program.get(address, query)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("address", [CHART, CSV, JSON])
def test_nobody_gets_anothers(program, other_user, address, client):
    make_photo(other_user, name="mine.jpg")
    assert client.get(address).status_code == 401
    if address != CHART:
        assert "mine.jpg" not in _text(program.get(address))
