"""Fixtures of webhooks' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from analysis.webhooks.models import Event, Webhook
from analysis.webhooks.services import create_webhook
from tests.support.webhook_receiver import Receiver, receiving


@pytest.fixture
def private_allowed(settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def receiver(private_allowed) -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def make_hook(private_allowed, user) -> Callable[..., Webhook]:
    """A webhook of a user's for all events, to where nothing listens by default."""

    def make(owner: Any = user, url: str = "http://127.0.0.1:9/", **values: Any) -> Webhook:
        return create_webhook(owner=owner, url=url, events=values.pop("events", Event.values), **values)

    return make
