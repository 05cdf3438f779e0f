"""`manage.py migrate` while the site serves: it gives way, and tries again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import OperationalError

from accounts.management.commands import migrate as own


class _Refused(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have Django's command fail with each of the given SQLSTATEs, one after the other; return those that it did."""

    def fail_with(*states: str) -> list[str]:
        seen: list[str] = []

        def handle(self: object, **options: object) -> None:
            if len(seen) < len(states):
                seen.append(states[len(seen)])
                raise OperationalError("no") from _Refused(seen[-1])

        monkeypatch.setattr(migrate.Command, "handle", handle)
        monkeypatch.setattr(own, "PAUSE_SECONDS", 0)
        return seen

    return fail_with


@pytest.mark.django_db
def test_a_deadlock_and_a_lock_that_others_hold_are_tried_again(attempts: Callable[..., list[str]]):
    seen = attempts("40P01", "55P03", "40P01")
    call_command("migrate")
    assert seen == ["40P01", "55P03", "40P01"]


@pytest.mark.django_db
def test_another_error_is_raised_at_once(attempts: Callable[..., list[str]]):
    seen = attempts("57P01", "57P01")
    with pytest.raises(OperationalError):
        call_command("migrate")
    assert seen == ["57P01"]


@pytest.mark.django_db
def test_it_gives_up_in_the_end(attempts: Callable[..., list[str]]):
    seen = attempts(*["55P03"] * 1000)
    with pytest.raises(OperationalError):
        call_command("migrate")
    assert len(seen) == own.ATTEMPTS
