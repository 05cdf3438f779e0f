"""Server programs beside a site, each a process of its own that can be killed and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.support.site import PROJECT, free_port

HAPROXY_CONFIGURATION = PROJECT / "deploy" / "one-host" / "haproxy.cfg"


class Program:
    """A program that listens on a port of this machine; its output is in `folder`."""

    def __init__(self, folder: Path, port: int, command: Sequence[str]) -> None:
        self.port = port
        self._command = [*command]
        self._log = folder / f"{Path(command[0]).name}-{port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(self._log.read_text()[-3000:]) from None
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            kill_tree(self._process.pid)
            self._process.wait(10)
            self._process = None


def redis_server(folder: Path) -> Program:
    """Return a Redis that loses everything when it is killed."""
    port = free_port()
    where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    return Program(folder, port, [find_program("redis-server"), *where, "--save", "", "--appendonly", "no"])


def load_balancer(folder: Path, ports: Sequence[int]) -> Program:
    """Return HAProxy as deploy/one-host/haproxy.cfg has it, before two web processes, which `X-Served-By` names."""
    port, text = free_port(), HAPROXY_CONFIGURATION.read_text()
    for there, here in zip((8080, 8000, 8001), (port, *ports), strict=True):
        assert f"127.0.0.1:{there}" in text
        text = text.replace(f"127.0.0.1:{there}", f"127.0.0.1:{here}")
    configuration = folder / "haproxy.cfg"
    named = "default_backend web\n    http-response set-header X-Served-By %s"
    configuration.write_text(text.replace("default_backend web", named))
    return Program(folder, port, [find_program("haproxy"), "-db", "-f", str(configuration)])


def find_program(name: str) -> str:
    """Return the path of a program; raise `FileNotFoundError` where it is not installed."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed.")
    return found


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started with SIGKILL, and wait until they have ended."""
    try:
        first = psutil.Process(pid)
        processes = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=30)
