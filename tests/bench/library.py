"""`python -m tests.bench.library [--fer PYTHON]`: the library's cold start and its speed on one core.

Photos are those of `../shared/photos`, or Matplotlib's sample where that folder is missing. With `--fer`, an
interpreter that has the package `fer` works on the same photos, in turn with ours; each figure is the best of three.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from matplotlib import get_data_path
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared" / "photos"
HOPPER = str(Path(get_data_path()) / "sample_data" / "grace_hopper.jpg")
RUNS = 3
OURS = """
import json, sys, time
start = time.perf_counter()
from analysis.recognition import Recognizer
imported = time.perf_counter()
recognizer = Recognizer.default()
recognizer.recognize(sys.argv[1])
answered = time.perf_counter()
faces = sum(len(recognizer.recognize(path).faces) for path in sys.argv[1:])
done = time.perf_counter()
"""
FER = """
import json, sys, time
start = time.perf_counter()
import cv2
from fer.fer import FER
imported = time.perf_counter()
recognizer = FER()
recognizer.detect_emotions(cv2.imread(sys.argv[1]))
answered = time.perf_counter()
faces = sum(len(recognizer.detect_emotions(cv2.imread(path))) for path in sys.argv[1:])
done = time.perf_counter()
"""
REPORT = """
print(json.dumps([imported - start, answered - start, done - answered, faces]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fer", metavar="PYTHON", help="an interpreter with the package fer")
    other = parser.parse_args().fer
    photos = sorted(map(str, SHARED.glob("*.jpg"))) or [HOPPER]
    programs = {
        "this library": (sys.executable, OURS),
        **({"fer, with its own detector": (other, FER)} if other else {}),
    }
    runs: dict[str, list[list[float]]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, (python, program) in programs.items():
            runs[name].append(measure(python, program, photos))
    table = Table("one core", "import", "first answer", "photos a second", "faces a second", "faces found")
    for name, measured in runs.items():
        imported, answered, seconds, faces = (min(column) for column in zip(*measured, strict=True))
        rates = len(photos) / seconds, faces / seconds
        table.add_row(name, f"{imported:.2f} s", f"{answered:.2f} s", *(f"{rate:.1f}" for rate in rates), str(faces))
    Console().print(table, f"{len(photos)} photos; the best of {RUNS} runs.")


def measure(python: str, program: str, photos: list[str]) -> list[float]:
    """Return the seconds until the import and the first answer, those of all photos, and the number of faces."""
    taskset = [shutil.which("taskset"), "--cpu-list", "0"] if shutil.which("taskset") else []
    done = subprocess.run(
        [*taskset, python, "-W", "ignore", "-c", program + REPORT, *photos],
        cwd=PROJECT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
