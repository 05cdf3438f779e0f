"""An S3 server that can be killed and started."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.programs import Program, find_program
from tests.support.s3_server import S3Server
from tests.support.site import free_port

S3_CONFIGURATION = """
defaults
    mode tcp
    timeout connect 2s
    timeout client 60s
    timeout server 60s
listen s3
    bind 127.0.0.1:{port}
    server moto 127.0.0.1:{behind}
"""


class S3Process(S3Server):
    """An S3 server in a process of its own, behind a TCP proxy.

    The server stores in its memory, so the proxy is what is killed: connections break as they would with a server that
    has a disk, and what was stored is there afterwards.
    """

    def __init__(self, folder: Path) -> None:
        behind, self._port = free_port(), free_port()
        moto = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(behind)]
        self._behind = Program(folder, behind, moto)
        configuration = folder / "s3.cfg"
        configuration.write_text(S3_CONFIGURATION.format(port=self._port, behind=behind))
        self.front = Program(folder, self._port, [find_program("haproxy"), "-db", "-f", str(configuration)])

    def start(self) -> None:
        self._behind.start()
        self.front.start()

    def stop(self) -> None:
        self.front.stop()
        self._behind.stop()
