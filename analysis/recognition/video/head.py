"""What the first bytes of an untrusted video state."""

from __future__ import annotations

import json
import subprocess
import threading

from analysis.recognition.child_process import start_child
from analysis.recognition.video.budget import StatedSize

_TIMEOUT_SECONDS = 5.0
_SLOTS = threading.BoundedSemaphore(2)
"""Processes at once; while so many run, no further head is read."""


def read_head(data: bytes) -> StatedSize | None:
    """Return what a video's first bytes state, None where they do not tell: some files state it at their end.

    A process of its own reads them. Blocks for half a second, `_TIMEOUT_SECONDS` at most.
    """
    if not _SLOTS.acquire(blocking=False):
        return None
    try:
        with start_child("analysis.recognition.video.head_process", stdin=subprocess.PIPE) as child:
            try:
                output, _ = child.communicate(data, timeout=_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                return None
    finally:
        _SLOTS.release()
    stated = json.loads(output) if child.returncode == 0 else None
    return StatedSize(**stated) if stated else None
