"""Processes that decode untrusted files: one made to crash or hang a native decoder affects such a process only."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]
_VIDEO_MEMORY_BYTES = 4 << 30
_VIDEO_CPU_SECONDS = 6 * 3600


def start_child(
    module: str, *arguments: str, stdin: int = subprocess.DEVNULL, **environment: str
) -> subprocess.Popen[bytes]:
    """Start `python -m MODULE ARGUMENTS`, with more environment variables; its standard output is a pipe."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", module, *arguments],
        cwd=_PROJECT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def limit_memory(limit: int) -> None:
    """Limit this process's address space to `limit` bytes; beyond it allocations fail."""
    _limit(resource.RLIMIT_AS, limit)


def limit_this_process() -> None:
    """Limit the memory and the processor time of a process that reads a video, and lower its priority."""
    limit_memory(_VIDEO_MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, _VIDEO_CPU_SECONDS)
    os.nice(5)


def _limit(kind: int, limit: int) -> None:
    # Not every system has each limit or allows lowering it.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (limit, limit))
