"""A PostgreSQL server for tests, in a temporary folder; `python -m tests.support.postgresql COMMAND` runs one with it.

The command's DATABASE_URL names the server, which ends with it. It needs the server's programs (Debian's `postgresql`),
and, for root, whom they refuse, the account `nobody`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Tests' data may be lost in a crash.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
}


SECRET_KEY = "as long as Django expects it to be, and the same for all processes"


class PostgresqlMissing(Exception):
    """The server's programs are not installed."""


@contextlib.contextmanager
def running_server(**parameters: str) -> Iterator[Server]:
    """Start a server with the given configuration beside that of tests; stop it and remove its files afterwards."""
    with tempfile.TemporaryDirectory(prefix="fer-pg-") as folder:
        server = Server(Path(folder), parameters)
        try:
            server.initialize()
            server.start()
            yield server
        finally:
            server.stop()


class Server:
    """Owns the process and its folder; connections are made by a socket in it."""

    def __init__(self, folder: Path, parameters: dict[str, str]) -> None:
        self.folder = folder
        self._parameters = {**_FAST, **parameters, "unix_socket_directories": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None
        self.user = "nobody" if os.geteuid() == 0 else None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, name: str = "fer") -> str:
        return f"postgresql://fer@{str(self.folder).replace('/', '%2F')}/{name}"

    def initialize(self) -> None:
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=fer", "--auth=trust"]
        command = [_program("initdb"), *options, str(self.folder / "data")]
        subprocess.run(command, check=True, user=self.user, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        options = [part for name, value in self._parameters.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", str(self.folder / "data"), *options],
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        ready = [_program("pg_isready"), "--quiet", "--host", str(self.folder)]
        end = time.monotonic() + 30
        while subprocess.run(ready).returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def create_database(self, name: str) -> None:
        subprocess.run([_program("createdb"), "--host", str(self.folder), "--username", "fer", name], check=True)

    def stop(self) -> None:
        """Stop the server as in a crash, which is quickest."""
        if self._process is not None:
            self._process.send_signal(3)
            self._process.wait(30)
            self._process = None


def _program(name: str) -> str:
    """Return the path of a program of PostgreSQL's newest version; Debian has the server's in no PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(beside[-1]) if beside else shutil.which(name)
    if not found:
        raise PostgresqlMissing(f"{name} is missing: install PostgreSQL's server (Debian: apt install postgresql).")
    return found


def main(command: list[str]) -> int:
    with running_server() as server:
        environment = {"SECRET_KEY": SECRET_KEY, **os.environ, "DATABASE_URL": server.url()}
        server.create_database("fer")
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
