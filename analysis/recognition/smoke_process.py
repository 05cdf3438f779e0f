"""Try a model version as serving would, in a process of its own: a bad conversion aborts the one that loads it.

`python -m analysis.recognition.smoke` reads {"folder": PATH, "pins": {FILE: SHA-256}} from stdin and writes one
JSON object: {"golden": [[seven probabilities] a face], "milliseconds"} or {"error": {"code", "message"}}.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.recognition.bundle import Bundle, read_bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.recognition.golden import TOLERANCE, golden_faces
from analysis.recognition.network import check_network


def try_version(folder: Path, pins: dict[str, str]) -> dict[str, Any]:
    """Verify, load and ask a version; raise `RecognitionError` for whatever is wrong with it."""
    bundle = read_bundle(folder, pins)
    check_network(folder / "model.json")
    classifier = Classifier(bundle)
    started = time.perf_counter()
    answers = classifier.classify(golden_faces())
    milliseconds = 1000 * (time.perf_counter() - started) / len(answers)
    _check_probabilities(bundle, answers)
    _check_recorded(bundle, answers)
    return {"golden": answers.astype(float).round(4).tolist(), "milliseconds": round(milliseconds, 3)}


def _check_probabilities(bundle: Bundle, answers: npt.NDArray[np.float32]) -> None:
    for index, row in enumerate(answers, start=1):
        total = float(row.sum())
        if not (np.isfinite(row).all() and (row >= 0).all() and abs(total - 1) <= 1e-3):
            message = (
                f"{bundle.name}: golden face {index}: expected probabilities that sum to one; found {row.tolist()}."
            )
            raise RecognitionError("bad_probabilities", message)


def _check_recorded(bundle: Bundle, answers: npt.NDArray[np.float32]) -> None:
    """Hold the answers against those that the version gave where it was made, if its card kept them."""
    recorded = bundle.card.get("golden")
    if recorded is None:
        return
    expected = np.asarray(recorded, np.float32)
    if expected.shape != answers.shape or np.abs(expected - answers).max() > TOLERANCE:
        raise RecognitionError(
            "golden_faces_differ",
            f"{bundle.name}: golden faces: expected {expected.astype(float).round(2).tolist()}, as where it was made; "
            f"found {answers.astype(float).round(2).tolist()}.",
        )


def main() -> None:
    """Answer the question on stdin."""
    question = json.load(sys.stdin)
    try:
        answer = try_version(Path(question["folder"]), question["pins"])
    except RecognitionError as error:
        answer = {"error": {"code": error.code, "message": error.message}}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
