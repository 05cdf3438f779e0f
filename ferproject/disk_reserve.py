"""Room on the disk that is kept for deletions.

A database needs room to delete rows. A file of fixed size keeps it: where the disk is full, the file is emptied for as
long as something is deleted, and filled again afterwards. Other writes are refused while it cannot be filled.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.deprecation import MiddlewareMixin

from ferproject.error_pages import storage_response
from ferproject.sessions import SAFE_METHODS
from ferproject.storage_errors import PAGE_BYTES, StorageError, is_disk_full

MIN_FREE_BYTES = 1_000_000
"""Where less is free beside the reserve, the disk counts as full."""


class DiskReserve:
    """The file at `path`, of `size` bytes; with 0 nothing is kept and no write is refused."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def fill(self) -> bool:
        """Allocate the file, or as much of it as the disk has room for; return whether it is whole.

        False, too, while somebody deletes.
        """
        if self._size <= (filled := self._filled()):
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            # Whoever writes next to a folder that cannot be written, or is absent, meets that error.
            return not is_disk_full(error)
        try:
            if not _lock(descriptor):
                return self._filled() >= self._size
            size = min(self._size, filled + self._free() - PAGE_BYTES)
            if size > filled:
                _allocate(descriptor, size)
            return size == self._size
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def has_room(self) -> bool:
        """Return whether something new may be written: the file is whole, and some room is left beside it."""
        if not self._size:
            return True
        return self.fill() and self._free() >= MIN_FREE_BYTES

    @contextmanager
    def released(self) -> Iterator[None]:
        """Empty the file within the context where the disk is nearly full."""
        if not self._size or self._free() >= self._size:
            yield
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except OSError:
            yield
            return
        try:
            # Shared: several may delete at once; nobody fills the file meanwhile.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            os.ftruncate(descriptor, 0)
            yield
        finally:
            os.close(descriptor)
            self.fill()

    def _filled(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._path.parent).free
        except OSError:
            # An absent folder is another error.
            return self._size + MIN_FREE_BYTES


def disk_reserve() -> DiskReserve:
    """Return this site's reserve."""
    return DiskReserve(settings.VAR_DIR / "reserve", settings.DISK_RESERVE_BYTES)


class DiskReserveMiddleware(MiddlewareMixin):
    """Refuses writes with 507 where the disk is full, and releases the reserve for deletions and sign-ins.

    `settings.DISK_RESERVE_VIEWS` lists patterns of the names of such views; every DELETE request is one.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if request.method in SAFE_METHODS:
            return None
        reserve = disk_reserve()
        if not _may_use_reserve(request):
            return None if reserve.has_room() else storage_response(request, StorageError("disk_full"))
        request.disk_reserve = ExitStack()  # type: ignore[attr-defined]
        request.disk_reserve.enter_context(reserve.released())  # type: ignore[attr-defined]
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if (released := getattr(request, "disk_reserve", None)) is not None:
            released.close()
        return response


def _may_use_reserve(request: HttpRequest) -> bool:
    if request.method == "DELETE":
        return True
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        return False
    return any(fnmatchcase(name, pattern) for pattern in settings.DISK_RESERVE_VIEWS)


def _lock(descriptor: int) -> bool:
    """Return whether the file is locked for filling; where not, wait until whoever fills it has done so."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return False
    return True


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    block = bytes(1 << 20)
    for start in range(0, size, len(block)):
        os.pwrite(descriptor, block[: size - start], start)
    os.fsync(descriptor)
