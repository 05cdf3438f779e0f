"""A real server for tests: Daphne in a process of its own, as `make run` starts it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.support.shell import SiteShell
from tests.support.site_database import IS_SQLITE, SiteDatabase

PROJECT = Path(__file__).resolve().parents[2]
LAUNCH_SECONDS = 240
"""Sixty times what it takes where nothing else runs."""


class RunningSite:
    """Owns the process, its database and its files; `project` is the folder of its code."""

    admin_email = "admin@example.org"
    password = "correct horse battery staple"
    command = (sys.executable, "-m", "ferproject.server.main")

    def __init__(self, folder: Path, *, project: Path = PROJECT, **environment: str) -> None:
        self.folder = folder
        self._project = project
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = environment
        self.database = SiteDatabase(folder)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.support.site_settings",
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "DISK_RESERVE_BYTES": "1000000",
            "PSEUDO_LOCALE": str(folder / "locale"),
            **self.database.environment,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._shell = SiteShell(self.environment, project)

    def manage(self, *arguments: str, **kwargs: object) -> str:
        """Run a management command on this site's database; return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=self._project, env=self.environment, check=False, capture_output=True, text=True, **kwargs
        )
        if done.returncode:
            print(done.stderr, file=sys.stderr)
        done.check_returncode()
        return done.stdout

    def shell(self, program: str) -> str:
        """Run a program as `manage.py shell -c` does; return what it printed."""
        return self._shell.run(program)

    def call_command(self, *arguments: str) -> str:
        """Run a management command in the process of `shell`; return what it printed."""
        return self.shell(f"from django.core.management import call_command; call_command(*{arguments!r})")

    def use_database(self, database: SiteDatabase) -> None:
        """Use another site's database, in place of one that does not exist yet."""
        if IS_SQLITE:
            self.database.file.symlink_to(database.file)
        self.database = database
        self.environment.update(database.environment)

    def start(self) -> None:
        """Migrate, serve, and wait until it answers."""
        self.prepare()
        self.launch()

    def prepare(self) -> None:
        """Have a migrated database and collected static files, copied from a site made once where there are none."""
        made = PROJECT / "var" / ("test-site" if IS_SQLITE else "test-site-postgresql") / _code_key()
        made.parent.mkdir(parents=True, exist_ok=True)
        with (made.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (made.exists() and SiteDatabase(made).exists()):
                for older in made.parent.glob("*-*"):
                    shutil.rmtree(older)
                beside = made.with_suffix(".unfinished")
                shutil.rmtree(beside, ignore_errors=True)
                beside.mkdir()
                making = RunningSite(beside)
                if not IS_SQLITE:
                    making.use_database(SiteDatabase(made))
                making.database.create()
                making.manage("migrate", "--verbosity", "0")
                making.manage("collectstatic", "--noinput", "--verbosity", "0")
                beside.rename(made)
        shutil.copytree(made / "static", self.folder / "static", dirs_exist_ok=True)
        if self.database.exists():
            self.manage("migrate", "--verbosity", "0")
            return
        self.database.copy_from(SiteDatabase(made))
        if "MODELS_STORE" in self._environment:
            with self.database.connect() as database:
                database.execute("delete from analysis_modelversion")
            self.manage("migrate", "--skip-checks", "--verbosity", "0")  # registers that store's versions

    def launch(self) -> float:
        """Start the server alone; return the seconds until it answered."""
        began = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self._project,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        while time.monotonic() - began < LAUNCH_SECONDS:
            if self.process.poll() is not None:
                break
            try:
                httpx.get(self.url, timeout=5)
                return time.monotonic() - began
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text()[-3000:])

    def close_shell(self) -> None:
        """End the process of `shell`; the next call starts another one."""
        self._shell.close()

    def stop(self) -> None:
        self.close_shell()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)

    def create_user(self, email: str, *, superuser: bool = False) -> None:
        """Create an account with `password`, of somebody who agreed that their photos are analysed."""
        creator = "create_superuser" if superuser else "create_user"
        self.shell(
            f"from accounts.models import User; user = User.objects.{creator}({email!r}, {self.password!r}); "
            "from analysis.consents import services as consents; "
            "consents.give_consent(user=user, purpose='photos', notice_version=consents.NOTICES['photos'])",
        )

    def fill_history(self, email: str, *, faces: int, days: int = 365) -> None:
        """Give the user with that address a history of `demo_history`."""
        self.shell(
            "from accounts.models import User; from tests.support.demo_history import fill_history; "
            f"fill_history(owner=User.objects.get(email={email!r}), faces={faces}, days={days})"
        )


def _code_key() -> str:
    """Return a name that changes with everything a new site is made from."""
    files = [
        path
        for pattern in ("*/migrations/*.py", "*/models.py", "*/*/models.py", "static/**/*", "models_store/*.json")
        for path in sorted(PROJECT.glob(pattern))
        if path.is_file()
    ]
    files += [PROJECT / "requirements-web.txt", PROJECT / "ferproject" / "settings.py"]
    facts = [(path.relative_to(PROJECT).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return f"site-{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}"


def setting_names() -> set[str]:
    """Return the names of the environment variables that the settings read."""
    texts = (path.read_text() for path in (PROJECT / "ferproject").glob("*.py"))
    return {name for text in texts for name in re.findall(r'env_\w+\(\s*"([A-Z0-9_]+)"', text)}


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
