"""Links to share with, and where they lead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from analysis.sharing.services import NewLink, create_link
from tests.analysis.factories import make_photo


@pytest.fixture
def photo(user):
    return make_photo(user, emotions=["happy", "sad"], name="ada at home.jpg")


@pytest.fixture
def share(user) -> Callable[..., NewLink]:
    """Share something of the user's for a week."""

    def share(item: Any, **values: Any) -> NewLink:
        ends = timezone.now() + dt.timedelta(days=7)
        return create_link(**{"owner": user, "item": item, "shows": "picture", "expires_at": ends, **values})

    return share


@pytest.fixture(autouse=True)
def _forgotten_attempts():
    cache.clear()
    yield
    cache.clear()


def address(new: NewLink, name: str = "shared", *ids: Any) -> str:
    return reverse(f"analysis:{name}", args=[new.secret, *ids])
