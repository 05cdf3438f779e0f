"""Videos' files in the storage: what was uploaded, part by part, and the annotated video.

A part is a file of its own, because few storages append: `videos/ab/STEM.OFFSET.part`, STEM being random.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from analysis.files import storage

FOLDER = "videos"
_PART = re.compile(r"\.(\d{13})\.part\Z")
_COPY_BYTES = 1 << 20
logger = logging.getLogger(__name__)


class PartsMissing(Exception):
    """What was uploaded is not there whole any more."""


def new_name() -> str:
    """Return what the names of a new video's parts begin with."""
    stem = uuid.uuid4().hex
    return f"{FOLDER}/{stem[:2]}/{stem}"


def keep_part(file: str, offset: int, data: bytes) -> None:
    """Write the part that begins at `offset`; what a request that broke off left there is replaced."""
    name = f"{file}.{offset:013d}.part"
    default_storage.delete(name)
    kept = default_storage.save(name, ContentFile(data))
    if kept != name:
        # Somebody else wrote it meanwhile, and theirs stays.
        storage.delete_files([kept])


def join(file: str, target: Path, size: int, *, after_part: Callable[[], None]) -> None:
    """Write the whole of an upload to `target`; raise `PartsMissing` when it is not `size` bytes."""
    with target.open("wb") as whole:
        for offset, name in sorted(_parts(file).items()):
            if offset != whole.tell():
                raise PartsMissing(f"{file}: expected a part at {whole.tell()}; the next is at {offset}")
            with default_storage.open(name) as part:
                while data := part.read(_COPY_BYTES):
                    whole.write(data)
            after_part()
        if whole.tell() != size:
            raise PartsMissing(f"{file}: expected {size} bytes; got {whole.tell()}")


def keep_annotated(path: Path) -> str:
    """Move a finished video into the storage; return its name there."""
    name = f"{new_name()}.webm"
    try:
        with path.open("rb") as file:
            return default_storage.save(name, File(file))
    except BaseException:
        storage.delete_files([name])
        raise


def remove_all(file: str, annotated: str = "") -> None:
    """Remove an upload's parts and its annotated video; either may be ""."""
    storage.delete_files([*(_parts(file).values() if file else ()), *([annotated] if annotated else [])])


def upload_of(name: str) -> str | None:
    """Return which upload a file's name makes it a part of."""
    return _PART.sub("", name) if _PART.search(name) else None


def _parts(file: str) -> dict[int, str]:
    """Return an upload's parts by their offsets."""
    folder, _, stem = file.rpartition("/")
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return {}
    found = {name: _PART.search(name) for name in names if name.startswith(f"{stem}.")}
    return {int(match[1]): f"{folder}/{name}" for name, match in found.items() if match}
