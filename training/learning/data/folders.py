"""Reading a tree of class folders, with or without a level of train, validation and test above them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.images import decode
from training.learning.data.classes import WORDS, Classes, find_label
from training.learning.data.splits import SIDE, SPLITS, TEST, TRAINING, VALIDATION, FaceData, Split, join_splits
from training.learning.errors import LearningError

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
_KNOWN = ", ".join(EMOTIONS)
_OTHER_CLASSES = gettext_noop(
    "For other names, use `--classes` with affectnet, rafdb, or a CSV of name and class, where a class can be skip."
)
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


VALIDATION_SHARE = 0.1
"""Share of the training pictures set aside where a tree has training and test pictures alone."""
_SEED = 2013


def read_tree(path: Path, classes: Classes = WORDS) -> FaceData:
    """Read every picture of the class folders; without a level of splits they are all test pictures.

    Where there are training and test pictures alone, a tenth of each class of the training pictures becomes the
    validation split, the same at every reading. Raises `LearningError` for a folder that `classes` do not name.
    """
    root = _unwrapped(path, classes)
    children = _folders(root)
    levels = [(split, child) for child in children if (split := _SPLIT_FOLDERS.get(child.name.lower()))]
    if strangers := [child.name for child in children if levels and child.name.lower() not in _SPLIT_FOLDERS]:
        text = gettext_noop(
            "%(path)s must only have folders for training, validation and test pictures. It also has “%(found)s”."
        )
        raise LearningError(text, path=str(root), found=strangers[0])
    digest = hashlib.sha256()
    skipped: Counter[str] = Counter()
    parts: dict[str, list[Split]] = {}
    for split, folder in levels or [(TEST, root)]:
        parts.setdefault(split, []).append(_read_classes(path, folder, split, digest, classes, skipped))
    splits = {name: join_splits(parts[name]) for name in SPLITS if name in parts}
    notes = [f"{count} pictures skipped in folders {name}." for name, count in sorted(skipped.items())]
    if set(splits) == {TRAINING, TEST}:
        splits, words = _with_validation(splits)
        notes.append(words)
    return FaceData(path, splits, digest.hexdigest(), notes=tuple(notes))


def _with_validation(splits: dict[str, Split]) -> tuple[dict[str, Split], str]:
    """Set a seeded, stratified tenth of the training pictures aside, one or more of each class that has two."""
    training = splits[TRAINING]
    rng = np.random.default_rng(_SEED)
    chosen: list[npt.NDArray[np.int64]] = []
    for label in range(len(EMOTIONS)):
        rows = np.flatnonzero(training.labels == label)
        count = max(round(VALIDATION_SHARE * len(rows)), 1) if len(rows) > 1 else 0
        chosen.append(rng.permutation(rows)[:count])
    aside = np.sort(np.concatenate(chosen))
    if not len(aside):
        return splits, "Too few training pictures to set any aside for validation."
    kept = np.setdiff1d(np.arange(len(training)), aside)
    words = f"No validation pictures: {len(aside)} of {len(training)} training pictures are set aside for it."
    return {TRAINING: training.take(kept), VALIDATION: training.take(aside), TEST: splits[TEST]}, words


def _unwrapped(path: Path, classes: Classes) -> Path:
    """Step into a folder that only wraps another, as unpacked archives often do."""
    known = {*_SPLIT_FOLDERS, *classes}
    children = _folders(path)
    while len(children) == 1 and children[0].name.lower() not in known and _folders(children[0]):
        path = children[0]
        children = _folders(path)
    return path


def _folders(path: Path) -> list[Path]:
    return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith((".", "__")))


def _read_classes(
    root: Path, folder: Path, split: str, digest: hashlib._Hash, classes: Classes, skipped: Counter[str]
) -> Split:
    images, labels, files = [], [], []
    for child in _folders(folder):
        try:
            label = find_label(child.name, classes)
        except KeyError:
            text = gettext_noop("The folder %(path)s is not named after a class. It must be one of these: %(known)s.")
            raise LearningError(text, path=str(child), known=_KNOWN, hint=_OTHER_CLASSES) from None
        if label is None:
            skipped[child.name] += sum(1 for _ in _pictures(child))
            continue
        for picture in _pictures(child):
            content = picture.read_bytes()
            digest.update(f"{split}/{label}/{picture.name}/{len(content)}/".encode() + content)
            images.append(_as_fer2013(picture, content))
            labels.append(label)
            files.append(picture.relative_to(root).as_posix())
    if not images:
        text = gettext_noop("%(path)s has no pictures in folders with these names: %(known)s.")
        raise LearningError(text, path=str(folder), known=_KNOWN)
    return Split(np.stack(images)[..., np.newaxis], np.array(labels, np.int64), files=np.array(files))


def _pictures(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _PICTURES and not path.name.startswith(".") and path.is_file():
            yield path


def _as_fer2013(path: Path, content: bytes) -> npt.NDArray[np.uint8]:
    """Return the picture grey, uint8 (48, 48)."""
    try:
        colour = decode(content)
    except RecognitionError as error:
        text = gettext_noop("The picture %(path)s could not be read. (%(error)s)")
        raise LearningError(text, path=str(path), error=error.message) from error
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    if grey.shape == (SIDE, SIDE):
        return np.asarray(grey, np.uint8)
    shrinks = min(grey.shape) > SIDE
    resized = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
