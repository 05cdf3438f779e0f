"""A site on PostgreSQL, Redis and S3: two web processes behind HAProxy, a worker and a trainer.

Each of the four has a `VAR_DIR` of its own, as on a host of its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psutil

from tests.cluster.s3_process import S3Process
from tests.cluster.swift_process import SwiftProcess, is_installed
from tests.faults.bystander import Bystander
from tests.faults.fault_site import NO_LIMITS, PEOPLE, SOON_LOST, count_leftovers
from tests.support.live_site import create_tokens
from tests.support.postgresql import Server, running_server
from tests.support.programs import Program, kill_tree, load_balancer, redis_server
from tests.support.site import PROJECT, RunningSite
from tests.support.site_database import SiteDatabase
from tests.support.worker import RunningWorker
from tests.training.conftest import write_csv

NAMESPACE = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Gives a process ids of its own, as a container does."""
AWAY_SECONDS = 4.0
DATABASE = "cluster"


@dataclass(frozen=True)
class Part:
    """A part of the cluster that is killed, and started again `away_seconds` later."""

    name: str
    pid: Callable[[], int]
    start: Callable[[], object]
    away_seconds: float = 0.0


class ClusterDatabase(SiteDatabase):
    """A database of a PostgreSQL server of this cluster."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.environment = {"DATABASE_URL": url}

    def exists(self) -> bool:
        return True

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(sql.replace("?", "%s"), values).fetchall()


@dataclass
class Cluster:
    """What runs, and the address of all: HAProxy's."""

    folder: Path
    postgresql: Server
    redis: Program
    s3: S3Process | SwiftProcess
    proxy: Program
    webs: list[RunningSite]
    worker: RunningWorker
    trainer: RunningWorker
    environment: dict[str, str]

    admin_email = RunningSite.admin_email
    password = RunningSite.password

    @property
    def port(self) -> int:
        return self.proxy.port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def tokens(self) -> dict[str, str]:
        """API tokens of the administrator and of `PEOPLE`, by address."""
        emails = [self.admin_email, *PEOPLE]
        return dict(zip(emails, create_tokens(self.webs[0], emails), strict=True))

    def shell(self, program: str) -> str:
        return self.webs[0].shell(program)

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return self.worker.query(sql, *values)

    def bystander(self) -> Bystander:
        """Return somebody who uses the site through HAProxy."""
        return Bystander(self, self.tokens[PEOPLE[0]])

    def leftovers(self, acknowledged: list[str]) -> tuple[int, int]:
        return count_leftovers(self.webs[0], acknowledged)

    def parts(self) -> list[Part]:
        """Return every part; processes of the site are started again at once, as by their supervisor."""
        return [
            Part("trainer", lambda: self.trainer.processes[-1].pid, self.start_trainer),
            Part("PostgreSQL", lambda: self.postgresql.pid, self.postgresql.start, AWAY_SECONDS),
            Part("Redis", lambda: self.redis.pid, self.redis.start, AWAY_SECONDS),
            Part("S3", lambda: self.s3.front.pid, self.s3.front.start, AWAY_SECONDS),
            Part("worker", lambda: self.worker.processes[-1].pid, lambda: self.worker.start("default")),
            *(Part(f"web process {number}", lambda web=web: web.process.pid, web.launch)
              for number, web in enumerate(self.webs, 1)),
            Part("HAProxy", lambda: self.proxy.pid, self.proxy.start, AWAY_SECONDS),
        ]  # fmt: skip

    def start_trainer(self) -> None:
        """Start it as deploy/worker does: it gives way to all others."""
        psutil.Process(self.trainer.start("training").pid).nice(10)


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start all parts, and kill them at the end; the site has not been set up."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(running_server(synchronous_commit="on", full_page_writes="on"))
        postgresql.create_database(DATABASE)
        s3 = SwiftProcess(folder) if is_installed() else S3Process(folder)
        stack.callback(s3.stop)
        broker = redis_server(folder)
        stack.callback(broker.stop)
        s3.start()
        broker.start()
        database = ClusterDatabase(postgresql.url(DATABASE))
        environment = {
            **{**NO_LIMITS, **SOON_LOST, **database.environment, **s3.environment()},
            "REDIS_URL": f"redis://127.0.0.1:{broker.port}/0",
            "SECRET_KEY": "of the cluster",
            "MODELS_STORE": str(PROJECT / "models_store"),
            "STATIC_ROOT": str(folder / "web1" / "static"),
            "PROXY_COUNT": "1",
            "RECOGNITION_THREADS": "1",
        }
        webs = [_web(folder / f"web{number}", database, environment) for number in (1, 2)]
        proxy = load_balancer(folder, [web.port for web in webs])
        stack.callback(proxy.stop)
        webs[0].prepare()
        data = write_csv(folder / "fer2013.csv", {"Training": 1400, "PublicTest": 70, "PrivateTest": 70})
        worker, trainer = (_worker(folder / name, data, database, environment) for name in ("worker", "trainer"))
        cluster = Cluster(folder, postgresql, broker, s3, proxy, webs, worker, trainer, environment)
        stack.callback(_kill_site, cluster)
        for web in webs:
            web.launch()
        proxy.start()
        worker.start("default")
        cluster.start_trainer()
        yield cluster


def _web(folder: Path, database: SiteDatabase, environment: dict[str, str]) -> RunningSite:
    folder.mkdir()
    web = RunningSite(folder, **environment)
    web.database = database
    web.environment.update(database.environment)
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0:
        web.command = (*NAMESPACE, *web.command)
    return web


def _worker(folder: Path, data: Path, database: SiteDatabase, environment: dict[str, str]) -> RunningWorker:
    folder.mkdir()
    return RunningWorker(folder, data, database=database, **environment)


def _kill_site(cluster: Cluster) -> None:
    for web in cluster.webs:
        if web.process is not None:
            kill_tree(web.process.pid)
        web.close_shell()
    for workers in (cluster.worker, cluster.trainer):
        for process in workers.processes:
            kill_tree(process.pid)
        workers.close_shell()
