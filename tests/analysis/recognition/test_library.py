"""`from analysis.recognition import Recognizer`: what other programs use, as docs/library.md describes it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

import analysis.recognition as library
from analysis.recognition.bundle import read_shipped
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.result import Recognition
from tests.support.videos import write_video

PROJECT = Path(__file__).resolve().parents[3]
EXAMPLES = re.findall(r"```python\n(.+?)```", (PROJECT / "docs" / "library.md").read_text(), re.DOTALL)


def run_python(*arguments: str, cwd: Path, path: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, env=surroundings, capture_output=True, text=True)


@pytest.mark.parametrize("kind", ["path", "text", "bytes", "array"])
def test_a_photo_is_taken_in_every_form(recognizer: Recognizer, hopper_path: Path, portrait: np.ndarray, kind: str):
    forms = {"path": hopper_path, "text": str(hopper_path), "bytes": hopper_path.read_bytes(), "array": portrait}
    found = recognizer.recognize(forms[kind])
    assert (found.width, found.height) == (512, 600)
    assert found.faces == recognizer.recognize(hopper_path).faces


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        (np.zeros((4, 4), np.uint8), "bad_image", r"expected .*\(height, width, 3\).*; got an array of shape \(4, 4\)"),
        (np.zeros((0, 4, 3), np.uint8), "bad_image", r"got an array of shape \(0, 4, 3\)"),
        (np.zeros((4, 4, 4), np.uint8), "bad_image", r"got an array of shape \(4, 4, 4\)"),
        (np.full((4, 4, 3), 0.5), "bad_image", r"uint8 .* from 0 to 255; got float64 from 0.5 to 0.5"),
        (np.full((4, 4, 3), 300), "bad_image", r"got int64 from 300 to 300"),
        (42, "bad_image", r"got int"),
        (b"", "empty_file", r"This file is empty"),
        (PROJECT, "unreadable_file", r"This is a folder"),
        ("missing.jpg", "unreadable_file", r"No such file"),
    ],
)
def test_what_is_no_photo_is_refused(recognizer: Recognizer, source: object, code: str, message: str):
    with pytest.raises(RecognitionError, match=message) as caught:
        recognizer.recognize(source)
    assert caught.value.code == code


def test_an_unknown_version_is_told_with_those_there_are():
    with pytest.raises(RecognitionError, match=r"no version “other” in models_store\. Found: .*residual-6"):
        Recognizer.load("other")


@pytest.mark.parametrize("threads", [1, 3])
def test_many_photos_come_in_order_each_with_its_result_or_error(
    recognizer: Recognizer, portrait: np.ndarray, landscape: np.ndarray, threads: int
):
    sources = [portrait, landscape, b"no photo", portrait, landscape, landscape, portrait]
    found = list(recognizer.recognize_many(sources, threads=threads))
    assert all(given is source for (given, _), source in zip(found, sources, strict=True))
    results = [len(result.faces) if isinstance(result, Recognition) else result.code for _, result in found]
    assert results == [1, 0, "not_an_image", 1, 0, 0, 1]


def test_of_many_photos_few_are_taken_at_once(recognizer: Recognizer, landscape: np.ndarray):
    taken = 0

    def photos():
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield landscape

    next(recognizer.recognize_many(photos(), threads=2))
    assert taken == 4


def test_a_face_keeps_its_id_through_a_video(recognizer: Recognizer, hopper_path: Path, tmp_path: Path):
    video = tmp_path / "video.mp4"
    write_video(video, hopper_path)
    frames = list(recognizer.recognize_video(video))
    assert [[face.id for face in frame.faces] for frame in frames] == [[1]] * 20
    assert frames[0].draw().shape == frames[0].image.shape


def test_a_video_that_is_missing_is_told(recognizer: Recognizer, tmp_path: Path):
    with pytest.raises(RecognitionError):
        next(recognizer.recognize_video(tmp_path / "missing.mp4"))


def test_a_result_draws_the_photo_it_was_made_of(recognizer: Recognizer, hopper_path: Path, portrait: np.ndarray):
    drawn = recognizer.recognize(hopper_path).draw(hopper_path)
    assert drawn.shape == portrait.shape
    assert (drawn != portrait).any()


def test_an_optional_library_that_is_missing_is_named(recognizer: Recognizer, monkeypatch, hopper_path: Path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(RecognitionError, match="pip install matplotlib") as caught:
        recognizer.recognize(hopper_path).chart()
    assert caught.value.code == "not_installed"


def test_every_public_name_can_be_imported():
    assert [getattr(library, name).__class__ for name in library.__all__]
    with pytest.raises(AttributeError, match="other"):
        library.other  # noqa: B018


def test_it_loads_neither_django_nor_what_is_optional(tmp_path: Path):
    program = "import sys; from analysis.recognition import Recognizer; print(*sys.modules)"
    loaded = run_python("-c", program, cwd=tmp_path).stdout.split()
    assert "analysis.recognition.recognizer" in loaded
    assert not {"django", "tensorflow", "keras", "matplotlib", "av", "rich"} & set(loaded)


def test_the_pages_examples_run_and_are_typed(tmp_path: Path, hopper_path: Path):
    shutil.copy(hopper_path, tmp_path / "photo.jpg")
    write_video(tmp_path / "video.mp4", hopper_path, seconds=0.5)
    program = tmp_path / "examples.py"
    program.write_text("\n".join(EXAMPLES))
    done = run_python(str(program), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(emotion in done.stdout for emotion in EMOTIONS)
    with PillowImage.open(tmp_path / "marked.jpg") as picture:
        assert picture.size == (512, 600)
    checked = run_python("-m", "mypy", "--strict", "--no-incremental", str(program), cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_the_notebook_makes_a_table_a_chart_and_figures_by_group(tmp_path: Path, hopper_path: Path):
    for group, name in (("morning", "one.jpg"), ("evening", "two.jpg")):
        (tmp_path / "photos" / group).mkdir(parents=True)
        shutil.copy(hopper_path, tmp_path / "photos" / group / name)
    (tmp_path / "photos" / "evening" / "broken.jpg").write_bytes(b"no photo")
    cells = json.loads((PROJECT / "docs" / "photos.ipynb").read_text())["cells"]
    program = tmp_path / "notebook.py"
    program.write_text("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"))
    done = run_python(str(program), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "broken.jpg This file is text, not a photo" in done.stdout
    assert "evening: faces 1, uncertain 0" in done.stdout
    assert len((tmp_path / "faces.csv").read_text().splitlines()) == 3
    with PillowImage.open(tmp_path / "groups.png") as picture:
        assert picture.width > 500


@pytest.mark.slow
def test_the_wheel_has_the_shipped_version_and_works_alone(tmp_path: Path, hopper_path: Path):
    source = tmp_path / "source"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for file in filter(None, files.split("\0")):
        if file.startswith(("analysis/", "models_store/")) or file in ("pyproject.toml", "README.md"):
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / file, source / file)
    built = run_python(
        *("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)),
        str(source),
        cwd=tmp_path,
    )
    assert built.returncode == 0, built.stderr
    installed = tmp_path / "installed"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    assert (installed / "models_store" / read_shipped(PROJECT / "models_store").default).is_dir()
    found = run_python("-m", "analysis.recognition", "--json", str(hopper_path), cwd=tmp_path, path=installed)
    assert (found.returncode, found.stderr) == (0, "")
    assert '"emotion": ' in found.stdout
