"""Smoke test of a model version in a process of its own, which a badly converted model may abort.

`python -m analysis.recognition.smoke_process` reads {"folder": PATH, "pins": {FILE: SHA-256}} from stdin and writes
one JSON object: {"golden": [[seven probabilities] a face], "milliseconds"} or {"error": RecognitionError.to_dict()}.
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
from analysis.recognition.errors import RecognitionError, gettext_noop
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
            text = gettext_noop("%(version)s: the probabilities of test face %(face)s do not sum to one: %(found)s.")
            raise RecognitionError("bad_probabilities", text, version=bundle.name, face=index, found=str(row.tolist()))


def _compare_with_card(bundle: Bundle, probabilities: npt.NDArray[np.float32]) -> None:
    """Compare with the probabilities recorded when the version was made, if its card has them."""
    recorded = bundle.card.get("golden")
    if recorded is None:
        return
    expected = np.asarray(recorded, np.float32)
    if expected.shape != probabilities.shape or np.abs(expected - probabilities).max() > TOLERANCE:
        text = gettext_noop(
            "%(version)s: the probabilities of the test faces differ from those where it was made: "
            "%(expected)s there, %(found)s here."
        )
        there, here = _rounded(expected), _rounded(probabilities)
        raise RecognitionError("golden_faces_differ", text, version=bundle.name, expected=there, found=here)


def _rounded(probabilities: npt.NDArray[np.float32]) -> str:
    return str(probabilities.astype(float).round(2).tolist())


def main() -> None:
    request = json.load(sys.stdin)
    try:
        result = try_version(Path(request["folder"]), request["pins"])
    except RecognitionError as error:
        result = {"error": error.to_dict()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
