"""`python -m tests.bench.detection [DETECTOR]`: faces found, second and false boxes, milliseconds.

Part of `make bench`. The photos of ../shared/photos and scikit-image are wanted; what is missing is left out. Beside
stand the figures of BlazeFace, the detector before this one, measured by this bench on 2026-11-28 (`blazeface.json`).
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors.base import FaceDetector
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.faces import Box, Detection
from tests.bench.detection_cases import Picture, cases, photos

BEFORE: dict[str, Any] = json.loads(Path(__file__).with_name("blazeface.json").read_text())


@dataclass(frozen=True)
class Match:
    """How one picture's detections relate to its boxed faces; `others` lie on none of them."""

    found: int
    second: int
    others: int


@dataclass(frozen=True)
class Count:
    """Sums over a case; `exact` pictures have each face once and nothing else. `milliseconds`: the median picture's."""

    faces: int
    pictures: int
    found: int
    second: int
    others: int
    exact: int
    milliseconds: float


def match(detections: Iterable[Detection], boxes: Iterable[Box]) -> Match:
    """Pair detections, surest first, with faces: centres within half a side of each other, sides within a factor of 2.

    Half a side is that of the face's box, so a face that is cut off or turned may be framed otherwise.
    """
    faces = list(boxes)
    free = list(faces)
    second = others = 0
    for detection in detections:
        near = [box for box in free if _is_same(detection.box, box)]
        if near:
            free.remove(min(near, key=lambda box: _distance(detection.box, box)))
        elif any(_is_near(detection.box, box) for box in faces):
            second += 1
        else:
            others += 1
    return Match(len(faces) - len(free), second, others)


def count(detector: FaceDetector, pictures: list[Picture]) -> Count:
    """Search every picture. Times are the processor's, so that other work on the machine hardly matters."""
    matches, times = [], []
    for picture in pictures:
        began = time.process_time()
        detections = detector.detect(picture.image)
        times.append(1000 * (time.process_time() - began))
        matches.append(match(detections, picture.boxes))
    faces = sum(len(picture.boxes) for picture in pictures)
    exact = sum(
        (each.found, each.second, each.others) == (len(picture.boxes), 0, 0)
        for picture, each in zip(pictures, matches, strict=True)
    )
    sums = [sum(getattr(each, name) for each in matches) for name in ("found", "second", "others")]
    return Count(faces, len(pictures), *sums, exact=exact, milliseconds=statistics.median(times))


def rows(name: str) -> dict[str, Count]:
    """Return a detector's count by case."""
    detector = create_detector(name)
    every = [("all photos", photos()), *cases()]
    return {case: count(detector, pictures) for case, pictures in every if pictures}


def show(name: str, counted: dict[str, Count]) -> None:
    """Print found / second / other boxes, the share of pictures with exactly their faces, and milliseconds."""
    table = Table("case", "faces", title="found / second / other boxes, pictures with just their faces, processor time")
    for each in (name, BEFORE["detector"]):
        for title in (each, "exact", "ms"):
            table.add_column(title, justify="right")
    for case, now in counted.items():
        before = Count(**BEFORE["detection"][case])
        table.add_row(case, str(now.faces), *_cells(now), *_cells(before))
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _cells(counted: Count) -> list[str]:
    boxes = f"{counted.found} / {counted.second} / {counted.others}"
    return [boxes, f"{counted.exact}/{counted.pictures}", f"{counted.milliseconds:.0f}"]


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "centerface"
    show(name, rows(name))


def _is_near(one: Box, face: Box) -> bool:
    return _distance(one, face) < (face.width + face.height) / 4


def _is_same(one: Box, face: Box) -> bool:
    ratio = (one.width + one.height) / (face.width + face.height)
    return _is_near(one, face) and 0.5 < ratio < 2


def _distance(one: Box, other: Box) -> float:
    across = one.x + one.width / 2 - other.x - other.width / 2
    down = one.y + one.height / 2 - other.y - other.height / 2
    return max(abs(across), abs(down))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
