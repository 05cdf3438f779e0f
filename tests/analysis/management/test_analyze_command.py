"""`manage.py analyze`: faces of photos, in the shell, each photo's failure its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as PillowImage

from analysis.recognition.bundle import FILES
from analysis.recognition.emotions import EMOTIONS
from tests.support.shipped import DEFAULT

PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Run:
    out: str
    err: str
    status: int

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def analyze(*arguments: object) -> Run:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("analyze", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return Run(out.getvalue(), err.getvalue(), status)


def large_png() -> bytes:
    """Return the header of a photo of 60 megapixels, which is all that may be read."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 6000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.fixture
def empty_room(tmp_path: Path) -> Path:
    path = tmp_path / "room.png"
    PillowImage.new("RGB", (320, 240), "beige").save(path)
    return path


def test_it_prints_a_table_of_faces(hopper_path: Path):
    run = analyze(hopper_path)
    assert (run.status, run.err) == (0, "")
    assert "grace_hopper.jpg: 512 x 600, 1 face" in run.out
    assert any(emotion.value in run.out for emotion in EMOTIONS)
    assert "%" in run.out


def test_it_says_that_no_face_was_found(empty_room: Path):
    assert "room.png: 320 x 240, no face found" in analyze(empty_room).out


def test_json_is_one_object_a_photo(hopper_path: Path, empty_room: Path):
    run = analyze("--json", hopper_path, empty_room)
    found, nobody = run.objects
    assert list(found) == ["image", "width", "height", "detector", "model", "faces", "milliseconds"]
    assert (found["image"], found["width"], found["height"]) == (str(hopper_path), 512, 600)
    assert set(found["milliseconds"]) == {"decode", "detect", "classify"}
    assert nobody["faces"] == []


def test_json_describes_a_face(hopper_path: Path):
    (found,) = analyze("--json", hopper_path).objects
    (face,) = found["faces"]
    assert list(face) == ["box", "emotion", "confidence", "probabilities", "score", "is_uncertain", "doubts"]
    assert 0.4 < face["score"] <= 1
    assert face["is_uncertain"] is bool(face["doubts"])
    assert list(face["probabilities"]) == [emotion.value for emotion in EMOTIONS]
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert face["confidence"] == max(face["probabilities"].values()) == face["probabilities"][face["emotion"]]
    assert face["box"] == pytest.approx([177, 125, 181, 209], abs=10)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.jpg", b"", "empty_file"),
        ("notes.jpg", b"These are words.", "not_an_image"),
        ("large.png", large_png(), "too_many_pixels"),
        ("missing.jpg", None, "unreadable_file"),
    ],
)
def test_one_bad_file_is_told_and_the_others_still_done(
    tmp_path: Path, hopper_path: Path, empty_room: Path, name: str, content: bytes | None, code: str
):
    bad = tmp_path / name
    if content is not None:
        bad.write_bytes(content)
    run = analyze("--json", hopper_path, bad, empty_room)
    assert run.status == 1
    assert [found["image"] for found in run.objects] == [str(hopper_path), str(empty_room)]
    (failure,) = map(json.loads, run.err.splitlines())
    assert failure["image"] == str(bad)
    assert failure["error"]["code"] == code
    assert failure["error"]["message"]


def test_a_truncated_photo_is_told(tmp_path: Path, hopper: bytes):
    path = tmp_path / "half.jpg"
    path.write_bytes(hopper[: len(hopper) // 2])
    run = analyze(path)
    assert (run.status, run.out) == (1, "")
    expected = "This JPEG file is incomplete: it has only 45% of its rows, and at least 95% are needed."
    assert run.err == f"{path}: {expected}\n"


def test_a_folder_is_told(tmp_path: Path):
    run = analyze(tmp_path)
    assert run.status == 1
    assert run.err.splitlines() == [f"{tmp_path}: This is a folder. Name the photos in it."]


def test_a_file_over_the_size_limit_is_told_unread(settings, hopper_path: Path):
    settings.PHOTO_MAX_BYTES = 10_000
    run = analyze("--json", hopper_path)
    assert run.status == 1
    assert json.loads(run.err)["error"]["code"] == "too_large"


def test_a_failure_is_one_line_whatever_the_files_name(tmp_path: Path):
    run = analyze(tmp_path / "two\nlines \x1b[31mred.jpg")
    assert len(run.err.splitlines()) == 1
    assert "\x1b" not in run.err


def test_it_writes_annotated_photos_and_charts(tmp_path: Path, hopper_path: Path):
    run = analyze("--annotate", tmp_path / "marked", "--chart", tmp_path / "new" / "charts", hopper_path)
    assert run.status == 0
    with PillowImage.open(tmp_path / "marked" / "grace_hopper-annotated.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (512, 600))
    with PillowImage.open(tmp_path / "new" / "charts" / "grace_hopper-emotions.png") as picture:
        assert picture.format == "PNG"


def test_photos_of_one_name_do_not_replace_each_other(tmp_path: Path, hopper_path: Path):
    paths = [tmp_path / "a" / "Me.jpg", tmp_path / "b" / "Me.jpg", tmp_path / "c" / "me.png"]
    for path in paths:
        path.parent.mkdir()
        shutil.copy(hopper_path, path)
    analyze("--annotate", tmp_path / "marked", *paths)
    assert sorted(path.name for path in (tmp_path / "marked").iterdir()) == [
        "Me-annotated-2.jpg",
        "Me-annotated.jpg",
        "me-annotated-3.jpg",
    ]


def test_a_photo_is_never_replaced_by_its_annotated_copy(tmp_path: Path, hopper: bytes):
    photo, named_alike = tmp_path / "me.jpg", tmp_path / "me-annotated.jpg"
    photo.write_bytes(hopper)
    named_alike.write_bytes(hopper)
    assert analyze("--annotate", tmp_path, photo, named_alike).status == 0
    assert photo.read_bytes() == named_alike.read_bytes() == hopper


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, hopper_path: Path, empty_room: Path):
    (tmp_path / "grace_hopper-annotated.jpg").mkdir()
    run = analyze("--json", "--annotate", tmp_path, hopper_path, empty_room)
    assert run.status == 1
    assert json.loads(run.err)["error"]["code"] == "not_written"
    assert [found["image"] for found in run.objects] == [str(empty_room)]


def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path, hopper_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CommandError, match="cannot be used as a folder"):
        analyze("--chart", tmp_path / "file", hopper_path)


@pytest.mark.django_db
def test_a_version_may_be_named(hopper_path: Path):
    assert analyze("--json", "--version", "residual-1", hopper_path).objects[0]["model"] == "residual-1"


@pytest.mark.django_db
def test_an_unknown_version_is_told_with_the_known_ones(hopper_path: Path):
    with pytest.raises(CommandError, match=r"no version “other” in .*residual-1"):
        analyze("--version", "other", hopper_path)


def test_an_unknown_detector_is_told_with_the_known_ones(hopper_path: Path):
    with pytest.raises(CommandError, match="centerface"):
        analyze("--detector", "haar", hopper_path)


def test_a_corrupted_model_is_named(settings, tmp_path: Path, hopper_path: Path):
    store = tmp_path / "models"
    shutil.copytree(settings.MODELS_STORE / DEFAULT, store / DEFAULT)
    shutil.copy(settings.MODELS_STORE / "shipped.json", store)
    path = store / DEFAULT / FILES[2]
    path.write_bytes(path.read_bytes()[:-1])
    settings.MODELS_STORE = store
    with pytest.raises(CommandError, match=r"model\.tflite was changed"):
        analyze(hopper_path)


def test_it_needs_neither_database_nor_tensorflow_and_stderr_stays_empty(tmp_path: Path, hopper_path: Path):
    program = (
        "import sys; from django.core.management import execute_from_command_line as run; run(sys.argv);"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    surroundings = {**os.environ, "DJANGO_SETTINGS_MODULE": "ferproject.settings", "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program, "analyze", "--json", str(hopper_path)],
        cwd=PROJECT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(json.loads(done.stdout)["faces"]) == 1
    assert done.stderr == ""
    assert not list(tmp_path.glob("*.sqlite3*"))
