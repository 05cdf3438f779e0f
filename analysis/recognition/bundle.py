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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.readings import Reading

FILES = ("model.json", "model.weights.h5", "model.tflite", "card.json")
CARD = "card.json"
MODEL = "model.tflite"
SHIPPED = "shipped.json"
SERVED = (MODEL, CARD)
"""What recognition needs; the other files are for training, and not in the wheel."""

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_REMEDY = gettext_noop("Restore it with `git checkout -- models_store`, or install that folder again.")


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
            text = gettext_noop("%(version)s has no reading “%(reading)s”. It has: %(readings)s.")
            readings = ", ".join((*self.readings, Reading.SERVED))
            raise RecognitionError("reading_missing", text, version=self.name, reading=str(reading), readings=readings)

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
        text = gettext_noop(
            "A version cannot be called “%(name)s”. Its name can have 1 to 64 letters, digits, dots, hyphens and "
            "underscores, and begins with a letter or a digit."
        )
        raise RecognitionError("bad_version_name", text, name=name)
    return name


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_bundle(folder: Path, pins: Mapping[str, str], *, files: Sequence[str] = FILES) -> Bundle:
    """Return the version in `folder` after checking the SHA-256 of each of `files` against `pins`.

    Raises `RecognitionError` of code "model_missing" or "model_corrupt", naming the file and what to do.
    """
    if set(pins) != set(FILES):
        text = gettext_noop("%(file)s: a SHA-256 is needed for each of %(expected)s; found: %(found)s.")
        raise corrupt(folder, text, expected=", ".join(FILES), found=", ".join(pins) or "–")
    for name in files:
        _verify(folder / name, pins[name])
    card = _read_json(folder / CARD)
    if not isinstance(card, dict):
        raise corrupt(folder / CARD, gettext_noop("%(file)s is not a JSON object."))
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
        text = gettext_noop("%(file)s could not be written: %(reason)s.")
        raise RecognitionError("model_not_written", text, file=_shown(folder), reason=error.strerror or "") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Bundle(name, folder, full_card)


def read_verified(path: Path, expected: str) -> bytes:
    """Return a file's bytes; raise `RecognitionError` unless they have the SHA-256 `expected`."""
    _verify(path, expected)
    data = path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != expected:
        raise not_as_pinned(path, expected, found)
    return data


def read_shipped(store: Path) -> Shipped:
    """Return the pins of the shipped versions."""
    path = store / SHIPPED
    if not path.is_file():
        raise _missing(path)
    content = _read_json(path)
    if not _is_shipped(content):
        text = gettext_noop("%(file)s is not of the form %(expected)s.")
        raise corrupt(path, text, expected='{"default": NAME, "versions": {NAME: {FILE: SHA-256}}}')
    return Shipped(content["default"], content["versions"], content.get("detectors", {}))


def shipped_bundle(store: Path, name: str, *, files: Sequence[str] = FILES) -> Bundle:
    """Return a shipped version, its `files` verified."""
    shipped = read_shipped(store)
    if name not in shipped.versions:
        text = gettext_noop("There is no shipped version “%(name)s”. Shipped versions: %(versions)s.")
        raise RecognitionError("model_missing", text, name=name, versions=", ".join(shipped.versions))
    return read_bundle(store / name, shipped.versions[name], files=files)


def shipped_default(store: Path) -> Bundle:
    """Return the default version, verified."""
    return shipped_bundle(store, read_shipped(store).default)


def local_bundle(store: Path, name: str, *, files: Sequence[str] = FILES) -> Bundle:
    """Return a version for a command run from the shell, its `files` verified: a shipped one, or one trained here.

    A version trained here is checked against its own card, which detects damage but not forgery, so servers must not
    use this.
    """
    if (store / SHIPPED).is_file() and name in read_shipped(store).versions:
        return shipped_bundle(store, name, files=files)
    folder = store / check_name(name)
    detectors = read_shipped(store).detectors if (store / SHIPPED).is_file() else {}
    if name in detectors or not (folder / CARD).is_file():
        names = {path.parent.name for path in store.glob(f"[!.]*/{CARD}")} - set(detectors)
        text = gettext_noop("There is no version “%(name)s” in %(folder)s. Found: %(found)s.")
        found = ", ".join(sorted(names)) or "–"
        raise RecognitionError("model_missing", text, name=name, folder=store.name, found=found)
    facts = _read_json(folder / CARD)
    try:
        pins = {key: str(fact["sha256"]) for key, fact in facts["files"].items()}
    except (TypeError, KeyError, AttributeError):
        raise corrupt(folder / CARD, gettext_noop("%(file)s lacks the SHA-256 of each file under “files”.")) from None
    return read_bundle(folder, {**pins, CARD: file_sha256(folder / CARD)}, files=files)


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
        raise _missing(path) from None
    except OSError as error:
        text = gettext_noop("%(file)s cannot be read: %(reason)s.")
        raise RecognitionError(
            "model_missing", text, hint=_REMEDY, file=_shown(path), reason=error.strerror or ""
        ) from error
    if found != expected:
        raise not_as_pinned(path, expected, found)


def _shown(path: Path) -> str:
    """Return a path from the store's folder on: these messages reach visitors, who must not see the server's paths."""
    return "/".join(path.parts[-3 if path.name in FILES else -2 :])


def corrupt(path: Path, text: str, **values: Any) -> RecognitionError:
    """Return the error of a damaged file, which `text` names as `file`."""
    return RecognitionError("model_corrupt", text, hint=_REMEDY, file=_shown(path), **values)


def not_as_pinned(path: Path, expected: str, found: str) -> RecognitionError:
    """Return the error of a file of another SHA-256 than `expected`."""
    text = gettext_noop("%(file)s was changed: its SHA-256 should be %(expected)s and is %(found)s.")
    return corrupt(path, text, expected=expected, found=found)


def _missing(path: Path) -> RecognitionError:
    return RecognitionError("model_missing", gettext_noop("%(file)s is missing."), hint=_REMEDY, file=_shown(path))


def _exists(folder: Path) -> RecognitionError:
    text = gettext_noop("%(file)s exists already. Choose another name for this version.")
    return RecognitionError("version_exists", text, file=_shown(folder))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise corrupt(path, gettext_noop("%(file)s is not JSON in UTF-8.")) from None


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
