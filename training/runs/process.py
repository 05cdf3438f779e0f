"""Process that trains one run, or carries out one transfer: `python -m training.runs.process JOB ID TOKEN`.

A process of its own, because TensorFlow never frees its memory and may abort. `worker` starts it; it ends with its
parent, and SIGTERM stops it once the checkpoint is saved.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
import uuid

import django
from django.utils.module_loading import import_string

PARENT = "RUNNER_PARENT"
"""Environment variable with the parent's process id."""
_PR_SET_PDEATHSIG = 1


JOBS = {"run": "training.runs.child.train_run", "transfer": "training.transfers.child.run_transfer"}


def main(job: str, row_id: str, token: str) -> int:
    """Work until the row is over or the process is stopped; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    die_with_parent(int(os.environ[PARENT]))
    # Ctrl-C in a terminal reaches the whole group; the parent decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    work = import_string(JOBS[job])
    status: int = work(**{f"{job}_id": uuid.UUID(row_id)}, token=uuid.UUID(token))
    return status


def die_with_parent(parent: int) -> None:
    """Kill this process when `parent` ends, however that ends; at once where it has."""
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


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
