"""Files of videos in the storage: the parts of an upload, and the annotated video.

Each part is a file, `videos/ab/STEM.OFFSET.part` with a random STEM, because few storages can append.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from analysis.files import storage
from ferproject.file_storage import site_files

FOLDER = "videos"
_PART = re.compile(r"\.(\d{13})\.part\Z")
_CHUNK_BYTES = 1 << 20


class PartsMissing(Exception):
    """Parts of an upload are missing in the storage."""


def new_name() -> str:
    """Return a random name; those of a new video's parts begin with it."""
    stem = uuid.uuid4().hex
    return f"{FOLDER}/{stem[:2]}/{stem}"


def save_part(file: str, offset: int, data: bytes) -> None:
    """Save the part that begins at `offset`; replaces one that an interrupted request left."""
    name = f"{file}.{offset:013d}.part"
    default_storage.delete(name)
    saved = default_storage.save(name, ContentFile(data))
    if saved != name:
        # A concurrent request has saved it first.
        storage.delete_files([saved])


def join(file: str, target: Path, size: int, *, after_part: Callable[[], None]) -> None:
    """Join an upload's parts into `target`; raise `PartsMissing` unless they are `size` bytes."""
    with target.open("wb") as whole:
        for offset, name in sorted(_parts(file).items()):
            if offset != whole.tell():
                raise PartsMissing(f"{file}: expected a part at {whole.tell()}; the next is at {offset}")
            with default_storage.open(name) as part:
                while data := part.read(_CHUNK_BYTES):
                    whole.write(data)
            after_part()
        if whole.tell() != size:
            raise PartsMissing(f"{file}: expected {size} bytes; got {whole.tell()}")


def save_annotated(path: Path) -> str:
    """Copy an annotated video into the storage; return its name there."""
    name = f"{new_name()}{path.suffix}"
    try:
        with path.open("rb") as file:
            return default_storage.save(name, File(file))
    except BaseException:
        storage.delete_files([name])
        raise


def remove_all(file: str, annotated: str = "") -> None:
    """Remove an upload's parts and its annotated video; either may be ""."""
    storage.delete_files([*(_parts(file).values() if file else ()), annotated])


def upload_of(name: str) -> str | None:
    """Return the upload that a file is a part of, None for other files."""
    return _PART.sub("", name) if _PART.search(name) else None


def _parts(file: str) -> dict[int, str]:
    """Return the names of an upload's parts by offset."""
    names = [each.name for page in site_files().pages(f"{file}.") for each in page]
    return {int(match[1]): name for name in names if (match := _PART.search(name))}
