"""On PostgreSQL the space of deleted rows is freed, and nothing else is claimed."""

import pytest
from django.db import connection

from accounts.models import AccountDeletion, User
from accounts.privacy import deletion
from tests.support.site_database import IS_SQLITE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(IS_SQLITE, reason="about PostgreSQL itself"),
]


def test_the_space_is_freed():
    User.objects.create_user("zyxwilhelmina@example.org")
    User.objects.all().delete()
    assert deletion.erase_deleted() == deletion.Erasure.FREED
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('accounts_user')")
        assert cursor.fetchone() == (0,)


def test_the_log_says_what_remains(caplog, user):
    deletion.request_deletion(user=User.objects.create_user("zyxwilhelmina@example.org"))
    with caplog.at_level("INFO"):
        deletion.sweep_deletions()
    assert "remains are there, and in the log of writes and in backups" in caplog.text
    assert not AccountDeletion.objects.exists()
