"""Telling whether a process is still the one it was, and making one die with its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

_PR_SET_PDEATHSIG = 1


def identify(pid: int | None = None) -> str:
    """Return what no other process on this machine will ever be called: its id, start and boot; "" if it is dead."""
    pid = os.getpid() if pid is None else pid
    try:
        # The name in brackets may hold anything; after it come the state and, 19 fields on, the start in ticks.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _without_proc(pid)
    return "" if fields[0] in "ZX" else f"{pid}:{fields[19]}:{boot}"


def is_alive(identity: str) -> bool:
    """Return whether the process so identified, on this host, still runs."""
    pid = identity.partition(":")[0]
    return pid.isdecimal() and identify(int(pid)) == identity


def die_with_parent(parent: int) -> None:
    """End this process when `parent` ends, however that ends; at once where it has."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def memory_mb() -> float | None:
    """Return how much memory this process has resident; None where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000, 1)


def _without_proc(pid: int) -> str:
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return f"{pid}::"


PARENT = "RUNNER_PARENT"
