"""Server programs beside a site, each a process of its own that can be killed and started again."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from tests.support.site import PROJECT, free_port

ONE_HOST = PROJECT / "deploy" / "one-host"


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


def load_balancer(folder: Path, ports: Sequence[int], name: str = "haproxy") -> Program:
    """Return HAProxy, nginx or Caddy as deploy/one-host has it, before two web processes, which `X-Served-By` names.

    nginx and Caddy serve plain HTTP here, without certificates.
    """
    port = free_port()
    text = (ONE_HOST / {"haproxy": "haproxy.cfg", "nginx": "nginx.conf", "caddy": "Caddyfile"}[name]).read_text()
    for there, here in zip((8000, 8001), ports, strict=True):
        text = _replace(text, f"127.0.0.1:{there}", f"127.0.0.1:{here}")
    configuration = folder / f"{name}-{port}.conf"
    configuration.write_text(_CONFIGURATIONS[name](text, port, folder))
    arguments = {
        "haproxy": ["-db", "-f", configuration],
        "nginx": ["-p", folder, "-e", "stderr", "-c", configuration, "-g", "daemon off;"],
        "caddy": ["run", "--adapter", "caddyfile", "--config", configuration],
    }
    # Caddy writes into the home folder otherwise.
    own = ["env", f"XDG_CONFIG_HOME={folder}", f"XDG_DATA_HOME={folder}"] if name == "caddy" else []
    return Program(folder, port, [*own, find_program(name), *map(str, arguments[name])])


def _haproxy(text: str, port: int, folder: Path) -> str:
    text = _replace(text, "127.0.0.1:8080", f"127.0.0.1:{port}")
    return _replace(text, "default_backend web", "default_backend web\n    http-response set-header X-Served-By %s")


def _nginx(text: str, port: int, folder: Path) -> str:
    text = _replace(text, "listen 443 ssl;", f"listen 127.0.0.1:{port};\n    add_header X-Served-By $upstream_addr;")
    text = re.sub(r"    ssl_certificate.*\n", "", text)
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", *_UNUSED))
    return f"user root; pid {folder}/nginx.pid;\nevents {{}}\nhttp {{ access_log off; {paths}\n{text}\n}}"


def _caddy(text: str, port: int, folder: Path) -> str:
    text = _replace(text, "expressions.example.org {", f"http://127.0.0.1:{port}, http://localhost:{port} {{")
    served_by = "header_down X-Served-By {http.reverse_proxy.upstream.hostport}"
    text = _replace(text, "header_up X-Request-ID", f"{served_by}\n        header_up X-Request-ID")
    return f"{{\n    admin off\n}}\n{text}"


def _replace(text: str, part: str, by: str) -> str:
    assert part in text, part
    return text.replace(part, by)


_UNUSED = ("fastcgi", "uwsgi", "scgi")
_CONFIGURATIONS: dict[str, Callable[[str, int, Path], str]] = {"haproxy": _haproxy, "nginx": _nginx, "caddy": _caddy}


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
