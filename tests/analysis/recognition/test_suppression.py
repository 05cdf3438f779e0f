"""Of overlapping finds the surest of each face is kept."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.recognition.detectors.suppression import keep_best

CASES = {
    "nothing found": ([], [], []),
    "one face found twice": ([(4, 0, 14, 10), (0, 0, 10, 10)], [0.3, 0.9], [1]),
    "faces side by side, surest first": ([(0, 0, 10, 10), (8, 0, 18, 10)], [0.6, 0.8], [1, 0]),
    "a part of a face": ([(0, 0, 20, 20), (2, 2, 8, 8)], [0.7, 0.6], [0]),
    "boxes without area": ([(5, 5, 5, 5), (9, 9, 9, 9)], [0.8, 0.9], [1, 0]),
}


@pytest.mark.parametrize(("boxes", "scores", "kept"), CASES.values(), ids=CASES)
def test_the_best_find_of_each_face_is_kept(boxes: list[tuple[int, ...]], scores: list[float], kept: list[int]):
    finds = np.array(boxes, np.float32).reshape(-1, 2, 2)
    assert keep_best(finds, np.array(scores, np.float32)) == kept
