"""Each endpoint costs a fixed number of queries, however much is in it; a program's token takes one of them.

Prints them all as a table.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from rest_framework.test import APIClient
from rich.console import Console
from rich.table import Table

from accounts.tokens import services as tokens
from analysis.corrections.services import correct_face
from analysis.photos.models import Face
from analysis.versions.models import ModelVersion
from analysis.videos.models import Video
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import add_samples, make_session
from tests.support.pictures import encoded
from training.models import RunEpoch, TrainingRun

QUERIES = {
    "/api/v1/me/": 1,
    "/api/v1/notices/": 5,
    "/api/v1/analyses/": 5,
    "/api/v1/analyses/?emotion=happy&source=web&min_confidence=0.1&search=photo&order=oldest": 5,
    "/api/v1/analyses/{photo}/": 5,
    "/api/v1/faces/{face}/": 2,
    "/api/v1/sessions/": 2,
    "/api/v1/sessions/{session}/": 2,
    "/api/v1/sessions/{session}/samples/": 3,
    "/api/v1/sessions/{session}/summary/": 4,
    "/api/v1/videos/": 2,
    "/api/v1/videos/{video}/": 2,
    "/api/v1/history/": 2,
    "/api/v1/history/summary/": 3,
    "/api/v1/versions/": 2,
    "/api/v1/versions/{version}/": 2,
    "/api/v1/runs/": 2,
    "/api/v1/runs/{run}/": 6,
}
PAGES = [
    "/dashboard/",
    "/dashboard/series/",
    "/history/",
    "/photos/{photo}/",
    "/sessions/",
    "/sessions/{session}/",
    "/videos/",
]
"""As a browser asks for them, whose session and user are two more."""


@pytest.fixture
def program(administrator) -> APIClient:
    cache.clear()
    secret = tokens.create_token(user=administrator, name="t", scope="write", expires_in=None).secret
    client = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    client.get("/api/v1/me/")
    return client


@pytest.fixture
def browser(administrator) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def _things(owner: Any, size: int) -> dict[str, Any]:
    """Add something of everything, with `size` parts each; return the ids."""
    photo = make_photo(owner, emotions=["happy"] * size)
    faces = list(Face.objects.filter(analysis__photo=photo))
    for face in faces[1:]:
        correct_face(face=face, by=owner, emotion="sad")
    lived = make_session(owner, dict.fromkeys(range(10 * size), "happy"))
    add_samples(lived, ((second, face, "sad") for face in range(2, size + 1) for second in range(5)))
    video = Video.objects.create(owner=owner, name="a.mp4", bytes=1, session=make_session(owner, {1: "sad"}))
    version = ModelVersion.objects.create(name=f"v-{size}", origin="trained", pins={}, card={})
    run = TrainingRun.objects.create(name=f"r-{size}", architecture="mlp")
    for number in range(1, size + 1):
        RunEpoch.objects.create(run=run, number=number, loss=2, accuracy=0.3, val_loss=2, val_accuracy=0.4, seconds=9)
    return {
        "photo": photo.pk,
        "face": faces[-1].pk,
        "session": lived.pk,
        "video": video.pk,
        "version": version.name,
        "run": run.pk,
    }


def _count(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    assert answer.status_code in (200, 201), answer.content
    return len(queries)


def _counts(program: APIClient, browser: Client, ids: dict[str, Any]) -> dict[str, int]:
    asked = [(program, address) for address in QUERIES] + [(browser, address) for address in PAGES]
    return {address: _count(partial(client.get, address.format_map(ids))) for client, address in asked}


def _print(counts: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("address", "queries")
    for address, count in counts.items():
        table.add_row(address, str(count))
    with capsys.disabled():
        Console(width=110).print("", table)


def test_more_rows_need_no_more_queries(program, browser, administrator, capsys):
    few = _counts(program, browser, _things(administrator, 2))
    for size in (3, 4, 5):
        ids = _things(administrator, size)
    many = _counts(program, browser, ids)
    _print(many, capsys)
    assert few == many
    assert {address: many[address] for address in QUERIES} == QUERIES


def _portraits(hopper: bytes, count: int) -> bytes:
    """Return the portrait so many times side by side, as one picture."""
    with Image.open(io.BytesIO(hopper)) as opened:
        one = np.asarray(opened.convert("RGB").resize((320, 375)))
    return encoded(Image.fromarray(np.hstack([one] * count)), "JPEG")


def test_more_faces_in_an_upload_need_no_more_queries(program, hopper, capsys):
    counts = {}
    for faces in (1, 4):
        for name in ("POST /api/v1/analyses/", "POST /api/v1/analyses/ of a photo that is there"):
            file = SimpleUploadedFile("a.jpg", _portraits(hopper, faces), "image/jpeg")
            counts[name, faces] = _count(partial(program.post, "/api/v1/analyses/", {"photo": file}))
        (newest, *_) = program.get("/api/v1/analyses/").json()["results"]
        assert len(newest["faces"]) == faces
    _print({name: count for (name, faces), count in counts.items() if faces == 4}, capsys)
    assert all(counts[name, 1] == count for (name, _), count in counts.items())


def test_a_page_of_any_size_needs_three(program, administrator, django_assert_num_queries):
    lived = make_session(administrator, dict.fromkeys(range(40), "happy"))
    for size in (1, 30):
        with django_assert_num_queries(3):
            assert len(program.get(f"/api/v1/sessions/{lived.pk}/samples/?page_size={size}").json()["results"]) == size
