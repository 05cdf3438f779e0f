"""`python -m tests.bench.looks`: what each of CenterFace's looks finds and costs, one added after the other."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from analysis.recognition.detectors import centerface
from analysis.recognition.detectors.looks import Look
from tests.bench.detection import count
from tests.bench.detection_cases import Picture, cases, photos

_SCORE = 0.4
_CASES = (
    "cropped to 0.7 of the face",
    "turned by 135°",
    "face of 24 px",
    "face of 24 px in 1920 x 1440",
    "no face",
    "no face, at 2400 px",
)


class Partial(centerface.CenterFace):
    """CenterFace with some of its looks; without closer ones a score of 0.4 makes a face."""

    def __init__(self, *, glance: bool, detail: bool, closer: bool) -> None:
        super().__init__()
        self._glance, self._detail, self._closer = glance, detail, closer

    def _looks(self, width: int, height: int) -> list[Look]:
        *details, whole, glance = super()._looks(width, height)
        return [*(details if self._detail else []), whole, *([glance] if self._glance else [])]

    def _check(self, image, found):
        if self._closer:
            return super()._check(image, found)
        return [find for find in found if find.score >= _SCORE]


DETECTORS = {
    "the whole at 640": {"glance": False, "detail": False, "closer": False},
    "+ the whole at 192": {"glance": True, "detail": False, "closer": False},
    "+ closer looks": {"glance": True, "detail": False, "closer": True},
    "+ tiles of large photos": {"glance": True, "detail": True, "closer": True},
    "these without closer looks": {"glance": True, "detail": True, "closer": False},
}


def main() -> None:
    every: dict[str, list[Picture]] = {"all photos": photos(), **dict(cases())}
    table = Table("case", *DETECTORS, title="found / second / other boxes, milliseconds")
    detectors = [Partial(**which) for which in DETECTORS.values()]
    for name in ("all photos", *_CASES):
        counted = [count(detector, every[name]) for detector in detectors]
        cells = [f"{each.found} / {each.second} / {each.others}, {each.milliseconds:.0f}" for each in counted]
        table.add_row(f"{name} ({counted[0].faces})", *cells)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
