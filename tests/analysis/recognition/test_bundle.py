"""A version's folder is written atomically, and its files are used only if they match their pins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.recognition import bundle
from analysis.recognition.errors import RecognitionError

FILES = {"model.json": b"{}", "model.weights.h5": b"weights", "model.tflite": b"flat"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    bundle.write_bundle(tmp_path, "tiny-1", FILES, {"temperature": 1.5})
    bundle.pin_shipped(tmp_path, "tiny-1", default=True)
    return tmp_path


def test_it_reads_back_what_it_wrote(store: Path):
    read = bundle.shipped_default(store)
    assert (read.name, read.temperature, read.tflite.read_bytes()) == ("tiny-1", 1.5, b"flat")


def test_its_card_states_each_files_hash_and_size(store: Path):
    facts = bundle.shipped_default(store).card["files"]
    assert facts["model.tflite"] == {"sha256": bundle.file_sha256(store / "tiny-1" / "model.tflite"), "bytes": 4}
    assert set(facts) == set(FILES)


@pytest.mark.parametrize("name", bundle.FILES)
def test_it_refuses_a_file_with_one_wrong_byte(store: Path, name: str):
    path = store / "tiny-1" / name
    expected = bundle.file_sha256(path)
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    with pytest.raises(RecognitionError) as caught:
        bundle.shipped_default(store)
    assert caught.value.code == "model_corrupt"
    for part in (f"{store.name}/tiny-1/{name}", expected, bundle.file_sha256(path), "git checkout"):
        assert part in caught.value.message


@pytest.mark.parametrize("name", bundle.FILES)
def test_it_names_a_missing_file(store: Path, name: str):
    (store / "tiny-1" / name).unlink()
    with pytest.raises(RecognitionError, match=name) as caught:
        bundle.shipped_default(store)
    assert caught.value.code == "model_missing"


def test_it_refuses_a_version_with_an_unpinned_file(store: Path):
    pins = {name: bundle.file_sha256(store / "tiny-1" / name) for name in bundle.FILES[1:]}
    with pytest.raises(RecognitionError, match=r"model\.json"):
        bundle.read_bundle(store / "tiny-1", pins)


def test_it_names_a_missing_shipped_json(tmp_path: Path):
    with pytest.raises(RecognitionError, match=r"shipped\.json") as caught:
        bundle.shipped_default(tmp_path)
    assert caught.value.code == "model_missing"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"default": "a", "versions": {}}',
        b'{"default": [], "versions": {}}',
        b'{"default": "a", "versions": {"a": []}}',
        b'{"default": "a", "versions": {"a": {"model.json": "x"}}}',
        b'{"default": "../a", "versions": {"../a": {}}}',
    ],
)
def test_it_refuses_a_damaged_shipped_json(tmp_path: Path, content: bytes):
    (tmp_path / "shipped.json").write_bytes(content)
    with pytest.raises(RecognitionError) as caught:
        bundle.shipped_default(tmp_path)
    assert caught.value.code == "model_corrupt"


def test_it_names_the_existing_versions(store: Path):
    for read in (bundle.shipped_bundle, bundle.local_bundle):
        with pytest.raises(RecognitionError, match="tiny-1"):
            read(store, "other")


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "a\\b", "-a", ".a", "a\n", "é", "a" * 65, "a\0"])
def test_it_refuses_an_unsafe_name(tmp_path: Path, name: str):
    for use in (lambda: bundle.write_bundle(tmp_path, name, FILES, {}), lambda: bundle.local_bundle(tmp_path, name)):
        with pytest.raises(RecognitionError) as caught:
            use()
        assert caught.value.code == "bad_version_name"


def test_it_never_overwrites_a_version(store: Path):
    with pytest.raises(RecognitionError) as caught:
        bundle.write_bundle(store, "tiny-1", {**FILES, "model.tflite": b"other"}, {})
    assert caught.value.code == "version_exists"
    assert bundle.shipped_default(store).tflite.read_bytes() == b"flat"


def test_it_leaves_nothing_behind_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle.os, "fsync", fail)
    with pytest.raises(RecognitionError, match="No space left on device") as caught:
        bundle.write_bundle(tmp_path / "store", "tiny-1", FILES, {})
    assert caught.value.code == "model_not_written"
    assert list((tmp_path / "store").iterdir()) == []


def test_it_needs_exactly_a_versions_files(tmp_path: Path):
    with pytest.raises(ValueError, match=r"model\.tflite"):
        bundle.write_bundle(tmp_path, "tiny-1", {"model.json": b""}, {})


def test_pinning_another_version_keeps_the_default_unless_asked(store: Path):
    bundle.write_bundle(store, "tiny-2", FILES, {})
    bundle.pin_shipped(store, "tiny-2", default=False)
    assert bundle.shipped_default(store).name == "tiny-1"
    assert bundle.shipped_bundle(store, "tiny-2").temperature == 1.0
    bundle.pin_shipped(store, "tiny-2", default=True)
    assert bundle.shipped_default(store).name == "tiny-2"
    assert set(json.loads((store / "shipped.json").read_text())["versions"]) == {"tiny-1", "tiny-2"}


def test_a_version_trained_here_is_checked_against_its_card(store: Path):
    bundle.write_bundle(store, "mine", FILES, {})
    assert bundle.local_bundle(store, "mine").name == "mine"
    (store / "mine" / "model.tflite").write_bytes(b"damaged")
    with pytest.raises(RecognitionError) as caught:
        bundle.local_bundle(store, "mine")
    assert caught.value.code == "model_corrupt"


def test_a_shipped_version_is_checked_against_its_pins_not_its_card(store: Path):
    card = json.loads((store / "tiny-1" / "card.json").read_text())
    (store / "tiny-1" / "model.tflite").write_bytes(b"forged")
    card["files"]["model.tflite"]["sha256"] = bundle.file_sha256(store / "tiny-1" / "model.tflite")
    (store / "tiny-1" / "card.json").write_text(json.dumps(card))
    with pytest.raises(RecognitionError) as caught:
        bundle.local_bundle(store, "tiny-1")
    assert caught.value.code == "model_corrupt"
