"""Reading FER-2013 as people have it: Kaggle's CSV, the same packed, or a tree of class folders.

Whatever the source, a split holds uint8 faces (N, 48, 48, 1) and FER-2013's integer labels. FER+ votes
(Barsoum et al., "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", 2016) may join a CSV row for row.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from analysis.recognition.emotions import EMOTIONS
from training.learning.errors import LearningError

SIDE = 48
"""Pixels along each side of a FER-2013 face."""

TRAINING, VALIDATION, TEST = "Training", "PublicTest", "PrivateTest"
SPLITS = (TRAINING, VALIDATION, TEST)
"""FER-2013's own names, in the published order."""

VOTE_CLASSES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""FER+'s columns, in their own order; NF means "not a face"."""

_COLUMNS = {"emotion", "pixels", "Usage"}
_SPLIT_FOLDERS = {
    "train": TRAINING,
    "training": TRAINING,
    "validation": VALIDATION,
    "valid": VALIDATION,
    "val": VALIDATION,
    "publictest": VALIDATION,
    "test": TEST,
    "testing": TEST,
    "privatetest": TEST,
}
_SYNONYMS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "afraid", "scared"),
    "happy": ("happiness", "joy"),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": ("neutrality", "calm"),
}
_LABELS = {
    word: index for index, emotion in enumerate(EMOTIONS) for word in (emotion.value, *_SYNONYMS[emotion.value])
}
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}


@dataclass(frozen=True)
class Split:
    """Rows of one split: `images` uint8 (N, 48, 48, 1), `labels` int64 (N,) 0 to 6.

    `votes`, where known, is float32 (N, 10): shares in the order of `VOTE_CLASSES`, summing to one.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    votes: npt.NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def head(self, rows: int | None) -> Split:
        """Return the first `rows` rows, or all of them when `rows` is None."""
        votes = None if self.votes is None else self.votes[:rows]
        return replace(self, images=self.images[:rows], labels=self.labels[:rows], votes=votes)

    def class_counts(self) -> npt.NDArray[np.int64]:
        """Return int64 (7,): rows per class in the order of `EMOTIONS`."""
        return np.bincount(self.labels, minlength=len(EMOTIONS)).astype(np.int64)


@dataclass(frozen=True)
class FaceData:
    """A data set read from `path`: its splits by FER-2013's names, and the SHA-256 of what was read."""

    path: Path
    splits: dict[str, Split]
    sha256: str

    def split(self, name: str) -> Split:
        """Return a split; raise `LearningError` naming those that hold rows."""
        if name not in self.splits:
            raise LearningError(f"{self.path}: expected a split {name}; found {', '.join(self.splits) or 'none'}")
        return self.splits[name]


def read_faces(path: Path | str, *, votes: Path | str | None = None) -> FaceData:
    """Read a CSV, a .zip or .tar.gz that holds one, or a folder tree.

    Raises `LearningError` that names file, row, what was expected and what was found.
    """
    path = Path(path)
    if not path.exists():
        raise LearningError(f"{path}: expected fer2013.csv, its .zip or .tar.gz, or a tree of class folders; no such file")
    if path.is_dir():
        if votes is not None:
            raise LearningError(f"{votes}: FER+ votes join fer2013.csv row for row; {path} is a folder")
        return _read_tree(path)
    with _open_csv(path) as (handle, name):
        data = _read_csv(path, name, handle)
    return data if votes is None else _join_votes(data, Path(votes))


@contextmanager
def _open_csv(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """Yield the CSV's bytes and its name, from the file itself or the first .csv with our columns packed in it."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                member = _csv_member(path, archive.namelist())
                with archive.open(member) as handle:
                    yield handle, f"{path}:{member}"
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                member = _csv_member(path, archive.getnames())
                extracted = archive.extractfile(member)
                assert extracted is not None  # _csv_member returns names of files
                with extracted as handle:
                    yield handle, f"{path}:{member}"
        else:
            with path.open("rb") as handle:
                yield handle, str(path)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise LearningError(f"{path}: expected a readable CSV, .zip or .tar.gz; {error}") from error


def _csv_member(path: Path, names: Iterable[str]) -> str:
    members = [name for name in names if name.lower().endswith(".csv")]
    preferred = [name for name in members if Path(name).name.lower() == "fer2013.csv"]
    if not members:
        raise LearningError(f"{path}: expected a .csv inside; found {', '.join(names) or 'nothing'}")
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


def _read_csv(path: Path, name: str, handle: IO[bytes]) -> FaceData:
    hashing = _HashingReader(handle)
    lines = io.TextIOWrapper(io.BufferedReader(hashing, 1 << 20), encoding="utf-8", newline="")
    rows: dict[str, tuple[list[npt.NDArray[np.uint8]], list[int]]] = {split: ([], []) for split in SPLITS}
    try:
        reader = csv.DictReader(lines)
        if not _COLUMNS <= set(reader.fieldnames or ()):
            found = ", ".join(reader.fieldnames or ()) or "nothing"
            raise LearningError(f"{name}: row 1: expected the columns emotion, pixels, Usage; found {found[:200]}")
        for number, row in enumerate(reader, start=2):
            images, labels = rows[_usage(name, number, row["Usage"])]
            labels.append(_label(name, number, row["emotion"]))
            images.append(_pixels(name, number, row["pixels"]))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LearningError(f"{name}: expected UTF-8 comma-separated text; {error}") from error
    splits = {
        split: Split(np.stack(images).reshape(-1, SIDE, SIDE, 1), np.array(labels, np.int64))
        for split, (images, labels) in rows.items()
        if labels
    }
    if not splits:
        raise LearningError(f"{name}: expected at least one row after the header; found none")
    return FaceData(path, splits, hashing.sha256.hexdigest())


def _usage(name: str, number: int, found: str | None) -> str:
    if found not in SPLITS:
        raise LearningError(f"{name}: row {number}: expected Usage to be one of {', '.join(SPLITS)}; found {found!r}")
    return found


def _label(name: str, number: int, found: str | None) -> int:
    if found is None or found not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise LearningError(f"{name}: row {number}: expected emotion to be a whole number 0 to 6; found {found!r}")
    return int(found)


def _pixels(name: str, number: int, found: str | None) -> npt.NDArray[np.uint8]:
    try:
        values = np.array((found or "").split(), dtype=np.int64)
    except (ValueError, OverflowError):
        raise LearningError(f"{name}: row {number}: expected pixels to be whole numbers 0 to 255") from None
    if values.size != SIDE * SIDE:
        raise LearningError(f"{name}: row {number}: expected {SIDE * SIDE} pixels; found {values.size}")
    if values.min() < 0 or values.max() > 255:
        wrong = int(values[(values < 0) | (values > 255)][0])
        raise LearningError(f"{name}: row {number}: expected pixels 0 to 255; found {wrong}")
    return values.astype(np.uint8)


def _join_votes(data: FaceData, path: Path) -> FaceData:
    """FER+ lists the rows of fer2013.csv in the same order, split after split as published."""
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            reader = csv.DictReader(handle)
            if not {"Usage", *VOTE_CLASSES} <= set(reader.fieldnames or ()):
                raise LearningError(f"{path}: row 1: expected the columns of fer2013new.csv; found {reader.fieldnames}")
            votes: dict[str, list[list[float]]] = {split: [] for split in SPLITS}
            for number, row in enumerate(reader, start=2):
                votes[_usage(str(path), number, row["Usage"])].append(_vote(path, number, row))
    except OSError as error:
        raise LearningError(f"{path}: expected FER+ votes (fer2013new.csv); {error.strerror}") from error
    splits = {}
    for name, split in data.splits.items():
        if len(votes[name]) != len(split):
            raise LearningError(f"{path}: {name}: expected {len(split)} rows, one for each face; found {len(votes[name])}")
        counts = np.array(votes[name], np.float32)
        splits[name] = replace(split, votes=counts / np.maximum(counts.sum(1, keepdims=True), 1))
    return replace(data, splits=splits)


def _vote(path: Path, number: int, row: dict[str, str]) -> list[float]:
    try:
        return [float(int(row[name])) for name in VOTE_CLASSES]
    except (TypeError, ValueError):
        raise LearningError(f"{path}: row {number}: expected ten whole numbers of votes; found {row}") from None


def _read_tree(root: Path) -> FaceData:
    """A level of train/validation/test folders is optional; without it every picture is a test picture."""
    folders = {child.name.lower(): child for child in sorted(root.iterdir()) if child.is_dir()}
    found = {name: folder for name, folder in folders.items() if name in _SPLIT_FOLDERS}
    levels = [(_SPLIT_FOLDERS[name], folder) for name, folder in found.items()] or [(TEST, root)]
    digest = hashlib.sha256()
    parts: dict[str, list[Split]] = {}
    for split, folder in levels:
        parts.setdefault(split, []).append(_read_class_folders(folder, digest))
    splits = {
        name: Split(np.concatenate([p.images for p in parts[name]]), np.concatenate([p.labels for p in parts[name]]))
        for name in SPLITS
        if name in parts
    }
    return FaceData(root, splits, digest.hexdigest())


def _read_class_folders(folder: Path, digest: hashlib._Hash) -> Split:
    images, labels = [], []
    for child in sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith(".")):
        if child.name.lower() not in _LABELS:
            raise LearningError(f"{child}: expected a folder named for one of {', '.join(EMOTIONS)}; found {child.name!r}")
        for picture in sorted(p for p in child.rglob("*") if p.suffix.lower() in _PICTURES):
            images.append(_read_picture(picture, digest))
            labels.append(_LABELS[child.name.lower()])
    if not images:
        raise LearningError(f"{folder}: expected pictures in folders named {', '.join(EMOTIONS)}; found none")
    return Split(np.stack(images)[..., np.newaxis], np.array(labels, np.int64))


def _read_picture(path: Path, digest: hashlib._Hash) -> npt.NDArray[np.uint8]:
    content = path.read_bytes()
    digest.update(path.parent.name.encode() + b"/" + path.name.encode() + b"\0" + content)
    try:
        with Image.open(io.BytesIO(content)) as image:
            grey = np.asarray(image.convert("L"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise LearningError(f"{path}: expected a readable picture; {error}") from error
    if grey.shape == (SIDE, SIDE):
        return grey
    shrinks = min(grey.shape) > SIDE
    resized = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
