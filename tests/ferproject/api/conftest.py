"""Fixtures of the API's ground: callers, and views made for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.tokens import services as tokens


@pytest.fixture(autouse=True)
def _forgotten_rates() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def caller() -> Callable[..., APIClient]:
    """A program with a new token of the user's; `.token` and `.secret` are on it."""

    def make(user: Any, *, scope: str = "write", name: str = "program", **options: Any) -> APIClient:
        new = tokens.create_token(user=user, name=name, scope=scope, expires_in=options.get("expires_in"))
        client = APIClient(HTTP_AUTHORIZATION=f"Token {new.secret}")
        client.token, client.secret = new.token, new.secret
        return client

    return make


@pytest.fixture
def answer_of(user) -> Callable[..., Any]:
    """What a view answers that does `work` with a request."""

    def answer(work: Callable[..., Any], method: str = "get", data: Any = None, **options: Any) -> Any:
        view = type("View", (APIView,), {method: lambda self, request: work(self, request), **options})
        kwargs = {} if data is None else {"data": data, "format": "json"}
        request = getattr(APIRequestFactory(), method)("/api/v1/view/", **kwargs)
        force_authenticate(request, user)
        response = view.as_view()(request)
        response.render()
        return response

    return answer
