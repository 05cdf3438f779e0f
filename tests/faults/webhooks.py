"""Kill the process that sends webhooks, again and again, before a receiver that fails half the time.

`python -m tests.faults.webhooks` kills it 100 times, in some minutes, and exits with 1 where an event was lost. The
process runs the worker's own threads, with pauses and leases of a second instead of minutes.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.support.site import PROJECT, RunningSite
from tests.support.webhook_receiver import receiving, respond

PEOPLE = 4
MAX_SECONDS = 120.0
SENDER = """
import datetime as dt, threading
import django
django.setup()
from analysis.webhooks import delivery, requests
requests.MAX_SECONDS = requests.CONNECT_SECONDS = 1.0
delivery.LEASE = dt.timedelta(seconds=3)
delivery.PAUSES = (dt.timedelta(seconds=0.1),) * 10 + (dt.timedelta(seconds=1),) * 90
delivery.POLL_SECONDS = 0.05
delivery.start_threads()
threading.Event().wait()
"""
PREPARE = """
from accounts.models import User
from analysis.webhooks.services import create_webhook
for number in range({people}):
    owner = User.objects.create_user(f"hook{{number}}@example.org", "x")
    create_webhook(owner=owner, url={url!r}, events=["photo.analysed"])
"""
WRITE = """
from django.db import transaction
from analysis.webhooks.models import Webhook
from analysis.webhooks.services import record_event
for owner_id in Webhook.objects.values_list("owner_id", flat=True):
    for number in range({count}):
        with transaction.atomic():
            record_event(event="photo.analysed", data={{"photo": str(number)}}, owner_id=owner_id)
"""
READ = """
import json
from analysis.webhooks.models import WebhookDelivery
print(json.dumps([[str(pk), status] for pk, status in WebhookDelivery.objects.values_list("pk", "status")]))
"""


@dataclass(frozen=True)
class Result:
    """`lost` counts events never acknowledged, `doubles` acknowledgements beyond the first of an event."""

    kills: int
    events: int
    requests: int
    acknowledged: int
    doubles: int
    lost: int

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.events} events, {self.requests} requests: {self.acknowledged} events "
            f"acknowledged, {self.doubles} a second time, {self.lost} lost"
        )


class _Unreliable:
    """Fails every other request or so, by a status, by hanging up, or by a redirect; counts what it acknowledged."""

    def __init__(self, seed: int) -> None:
        self.acknowledged: Counter[str] = Counter()
        self.came = threading.Semaphore(0)
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            how = self._random.choice(["200", "200", "200", "500", "302", "hang up"])
            if how == "200":
                self.acknowledged[handler.headers["webhook-id"]] += 1
        self.came.release()
        if how == "hang up":
            handler.close_connection = True
        else:
            respond(handler, int(how), b"{}")


def run(folder: Path, *, kills: int, events: int = 2, seed: int = 1) -> Result:
    """Write `events` a person before each kill; then send the rest and count."""
    folder.mkdir(parents=True)
    site, unreliable = RunningSite(folder, WEBHOOK_ALLOW_PRIVATE="true"), _Unreliable(seed)
    site.prepare()
    pause = random.Random(seed)
    with receiving() as receiver:
        receiver.answer = unreliable.answer
        site.shell(PREPARE.format(people=PEOPLE, url=receiver.url))
        for _ in range(kills):
            site.shell(WRITE.format(count=events))
            with _sending(site):
                assert unreliable.came.acquire(timeout=MAX_SECONDS), "nothing was sent"
                # The kill falls anywhere in an attempt: before it, between its steps, or after it.
                time.sleep(pause.uniform(0, 0.15))
            while unreliable.came.acquire(blocking=False):
                pass
        with _sending(site):
            rows = _settled(site)
    site.close_shell()
    lost = [pk for pk, status in rows if status != "acknowledged" or not unreliable.acknowledged[pk]]
    doubles = sum(unreliable.acknowledged.values()) - len(unreliable.acknowledged)
    return Result(kills, len(rows), len(receiver.received), len(unreliable.acknowledged), doubles, len(lost))


@contextmanager
def _sending(site: RunningSite):
    process = subprocess.Popen([sys.executable, "-c", SENDER], cwd=PROJECT, env=site.environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _settled(site: RunningSite) -> list[tuple[str, str]]:
    """Return the deliveries once none waits, or after two minutes."""
    deadline = time.monotonic() + MAX_SECONDS
    while True:
        rows = [(pk, status) for pk, status in json.loads(site.shell(READ))]
        if all(status in ("acknowledged", "failed") for _, status in rows) or time.monotonic() > deadline:
            return rows
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.webhooks", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    folder = Path(tempfile.mkdtemp(prefix="faults-webhooks-"))
    try:
        result = run(folder / "site", kills=parser.parse_args().kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(result)
    return int(bool(result.lost))


if __name__ == "__main__":
    sys.exit(main())
