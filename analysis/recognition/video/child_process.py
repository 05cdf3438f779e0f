"""Processes that read an untrusted video: a file made to crash or hang a native decoder affects such a process only."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[3]
_MEMORY_BYTES = 4 << 30
_CPU_SECONDS = 6 * 3600


def start_child(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENTS`; its standard output is a pipe."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", module, *arguments],
        cwd=_PROJECT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def limit_this_process() -> None:
    """Limit the memory and the processor time of a child process, and lower its priority."""
    for kind, limit in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        # Not every system has each limit or allows lowering it.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))
    os.nice(5)
