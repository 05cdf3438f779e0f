"""Each of the API's lists costs a fixed number of queries, however much is in it; the token takes one of them."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts import tokens
from analysis.models import ModelVersion, Video
from tests import access_objects
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from training.models import TrainingRun


def _video(owner, number):
    Video.objects.create(owner=owner, name=f"{number}.mp4", bytes=1, session=make_session(owner, {1: "sad"}))


MAKERS = {
    "analyses": lambda owner, number: make_photo(owner, emotions=["happy", "sad"]),
    "sessions": lambda owner, number: access_objects.session(owner),
    "videos": _video,
    "versions": lambda owner, number: ModelVersion.objects.create(
        name=f"v-{number}", origin="trained", pins={}, card={}
    ),
    "runs": lambda owner, number: TrainingRun.objects.create(name=f"r-{number}", architecture="mlp"),
}
QUERIES = {"analyses": 4, "sessions": 2, "videos": 2, "versions": 2, "runs": 2}


@pytest.fixture
def program(administrator) -> APIClient:
    cache.clear()
    secret = tokens.create_token(user=administrator, name="t", scope="read", expires_in=None).secret
    client = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    client.get("/api/v1/me/")
    return client


@pytest.mark.parametrize("name", MAKERS)
def test_more_rows_need_no_more_queries(program, administrator, name, django_assert_num_queries):
    MAKERS[name](administrator, 0)
    for first in (1, 4):
        with django_assert_num_queries(QUERIES[name]):
            found = program.get(f"/api/v1/{name}/").json()["results"]
        assert len(found) >= first
        for number in range(first, first + 3):
            MAKERS[name](administrator, number)


def test_a_sessions_samples_need_three(program, administrator, django_assert_num_queries):
    lived = make_session(administrator, dict.fromkeys(range(40), "happy"))
    for size in (1, 30):
        with django_assert_num_queries(3):
            assert len(program.get(f"/api/v1/sessions/{lived.pk}/samples/?page_size={size}").json()["results"]) == size
