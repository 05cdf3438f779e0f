"""Reading a tree of class folders, with or without a level of train, validation and test above them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.recognition.images import decode
from training.learning.errors import LearningError
from training.learning.data.splits import SIDE, SPLITS, TEST, TRAINING, VALIDATION, FaceData, Split, join_splits

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
_LABELS = {word: index for index, emotion in enumerate(EMOTIONS) for word in (emotion.value, *_SYNONYMS[emotion.value])}
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def read_tree(path: Path) -> FaceData:
    """Read every picture of the class folders; without a level of splits they are all test pictures."""
    root = _unwrapped(path)
    children = _folders(root)
    levels = [(split, child) for child in children if (split := _SPLIT_FOLDERS.get(child.name.lower()))]
    if strangers := [child.name for child in children if levels and child.name.lower() not in _SPLIT_FOLDERS]:
        raise LearningError(
            f"{root}: expected folders for train, validation and test only; found also {strangers[0]!r}"
        )
    digest = hashlib.sha256()
    parts: dict[str, list[Split]] = {}
    for split, folder in levels or [(TEST, root)]:
        parts.setdefault(split, []).append(_read_classes(path, folder, split, digest))
    splits = {name: join_splits(parts[name]) for name in SPLITS if name in parts}
    return FaceData(path, splits, digest.hexdigest())


def _unwrapped(path: Path) -> Path:
    """Step into a folder that only wraps another, as unpacked archives often do."""
    known = {*_SPLIT_FOLDERS, *_LABELS}
    children = _folders(path)
    while len(children) == 1 and children[0].name.lower() not in known and _folders(children[0]):
        path = children[0]
        children = _folders(path)
    return path


def _folders(path: Path) -> list[Path]:
    return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith((".", "__")))


def _read_classes(root: Path, folder: Path, split: str, digest: hashlib._Hash) -> Split:
    images, labels, files = [], [], []
    for child in _folders(folder):
        if child.name.lower() not in _LABELS:
            expected = ", ".join(EMOTIONS)
            raise LearningError(f"{child}: expected a folder named for one of {expected}; found {child.name!r}")
        label = _LABELS[child.name.lower()]
        for picture in _pictures(child):
            content = picture.read_bytes()
            digest.update(f"{split}/{label}/{picture.name}/{len(content)}/".encode() + content)
            images.append(_as_fer2013(picture, content))
            labels.append(label)
            files.append(picture.relative_to(root).as_posix())
    if not images:
        raise LearningError(f"{folder}: expected pictures in folders named {', '.join(EMOTIONS)}; found none")
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
        raise LearningError(f"{path}: expected a readable picture; {error.message}") from error
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    if grey.shape == (SIDE, SIDE):
        return np.asarray(grey, np.uint8)
    shrinks = min(grey.shape) > SIDE
    resized = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8)
