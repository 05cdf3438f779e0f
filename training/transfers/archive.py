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

from analysis.recognition.bundle import CARD, FILES, Bundle, file_sha256, json_bytes
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import gettext_noop
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
from training.transfer_models import Step

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

    def shares(self) -> tuple[float, float]:
        """Return the shares of equal labels, 0 to 1: in float32, and as served."""
        return self.in_float / self.faces, self.served / self.faces


@dataclass(frozen=True)
class Exported:
    """What is known of a zip that was written; `agreement` is None where nothing was compared."""

    opset: int
    agreement: Agreement | None

    def as_json(self) -> dict[str, Any]:
        """Return what the zip's card says of it as `exported`."""
        facts: dict[str, Any] = {"opset": self.opset}
        if self.agreement:
            in_float, served = self.agreement.shares()
            equal = {"float32": round(in_float, 4), "served": round(served, 4)}
            facts["onnx_compared"] = {"split": VALIDATION, "n": self.agreement.faces, "same_label": equal}
        return facts

    def sentence(self) -> str:
        """Return how often the formats agree, for people."""
        if self.agreement is None:
            return "Its answers were not compared with those of LiteRT when it was exported."
        in_float, served = self.agreement.shares()
        return (
            f"Of {self.agreement.faces:,} {VALIDATION} faces, ONNX Runtime gives the same label as LiteRT in float32 "
            f"for {in_float:.1%}, and the same as `model.tflite` for {served:.1%}. Any difference is due to rounding."
        )


Report = Callable[[Step], None]


def write_archive(
    *, version: str, archive: Path, data: Path | None = None, report: Report = lambda step: None
) -> Exported:
    """Write a version as a zip: its files, ONNX and float32 LiteRT, and a guide with an example.

    With `data`, both runtimes classify its PublicTest faces, and card and guide say how often they agree. Raises
    `LearningError`, `RecognitionError`, or `OSError` where the zip cannot be written.
    """

    report(Step.CONVERTING)
    bundle = find_bundle(name=version)
    with tempfile.TemporaryDirectory(dir=archive.parent) as name:
        folder = Path(name)
        write_onnx(load_network(bundle.folder), folder / ONNX)
        (folder / FLOAT).write_bytes(convert(bundle.folder, "float32"))
        if data:
            report(Step.COMPARING)
        exported = Exported(OPSET, _compared(bundle, folder, data) if data else None)
        guide = _GUIDE.replace("VERSION", bundle.name).replace("AGREEMENT", exported.sentence())
        (folder / GUIDE).write_text(guide, encoding="utf-8")
        (folder / CARD).write_bytes(json_bytes({**bundle.card, "exported": exported.as_json()}))
        as_they_are = (bundle.folder / file for file in FILES if file != CARD)
        files = [*as_they_are, *(folder / file for file in (CARD, ONNX, FLOAT, GUIDE))]
        with zipfile.ZipFile(folder / "version.zip", "w", zipfile.ZIP_DEFLATED) as written:
            for file in files:
                written.write(file, f"{bundle.name}/{file.name}")
        (folder / "version.zip").replace(archive)
    return exported


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
    *,
    archive: Path,
    version: str,
    data: Path,
    votes: Path | None = None,
    run: str | None = None,
    report: Report = lambda step: None,
) -> Bundle:
    """Add a version of another site's zip as `version`, converted and measured on `data` here; its card names `run`.

    Raises `LearningError` for a zip that is not one of `write_archive`, for an architecture that this project lacks
    and for weights that do not fit it, and what `read_faces` and `refuse_existing_version` raise.
    """
    refuse_existing_version(version)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        card = _unpack(archive, folder)
        report(Step.READING)
        faces = read_faces(data, votes=votes)

        config = TrainingConfig.for_architecture(card["architecture"])
        network = _rebuild(archive, folder, config, has_votes="votes_share" in card)
        report(Step.MEASURING)
        origin = Origin(faces, config, Fitted(network, [], None), None, bool(card.get("mirrored")))
        came = {"name": str(card.get("name")), "sha256": file_sha256(archive)}
        facts = {"run": run, "corrections": 0, "lineage": {}, "imported": came}
        bundle = export_version(trained_store(), version, origin, (), facts)
    if has_database():
        register_local(name=version)
    return bundle


def _rebuild(archive: Path, folder: Path, config: TrainingConfig, *, has_votes: bool) -> keras.Model:
    """Return the network of `config` with the weights in `folder`."""

    try:
        return build_network(config, has_votes, load_network(folder))
    except (OSError, ValueError) as error:
        text = gettext_noop("The weights in %(file)s do not fit the architecture %(architecture)s. (%(error)s)")
        raise LearningError(text, file=archive.name, architecture=config.architecture, error=str(error)) from error


def _unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """Write the files that are taken into `folder`; return the card."""
    try:
        with zipfile.ZipFile(archive) as read:
            entries = {Path(entry.filename).name: entry for entry in read.infolist() if not entry.is_dir()}
            if missing := [file for file in _TAKEN if file not in entries]:
                text = gettext_noop("%(file)s is not the zip of an exported version. Missing: %(missing)s.")
                raise LearningError(text, file=archive.name, missing=", ".join(missing))
            if large := [file for file in _TAKEN if entries[file].file_size > MAX_BYTES]:
                text = gettext_noop("%(name)s in %(file)s has more than %(limit)s MB.")
                raise LearningError(text, name=large[0], file=archive.name, limit=f"{MAX_BYTES / 1e6:g}")
            for file in _TAKEN:
                with read.open(entries[file]) as source, (folder / file).open("wb") as target:
                    shutil.copyfileobj(source, target)
        card = json.loads((folder / CARD).read_bytes())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        text = gettext_noop("%(file)s is not the zip of an exported version. (%(error)s)")
        raise LearningError(text, file=archive.name, error=str(error)) from error
    if not isinstance(card, dict) or not isinstance(card.get("architecture"), str):
        text = gettext_noop("%(file)s is not the zip of an exported version. Its card names no architecture.")
        raise LearningError(text, file=archive.name)
    return card
