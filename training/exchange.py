"""Versions that leave for other programs and come from other sites, as one zip.

What comes is data: weights, for a network that this project's own code builds. It is converted and measured here, so
neither a file that is loaded natively nor a figure is taken over. Importing this module loads Keras.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.recognition.bundle import CARD, FILES, Bundle, file_sha256
from analysis.recognition.classifier import Classifier
from analysis.recognition.readings import Reading
from analysis.versions.services import find_bundle, register_local
from analysis.versions.store import trained_store
from training.learning.data.read import VALIDATION, read_faces
from training.learning.errors import LearningError
from training.learning.evaluation.card import Origin
from training.learning.evaluation.metrics import load_network
from training.learning.fit import Fitted, build_network
from training.learning.network.export import convert
from training.learning.network.onnx import OPSET, onnx_labels, write_onnx
from training.learning.recipes import TrainingConfig
from training.pipeline import export_version, refuse_existing_version
from training.runs.shell import has_database

if TYPE_CHECKING:
    import keras


__all__ = ["OPSET", "read_archive", "write_archive"]

ONNX, FLOAT, GUIDE = "model.onnx", "model-float32.tflite", "README.md"
MAX_BYTES = 500_000_000
"""Of each file of a zip that comes."""
_TAKEN = ("card.json", "model.json", "model.weights.h5")
_GUIDE = (Path(__file__).parent / "exported_version.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Agreement:
    """Of `faces`, how many have the same likeliest label by ONNX Runtime as by LiteRT: in float32, and as served."""

    faces: int
    in_float: int
    served: int


def write_archive(*, version: str, archive: Path, data: Path | None = None) -> Agreement | None:
    """Write a version as a zip: its files, ONNX and float32 LiteRT, and a guide with an example.

    With `data`, both runtimes classify its PublicTest faces; returns how often they agree. Raises `LearningError`,
    `RecognitionError`, or `OSError` where the zip cannot be written.
    """

    bundle = find_bundle(name=version)
    with tempfile.TemporaryDirectory(dir=archive.parent) as name:
        folder = Path(name)
        write_onnx(load_network(bundle.folder), folder / ONNX)
        (folder / FLOAT).write_bytes(convert(bundle.folder, "float32"))
        (folder / GUIDE).write_text(_GUIDE.replace("VERSION", bundle.name), encoding="utf-8")
        agreement = _compared(bundle, folder, data) if data else None
        files = [*(bundle.folder / file for file in FILES), *(folder / file for file in (ONNX, FLOAT, GUIDE))]
        with zipfile.ZipFile(folder / "version.zip", "w", zipfile.ZIP_DEFLATED) as written:
            for file in files:
                written.write(file, f"{bundle.name}/{file.name}")
        (folder / "version.zip").replace(archive)
    return agreement


def _compared(bundle: Bundle, folder: Path, data: Path) -> Agreement:

    images = read_faces(data).split(VALIDATION).images
    exported = onnx_labels(folder / ONNX, images, mirrored=bundle.mirrored)
    models = (replace(bundle, model=(folder / FLOAT).read_bytes()), bundle)
    in_float, served = (
        int(np.sum(Classifier(model).read(images[..., 0])[Reading.LABELS].argmax(axis=1) == exported))
        for model in models
    )
    return Agreement(len(images), in_float, served)


def read_archive(
    *, archive: Path, version: str, data: Path, votes: Path | None = None, report: Callable[[str], None] = print
) -> Bundle:
    """Add a version of another site's zip as `version`, converted and measured on `data` here.

    Raises `LearningError` for a zip that is not one of `write_archive`, for an architecture that this project lacks
    and for weights that do not fit it, and what `read_faces` and `refuse_existing_version` raise.
    """
    refuse_existing_version(version)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        card = _unpack(archive, folder)
        report(f"Reading {data}")
        faces = read_faces(data, votes=votes)

        config = TrainingConfig.for_architecture(card["architecture"])
        network = _rebuild(archive, folder, config, has_votes="votes_share" in card)
        report("Converting and evaluating")
        origin = Origin(faces, config, Fitted(network, [], None), None, bool(card.get("mirrored")))
        came = {"name": str(card.get("name")), "sha256": file_sha256(archive)}
        facts = {"run": None, "corrections": 0, "lineage": {}, "imported": came}
        bundle = export_version(trained_store(), version, origin, (), facts)
    if has_database():
        register_local(name=version)
    return bundle


def _rebuild(archive: Path, folder: Path, config: TrainingConfig, *, has_votes: bool) -> keras.Model:
    """Return the network of `config` with the weights in `folder`."""

    try:
        return build_network(config, has_votes, load_network(folder))
    except (OSError, ValueError) as error:
        raise _bad(archive, f"its weights do not fit {config.architecture}: {error}") from error


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Write the files that are taken into `folder`; return the card."""
    try:
        with zipfile.ZipFile(archive) as read:
            entries = {Path(entry.filename).name: entry for entry in read.infolist() if not entry.is_dir()}
            if missing := [file for file in _TAKEN if file not in entries]:
                raise _bad(archive, f"{', '.join(missing)} is not in it")
            if large := [file for file in _TAKEN if entries[file].file_size > MAX_BYTES]:
                raise _bad(archive, f"{large[0]} has more than {MAX_BYTES / 1e6:g} MB")
            for file in _TAKEN:
                with read.open(entries[file]) as source, (folder / file).open("wb") as target:
                    shutil.copyfileobj(source, target)
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _bad(archive, str(error)) from error
    if not isinstance(card, dict) or not isinstance(card.get("architecture"), str):
        raise _bad(archive, "its card names no architecture")
    return card


def _bad(archive: Path, why: str) -> LearningError:
    return LearningError(f"{archive}: expected a zip that `manage.py export_version` wrote; {why}")
