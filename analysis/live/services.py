"""Services of live connections: rows that all web processes share."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Collection, Mapping
from functools import cache

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from analysis.live.models import LiveConnection
from ferproject.databases import short_lock_timeout
from ferproject.queue.leases import Leases
from ferproject.queue.processes import identify_process, is_process_alive

MAX_CONNECTIONS_PER_USER = 4
BUSY_TIMEOUT_MS = 1000
"""Longer than many connections that open at once need; a client waits no longer for a locked SQLite."""
LIVE_LEASES = Leases(LiveConnection, held=Q(), heartbeat="seen_at", lost_after=dt.timedelta(seconds=15))


def open_connection(*, token: uuid.UUID, user: Model, closed: Collection[uuid.UUID] = ()) -> bool:
    """Save a connection; return False, and save nothing, if its user has as many as allowed in all processes together.

    `closed` are the tokens of connections that do not count any more.
    """
    with short_lock_timeout(BUSY_TIMEOUT_MS), transaction.atomic():
        # Of two connections that open at once, one waits here and counts the other.
        get_user_model()._default_manager.select_for_update(no_key=True).filter(pk=user.pk).first()
        LIVE_LEASES.lost().filter(user=user).delete()
        others = LiveConnection.objects.filter(user=user).exclude(pk__in=closed)
        dead = [other.pk for other in others if is_process_alive(other.process) is False]
        if others.exclude(pk__in=dead).count() >= MAX_CONNECTIONS_PER_USER:
            return False
        LiveConnection.objects.filter(pk__in=dead).delete()
        LiveConnection.objects.create(token=token, user=user, process=_own_process())
    return True


def renew_connections(*, users: Mapping[uuid.UUID, object], closed: Collection[uuid.UUID] = ()) -> None:
    """Write a heartbeat for this process' connections, the ids of their users by token; save again which are missing.

    A row is missing where the database was locked when the connection opened, or was away for long. Those of the tokens
    `closed`, which wait for their last seconds to be saved, may have been deleted by now.
    """
    with short_lock_timeout(BUSY_TIMEOUT_MS), transaction.atomic():
        LiveConnection.objects.filter(pk__in=closed).update(seen_at=timezone.now())
        found = LiveConnection.objects.filter(pk__in=users)
        if found.update(seen_at=timezone.now()) == len(users):
            return
        missing = users.keys() - set(found.values_list("pk", flat=True))
        LiveConnection.objects.bulk_create(
            LiveConnection(token=token, user_id=users[token], process=_own_process()) for token in missing
        )


def close_connections(*, tokens: Collection[uuid.UUID]) -> None:
    """Delete connections that are closed; what they recorded must be saved before."""
    with short_lock_timeout(BUSY_TIMEOUT_MS):
        LiveConnection.objects.filter(pk__in=tokens).delete()


def is_connected(*, token: uuid.UUID) -> bool:
    """Return whether a connection is open, as far as is known."""
    connection = LiveConnection.objects.filter(pk=token).exclude(pk__in=LIVE_LEASES.lost()).first()
    return connection is not None and is_process_alive(connection.process) is not False


def delete_lost_connections() -> None:
    """Delete the connections of processes that send no heartbeat."""
    LIVE_LEASES.lost().delete()


@cache
def _own_process() -> str:
    return identify_process(os.getpid())
