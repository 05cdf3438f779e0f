"""The database of a running site in tests: SQLite's file in its folder, or one of its own where DATABASE_URL is set."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SERVER = os.environ.get("DATABASE_URL", "")
IS_SQLITE = not SERVER


class SiteDatabase:
    """`environment` has the variable that a process needs to use it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "db.sqlite3"
        self._name = f"site_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
        self._url = urlsplit(SERVER)._replace(path=f"/{self._name}").geturl()
        self.environment = {} if IS_SQLITE else {"DATABASE_URL": self._url}

    @classmethod
    def of_test(cls) -> SiteDatabase:
        """Return the database of the test that runs in this process."""
        from django.db import connection

        name = connection.settings_dict["NAME"]
        found = cls(Path())
        found.file, found._url = Path(name), urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        return found

    def exists(self) -> bool:
        if IS_SQLITE:
            return self.file.exists()
        with _psycopg(SERVER) as server:
            return bool(server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._name]).fetchone())

    def create(self) -> None:
        """Create it empty; SQLite's is created by whoever migrates."""
        if not IS_SQLITE:
            with _psycopg(SERVER) as server:
                server.execute(f"DROP DATABASE IF EXISTS {self._name}")
                server.execute(f"CREATE DATABASE {self._name}")

    def copy_from(self, other: SiteDatabase) -> None:
        """Create it as a copy of another, which nobody uses meanwhile."""
        if IS_SQLITE:
            for path in other.file.parent.glob("db.sqlite3*"):
                shutil.copy(path, self.file.parent)
            return
        with _psycopg(SERVER) as server:
            server.execute(f"CREATE DATABASE {self._name} TEMPLATE {other._name}")

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Yield a connection with `execute`, in no transaction."""
        if IS_SQLITE:
            with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as connection:
                yield connection
            return
        with _psycopg(self._url) as connection:
            yield connection

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep everybody else from writing within the context; reading goes on."""
        with self.connect() as connection:
            connection.execute("BEGIN IMMEDIATE" if IS_SQLITE else "BEGIN")
            if not IS_SQLITE:
                tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                connection.execute(f"LOCK TABLE {', '.join(name for (name,) in tables)} IN EXCLUSIVE MODE")
            yield
            connection.execute("ROLLBACK")

    def megabytes(self) -> float:
        if IS_SQLITE:
            return self.file.stat().st_size / 1_000_000
        return int(self.query("SELECT pg_database_size(current_database())")[0][0]) / 1_000_000

    def vacuum(self) -> None:
        """Do on PostgreSQL what autovacuum does after many changes: the tests' server has it off."""
        if not IS_SQLITE:
            with self.connect() as connection:
                connection.execute("VACUUM (ANALYZE)")

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a statement whose placeholders are `?`."""
        with self.connect() as connection:
            return connection.execute(sql if IS_SQLITE else sql.replace("?", "%s"), values).fetchall()


def _psycopg(url: str) -> Any:
    import psycopg

    return psycopg.connect(url, autocommit=True)
