"""Zip archives that are written while they are downloaded."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from asgiref.sync import sync_to_async
from django.utils import timezone

from analysis.files.storage import display_name, open_file

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class ArchiveFile:
    """A file of an archive: its name there, and its content in `chunks`, compressed already or not."""

    name: str
    chunks: Iterable[bytes]
    is_compressed: bool = False


def write_zip(files: Iterable[ArchiveFile]) -> Iterator[bytes]:
    """Yield the archive in chunks; at most one chunk of a file is in memory.

    A file whose first chunk raises `FileNotFoundError` is left out.
    """
    buffer = _ChunkBuffer()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in files:
            yield from _write(archive, buffer, file)
    yield buffer.take()


async def stream_zip(files: Iterable[ArchiveFile]) -> AsyncIterator[bytes]:
    """Yield the chunks of `write_zip`, each made in a thread when the client is ready for it."""
    chunks = write_zip(files)
    while (chunk := await sync_to_async(next)(chunks, None)) is not None:
        yield chunk


def stored_chunks(stored: str) -> Iterator[bytes]:
    """Yield the content of a stored file; raise `FileNotFoundError` first where it is missing."""
    with open_file(stored) as file:
        yield from file.chunks(CHUNK_BYTES)


def archive_name(*, kind: str, name: str, moment: Any, pk: object, stored: str) -> str:
    """Return such as "photos/2026-11-29 beach 1a2b3c4d.jpg" for a file of a photo, video or session."""
    stem = display_name(name, default=kind).rsplit(".", 1)[0]
    return f"{kind}s/{moment:%Y-%m-%d} {stem} {str(pk)[:8]}{PurePosixPath(stored).suffix}"


def _write(archive: zipfile.ZipFile, buffer: _ChunkBuffer, file: ArchiveFile) -> Iterator[bytes]:
    chunks = iter(file.chunks)
    try:
        first = next(chunks, b"")
    except FileNotFoundError:
        return
    information = zipfile.ZipInfo(file.name, timezone.now().timetuple()[:6])
    information.compress_type = zipfile.ZIP_STORED if file.is_compressed else zipfile.ZIP_DEFLATED
    with archive.open(information, "w", force_zip64=True) as target:
        for chunk in itertools.chain([first], chunks):
            target.write(chunk)
            if buffer.size >= CHUNK_BYTES:
                yield buffer.take()


class _ChunkBuffer(io.RawIOBase):
    """Write-only, unseekable file whose content is taken away in chunks."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts, self.size = [], 0
        return data
