"""The databases that a backup can hold: SQLite as a file, PostgreSQL as its `pg_dump` writes it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Protocol

from django.db import DatabaseError, connection, transaction


class BackupError(Exception):
    """A backup cannot be made or restored; the message is for the person at the shell."""


class SiteDatabase(Protocol):
    """The database of this site."""

    file: str
    """Name of its copy in an archive."""

    def exists(self) -> bool:
        """Return whether it holds a site."""

    def has_remains(self) -> bool:
        """Return whether there is anything that a restore would mix with."""

    def snapshot(self, to: Path) -> dict[str, int]:
        """Copy the database at one moment; return the number of rows of each table."""

    def put_aside(self, folder: Path) -> None:
        """Leave no database, and what was there in `folder`."""

    def restore(self, copy: Path) -> None:
        """Make a copy the database; raise `OSError` or `BackupError`, and leave none then."""


def site_database() -> SiteDatabase:
    """Return the site's database; raise `BackupError` for one of another kind."""
    if connection.vendor == "sqlite":
        return SqliteDatabase(Path(connection.settings_dict["NAME"]))
    if connection.vendor == "postgresql":
        return PostgresqlDatabase()
    raise BackupError(f"Only SQLite and PostgreSQL are backed up; for {connection.vendor} use its own tools.")


class SqliteDatabase:
    file = "database.sqlite3"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]

    def __str__(self) -> str:
        return str(self._path)

    def exists(self) -> bool:
        return self._path.exists()

    def has_remains(self) -> bool:
        """Also a write-ahead log without its database, which SQLite would replay into the restored one."""
        return any(path.exists() for path in self._files)

    def snapshot(self, to: Path) -> dict[str, int]:
        """Copy without remains of deleted rows."""
        with closing(sqlite3.connect(self._path, timeout=60)) as source:
            source.execute("VACUUM INTO ?", (str(to),))
        with closing(sqlite3.connect(to)) as rows:
            query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            tables = [name for (name,) in rows.execute(query)]
            # The names come from the database itself.
            return {name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608

    def put_aside(self, folder: Path) -> None:
        connection.close()
        for path in self._files:
            if path.exists():
                shutil.move(path, folder / path.name)

    def restore(self, copy: Path) -> None:
        for path in self._files:
            if path.exists():
                raise FileExistsError(f"{path} is there again, as if the site were running")
        shutil.move(copy, self._path)


class PostgresqlDatabase:
    """PostgreSQL; its `pg_dump` and `pg_restore` are to be of the server's version or a later one."""

    file = "database.dump"

    def __str__(self) -> str:
        return f"The database {connection.settings_dict['NAME']}"

    def exists(self) -> bool:
        return bool(connection.introspection.table_names())

    def has_remains(self) -> bool:
        return self.exists()

    def snapshot(self, to: Path) -> dict[str, int]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # The dump may take longer than any limit, while this transaction waits for it.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            rows = {}
            for name in sorted(connection.introspection.table_names(cursor)):
                # The names come from the database itself.
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
                rows[name] = cursor.fetchone()[0]
            cursor.execute("SELECT pg_export_snapshot()")
            _dump(to, f"--snapshot={cursor.fetchone()[0]}")
        return rows

    def put_aside(self, folder: Path) -> None:
        _dump(folder / self.file)
        try:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        except DatabaseError as error:
            raise BackupError(f"{self} is as it was. Stop the site first; {error}") from error

    def restore(self, copy: Path) -> None:
        # Whoever restores need not be who dumped, nor own the extensions.
        options = ["--single-transaction", "--no-owner", "--no-privileges", "--no-comments"]
        _run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(copy))


def _dump(to: Path, *options: str) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}", *options)


def _run(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the site's database; raise `BackupError` with what it said."""
    try:
        subprocess.run([program, *arguments], env=_environment(), check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        message = "install PostgreSQL's client programs, of the server's version or a later one."
        raise BackupError(f"{program} is missing: {message}") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program}: {error.stderr.strip()}") from error


def _environment() -> dict[str, str]:
    """Return the environment in which PostgreSQL's programs find the database, without its password in a command."""
    values = connection.settings_dict
    _, passwords = connection.client.settings_to_cmd_args_env(values, [])
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    where = {name: str(values[key]) for name, key in names.items() if values[key]}
    return os.environ | where | (passwords or {})
