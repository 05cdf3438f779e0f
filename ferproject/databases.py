"""The database's settings: SQLite in `VAR_DIR`, or PostgreSQL by `DATABASE_URL`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ferproject.env import env_bool, env_int, env_str

CONNECT_SECONDS = 5
"""How long connecting, and waiting for a connection of the pool, may take."""
LOCK_SECONDS = 20
"""As long as SQLite's busy timeout."""
IDLE_IN_TRANSACTION_SECONDS = 60
SHORT_LOCK_TIMEOUT_MS = 100


def database_settings(var_dir: Path) -> dict[str, Any]:
    """Return the settings of the one database; raise `ImproperlyConfigured` for a `DATABASE_URL` of another kind."""
    url = env_str("DATABASE_URL", "")
    if url and not env_str("SECRET_KEY", ""):
        raise ImproperlyConfigured(
            "SECRET_KEY: needed with DATABASE_URL, and the same one for all processes and hosts. Make one with "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`; a site that used SQLite so far has one "
            "in its VAR_DIR, in the file secret_key."
        )
    return postgresql_settings(url) if url else _sqlite(var_dir)


def limit_statements(seconds: int) -> None:
    """Give each statement of this process `seconds` on PostgreSQL, 0 for no limit; called before the first query."""
    settings = connections.settings["default"]
    if settings["ENGINE"] == "django.db.backends.postgresql" and "options" in settings["OPTIONS"]:
        settings["OPTIONS"]["options"] += f" -c statement_timeout={seconds}s"


def release_connection() -> None:
    """Give this thread's connection back to the pool before long work; the next query takes another one.

    Does nothing in a transaction and on SQLite.
    """
    if "pool" in connection.settings_dict["OPTIONS"] and not connection.in_atomic_block:
        connection.close()


@contextmanager
def advisory_lock(database: BaseDatabaseWrapper, name: str) -> Iterator[None]:
    """Hold a lock of PostgreSQL within the context, waiting until no other process does; nothing on SQLite.

    It is a transaction's, on a connection of its own, and so works through PgBouncer too.
    """
    if database.vendor != "postgresql":
        yield
        return
    other = database.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"fer {name}"])
        yield
        other.rollback()
    finally:
        other.close()


@contextmanager
def session_lock_timeout(database: BaseDatabaseWrapper, milliseconds: int) -> Iterator[None]:
    """Wait for locks for this time at most within the context; does nothing on SQLite and through PgBouncer."""
    if database.vendor != "postgresql" or database.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
        yield
        return
    with database.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{milliseconds}ms'")
    try:
        yield
    finally:
        with suppress(DatabaseError), database.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def is_lock_refused(error: OperationalError) -> bool:
    """Return whether PostgreSQL ended a statement because of a deadlock, or because it waited too long for a lock."""
    return getattr(error.__cause__, "sqlstate", "") in {"40P01", "55P03"}


@contextmanager
def short_lock_timeout(milliseconds: int = SHORT_LOCK_TIMEOUT_MS) -> Iterator[None]:
    """Wait for locks for a short time only: for writes that may be skipped or retried later."""
    if connection.vendor == "sqlite":
        with _short_busy_timeout(milliseconds):
            yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        timeout = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL lock_timeout = '{milliseconds}ms'")
        yield
        cursor.execute(f"SET LOCAL lock_timeout = '{timeout}'")


@contextmanager
def _short_busy_timeout(milliseconds: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        timeout = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {timeout}")


def _sqlite(var_dir: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": var_dir / "db.sqlite3",
        "OPTIONS": {
            "timeout": LOCK_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
        "TEST": {"NAME": var_dir / "test.sqlite3"},
    }


def postgresql_settings(url: str) -> dict[str, Any]:
    """Return the settings of the database that a URL names, with a pool and time limits."""
    try:
        parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL: {error}") from error
    if parsed.get("ENGINE") != "django.db.backends.postgresql":
        expected = "an address such as postgresql://user:password@host/name, or none at all for SQLite"
        raise ImproperlyConfigured(f"DATABASE_URL: expected {expected}; got {url.partition(':')[0]!r}")
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "fer",
        "pool": {
            "min_size": 1,
            "max_size": env_int("DATABASE_POOL_SIZE", 20, minimum=1),
            "timeout": CONNECT_SECONDS,
            # After it the next request for a connection tries again at once, not after a pause that has doubled often.
            "reconnect_timeout": CONNECT_SECONDS,
        },
        **parsed.get("OPTIONS", {}),
    }
    without_cursors = env_bool("DISABLE_SERVER_SIDE_CURSORS", False)
    # PgBouncer refuses connections that bring such options, and a session's settings would be another client's.
    if not without_cursors:
        limits = {"lock_timeout": LOCK_SECONDS, "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_SECONDS}
        given = [f"-c {name}={seconds}s" for name, seconds in limits.items()]
        # The charts' statements look expensive enough to be compiled, which takes longer than they do.
        options["options"] = " ".join([*given, "-c jit=off", options.get("options", "")]).strip()
    return {
        **parsed,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": without_cursors,
    }
