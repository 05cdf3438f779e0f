"""A full, read-only, locked or absent database is answered 507 or 503 with Retry-After; what can be read is served."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from ferproject.storage_errors import storage_error
from tests.analysis.session_factories import make_session
from tests.support.site import RunningSite
from tests.support.site_database import IS_SQLITE, SiteDatabase

NOTES = random.Random(0).randbytes(4500).hex()
"""More than fits into a page of the database that has room left, compressed, too."""


@contextmanager
def _pragma(name: str, value: str, after: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name} = {value}")
        yield
        cursor.execute(f"PRAGMA {name} = {after}")


@contextmanager
def full() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # no free pages are left
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
    with _pragma("max_page_count", pages, "1000000"):
        yield


@contextmanager
def read_only() -> Iterator[None]:
    with _pragma("query_only", "1", "0") if IS_SQLITE else _set("default_transaction_read_only", "on"):
        yield


@contextmanager
def locked() -> Iterator[None]:
    with (
        SiteDatabase.of_test().locked(),
        _pragma("busy_timeout", "50", "20000") if IS_SQLITE else _set("lock_timeout", "50ms"),
    ):
        yield


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET {name} = '{value}'")
        yield
        cursor.execute(f"RESET {name}")


FAULTS = [
    pytest.param(full, 507, "disk_full", marks=pytest.mark.sqlite),
    (read_only, 503, "read_only"),
    (locked, 503, "database_locked"),
]


@pytest.fixture
def session(transactional_db, user):
    return make_session(user, {0: "happy"})


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(("fault", "status", "code"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
class TestWhileTheDatabaseTakesNoWrites:
    def test_a_write_says_why_and_when_to_come_back(self, session, signed_in, fault, status, code):
        with fault():
            page = signed_in.post(reverse("analysis:session-edit", args=[session.pk]), {"notes": NOTES, "name": "New"})
            address = f"/api/v1/sessions/{session.pk}/"
            api = signed_in.patch(address, {"notes": NOTES}, content_type="application/json")
        assert (page.status_code, api.status_code) == (status, status)
        assert int(page["Retry-After"]) == int(api["Retry-After"]) == 2
        assert b"Not possible at the moment" in page.content
        assert (api.json()["code"], api.json()["retryable"], api.json()["errors"]) == (code, True, {})
        session.refresh_from_db()
        assert session.notes == ""

    def test_only_a_page_view_is_served_without_saving_its_session(
        self, session, signed_in, settings, fault, status, code
    ):
        settings.ROOT_URLCONF = __name__
        with fault():
            statuses = [signed_in.get("/remember/").status_code, signed_in.post("/remember/").status_code]
        assert statuses == [200, status]


def remember(request: HttpRequest) -> HttpResponse:
    request.session["notes"] = NOTES
    return HttpResponse()


urlpatterns = [path("remember/", remember), path("", include("ferproject.urls"))]
handler500 = "ferproject.error_pages.server_error"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "disk_full"),
        (OSError(errno.EROFS, "Read-only file system"), "read_only"),
        (OperationalError("database table is locked: accounts_user"), "database_locked"),
        (OperationalError("unable to open database file"), "database_absent"),
        (OperationalError("disk I/O error"), "database_unreadable"),
    ],
)
def test_each_error_has_its_code(error: Exception, code: str):
    found = storage_error(error)
    assert found is not None
    assert (found.code, found.retryable) == (code, True)


def _from_postgresql(kind: type[Exception], state: str | None) -> Exception:
    """Return an error as Django raises one of psycopg's."""
    error = kind("as PostgreSQL puts it, in any language")
    error.__cause__ = type("PsycopgError", (Exception,), {"sqlstate": state})()
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (_from_postgresql(OperationalError, "53100"), "disk_full"),
        (_from_postgresql(InternalError, "25006"), "read_only"),
        (_from_postgresql(OperationalError, "55P03"), "database_locked"),
        (_from_postgresql(OperationalError, "57014"), "database_locked"),
        (_from_postgresql(OperationalError, "40P01"), "database_locked"),
        (_from_postgresql(OperationalError, "53300"), "database_locked"),
        (_from_postgresql(OperationalError, "57P01"), "database_absent"),
        (_from_postgresql(OperationalError, "57P03"), "database_absent"),
        (_from_postgresql(OperationalError, "08006"), "database_absent"),
        (_from_postgresql(OperationalError, None), "database_absent"),
        (_from_postgresql(InternalError, "XX001"), "database_unreadable"),
        (InterfaceError("connection already closed"), "database_absent"),
        (_from_postgresql(IntegrityError, "23505"), None),
        (_from_postgresql(DatabaseError, None), None),
    ],
)
def test_each_state_of_postgresql_has_its_code(error: Exception, code: str | None):
    assert getattr(storage_error(error), "code", None) == code


@pytest.mark.parametrize(
    "bug", [IntegrityError("UNIQUE constraint failed"), OperationalError("no such column: x"), OSError(2, "x"), None]
)
def test_bugs_stay_bugs(bug: Exception | None):
    assert storage_error(bug) is None


@pytest.mark.sqlite
def test_an_absent_database_is_answered_503_and_not_created(site: RunningSite):
    database, away = site.folder / "db.sqlite3", site.folder / "away.sqlite3"
    database.rename(away)
    try:
        page = httpx.get(f"{site.url}/accounts/login/")
        api = httpx.get(f"{site.url}/api/v1/me/", headers={"Authorization": "Token fer_unknown"})
        assert not database.exists()
    finally:
        away.rename(database)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert (api.status_code, api.json()["code"]) == (503, "database_absent")
    assert httpx.get(f"{site.url}/accounts/login/").status_code == 200
