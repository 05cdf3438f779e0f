"""Entry point of the process that trains one run: `python -m training.runs.process RUN TOKEN`.

A process of its own, because TensorFlow never gives its memory back, and because it may abort. `worker` starts it; it
ends with its parent, and SIGTERM stops it once the checkpoint is saved.
"""

from __future__ import annotations

import os
import signal
import sys
import uuid

import django

from training.runs.pids import PARENT, die_with_parent


def main(run_id: str, token: str) -> int:
    """Train until the run is over or the process is told to stop; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    die_with_parent(int(os.environ[PARENT]))
    # Ctrl-C in a terminal reaches the whole group; the parent decides what follows.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    from training.runs.child import train_run

    return train_run(run_id=uuid.UUID(run_id), token=uuid.UUID(token))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
