"""Reading FER-2013 as people have it: Kaggle's CSV, the same packed, or a tree of class folders.

Whatever the source, a split holds uint8 faces (N, 48, 48, 1) and FER-2013's integer labels. FER+ votes
(Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", 2016) may join a CSV row for row.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
import tarfile
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO, TypedDict, cast

import numpy as np

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import gettext_noop
from training.learning.data.classes import Classes, find_label, read_classes
from training.learning.data.folders import read_tree
from training.learning.data.splits import SIDE, SPLITS, TEST, TRAINING, VALIDATION, VOTE_CLASSES, FaceData, Split
from training.learning.errors import LearningError

__all__ = ["SIDE", "SPLITS", "TEST", "TRAINING", "VALIDATION", "VOTE_CLASSES", "FaceData", "Split", "read_faces"]

_CSV = "fer2013.csv"
_COLUMNS = ("emotion", "pixels", "Usage")
_LABELS = {str(label) for label in range(7)}
_PIXELS = SIDE * SIDE
_WHAT_IS_READ = gettext_noop(
    "Choose fer2013.csv, a .gz, .zip or .tar.gz with it, or a folder that has a folder of pictures for each class."
)
_GZIP = b"\x1f\x8b"
_UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,  # a zip's unknown compression
    RuntimeError,  # a zip's password
)


class Where(TypedDict):
    """Where a row stands, for messages."""

    file: str
    row: int


def read_faces(path: Path | str, *, votes: Path | str | None = None, classes: str | None = None) -> FaceData:
    """Read a CSV, a .csv.gz, a .zip or .tar.gz that holds one, or a folder tree.

    `classes` names the classes of other data sets; see `classes.read_classes`. Raises `LearningError` that names
    file, row, what has to be there and what is.
    """
    path = Path(path)
    if not path.exists():
        raise LearningError(gettext_noop("%(path)s does not exist."), path=str(path), hint=_WHAT_IS_READ)
    if (path / _CSV).is_file():
        path /= _CSV
    if path.is_dir():
        if votes is not None:
            text = gettext_noop("FER+ votes belong to the rows of fer2013.csv, but %(path)s is a folder of pictures.")
            raise LearningError(text, path=str(path))
        return read_tree(path, read_classes(classes))
    with _open_csv(path) as (handle, name):
        data = _read_csv(path, name, handle, read_classes(classes))
    return data if votes is None else _join_votes(data, Path(votes))


@contextmanager
def _open_csv(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """Yield the CSV's bytes and its name, from the file itself or the archive that holds it."""
    try:
        if zipfile.is_zipfile(path):
            with _open_zipped(path, path) as opened:
                yield opened
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                member = _csv_member(path, [info.name for info in archive if info.isfile()])
                extracted = archive.extractfile(member)
                assert extracted is not None  # only files were listed
                with extracted as handle:
                    yield handle, f"{path}:{member}"
        else:
            with path.open("rb") as handle:
                is_packed = handle.read(2) == _GZIP
                handle.seek(0)
                yield (cast(IO[bytes], gzip.GzipFile(fileobj=handle)) if is_packed else handle), str(path)
    except _UNREADABLE as error:
        text = gettext_noop("%(path)s is not a readable CSV file, .gz, .zip or .tar.gz. (%(error)s)")
        raise LearningError(text, path=str(path), error=str(error)) from error


@contextmanager
def _open_zipped(path: Path, file: Path | IO[bytes]) -> Iterator[tuple[IO[bytes], str]]:
    """Yield the CSV of a zip, or of the one zip that it holds."""
    with zipfile.ZipFile(file) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        inner = [name for name in names if name.lower().endswith(".zip")]
        if file is path and len(inner) == 1 and not any(name.lower().endswith(".csv") for name in names):
            with archive.open(inner[0]) as nested, _open_zipped(path / inner[0], nested) as opened:
                yield opened
            return
        member = _csv_member(path, names)
        with archive.open(member) as handle:
            yield handle, f"{path}:{member}"


def _csv_member(path: Path, names: Sequence[str]) -> str:
    members = [name for name in names if name.lower().endswith(".csv") and not Path(name).name.startswith(".")]
    preferred = [name for name in members if Path(name).name.lower() == _CSV]
    if not members:
        found = ", ".join([*names[:3], "…"] if len(names) > 3 else names)
        holding, empty = gettext_noop("%(path)s has no CSV file. It has %(found)s."), gettext_noop("%(path)s is empty.")
        hint = gettext_noop("Unpack an archive of pictures, and choose its folder.")
        raise LearningError(holding if names else empty, path=str(path), found=found, hint=hint)
    return (preferred or members)[0]


class _HashingReader(io.RawIOBase):
    """Passes bytes through and remembers their SHA-256, so that a 300 MB file is read once."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._handle.read(len(buffer))
        self.sha256.update(data)
        buffer[: len(data)] = data
        return len(data)


def _read_csv(path: Path, name: str, handle: IO[bytes], classes: Classes) -> FaceData:
    hashing = _HashingReader(handle)
    skipped: Counter[str] = Counter()
    rows: dict[str, tuple[bytearray, list[int]]] = {split: (bytearray(), []) for split in SPLITS}
    with io.TextIOWrapper(io.BufferedReader(hashing, 1 << 20), encoding="utf-8-sig", newline="") as lines:
        for where, row in _rows(name, lines, _COLUMNS):
            pixels, labels = rows[_usage(where, row["Usage"])]
            label = _label(where, row["emotion"], classes)
            if label is None:
                skipped[row["emotion"].strip()] += 1
                continue
            labels.append(label)
            pixels += _pixels(where, row["pixels"])
    splits = {
        split: Split(np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE, 1), np.array(labels, np.int64))
        for split, (pixels, labels) in rows.items()
        if labels
    }
    if not splits:
        raise LearningError(gettext_noop("%(file)s has no rows below its header."), file=name)
    notes = tuple(f"{count} rows of the class {found} skipped." for found, count in sorted(skipped.items()))
    return FaceData(path, splits, hashing.sha256.hexdigest(), notes=notes)


def _rows(name: str, lines: Iterable[str], columns: Sequence[str]) -> Iterator[tuple[Where, dict[str, str]]]:
    """Yield where each row stands, for messages, and the row by `columns`.

    Kaggle's icml_face_data.csv has spaces in its header; others have capitals, or semicolons between the values.
    """
    iterator = iter(lines)
    reader = csv.DictReader(iterator)
    try:
        header = next(iterator, "")
        delimiter = ";" if header.count(";") > header.count(",") else ","
        reader = csv.DictReader(chain([header], iterator), delimiter=delimiter)
        canonical = {column.lower(): column for column in columns}
        stripped = [field.strip() for field in reader.fieldnames or ()]
        reader.fieldnames = [canonical.get(field.lower(), field) for field in stripped]
        if missing := [column for column in columns if column not in reader.fieldnames]:
            text = gettext_noop(
                "The first row of %(file)s must have the columns %(columns)s. Missing: %(missing)s. Found: %(found)s."
            )
            found = ", ".join(stripped)[:200] or "–"
            raise LearningError(text, file=name, columns=", ".join(columns), missing=", ".join(missing), found=found)
        for row in reader:
            yield {"file": name, "row": reader.line_num}, row
    except (UnicodeDecodeError, csv.Error) as error:
        text = gettext_noop("Row %(row)s of %(file)s is not comma-separated text in UTF-8. (%(error)s)")
        raise LearningError(text, file=name, row=reader.line_num + 1, error=str(error)) from error


def _usage(where: Where, found: str | None) -> str:
    if (usage := (found or "").strip()) not in SPLITS:
        text = gettext_noop("Row %(row)s of %(file)s has the Usage “%(found)s”. It must be one of these: %(known)s.")
        raise LearningError(text, **where, found=found or "", known=", ".join(SPLITS))
    return usage


def _label(where: Where, found: str | None, classes: Classes) -> int | None:
    """Return a row's label by its number or word, None to skip it; numbers in `classes` go before FER-2013's."""
    label = (found or "").strip()
    if label in _LABELS and label not in classes:
        return int(label)
    try:
        return find_label(label, classes)
    except KeyError:
        text = gettext_noop(
            "Row %(row)s of %(file)s has the emotion “%(found)s”. It must be a number from 0 to 6, or one of these: "
            "%(known)s."
        )
        raise LearningError(text, **where, found=found or "", known=", ".join(EMOTIONS)) from None


def _pixels(where: Where, found: str | None) -> bytes:
    text = found or ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns of text that is no number, and stops there
            values = np.fromstring(text, np.int64, sep=" ")  # five times as fast as split and int
    except (ValueError, DeprecationWarning):
        values = np.empty(0, np.int64)
    if values.size == _PIXELS and values.min() >= 0 and values.max() <= 255:
        return values.astype(np.uint8).tobytes()
    raise _wrong_pixels(where, text.split())


def _wrong_pixels(where: Where, words: Sequence[str]) -> LearningError:
    if len(words) != _PIXELS:
        text = gettext_noop("Row %(row)s of %(file)s must have %(needed)s pixels. It has %(found)s.")
        return LearningError(text, **where, needed=_PIXELS, found=len(words))
    wrong = next((word for word in words if not (word.isdecimal() and int(word) <= 255)), words[0])
    text = gettext_noop("Row %(row)s of %(file)s has the pixel “%(found)s”. Pixels are whole numbers from 0 to 255.")
    return LearningError(text, **where, found=wrong[:20])


def _join_votes(data: FaceData, path: Path) -> FaceData:
    """FER+ lists the rows of fer2013.csv in the same order, split after split as published."""
    try:
        content = path.read_bytes()
        lines = io.StringIO(content.decode("utf-8-sig"), newline="")
    except (OSError, UnicodeDecodeError) as error:
        text = gettext_noop("The FER+ votes in %(path)s could not be read. (%(error)s)")
        hint = gettext_noop("Choose fer2013new.csv.")
        raise LearningError(text, path=str(path), error=str(error), hint=hint) from error
    votes: dict[str, list[list[float]]] = {split: [] for split in SPLITS}
    for where, row in _rows(str(path), lines, ("Usage", *VOTE_CLASSES)):
        votes[_usage(where, row["Usage"])].append([_vote(where, name, row[name]) for name in VOTE_CLASSES])
    splits = {}
    for name, split in data.splits.items():
        if len(votes[name]) != len(split):
            text = gettext_noop(
                "%(path)s must have %(needed)s rows of the split %(split)s, one for each face. It has %(found)s."
            )
            raise LearningError(text, path=str(path), needed=len(split), split=name, found=len(votes[name]))
        counts = np.array(votes[name], np.float32)
        splits[name] = replace(split, votes=counts / np.maximum(counts.sum(1, keepdims=True), 1))
    return replace(data, splits=splits, votes_path=path, votes_sha256=hashlib.sha256(content).hexdigest())


def _vote(where: Where, name: str, found: str | None) -> float:
    if not (votes := (found or "").strip()).isdecimal():
        text = gettext_noop("Row %(row)s of %(file)s has “%(found)s” votes for %(name)s. It must be a whole number.")
        raise LearningError(text, **where, found=found or "", name=name)
    return float(votes)
