"""Reads, verifies and writes the folder of a model version.

Loading a model's files may run code, so a file is loaded only if its SHA-256 is pinned: the shipped versions' in
`models_store/shipped.json`, the others' by the caller.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from analysis.recognition.errors import RecognitionError
from analysis.recognition.readings import Reading

FILES = ("model.json", "model.weights.h5", "model.tflite", "card.json")
CARD = "card.json"
MODEL = "model.tflite"
SHIPPED = "shipped.json"

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_REMEDY = "Restore it with `git checkout -- models_store`, or install that folder anew."


@dataclass(frozen=True)
class Bundle:
    """A verified version: its name, its folder and its card.

    `model` is the verified content of `model.tflite`, whose file may be changed or deleted before it is loaded; None
    if it was not pinned.
    """

    name: str
    folder: Path
    card: dict[str, Any]
    model: bytes | None = field(default=None, repr=False)

    @property
    def temperature(self) -> float:
        """The divisor of the served answer's logits that calibrates its probabilities."""
        return float(self.card.get("temperature", 1.0))

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the network's outputs say, in their order; versions made before there were two have the first alone."""
        return (Reading.LABELS, Reading.VOTES) if "votes_share" in self.card else (Reading.LABELS,)

    @property
    def votes_share(self) -> float:
        """The share, 0 to 1, of the `votes` reading in the served answer; the rest is the `labels` reading."""
        return float(self.card.get("votes_share", 0.0))

    def temperature_of(self, reading: Reading) -> float:
        """Return the temperature of a reading; versions with one reading have one temperature."""
        return float(self.card.get("temperatures", {}).get(reading, self.temperature))

    def check_reading(self, reading: Reading) -> None:
        """Raise `RecognitionError` of code "reading_missing" where this version lacks `reading`."""
        if reading not in (*self.readings, Reading.SERVED):
            raise RecognitionError(
                "reading_missing",
                f"Reading: expected one of {', '.join((*self.readings, Reading.SERVED))}, which {self.name} has; "
                f"got {str(reading)!r}.",
            )

    @property
    def mirrored(self) -> bool:
        """Whether probabilities are the mean over a face and its mirror image."""
        return bool(self.card.get("mirrored", False))

    @property
    def tflite(self) -> Path:
        """Path of the LiteRT model."""
        return self.folder / MODEL


@dataclass(frozen=True)
class Shipped:
    """The content of `shipped.json`: the default version, and the SHA-256 by file of each version and detector."""

    default: str
    versions: dict[str, dict[str, str]]
    detectors: dict[str, dict[str, str]] = field(default_factory=dict)


def check_name(name: str) -> str:
    """Return `name`; raise `RecognitionError` unless it is safe as a folder's name."""
    if not _SAFE_NAME.match(name):
        expected = "1 to 64 letters, digits, dots, hyphens or underscores, beginning with a letter or digit"
        raise RecognitionError("bad_version_name", f"Model version: expected {expected}; got {name!r}.")
    return name


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_bundle(folder: Path, pins: Mapping[str, str]) -> Bundle:
    """Return the version in `folder` after checking the SHA-256 of every file of `FILES` against `pins`.

    Raises `RecognitionError` of code "model_missing" or "model_corrupt", naming the file and what to do.
    """
    if set(pins) != set(FILES):
        raise corrupt(folder, f"expected a SHA-256 for each of {', '.join(FILES)}; found {', '.join(pins) or 'none'}")
    for name in FILES:
        _verify(folder / name, pins[name])
    card = _read_json(folder / CARD)
    if not isinstance(card, dict):
        raise corrupt(folder / CARD, f"expected an object; found {type(card).__name__}")
    return Bundle(folder.name, folder, card, read_verified(folder / MODEL, pins[MODEL]))


def write_bundle(store: Path, name: str, files: Mapping[str, bytes], card: Mapping[str, Any]) -> Bundle:
    """Write a new version into `store` atomically; each file's SHA-256 and size are added to its card.

    `files` are all of `FILES` but the card. Raises `RecognitionError` of code "bad_version_name", "version_exists" (a
    version is never overwritten) or "model_not_written".
    """
    expected = set(FILES) - {CARD}
    if set(files) != expected:
        raise ValueError(f"files: expected {sorted(expected)}; got {sorted(files)}")
    folder = store / check_name(name)
    if folder.exists():
        raise _exists(folder)
    facts = {key: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for key, data in files.items()}
    full_card = {**card, "files": facts}
    beside = store / f".{name}.{secrets.token_hex(4)}"
    try:
        beside.mkdir(parents=True)
        for file, data in {**files, CARD: json_bytes(full_card)}.items():
            _write_durably(beside / file, data)
        beside.rename(folder)
    except OSError as error:
        if folder.exists():
            raise _exists(folder) from None
        message = f"{_shown(folder)}: could not be written: {error.strerror}."
        raise RecognitionError("model_not_written", message) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Bundle(name, folder, full_card)


def read_verified(path: Path, expected: str) -> bytes:
    """Return a file's bytes; raise `RecognitionError` unless they have the SHA-256 `expected`."""
    _verify(path, expected)
    data = path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != expected:
        raise corrupt(path, f"expected SHA-256 {expected}; found {found}")
    return data


def read_shipped(store: Path) -> Shipped:
    """Return the pins of the shipped versions."""
    path = store / SHIPPED
    if not path.is_file():
        raise RecognitionError("model_missing", f"{_shown(path)}: no such file. {_REMEDY}")
    content = _read_json(path)
    if not _is_shipped(content):
        raise corrupt(path, 'expected {"default": NAME, "versions": {NAME: {FILE: SHA-256}}}')
    return Shipped(content["default"], content["versions"], content.get("detectors", {}))


def shipped_bundle(store: Path, name: str) -> Bundle:
    """Return a shipped version, verified."""
    shipped = read_shipped(store)
    if name not in shipped.versions:
        raise RecognitionError(
            "model_missing", f"Model version {name!r} is not shipped; expected one of {', '.join(shipped.versions)}."
        )
    return read_bundle(store / name, shipped.versions[name])


def shipped_default(store: Path) -> Bundle:
    """Return the default version, verified."""
    return shipped_bundle(store, read_shipped(store).default)


def local_bundle(store: Path, name: str) -> Bundle:
    """Return a version for a command run from the shell: a shipped one, or else one trained here.

    A version trained here is checked against its own card, which detects damage but not forgery, so servers must not
    use this.
    """
    if (store / SHIPPED).is_file() and name in read_shipped(store).versions:
        return shipped_bundle(store, name)
    folder = store / check_name(name)
    detectors = read_shipped(store).detectors if (store / SHIPPED).is_file() else {}
    if name in detectors or not (folder / CARD).is_file():
        names = {path.parent.name for path in store.glob(f"[!.]*/{CARD}")} - set(detectors)
        found = ", ".join(sorted(names)) or "none"
        raise RecognitionError("model_missing", f"Model version {name!r} is not in {store.name}; found {found}.")
    facts = _read_json(folder / CARD)
    try:
        pins = {key: str(fact["sha256"]) for key, fact in facts["files"].items()}
    except (TypeError, KeyError, AttributeError):
        raise corrupt(folder / CARD, "expected each file's SHA-256 under files") from None
    return read_bundle(folder, {**pins, CARD: file_sha256(folder / CARD)})


def pin_shipped(store: Path, name: str, *, default: bool) -> None:
    """Add a version in `store` to `shipped.json`, or pin it anew; `default` makes it the default version."""
    folder = store / check_name(name)
    pins = {file: file_sha256(folder / file) for file in FILES}
    before = read_shipped(store) if (store / SHIPPED).is_file() else Shipped(name, {})
    chosen = name if default else before.default
    write_shipped(store, Shipped(chosen, {**before.versions, name: pins}, before.detectors))


def write_shipped(store: Path, shipped: Shipped) -> None:
    """Replace `shipped.json`."""
    content = asdict(shipped)
    if not shipped.detectors:
        del content["detectors"]
    write_beside(store / SHIPPED, json_bytes(content))


def _verify(path: Path, expected: str) -> None:
    try:
        found = file_sha256(path)
    except FileNotFoundError:
        raise RecognitionError("model_missing", f"{_shown(path)}: no such file. {_REMEDY}") from None
    except OSError as error:
        raise RecognitionError(
            "model_missing", f"{_shown(path)}: cannot be read: {error.strerror}. {_REMEDY}"
        ) from error
    if found != expected:
        raise corrupt(path, f"expected SHA-256 {expected}; found {found}")


def _shown(path: Path) -> str:
    """Return a path from the store's folder on: these messages reach visitors, who must not see the server's paths."""
    return "/".join(path.parts[-3 if path.name in FILES else -2 :])


def corrupt(path: Path, what: str) -> RecognitionError:
    """Return the error of a file that is not as it was pinned."""
    return RecognitionError("model_corrupt", f"{_shown(path)}: {what}. {_REMEDY}")


def _exists(folder: Path) -> RecognitionError:
    return RecognitionError("version_exists", f"{_shown(folder)}: this version exists already; choose another name.")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise corrupt(path, "expected JSON in UTF-8") from None


def _is_shipped(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and isinstance(content.get("versions"), dict)
        and isinstance(content.get("default"), str)
        and content["default"] in content["versions"]
        and isinstance(content.get("detectors", {}), dict)
        and all(
            _SAFE_NAME.match(name) and _is_pins(pins)
            for name, pins in [*content["versions"].items(), *content.get("detectors", {}).items()]
        )
    )


def _is_pins(pins: Any) -> bool:
    return isinstance(pins, dict) and all(isinstance(pin, str) and _SHA256.match(pin) for pin in pins.values())


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return a file's content: indented JSON in UTF-8."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def write_beside(path: Path, data: bytes) -> None:
    """Replace a file atomically: a concurrent reader gets the old or the new one whole."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write_durably(beside, data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_durably(path: Path, data: bytes) -> None:
    """Write and fsync, because a later rename may otherwise reach the disk before the data."""
    with path.open("xb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
