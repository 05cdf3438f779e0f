"""Smoke test of a model version in a process of its own, which a badly converted model may abort.

`python -m analysis.recognition.smoke_process` reads {"folder": PATH, "pins": {FILE: SHA-256}} from stdin and writes
one JSON object: {"golden": [[seven probabilities] a face], "milliseconds"} or {"error": {"code", "message"}}.
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
    """Verify and load a version and classify the golden faces; raise `RecognitionError` if anything is wrong."""
    bundle = read_bundle(folder, pins)
    check_network(folder / "model.json")
    classifier = Classifier(bundle)
    started = time.perf_counter()
    probabilities = classifier.classify(golden_faces())
    milliseconds = 1000 * (time.perf_counter() - started) / len(probabilities)
    _check_sums(bundle, probabilities)
    _compare_with_card(bundle, probabilities)
    return {"golden": probabilities.astype(float).round(4).tolist(), "milliseconds": round(milliseconds, 3)}


def _check_sums(bundle: Bundle, probabilities: npt.NDArray[np.float32]) -> None:
    for index, row in enumerate(probabilities, start=1):
        if not (np.isfinite(row).all() and (row >= 0).all() and abs(float(row.sum()) - 1) <= 1e-3):
            message = (
                f"{bundle.name}: golden face {index}: expected probabilities that sum to one; found {row.tolist()}."
            )
            raise RecognitionError("bad_probabilities", message)


def _compare_with_card(bundle: Bundle, probabilities: npt.NDArray[np.float32]) -> None:
    """Compare with the probabilities recorded when the version was made, if its card has them."""
    recorded = bundle.card.get("golden")
    if recorded is None:
        return
    expected = np.asarray(recorded, np.float32)
    if expected.shape != probabilities.shape or np.abs(expected - probabilities).max() > TOLERANCE:
        raise RecognitionError(
            "golden_faces_differ",
            f"{bundle.name}: golden faces: expected {expected.astype(float).round(2).tolist()}, as where it was made; "
            f"found {probabilities.astype(float).round(2).tolist()}.",
        )


def main() -> None:
    request = json.load(sys.stdin)
    try:
        result = try_version(Path(request["folder"]), request["pins"])
    except RecognitionError as error:
        result = {"error": {"code": error.code, "message": error.message}}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
