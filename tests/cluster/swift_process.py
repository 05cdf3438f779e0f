"""OpenStack Swift's S3, of Debian's packages swift-proxy, swift-account, swift-container and swift-object."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.support.programs import Program
from tests.support.s3_server import CREDENTIALS, S3Server
from tests.support.site import free_port

SERVERS = ("account", "container", "object")
SETTINGS = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
user = root
workers = 0
# The processors are shared: a server that answers late is not away.
conn_timeout = 20
node_timeout = 20
container_update_timeout = 20
"""
STORAGE = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 20
node_timeout = 20
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempauth]
use = egg:swift#tempauth
user_site_key = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def is_installed() -> bool:
    return all(shutil.which(f"swift-{name}-server") for name in ("proxy", *SERVERS))


class SwiftProcess(S3Server):
    """Swift's proxy and three storage servers, killed and started together; what they store is in a folder."""

    credentials = {**CREDENTIALS, "AWS_ACCESS_KEY_ID": "site:key"}

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "swift"
        (self._folder / "devices" / "disk").mkdir(parents=True)
        self._ports = {name: free_port() for name in (*SERVERS, "proxy")}
        self._port = self._ports["proxy"]
        for name in SERVERS:
            self._write(name, STORAGE.format(name=name))
            self._make_ring(name)
        secret, region = self.credentials["AWS_SECRET_ACCESS_KEY"], self.credentials["AWS_DEFAULT_REGION"]
        self._write("proxy", PROXY.format(secret=secret, region=region))
        started = [f"swift-{name}-server {self._folder}/{name}.conf & " for name in SERVERS]
        command = f"{''.join(started)}exec swift-proxy-server {self._folder}/proxy.conf"
        self.front = _Servers(folder, self._port, ["sh", "-c", command], [*self._ports.values()])

    def start(self) -> None:
        self.front.start()

    def stop(self) -> None:
        self.front.stop()

    def _write(self, name: str, text: str) -> None:
        settings = SETTINGS.format(port=self._ports[name], folder=self._folder)
        (self._folder / f"{name}.conf").write_text(settings + text)

    def _make_ring(self, name: str) -> None:
        where = ["--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--port", str(self._ports[name])]
        builder = ["swift-ring-builder", f"{self._folder}/{name}.builder"]
        for words in (["create", "4", "1", "0"], ["add", *where, "--device", "disk", "--weight", "1"], ["rebalance"]):
            subprocess.run([*builder, *words], check=True, stdout=subprocess.DEVNULL)


class _Servers(Program):
    """A program that listens on several ports."""

    def __init__(self, folder: Path, port: int, command: list[str], ports: list[int]) -> None:
        super().__init__(folder, port, command)
        self._ports = ports

    def start(self) -> None:
        super().start()
        end = time.monotonic() + 60
        for port in self._ports:
            while not _listens(port):
                assert time.monotonic() < end, "Swift's servers do not start"
                time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
