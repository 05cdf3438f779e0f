"""Identity of a process among all hosts and containers that share a database."""

from __future__ import annotations

import hashlib
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

CLOCK_TOLERANCE = 60
"""Seconds by which a process' start time may seem to move when the system clock is set."""
_MACHINE, _BOOT, _NAMESPACE = (
    Path("/etc/machine-id"),
    Path("/proc/sys/kernel/random/boot_id"),
    Path("/proc/self/ns/pid"),
)


@cache
def host_identity() -> str:
    """Return a name for everything in which a process id means the same: a boot of a machine, and a process namespace.

    Containers may share a host name, and all of a machine share its boot; each has a namespace of its own.
    """
    facts = [socket.gethostname()]
    for read in (_MACHINE.read_text, _BOOT.read_text, lambda: str(_NAMESPACE.readlink())):
        with suppress(OSError):  # Linux alone has them
            facts.append(read())
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def identify_process(pid: int) -> str:
    """Return the process' host, id and start time, which no other process shares; "" when it has ended."""
    started = _started_at(pid)
    return f"{host_identity()}:{pid}:{started}" if started is not None else ""


def is_process_alive(identity: str) -> bool | None:
    """Return whether the process that `identify_process` named still runs; None where this host cannot know."""
    host, _, process = identity.partition(":")
    pid, _, started = process.partition(":")
    if host != host_identity() or not (pid.isdecimal() and started.isdecimal()):
        return None
    current = _started_at(int(pid))
    return current is not None and abs(current - int(started)) <= CLOCK_TOLERANCE


def _started_at(pid: int) -> int | None:
    # Not loaded by commands, which import this module and identify no process.
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time())
    except psutil.Error:
        return None
