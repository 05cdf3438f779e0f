"""The database's settings, from DATABASE_URL and the variables beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from ferproject.databases import database_settings

URL = "postgresql://fer:secret@db.example/faces?sslmode=require"
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return the settings made from these variables."""

    def make(**variables: str):
        for name in ("DATABASE_URL", "DATABASE_POOL_SIZE", "DISABLE_SERVER_SIDE_CURSORS"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SECRET_KEY", "given")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return database_settings(tmp_path)

    return make


def test_without_a_url_it_is_sqlite_in_the_folder(made, tmp_path: Path):
    settings = made()
    assert (settings["ENGINE"], settings["NAME"]) == (SQLITE, tmp_path / "db.sqlite3")


def test_a_url_names_server_account_and_options(made):
    settings = made(DATABASE_URL=URL)
    named = [settings[name] for name in ("ENGINE", "HOST", "USER", "PASSWORD", "NAME")]
    assert named == [POSTGRESQL, "db.example", "fer", "secret", "faces"]
    assert settings["OPTIONS"]["sslmode"] == "require"


def test_connections_are_pooled_and_everything_has_a_time_limit(made):
    options = made(DATABASE_URL=URL, DATABASE_POOL_SIZE="7")["OPTIONS"]
    assert (options["pool"]["max_size"], options["pool"]["timeout"], options["connect_timeout"]) == (7, 5, 5)
    assert options["options"] == "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s -c jit=off"


def test_the_url_may_set_other_limits(made):
    options = made(DATABASE_URL=f"{URL}&connect_timeout=2&options=-c lock_timeout=1s")["OPTIONS"]
    assert int(options["connect_timeout"]) == 2
    assert options["options"].endswith("-c lock_timeout=1s")


def test_pgbouncer_gets_neither_cursors_nor_options(made):
    settings = made(DATABASE_URL=URL, DISABLE_SERVER_SIDE_CURSORS="true")
    assert settings["DISABLE_SERVER_SIDE_CURSORS"]
    assert "options" not in settings["OPTIONS"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://fer@db.example/faces", "DATABASE_URL: expected .* got 'mysql'"),
        ("faces.sqlite3", "DATABASE_URL: "),
        ("nonsense://fer@db.example/faces", "DATABASE_URL: "),
    ],
)
def test_another_kind_of_url_is_refused(made, url: str, message: str):
    with pytest.raises(ImproperlyConfigured, match=message):
        made(DATABASE_URL=url)


def test_a_secret_key_is_needed_for_all_processes(made):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY: needed with DATABASE_URL"):
        made(DATABASE_URL=URL, SECRET_KEY="")
