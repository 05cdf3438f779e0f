"""A models store for tests: versions that differ in their cards alone."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis.recognition.bundle import FILES, file_sha256, pin_shipped, shipped_default
from analysis.recognition.errors import RecognitionError


class Store:
    """Writes versions whose network is the shipped one; their weights, which nothing here reads, are a word."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder = folder
        self._source = source
        self._card = json.loads((source / "card.json").read_text())
        # Figures of one reading, as most versions have; tests of two add them.
        for name in ("readings", "beside", "beside_readings"):
            self._card.pop(name, None)

    def write(self, name: str, *, card: dict[str, Any] | None = None, **files: bytes) -> dict[str, str]:
        """Write a version's folder; return its pins. `files` replace some, by name with _ for the first dot."""
        folder = self.folder / name
        folder.mkdir()
        for file in ("model.json", "model.tflite"):
            shutil.copy(self._source / file, folder / file)
        (folder / "model.weights.h5").write_bytes(b"weights")
        (folder / "card.json").write_text(json.dumps({**copy.deepcopy(self._card), "name": name, **(card or {})}))
        for file, data in files.items():
            (folder / file.replace("_", ".", 1)).write_bytes(data)
        return self.pins(name)

    def pins(self, name: str) -> dict[str, str]:
        return {file: file_sha256(self.folder / name / file) for file in FILES}

    def card(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name / "card.json").read_text())

    def evaluation(self, *, accuracy: float | None = None, n: int | None = None, **recalls: float) -> dict[str, Any]:
        """Return the shipped card's figures with some changed."""
        evaluation = copy.deepcopy(self._card["evaluation"])
        figures = evaluation["PublicTest"]
        figures["accuracy"] += 0 if accuracy is None else accuracy - figures["accuracy"]
        figures["n"] = n or figures["n"]
        figures["recall"].update(recalls)
        return evaluation

    def break_byte(self, name: str, file: str = "model.tflite") -> None:
        path = self.folder / name / file
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)


def make_store(folder: Path, real: Path) -> Store:
    """Make a store whose shipped default is "first-1", of the network that `real`'s default has."""
    try:
        source = shipped_default(real).folder
    except RecognitionError as error:
        pytest.skip(f"no shipped model in {real.name}: {error.code}")
    folder.mkdir()
    store = Store(folder, source)
    store.write("first-1")
    pin_shipped(folder, "first-1", default=True)
    return store
