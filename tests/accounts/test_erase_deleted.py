"""What deleted rows leave behind is overwritten, without keeping anybody from writing."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from accounts.privacy import deletion
from accounts.privacy.deletion import Erasure
from ferproject.databases import SHORT_LOCK_TIMEOUT_MS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]
ADDRESS = "zyxwilhelmina@example.org"


def connect(timeout):
    return closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=timeout, isolation_level=None))


def busy_timeout():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return cursor.fetchone()[0]


def log_size():
    return Path(f"{connection.settings_dict['NAME']}-wal").stat().st_size


@pytest.fixture
def reader(transactional_db):
    """Somebody who goes on reading the database as it was before."""
    User.objects.create_user(ADDRESS)
    with connect(timeout=1.0) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM accounts_user").fetchone()
        User.objects.all().delete()
        yield other


def test_nothing_is_left_in_the_files():
    User.objects.create_user(ADDRESS)
    User.objects.all().delete()
    assert deletion.erase_deleted() == Erasure.ERASED
    assert log_size() == 0
    assert b"zyxwilhelmina" not in Path(connection.settings_dict["NAME"]).read_bytes()


def test_with_a_reader_it_returns_false(reader, monkeypatch):
    monkeypatch.setattr(deletion, "CHECKPOINT_TRIES", 2)
    assert deletion.erase_deleted() == Erasure.POSTPONED
    reader.execute("COMMIT")
    assert deletion.erase_deleted() == Erasure.ERASED


def test_with_a_reader_the_log_does_not_grow(reader, monkeypatch):
    monkeypatch.setattr(deletion, "CHECKPOINT_TRIES", 1)
    before = log_size()
    for _ in range(3):
        assert deletion.erase_deleted() == Erasure.POSTPONED
    assert log_size() == before


def test_with_a_reader_other_connections_can_write(reader):
    erasing = threading.Thread(target=lambda: (deletion.erase_deleted(), connection.close()))
    erasing.start()
    written = 0
    with connect(timeout=5.0) as writer:
        while erasing.is_alive():
            # "database is locked" after five seconds in vain.
            writer.execute("UPDATE accounts_user SET time_zone = 'UTC'")
            written += 1
            time.sleep(0.1)
    erasing.join()
    assert written > 5


def test_the_busy_timeout_is_restored(reader, monkeypatch):
    monkeypatch.setattr(deletion, "CHECKPOINT_TRIES", 1)
    before = busy_timeout()
    assert before > SHORT_LOCK_TIMEOUT_MS
    deletion.erase_deleted()
    assert busy_timeout() == before
