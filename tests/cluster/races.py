"""Two at once, again and again: who may be only one is one each time."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from websockets.exceptions import ConnectionClosed

from tests.cluster.cluster import Cluster, ClusterDatabase
from tests.faults.bystander import portrait
from tests.faults.table import Row
from tests.support.live_site import create_tokens
from tests.support.live_sockets import START, LiveSocket, frame_of, live_jpeg
from tests.support.shell import SiteShell
from tests.support.site import PROJECT

LONG, SHORT = 300, 10
"""Rounds of each race."""
DATABASE = "races"
MAX_CONNECTIONS = 4
CLOSED_SECONDS = 30.0
AT_ONCE = """
import json, threading
from concurrent.futures import ThreadPoolExecutor
from django.db import connections

def both_at_once(*calls):
    barrier = threading.Barrier(len(calls), timeout=60)
    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connections.close_all()
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(run, call) for call in calls]]
"""
CLAIMS = """
from accounts.models import User
from analysis.videos.lease import claim_next_video
from analysis.videos.models import Video
owner = User.objects.create_user("claims@example.org", "-")
for _ in range(2):
    Video.objects.create(owner=owner, name="v", bytes=1, received=1, status="queued")
wins = []
for _ in range({rounds}):
    Video.objects.update(status="queued", token=None, started_at=None)
    wins.append(sum(lease is not None for lease in both_at_once(claim_next_video, claim_next_video)))
print(json.dumps(sum(won != 1 for won in wins)))
"""
PROMOTIONS = """
from analysis.errors import VersionError
from analysis.versions import services
from analysis.versions.models import ModelVersion
from analysis.versions.smoke_test import SmokeReport
from tests.support.cards import make_version
one, two = make_version("race-1"), make_version("race-2")
services.smoke_test = lambda version: (passed.wait(), SmokeReport(True))[1]
before = ModelVersion.objects.get(is_active=True)

def promote(version):
    try:
        services.promote_version(version=version, actor=None, reason="a race")
        return "promoted"
    except VersionError as error:
        return error.code

wrong = 0
for _ in range({rounds}):
    ModelVersion.objects.update(is_active=False, previous=None)
    ModelVersion.objects.filter(pk=before.pk).update(is_active=True)
    # Both have passed their smoke test before either goes on.
    passed = threading.Barrier(2, timeout=60)
    outcomes = both_at_once(lambda: promote(one), lambda: promote(two))
    active = ModelVersion.objects.filter(is_active=True).count()
    wrong += (sorted(outcomes), active) != (["active_changed", "promoted"], 1)
print(json.dumps(wrong))
"""
BACK = """
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "analysis")
call_command("migrate", "analysis", names[-2], verbosity=0)
"""
FORWARD = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


@dataclass(frozen=True)
class Person:
    """Somebody who has only the connections of one race."""

    id: int
    token: str


def run(cluster: Cluster, *, short: bool) -> list[Row]:
    """Return a row for each race; `lost` counts the rounds in which not exactly one won, or more than were allowed."""
    rounds = SHORT if short else LONG
    rows = []
    with _shells(cluster) as shells:
        shells[0].run(FORWARD)
        for name, program in (("video claims", CLAIMS), ("promotions", PROMOTIONS)):
            wrong = json.loads(shells[0].run(AT_ONCE + program.format(rounds=rounds)))
            rows.append(Row(f"race: two {name}", tried=rounds, lost=wrong))
        rows.append(_race("two migrations", rounds, lambda _: _migrations(shells)))
    with _people(cluster, 4) as race:
        rows.append(race("live limit of four", rounds, _live_limit))
        rows.append(race("two take-overs of a session", rounds, _take_over))
    return rows


@contextmanager
def _shells(cluster: Cluster) -> Iterator[list[SiteShell]]:
    """Yield two processes with an empty database of their own and no other part of the cluster."""
    cluster.postgresql.create_database(DATABASE)
    folder = cluster.folder / "races"
    folder.mkdir()
    database = ClusterDatabase(cluster.postgresql.url(DATABASE))
    kept = {"SECRET_KEY": "of races", "MODELS_STORE": str(PROJECT / "models_store"), "VAR_DIR": str(folder)}
    environment = {**cluster.webs[0].environment, **kept, **database.environment, "S3_BUCKET": "", "REDIS_URL": ""}
    shells = [SiteShell(environment) for _ in range(2)]
    yield shells
    for shell in shells:
        shell.close()


def _race(name: str, rounds: int, is_right: Callable[[int], bool]) -> Row:
    return Row(f"race: {name}", tried=rounds, lost=sum(not is_right(number) for number in range(rounds)))


def _migrations(shells: list[SiteShell]) -> bool:
    """Take the last migration back, and apply it from two processes at once; return whether both succeeded."""
    shells[0].run(BACK)

    def migrate(shell: SiteShell) -> bool:
        try:
            shell.run(FORWARD)
        except RuntimeError:
            return False
        return True

    return all(_at_once([lambda shell=shell: migrate(shell) for shell in shells]))


@contextmanager
def _people(cluster: Cluster, count: int) -> Iterator[Callable[..., Row]]:
    """Yield a function that races with so many people at the same time, each for rounds of their own."""
    emails = [f"race-{number}@example.org" for number in range(count)]
    tokens = create_tokens(cluster.webs[0], emails)
    ids = [cluster.query("select id from accounts_user where email = ?", email)[0][0] for email in emails]
    people = [Person(*each) for each in zip(ids, tokens, strict=True)]

    def race(name: str, rounds: int, is_right: Callable[[Cluster, Person], bool]) -> Row:
        with ThreadPoolExecutor(count) as pool:
            shares = [range(number, rounds, count) for number in range(count)]
            play = lambda share, person: sum(not is_right(cluster, person) for _ in share)  # noqa: E731
            return Row(f"race: {name}", tried=rounds, lost=sum(pool.map(play, shares, people)))

    yield race


def _live_limit(cluster: Cluster, person: Person) -> bool:
    """Open six connections at once, to each web process three; return whether four stayed, once places are free."""
    opened = threading.Barrier(6, timeout=120)

    def is_admitted(number: int) -> bool:
        with LiveSocket(cluster.webs[number % 2], token=person.token) as live:
            try:
                return live.request(START)["type"] == "started"
            except ConnectionClosed:
                return False
            finally:
                opened.wait()

    admitted = sum(_at_once([lambda number=number: is_admitted(number) for number in range(6)]))
    _await_places(cluster, person)
    if admitted != MAX_CONNECTIONS:
        print(f"live limit: {admitted} of six connections were admitted", file=sys.stderr, flush=True)
    return admitted == MAX_CONNECTIONS


def _await_places(cluster: Cluster, person: Person) -> None:
    """Wait until a person's closed connections do not count any more."""
    end = time.monotonic() + CLOSED_SECONDS
    while cluster.query("select 1 from analysis_liveconnection where user_id = ?", person.id):
        if time.monotonic() > end:
            raise AssertionError("closed live connections still count")
        time.sleep(0.1)


def _take_over(cluster: Cluster, person: Person) -> bool:
    """Resume a session in both web processes at once, while its connection is open; return whether one kept it."""
    jpeg, (one, two) = live_jpeg(portrait()), cluster.webs
    with ExitStack() as stack:
        opened = [stack.enter_context(LiveSocket(web, token=person.token)) for web in (one, one, two)]
        session = opened[0].start(record=True)["session"]
        opened[0].is_answered(jpeg)
        _at_once([lambda each=each: each.send({"type": "start", "session": session}) for each in opened[1:]])
        left = _left_open(opened)
        right = len(left) == 1 and _answers(left[0], jpeg)
    _await_places(cluster, person)
    return right


def _answers(live: LiveSocket, jpeg: bytes) -> bool:
    """Return whether a connection answers a frame, perhaps after a message that was not read yet."""
    try:
        live.send(frame_of(jpeg))
        while live.receive()["type"] != "faces":
            pass
    except (ConnectionClosed, TimeoutError):
        return False
    return True


def _left_open(opened: list[LiveSocket]) -> list[LiveSocket]:
    """Wait until all connections but one are closed by the site, or for too long; return the others."""
    left, end = [*opened], time.monotonic() + CLOSED_SECONDS
    while len(left) > 1 and time.monotonic() < end:
        for each in [*left]:
            try:
                each.receive(0.05)
            except TimeoutError:
                continue
            except ConnectionClosed:
                left.remove(each)
    return left


def _at_once(calls: list[Callable[[], bool]]) -> list[bool]:
    """Run each call on a thread of its own, all at the same moment; return their results."""
    barrier = threading.Barrier(len(calls), timeout=120)

    def run(call: Callable[[], bool]) -> bool:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
