"""Supervisor's listener: where the site ended of its own accord, or nothing can keep it up, everything ends.

Without it, workers would go on beside a site that is not there. The protocol is supervisord's: a header line, a
payload, an answer.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TextIO


def is_the_end(event: str, payload: dict[str, str]) -> bool:
    """Return whether the site is gone for good; `expected` is "0" for what supervisor restarts."""
    if payload.get("processname") != "web":
        return False
    return event == "PROCESS_STATE_FATAL" or (event == "PROCESS_STATE_EXITED" and payload.get("expected") == "1")


def main(events: TextIO, answers: TextIO) -> None:
    while True:
        answers.write("READY\n")
        answers.flush()
        header = _pairs(events.readline())
        if not header:
            return
        payload = _pairs(events.read(int(header["len"])))
        answers.write("RESULT 2\nOK")
        answers.flush()
        if is_the_end(header["eventname"], payload):
            os.kill(os.getppid(), signal.SIGTERM)


def _pairs(line: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in line.split())


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
