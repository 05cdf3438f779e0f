"""Programs on a running site's database. Each `manage.py shell -c` would set Django up anew, which takes seconds."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


class SiteShell:
    """A process that runs programs as `manage.py shell -c` of a project does, from the first one until `close`."""

    def __init__(self, environment: Mapping[str, str], project: Path = PROJECT) -> None:
        self._environment = environment
        self._project = project
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def run(self, program: str) -> str:
        """Run a program, one at a time; return what it printed. Raises `RuntimeError` with its traceback."""
        with self._turn:
            if self._process is None:
                command = [sys.executable, "-m", "tests.support.shell"]
                environment = {"DJANGO_SETTINGS_MODULE": "ferproject.settings", **self._environment}
                pipe = subprocess.PIPE
                self._process = subprocess.Popen(
                    command, cwd=self._project, env=environment, stdin=pipe, stdout=pipe, text=True
                )
                weakref.finalize(self, _end, self._process)
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None
            assert stdout is not None
            print(json.dumps(program), file=stdin, flush=True)
            answer = json.loads(stdout.readline())
        if answer["error"]:
            raise RuntimeError(answer["error"])
        return answer["printed"]

    def close(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None


def _end(process: subprocess.Popen[str]) -> None:
    with process:  # closes its input, at which it ends
        pass


def _serve() -> None:
    import django
    from django.core.management.commands.shell import Command
    from django.db import connections

    django.setup()
    answers, sys.stdout = sys.stdout, sys.stderr
    namespace = Command().get_namespace(verbosity=0)
    for line in sys.stdin:
        printed, error = io.StringIO(), ""
        with contextlib.redirect_stdout(printed):
            try:
                exec(json.loads(line), dict(namespace))
            except Exception:
                error = traceback.format_exc()
        connections.close_all()
        print(json.dumps({"printed": printed.getvalue(), "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    _serve()
