"""Supervisor event listener that stops everything once the site has exited or cannot be kept running.

Otherwise the workers would keep running without a site.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TextIO

from supervisor.childutils import get_headers, listener


def is_final(event: str, payload: dict[str, str]) -> bool:
    """Return whether the site has stopped for good; `expected` is "0" if supervisor restarts it."""
    if payload.get("groupname") != "web":
        return False
    return event == "PROCESS_STATE_FATAL" or (event == "PROCESS_STATE_EXITED" and payload.get("expected") == "1")


def main(events: TextIO, results: TextIO) -> None:
    while True:
        listener.ready(results)
        headers = get_headers(events.readline())
        if not headers:
            return
        payload = get_headers(events.read(int(headers["len"])))
        listener.ok(results)
        if is_final(headers["eventname"], payload):
            os.kill(os.getppid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
