"""The C library's memory allocator, set for a process that decodes photos."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD, _TRIM_THRESHOLD, _ARENA_MAX = -3, -1, -8
"""glibc's numbers of its parameters (malloc.h, mallopt(3))."""


def configure_allocator() -> None:
    """Save freed blocks of up to 8 MB for the next photo, 32 MB together; with glibc only.

    glibc would return a decoded photo's memory to the system and fault it in for the next one, which is half of
    decoding's time. One arena for all threads: they would save as much each.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return
    for parameter, value in ((_MMAP_THRESHOLD, 8 << 20), (_TRIM_THRESHOLD, 32 << 20), (_ARENA_MAX, 1)):
        libc.mallopt(parameter, value)
