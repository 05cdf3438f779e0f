"""Small data sets that a network can learn: a class is a band of brightness."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

SPLITS = ("Training", "PublicTest", "PrivateTest")


def band_faces(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return faces, uint8 (N, 48, 48), and labels 0 to 6 told by their brightness."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % 7
    noise = rng.integers(-12, 13, (rows, 48, 48))
    return (18 + 36 * labels[:, None, None] + noise).astype(np.uint8), labels


def write_csv(path: Path, rows: dict[str, int]) -> Path:
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["emotion", "pixels", "Usage"])
        for seed, (split, count) in enumerate(rows.items()):
            for face, label in zip(*band_faces(count, seed), strict=True):
                writer.writerow([label, " ".join(map(str, face.ravel())), split])
    return path


@pytest.fixture
def make_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a data set of the given rows per split."""

    def make(training: int = 70, validation: int = 14, test: int = 14, name: str = "fer2013.csv") -> Path:
        counts = zip(SPLITS, (training, validation, test), strict=True)
        return write_csv(tmp_path / name, {split: count for split, count in counts if count})

    return make


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70 rows for training, 14 in each other split."""
    path = tmp_path_factory.mktemp("small") / "fer2013.csv"
    return write_csv(path, dict(zip(SPLITS, (70, 14, 14), strict=True)))


@pytest.fixture
def face_row() -> Callable[..., str]:
    """One CSV row; each part may be spoilt."""

    def row(emotion: str = "3", pixels: str | None = None, usage: str = "Training") -> str:
        return f"{emotion},{' '.join(['128'] * 2304) if pixels is None else pixels},{usage}\n"

    return row


@pytest.fixture
def store(settings, tmp_path: Path) -> Path:
    """An empty store for model versions, and the folder of the program's own writings."""
    settings.MODELS_STORE = tmp_path / "models_store"
    settings.MODELS_STORE.mkdir()
    return settings.MODELS_STORE


@pytest.fixture(scope="session")
def run_here() -> Callable[[str, list[str]], None]:
    """Stands for `export._run_checked`: converts in this process. One of its own would load TensorFlow anew."""
    from training.learning.network import export

    def run_checked(failed: str, arguments: list[str]) -> None:
        if arguments[:2] == export._CONVERT:
            folder, precision = Path(arguments[-2]), arguments[-1]
            with warnings.catch_warnings(action="ignore"):
                (folder / "model.tflite").write_bytes(export.convert(folder, precision))

    return run_checked


@pytest.fixture(scope="module")
def convert_in_process(run_here: Callable[[str, list[str]], None]) -> Iterator[None]:
    """Convert in this process for a whole file; learning/test_export_network.py has the real way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.learning.network.export._run_checked", run_here)
        yield


@pytest.fixture(scope="module")
def small_mlp() -> Iterator[None]:
    """Train an `mlp` of 64 and 32 units, for a whole file: of the usual 512 and 256, a step takes ten times as long."""
    from training.learning.network.architectures import ARCHITECTURES

    row = ARCHITECTURES["mlp"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "mlp", replace(row, features=partial(row.features, widths=(64, 32))))
        yield


@pytest.fixture(scope="module")
def few_recalibrations() -> Iterator[None]:
    """Measure batch normalization's statistics on 10 batches instead of 100, for a whole file."""
    from training.learning import fit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "_recalibrate", partial(fit._recalibrate, count=10))
        yield


@pytest.fixture(name="write_csv", scope="session")
def _write_csv() -> Callable[[Path, dict[str, int]], Path]:
    """For data sets that outlive one test."""
    return write_csv
