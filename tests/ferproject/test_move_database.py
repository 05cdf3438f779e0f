"""Moving a site from SQLite to PostgreSQL, interrupted and resumed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.postgresql import PostgresqlMissing, Server, running_server
from tests.support.site import RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]
FILL = """
from accounts.models import User
from analysis.models import *
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session
from analysis.audit.services import record_audit

for number in range(3):
    user = User.objects.create_user(f"user{number}@example.org", "x")
    for _ in range(4):
        make_photo(user, emotions=["happy", "sad"])
    make_session(user, {second: "happy" for second in range(5)})
    record_audit(actor=user, action="viewed", subject="Ä \\\\ tab\\t and line\\n", details={"b": [1, None], "a": "€"})
    IdempotencyKey.objects.create(owner=user, key="k", fingerprint="f", status=201, body={"id": "1", "a": None})
"""
COUNT = """
import json
from django.apps import apps
print(json.dumps({m._meta.label: m._default_manager.count() for m in apps.get_models()}, sort_keys=True))
"""
KEYS = "from analysis.models import *; print(*IdempotencyKey.objects.order_by('pk').values_list('body', flat=True))"
STOP_AFTER = """
from ferproject.backup import move
move.BATCH, copy_batch, left = 2, move._copy_batch, [{batches}]

def copy_some(model, batch):
    if not left[0]:
        raise RuntimeError("stopped")
    left[0] -= 1
    return copy_batch(model, batch)

move._copy_batch = copy_some
try:
    move.move_database(url={url!r}, report=print)
except RuntimeError as error:
    print(error)
move._copy_batch = copy_batch
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with running_server() as running:
            yield running
    except PostgresqlMissing as error:
        pytest.skip(str(error))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    site = RunningSite(tmp_path)
    site.prepare()
    site.shell(FILL)
    yield site
    site.stop()


def _on(site: RunningSite, url: str) -> RunningSite:
    return RunningSite(site.folder, DATABASE_URL=url, SECRET_KEY="of both")


def test_an_interrupted_move_goes_on_and_both_hold_the_same(site: RunningSite, server: Server):
    server.create_database("moved")
    url = server.url("moved")
    assert site.shell(STOP_AFTER.format(batches=25, url=url)).endswith("stopped\n")
    told = site.manage("move_database", "--to", url)
    assert "accounts_user: 0 rows copied" in told
    assert "Both databases hold the same data." in told
    moved = _on(site, url)
    assert [moved.shell(program) for program in (COUNT, KEYS)] == [site.shell(program) for program in (COUNT, KEYS)]
    moved.manage("history_sums", "--verify")
    moved.create_user("later@example.org")  # its id comes after the moved ones
    moved.stop()
    with pytest.raises(subprocess.CalledProcessError) as refused:
        site.manage("move_database", "--to", url)
    assert "expected an empty database" in refused.value.stderr


def test_a_difference_is_named(site: RunningSite, server: Server):
    server.create_database("changed")
    site.shell(STOP_AFTER.format(batches=60, url=server.url("changed")))
    site.shell("from accounts.models import User; User.objects.filter(pk=1).update(time_zone='UTC')")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        site.manage("move_database", "--to", server.url("changed"))
    assert "accounts_user, characters_time_zone: 3 in SQLite, 0 in PostgreSQL." in refused.value.stderr
