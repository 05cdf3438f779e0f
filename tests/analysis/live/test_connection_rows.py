"""The rows of live connections, and what they allow."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from contextlib import suppress

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from analysis.live import services as rows
from analysis.live.models import LiveConnection
from ferproject.queue.processes import host_identity

ELSEWHERE = "another-host:1:1700000000"


def make_row(user, *, process: str = ELSEWHERE, silent: float = 0) -> LiveConnection:
    seen_at = timezone.now() - dt.timedelta(seconds=silent)
    return LiveConnection.objects.create(token=uuid.uuid4(), user=user, process=process, seen_at=seen_at)


def opens(user, **options: object) -> bool:
    return rows.open_connection(token=uuid.uuid4(), user=user, **options)


@pytest.mark.django_db
class TestOpen:
    def test_four_are_allowed_wherever_they_are(self, user, other_user):
        make_row(user), make_row(user)
        assert [opens(user) for _ in range(3)] == [True, True, False]
        assert opens(other_user)
        assert LiveConnection.objects.filter(user=user).count() == 4

    @pytest.mark.parametrize(
        "gone", [{"silent": 16}, {"process": f"{host_identity()}:1:2"}], ids=["silent", "dead on this host"]
    )
    def test_those_of_a_dead_process_do_not_count(self, user, gone):
        lost = [make_row(user, **gone) for _ in range(4)]
        assert opens(user)
        assert not LiveConnection.objects.filter(pk__in=[row.pk for row in lost]).exists()

    def test_those_that_are_closed_and_still_have_a_row_do_not_count(self, user):
        closed = [make_row(user).pk for _ in range(4)]
        assert opens(user, closed=closed[:1])


@pytest.mark.django_db
def test_a_heartbeat_saves_again_what_is_missing(user):
    row, missing = make_row(user, silent=10), uuid.uuid4()
    rows.renew_connections(users={row.token: user.pk, missing: user.pk})
    assert LiveConnection.objects.filter(pk=missing, user=user).exists()
    row.refresh_from_db()
    assert timezone.now() - row.seen_at < dt.timedelta(seconds=5)


@pytest.mark.django_db
def test_a_heartbeat_keeps_what_is_closed_but_saves_none_again(user):
    """It was collected before the closed one was deleted."""
    row = make_row(user, silent=10)
    rows.renew_connections(users={}, closed=[row.token, uuid.uuid4()])
    (left,) = LiveConnection.objects.filter(user=user)
    assert (left.pk, timezone.now() - left.seen_at < dt.timedelta(seconds=5)) == (row.pk, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [({}, True), ({"silent": 16}, False), ({"process": f"{host_identity()}:1:2"}, False)],
    ids=["heard of", "silent", "dead on this host"],
)
def test_who_is_connected(user, fields, expected):
    assert rows.is_connected(token=make_row(user, **fields).token) is expected
    assert not rows.is_connected(token=uuid.uuid4())


@pytest.mark.django_db
def test_lost_ones_are_swept(user):
    make_row(user, silent=16)
    alive = make_row(user)
    rows.delete_lost_connections()
    assert list(LiveConnection.objects.all()) == [alive]


@pytest.mark.django_db(transaction=True)
def test_of_many_that_open_at_once_four_are_allowed(user):
    for _ in range(5):
        LiveConnection.objects.all().delete()
        start, allowed = threading.Barrier(8), []

        def open_one(start=start, allowed=allowed) -> None:
            start.wait()
            while True:
                with suppress(OperationalError):  # waited too long for the others on a busy machine
                    allowed.append(opens(user))
                    break
            connections.close_all()

        threads = [threading.Thread(target=open_one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(allowed) == [False] * 4 + [True] * 4
