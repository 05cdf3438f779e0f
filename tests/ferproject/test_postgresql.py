"""A site on a PostgreSQL of its own, which goes away and comes back; processes that migrate it at once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.live_site import create_tokens
from tests.support.live_sockets import STOP, LiveSocket, live_jpeg
from tests.support.postgresql import Server, running_server
from tests.support.site import PROJECT, RunningSite, free_port
from tests.support.site_database import IS_SQLITE

pytestmark = pytest.mark.skipif(IS_SQLITE, reason="about PostgreSQL itself")
PGBOUNCER = """
[databases]
* = host={folder} user=fer
[pgbouncer]
pool_mode = transaction
default_pool_size = 2
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
logfile = {folder}/pgbouncer.log
"""
READ_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from accounts.models import User
from django.db import connection

User.objects.bulk_create(User(email=f"many{number}@example.org") for number in range(100))

def count(_):
    try:
        return sum(1 for user in User.objects.filter(email__startswith="many").iterator(chunk_size=10))
    finally:
        connection.close()

with ThreadPoolExecutor(6) as pool:
    print(set(pool.map(count, range(30))))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # What is committed survives the stop of a server, which is as abrupt as a crash.
    with running_server(synchronous_commit="on") as running:
        running.create_database("fer")
        yield running


@pytest.fixture(scope="module")
def own_site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path_factory.mktemp("own"))
    site.prepare()
    site.environment["DATABASE_URL"] = server.url("fer")
    site.manage("migrate", "--verbosity", "0")
    site.launch()
    yield site
    site.stop()


def test_processes_that_migrate_at_once_take_turns(server: Server, own_site: RunningSite):
    server.create_database("empty")
    environment = {**own_site.environment, "DATABASE_URL": server.url("empty")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    migrating = [
        subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in migrating] == [("", 0)] * 3


def test_an_absent_database_is_answered_503_until_it_is_back(server: Server, own_site: RunningSite):
    login, me = f"{own_site.url}/accounts/login/", f"{own_site.url}/api/v1/me/"
    own_site.create_user(own_site.admin_email, superuser=True)
    assert httpx.get(login).status_code == 200
    server.stop()
    try:
        page = httpx.get(login, timeout=20)
        api = httpx.get(me, headers={"Authorization": "Token fer_unknown"}, timeout=20)
    finally:
        server.start()
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert (api.status_code, api.json()["code"], api.json()["retryable"]) == (503, "database_absent", True)
    end = time.monotonic() + 20
    while httpx.get(login, timeout=20).status_code != 200:
        assert time.monotonic() < end


def test_a_web_process_limits_its_statements(server: Server, own_site: RunningSite, tmp_path: Path):
    """A command has no such limit."""
    program = (
        "import django; django.setup(); from django.conf import settings; from django.db import connection;"
        "from ferproject.databases import limit_statements;"
        "{}; cursor = connection.cursor(); cursor.execute('SHOW statement_timeout'); print(cursor.fetchone()[0])"
    )
    shown = []
    for limiting in ("limit_statements(settings.DATABASE_STATEMENT_SECONDS)", "pass"):
        command, environment = [sys.executable, "-c", program.format(limiting)], own_site.environment
        shown.append(subprocess.check_output(command, cwd=PROJECT, env=environment, text=True).strip())
    assert shown == ["30s", "0"]


@pytest.fixture
def pgbouncer(server: Server) -> Iterator[str]:
    """The address of the site's database by way of PgBouncer in transaction mode."""
    if not (program := shutil.which("pgbouncer")):
        pytest.skip("PgBouncer is not installed (Debian: pgbouncer)")
    port, configuration = free_port(), server.folder / "pgbouncer.ini"
    configuration.write_text(PGBOUNCER.format(folder=server.folder, port=port))
    configuration.chmod(0o644)
    process = subprocess.Popen([program, "--quiet", str(configuration)], user=server.user)
    yield f"postgresql://fer@127.0.0.1:{port}/fer"
    process.terminate()
    process.wait(20)


def test_pgbouncer_serves_many_readers_with_few_connections(own_site: RunningSite, pgbouncer: str):
    environment = {**own_site.environment, "DATABASE_URL": pgbouncer, "DISABLE_SERVER_SIDE_CURSORS": "true"}
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", READ_AT_ONCE]
    assert subprocess.check_output(command, cwd=PROJECT, env=environment, text=True) == "{100}\n"


def test_a_live_session_goes_on_without_the_database_and_loses_no_second(
    server: Server, own_site: RunningSite, hopper: bytes
):
    (secret,), jpeg = create_tokens(own_site, ["live@postgresql.example"]), live_jpeg(hopper)
    with LiveSocket(own_site, token=secret) as socket:
        session = socket.start(record=True)["session"]
        server.stop()
        try:
            began = time.monotonic()
            while time.monotonic() - began < 4:
                assert socket.is_answered(jpeg)
        finally:
            server.start()
        socket.send(STOP)
        stopped = socket.receive(30)
    assert (stopped.get("session"), stopped.get("saved")) == (session, True), stopped
    frames = f"from analysis.models import *; print(sum(s.frames for s in Sample.objects.filter(session={session!r})))"
    assert int(own_site.shell(frames)) == stopped["frames"]
