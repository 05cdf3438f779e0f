"""A real worker for tests: Celery in a process of its own, with its own database and filesystem broker."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.shell import SiteShell
from tests.support.site import PROJECT, RunningSite
from tests.support.site_database import SiteDatabase


class Run(NamedTuple):
    state: str
    reason: str
    broker_problem: str
    epoch: int
    batch: int
    claims: int
    process: str
    log: str


class RunningWorker:
    """Owns the process, a folder with everything it writes, and an empty store for models."""

    def __init__(self, folder: Path, data: Path, *, database: SiteDatabase | None = None, **environment: str) -> None:
        self.folder = folder
        self.store = folder / "models_store"
        self.store.mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.database = database or SiteDatabase(folder)
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder),
            "MODELS_STORE": str(self.store),
            "FER2013_PATH": str(data),
            "RUN_HEARTBEAT_SECONDS": "1",
            # The 3 seconds; far less than a busy machine needs to import TensorFlow, so the worker beats.
            "RUN_LOST_SECONDS": "3",
            "SWEEP_SECONDS": "1",
            **self.database.environment,
            **environment,
        }
        if not self.database.exists():
            RunningSite(folder, MODELS_STORE=self.environment["MODELS_STORE"]).prepare()
        self._shell = SiteShell(self.environment)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, queue: str = "training") -> subprocess.Popen[bytes]:
        """Start a worker as supervisor.conf does."""
        options = ["--queues", queue, "--pool", "threads", "--concurrency", "1", "--without-gossip"]
        name = f"{queue}{len(self.processes)}@%h"
        with (self.folder / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "--app",
                    "ferproject",
                    "worker",
                    *options,
                    "--without-mingle",
                    "-n",
                    name,
                ],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes:
            process.wait(30)

    def start_run(self, name: str, **settings: Any) -> None:
        """As the admin does."""
        asked = {"architecture": "mlp", "epochs": 2, "batch_size": 7, **settings}
        arguments = f"name={name!r}, settings=RunSettings(**{asked!r}), by=None"
        self.shell(f"from training.runs.services import *; start_run({arguments})")

    def ask(self, verb: str, name: str) -> None:
        """`verb` is a service of `training.runs.services` that takes a run."""
        self.shell(f"from training.runs.services import *; {verb}(run=TrainingRun.objects.get(name={name!r}))")

    def shell(self, program: str) -> str:
        return self._shell.run(program)

    def close_shell(self) -> None:
        """End the process of `shell`; the next call starts another one."""
        self._shell.close()

    def ping(self) -> str:
        """Return what the first worker answers, at once: of no name, all that answer within the timeout."""
        options = ["--timeout", "10", "--destination", f"training0@{socket.gethostname()}"]
        command = [sys.executable, "-m", "celery", "--app", "ferproject", "inspect", "ping", *options]
        return subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True).stdout

    def run(self, name: str) -> Run:
        columns = ", ".join(Run._fields)
        return Run(*self.query(f"select {columns} from training_trainingrun where name = ?", name)[0])

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.database.query(sql, *values)

    def wait(self, name: str, until: Callable[[Run], bool], seconds: float = 240) -> Run:
        """Return the run once `until` says so; fails with what the worker printed."""
        end = time.monotonic() + seconds
        while not until(run := self.run(name)):
            if time.monotonic() > end or (run.state in ("failed", "finished", "cancelled")):
                raise AssertionError(f"{run}\n{(self.folder / 'worker.log').read_text()[-3000:]}")
            time.sleep(0.1)
        return run

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As the kernel does when memory runs out."""
        process.send_signal(signal.SIGKILL)
        process.wait()
