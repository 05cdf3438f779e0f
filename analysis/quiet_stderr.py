"""Keeping native libraries from writing to the terminal of whoever runs a command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_notes_hidden() -> Iterator[None]:
    """LiteRT and OpenCV tell how they work on the process' own stderr, where a command's line means a failure."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
