"""`make bench`: what seeing a face costs here, and how right it is through the detector.

Times are medians; where a ratio is given it is to the same work done in the `fer` package's way, Keras'
`predict` for each face, in the same run. Writes `var/bench/bench.json`. Accuracy needs FER-2013:
FER2013_PATH, or `data/fer2013.csv`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import httpx
import numpy as np
import psutil
from matplotlib.cbook import get_sample_data
from rich.console import Console
from rich.table import Table

from analysis.recognition.bundle import Bundle, shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.detectors.centerface import CenterFace
from analysis.recognition.detectors.registry import create_detector
from analysis.recognition.drawing import encode_jpeg
from analysis.recognition.faces import Image
from analysis.recognition.images import decode
from analysis.recognition.recognizer import Recognizer
from ferproject.server.allocator import configure_allocator
from tests.bench import accuracy, detection, photo_memory, pipeline
from tests.support.site import RunningSite

PROJECT = Path(__file__).resolve().parent.parent.parent
HOPPER = Path(get_sample_data("grace_hopper.jpg", asfileobj=False))


@dataclass(frozen=True)
class Row:
    """One line of the table; `target` is what the project promised, in words."""

    name: str
    value: float
    unit: str
    target: str = ""
    ratio: float | None = None


def milliseconds(work: Callable[[], object], *, runs: int = 30, warm_up: int = 3) -> float:
    """Return the median of `runs` timed calls."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def canvas(width: int, height: int) -> Image:
    """Return a photo with one face: the portrait, fitted to the height, on grey."""
    portrait = decode(HOPPER.read_bytes())
    scale = height / portrait.shape[0]
    portrait = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    photo = np.full((height, width, 3), 127, np.uint8)
    left = (width - portrait.shape[1]) // 2
    photo[:, left : left + portrait.shape[1]] = portrait
    return photo


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread, and those it starts meanwhile, on one core; where the system cannot, on all."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def recognition_rows(bundle: Bundle) -> Iterator[Row]:
    """Stage by stage; only our classifier is held to one core."""
    classifier, detector = Classifier(bundle), create_detector("centerface")
    recognizer = Recognizer(bundle, detector)
    face = np.random.default_rng(0).integers(0, 256, (1, 48, 48), np.uint8)
    small, photo = canvas(640, 480), encode_jpeg(canvas(1280, 960))
    assert len(recognizer.recognize(photo).faces) == 1
    predict = accuracy.keras_predict(bundle)

    with one_core():
        ours = milliseconds(lambda: classifier.classify(face), runs=200)
    theirs = milliseconds(lambda: predict(face))
    yield Row("classify one face, on one core", ours, "ms", "3 or less", theirs / ours)
    yield Row("detect on 640 x 480", milliseconds(lambda: detector.detect(small), runs=60), "ms")
    yield Row("decode 1280 x 960 JPEG", milliseconds(lambda: decode(photo)), "ms")
    with one_core():
        one_thread = Recognizer(bundle, CenterFace(threads=1))
        alone = milliseconds(lambda: one_thread.recognize(photo))
    yield Row("1280 x 960 JPEG, bytes to result, on one core", alone, "ms", "45 or less")
    whole = milliseconds(lambda: recognizer.recognize(photo))
    yield Row("1280 x 960 JPEG, bytes to result", whole, "ms", "30 or less", (whole - ours + theirs) / whole)


def process_rows(folder: Path) -> Iterator[Row]:
    """Whole processes, from outside."""
    for name, megabytes in photo_memory.peaks(folder) if sys.platform == "linux" else ():
        yield Row(f"memory to decode a {name}", megabytes, "MB")
    command = [sys.executable, "manage.py", "analyze", str(HOPPER), "--json"]
    analyze = milliseconds(
        lambda: subprocess.run(command, cwd=PROJECT, check=True, capture_output=True), runs=5, warm_up=1
    )
    yield Row("analyze one photo, whole process", analyze / 1000, "s", "1.2 or less")
    site = RunningSite(folder)
    site.start()
    site.create_user(site.admin_email, superuser=True)
    site.stop()
    seconds = site.launch()
    yield Row("web process answers after", seconds, "s", "1.5 or less")
    yield Row("photo uploaded to the site, request to answer", upload_milliseconds(site), "ms")
    memory = psutil.Process(site.process.pid).memory_info().rss / 1_000_000
    yield Row("web process' memory after photos", memory, "MB", "250 or less")
    site.stop()


def upload_milliseconds(site: RunningSite) -> float:
    """Return the median over distinct 1280 x 960 photos of one request each, signed in, on one connection."""
    with httpx.Client(base_url=site.url, headers={"Accept": "application/json", "Referer": site.url}) as client:
        client.get("/accounts/login/")
        form = {"login": site.admin_email, "password": site.password}
        client.post("/accounts/login/", data={**form, "csrfmiddlewaretoken": client.cookies["csrftoken"]})
        photos = (encode_jpeg(canvas(1280, 960), quality=quality) for quality in range(60, 95))

        def upload() -> None:
            headers = {"X-CSRFToken": client.cookies["csrftoken"]}
            answer = client.post(
                "/photos/", data={"people_agreed": "on"}, files={"photo": ("a.jpg", next(photos))}, headers=headers
            )
            assert answer.is_success, answer.text

        return milliseconds(upload, runs=20)


def show(rows: list[Row]) -> None:
    table = Table("what", "median", "unit", "promised", "with BlazeFace", "Keras predict / ours")
    for row in rows:
        before = detection.BEFORE["rows"].get(row.name, "")
        ratio = "" if row.ratio is None else f"{row.ratio:.1f}"
        table.add_row(row.name, f"{row.value:.2f}", row.unit, row.target, str(before), ratio)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def main() -> None:
    configure_allocator()
    bundle = shipped_default(PROJECT / "models_store")
    rows = list(recognition_rows(bundle))
    with tempfile.TemporaryDirectory() as folder:
        rows += process_rows(Path(folder))
    rows += [Row(*figures) for figures in accuracy.rows(bundle)]
    rows.append(Row("reading and augmenting adds to a training step", pipeline.added_percent(), "%", "10 or less"))
    show(rows)
    counted = detection.rows("centerface")
    detection.show("centerface", counted)
    target = PROJECT / "var" / "bench" / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        json.dumps(
            {
                "model": bundle.name,
                "rows": [asdict(row) for row in rows],
                "detection": {case: asdict(each) for case, each in counted.items()},
            },
            indent=2,
        )
    )
    print(f"Written to {target.relative_to(PROJECT)}.")


if __name__ == "__main__":
    main()
