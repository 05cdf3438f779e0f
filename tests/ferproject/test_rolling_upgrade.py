"""The version before is replaced process by process while people use the site: both serve on one database."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.faults.bystander import ANALYSES, Bystander
from tests.faults.fault_site import NO_LIMITS
from tests.faults.routes import sign_in
from tests.support.commits import unpack_commit
from tests.support.live_site import create_tokens
from tests.support.postgresql import PostgresqlMissing, running_server
from tests.support.programs import Program, find_program, load_balancer
from tests.support.site import PROJECT, RunningSite

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

BEFORE = "ff5d48fb2be2d26ad63b94c604838b9ceda42637"
"""The commit of the version before; to be set with each release, as `BASELINE` in tests/test_migrations.py."""
BOTH_SECONDS = 10.0
"""How long both versions serve."""
READERS = 4
MISSING = {404, 503}
"""Of a file of pages: the processes that serve lack it, or the one that has it stops."""
PERSON = "ada@rolling.example"
PAGES = ("/history/", "/dashboard/", "/sessions/", "/live/", "/account/")
STATIC = re.compile(r'(?:href|src)="(/static/[^"#]+)[#"]')


@dataclass
class Reader:
    """Reads pages and the files that they name until it is closed, in threads, so that both processes answer."""

    browser: httpx.Client
    statuses: Counter[int] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(READERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        self.browser.close()

    def _read(self) -> None:
        while not self._is_over.is_set():
            for page in PAGES:
                # A page of the last process of its version may be read just before that stops: then it is reloaded.
                if self._missing(page) and (missing := self._missing(page)):
                    self.refused.append(f"{page} without {missing}")

    def _missing(self, page: str) -> list[str]:
        """Read a page and its files; return the files that are not served."""
        return [address for address in set(STATIC.findall(self._get(page))) if not self._get(address)]

    def _get(self, address: str) -> str:
        """Return the text; "" for a file that is not served."""
        try:
            answer = self._ask(address)
        except httpx.TransportError as error:
            self.refused.append(f"{address}: {error}")
            return ""
        self.statuses[answer.status_code] += 1
        if answer.status_code in MISSING and address.startswith("/static/"):
            return ""
        if answer.status_code != 200:
            self.refused.append(f"{address}: {answer.status_code}")
        return answer.text

    def _ask(self, address: str) -> httpx.Response:
        try:
            return self.browser.get(address)
        except httpx.RemoteProtocolError:
            # As browsers do where a connection that was kept open is closed without a response.
            return self.browser.get(address)


@dataclass
class Rolling:
    """Two web processes of the version before, and two that replace them on the same ports."""

    before: list[RunningSite]
    after: list[RunningSite]
    proxy: Program

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    @property
    def port(self) -> int:
        return self.proxy.port

    password = RunningSite.password

    def replace(self, number: int) -> None:
        """Stop a process of the version before, as a service manager does, and start today's in its place."""
        self.before[number].stop()
        self.after[number].launch()
        end = time.monotonic() + 30
        while {self._who_answers() for _ in range(8)} != {"web1", "web2"}:
            assert time.monotonic() < end, "HAProxy does not use both processes"
            time.sleep(0.2)

    def _who_answers(self) -> str:
        return httpx.get(f"{self.url}/healthz").headers.get("X-Served-By", "")


@pytest.fixture
def rolling(tmp_path: Path) -> Iterator[Rolling]:
    older = unpack_commit(BEFORE, tmp_path)
    with ExitStack() as stack:
        try:
            find_program("haproxy")
            server = stack.enter_context(running_server())
        except (FileNotFoundError, PostgresqlMissing) as error:
            pytest.skip(str(error))
        server.create_database("rolling")
        shared = {"DATABASE_URL": server.url("rolling"), "SECRET_KEY": "of both", "PROXY_COUNT": "1", **NO_LIMITS}
        var = tmp_path / "site"
        var.mkdir()

        def site(project: Path) -> RunningSite:
            return RunningSite(var, project=project, STATIC_ROOT=str(tmp_path / f"static-{project.name}"), **shared)

        before, after = [site(older) for _ in range(2)], [site(PROJECT) for _ in range(2)]
        for old, new in zip(before, after, strict=True):
            new.environment["PORT"] = str(old.port)
            new.port, new.url = old.port, old.url
            stack.callback(old.stop)
            stack.callback(new.stop)
        proxy = load_balancer(tmp_path, [old.port for old in before])
        stack.callback(proxy.stop)
        before[0].manage("migrate", "--verbosity", "0")
        for each in (before[0], after[0]):
            each.manage("collectstatic", "--noinput", "--verbosity", "0")
        for old in before:
            old.launch()
        proxy.start()
        yield Rolling(before, after, proxy)


def test_nobody_notices_that_the_version_before_is_replaced(rolling: Rolling, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.WARNING, "httpx")
    (token,) = create_tokens(rolling.before[0], [PERSON])
    rolling.before[0].create_user(RunningSite.admin_email, superuser=True)
    began = time.monotonic()
    with closing(Reader(sign_in(rolling, PERSON))) as reader, Bystander(rolling, token) as person:
        rolling.after[0].manage("migrate", "--verbosity", "0")
        time.sleep(BOTH_SECONDS)  # the version before, on the new tables
        rolling.replace(0)
        time.sleep(BOTH_SECONDS)
        rolling.replace(1)
        time.sleep(1)
    seconds = time.monotonic() - began
    print(f"{seconds:.0f} s: pages and files {reader.statuses}, photos {person.tally.statuses},")
    print(f"{len(person.frame_seconds)} frames; slowest photo {person.worst_photo} s, frame {person.worst_frame} s")
    assert reader.refused == []
    assert set(person.tally.statuses) == {201}
    with httpx.Client(base_url=rolling.url, headers={"Authorization": f"Token {token}"}) as client:
        assert {client.get(f"{ANALYSES}{photo}/").status_code for photo in person.acknowledged} == {200}
