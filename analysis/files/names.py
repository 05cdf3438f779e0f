"""Display name of an uploaded file."""

from __future__ import annotations

import unicodedata


def display_name(name: str, *, otherwise: str = "photo") -> str:
    """Return a client's file name as it may be shown: its last part, printable, at most 255 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable()).strip()
    return printable[:255] or otherwise
