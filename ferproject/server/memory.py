"""How the C library gives freed memory back."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Names of mallopt(3)."""
_KEPT_BYTES = 32 * 1024 * 1024
_LARGE_BYTES = 16 * 1024 * 1024


def keep_freed_memory() -> None:
    """Keep up to 32 MB that was freed, and give back blocks of 16 MB and more at once; glibc only.

    A live frame's pixels are allocated and freed many times a second. By default glibc gives them back to the system
    each time, and each of their pages is then mapped and cleared anew: 1.5 of 2.3 ms of decoding a frame.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
