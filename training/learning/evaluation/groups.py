"""Whether faces of every group are found and named equally well: figures a group, for data that have groups."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image
from analysis.recognition.framing import crop
from analysis.recognition.images import decode
from training.learning.data.splits import Split
from training.learning.errors import LearningError
from training.learning.evaluation.metrics import Images, Labels, Probabilities

Classify = Callable[[Images], Probabilities]
Z_95 = 1.959964
"""The 97.5th percentile of the normal distribution."""


@dataclass(frozen=True)
class Proportion:
    """`count` of `n`, and its 95 % interval, 0 to 1."""

    count: int
    n: int

    @property
    def share(self) -> float | None:
        """None where n is 0."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval ("Probable Inference", 1927): within 0 to 1, and honest for few rows."""
        if not self.n:
            return 0.0, 1.0
        share, spread = self.count / self.n, Z_95**2 / self.n
        centre = (share + spread / 2) / (1 + spread)
        half = math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class GroupFigures:
    """One group: pictures in which a face was found, and faces found that were named as their label says."""

    name: str
    found: Proportion
    right: Proportion


def read_groups(path: Path) -> dict[str, str]:
    """Return each file's group from a CSV with the columns `file` and `group`; paths are from the data's folder on.

    Raises `LearningError` that names the file and the row.
    """
    groups: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            found = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = found
            if not {"file", "group"} <= set(found):
                raise LearningError(
                    f"The first row of {path} must be file,group. It has {', '.join(found) or 'nothing'}."
                )
            for row in reader:
                name, group = (row["file"] or "").strip(), (row["group"] or "").strip()
                if not name or not group:
                    raise LearningError(f"Row {reader.line_num} of {path} must have a file and a group. It has {row}.")
                groups[Path(name).as_posix()] = group
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LearningError(f"{path} is not a readable CSV of file and group. ({error})") from error
    if not groups:
        raise LearningError(f"{path} has no rows below its header.")
    return groups


def group_rows(split: Split, groups: dict[str, str]) -> dict[str, np.ndarray]:
    """Return each group's rows of `split`, int64, by name; faces that no row names are left out.

    Raises `LearningError` for data without files, and for files that the split does not have.
    """
    if split.files is None:
        raise LearningError("Groups need data in class folders, where pictures have names. These data are a CSV.")
    known = {str(name): row for row, name in enumerate(split.files)}
    if unknown := [name for name in groups if name not in known]:
        shown = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        raise LearningError(f"These data do not have {shown}. They have files such as {next(iter(known))}.")
    rows: dict[str, list[int]] = {}
    for name, group in groups.items():
        rows.setdefault(group, []).append(known[name])
    return {group: np.array(sorted(rows[group]), np.int64) for group in sorted(rows)}


def evaluate_groups(
    split: Split, groups: dict[str, str], folder: Path, detector: FaceDetector, classify: Classify
) -> Iterator[GroupFigures]:
    """Find, frame and name the largest face of each picture under `folder`; yield each group's figures.

    `classify` maps faces, uint8 (N, 48, 48, 1), to probabilities, float32 (N, 7).
    """
    assert split.files is not None  # `group_rows` refuses others
    for name, rows in group_rows(split, groups).items():
        crops, labels = [], []
        for row in rows:
            face = _largest_face(_picture(folder / str(split.files[row])), detector)
            if face is not None:
                crops.append(face)
                labels.append(split.labels[row])
        right = _count_right(classify, crops, np.array(labels, np.int64))
        yield GroupFigures(name, Proportion(len(crops), len(rows)), Proportion(right, len(crops)))


def _picture(path: Path) -> Image:
    try:
        return decode(path.read_bytes())
    except (OSError, RecognitionError) as error:
        raise LearningError(f"The picture {path} could not be read. ({error})") from error


def _largest_face(image: Image, detector: FaceDetector) -> Image | None:
    """Return the crop of the largest face, uint8 (48, 48); None where no face is found."""
    detections = detector.detect(image)
    if not detections:
        return None
    largest = max(detections, key=lambda each: each.box.width * each.box.height)
    return np.asarray(crop(image, [largest], detector.frame)[0], np.uint8)


def _count_right(classify: Classify, crops: Sequence[Image], labels: Labels) -> int:
    if not crops:
        return 0
    return int((classify(np.stack(crops)[..., np.newaxis]).argmax(axis=1) == labels).sum())
