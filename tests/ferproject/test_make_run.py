"""What `make run` keeps running."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.site import PROJECT, RunningSite

pytestmark = pytest.mark.slow
PROGRAMS = {"ferproject.server.main", "--queues default", "--queues training"}


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.TransportError:
        return False


class Supervised:
    def __init__(self, site: RunningSite, log: str = "supervisor.log") -> None:
        self.site = site
        self.log = site.folder / log
        environment = {"WEB_PROCESSES": "1", **site.environment, "BIN": str(Path(sys.executable).parent)}
        command = [sys.executable, "-m", "supervisor.supervisord", "--configuration", "supervisor.conf"]
        # Appending: supervisord opens the file anew for its programs, and each would write over the others' lines.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                line = " ".join(child.cmdline())
                found.update({program: child for program in PROGRAMS if program in line})
        return found

    def wait(self, until, seconds=60):
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.2)

    def answers(self) -> bool:
        return answers(self.site.url)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    site = RunningSite(tmp_path_factory.mktemp("supervised"))
    site.prepare()
    return site


@pytest.fixture
def supervised(migrated):
    running = Supervised(migrated)
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(60)


def test_what_dies_is_started_again_a_second_one_ends_and_ctrl_c_ends_everything(supervised, migrated):
    supervised.wait(lambda: supervised.answers() and supervised.children().keys() == PROGRAMS)
    second = Supervised(migrated, "second.log")
    second.process.wait(60)
    assert "choose another with PORT" in second.log.read_text()
    assert supervised.process.poll() is None
    before = supervised.children()
    for child in before.values():
        child.kill()
    supervised.wait(lambda: supervised.answers() and supervised.children().keys() == PROGRAMS)
    after = supervised.children()
    assert all(after[program].pid != before[program].pid for program in PROGRAMS)
    os.kill(supervised.process.pid, signal.SIGINT)
    supervised.process.wait(60)
    assert not any(child.is_running() for child in after.values())


def test_several_web_processes_have_a_port_and_cores_of_their_own(tmp_path_factory):
    cores = sorted(psutil.Process().cpu_affinity())
    site = RunningSite(tmp_path_factory.mktemp("several"), WEB_PROCESSES="2")
    site.prepare()
    running = Supervised(site)
    try:
        urls = [site.url, f"http://127.0.0.1:{site.port + 1}"]
        running.wait(lambda: all(answers(url) for url in urls))
        web = [
            child
            for child in psutil.Process(running.process.pid).children()
            if "ferproject.server.main" in child.cmdline()
        ]
        assert sorted(child.cpu_affinity() for child in web) == [cores[0::2], cores[1::2] or cores]
    finally:
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(60)
