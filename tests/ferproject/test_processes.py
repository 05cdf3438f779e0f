"""A process is told from those of other hosts and containers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferproject.queue import processes
from ferproject.queue.processes import host_identity, identify_process, is_process_alive


@pytest.fixture(autouse=True)
def _forget_the_host() -> Iterator[None]:
    host_identity.cache_clear()
    yield
    host_identity.cache_clear()


def test_a_process_is_alive_until_it_has_ended():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        identity = identify_process(child.pid)
        assert is_process_alive(identity) is True
        child.communicate(b"\n")
    assert is_process_alive(identity) is False
    assert identify_process(child.pid) == ""


def test_a_later_process_of_the_same_id_is_another():
    host, pid, started = identify_process(os.getpid()).split(":")
    assert is_process_alive(f"{host}:{pid}:{int(started) - 2 * processes.CLOCK_TOLERANCE}") is False


@pytest.mark.parametrize("fact", ["_MACHINE", "_BOOT", "_NAMESPACE"])
def test_of_another_machine_boot_or_namespace_nothing_is_known(fact: str, tmp_path: Path, monkeypatch):
    here = identify_process(os.getpid())
    elsewhere = tmp_path / "fact"
    if fact == "_NAMESPACE":
        elsewhere.symlink_to("pid:[4026532000]")
    else:
        elsewhere.write_text("another")
    monkeypatch.setattr(processes, fact, elsewhere)
    host_identity.cache_clear()
    assert is_process_alive(here) is None


@pytest.mark.parametrize("identity", ["", "4711:1700000000", "nonsense"])
def test_of_an_identity_of_an_earlier_release_nothing_is_known(identity: str):
    assert is_process_alive(identity) is None


def test_a_host_without_these_files_is_known_by_its_name(tmp_path: Path, monkeypatch):
    for fact in ("_MACHINE", "_BOOT", "_NAMESPACE"):
        monkeypatch.setattr(processes, fact, tmp_path / "missing")
    assert is_process_alive(identify_process(os.getpid())) is True
