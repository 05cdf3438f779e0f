"""`manage.py export_version` and `import_version`: a version leaves as one zip, and another site takes its weights."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from analysis.recognition.bundle import local_bundle
from analysis.recognition.golden import golden_faces
from analysis.versions.models import ModelVersion
from training.transfers import archive as exchange

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("convert_in_process", "small_mlp"),
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory, small_csv, django_db_blocker) -> Path:
    """A zip of a small version, written as a person does."""
    folder = tmp_path_factory.mktemp("exported")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr("django.conf.settings.MODELS_STORE", folder / "models_store")
        patch.setattr("django.conf.settings.VAR_DIR", folder)
        (folder / "models_store").mkdir()
        patch.setattr("training.runs.shell.has_database", lambda: False)
        call_command("train", architecture="mlp", epochs=1, seed=7, data=small_csv, version="tiny-1")
        call_command("export_version", "tiny-1", to=folder / "tiny-1.zip", data=small_csv)
    return folder / "tiny-1.zip"


def changed(exported: Path, folder: Path, **files: bytes | None) -> Path:
    """Return a copy of the zip with other contents of some files, None leaving one out."""
    path = folder / "changed.zip"
    with zipfile.ZipFile(exported) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            name = Path(entry.filename).name.replace(".", "_")
            content = files.get(name, source.read(entry))
            if content is not None:
                target.writestr(entry.filename, content)
    return path


def test_onnx_answers_as_the_version_does_and_the_guides_example_runs(exported: Path, tmp_path: Path):
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "tiny-1"
    names = {"card.json", "model.json", "model.onnx", "model.tflite", "model-float32.tflite", "model.weights.h5"}
    assert {path.name for path in folder.iterdir()} == names | {"README.md"}
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    faces = golden_faces()[..., np.newaxis].astype(np.float32)
    (labels,) = session.run(["labels"], {"pixels": faces})
    assert labels.shape == (len(faces), 7)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-5)
    Image.fromarray(golden_faces()[0]).save(folder / "face.png")
    (example,) = re.findall(r"```python\n(.+?)```", (folder / "README.md").read_text(), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "'happy': " in done.stdout


def test_another_site_measures_what_it_takes(exported: Path, store: Path, small_csv: Path):
    call_command("import_version", exported, version="theirs", data=small_csv)
    card = local_bundle(store, "theirs").card
    assert (card["name"], card["architecture"], card["imported"]["name"]) == ("theirs", "mlp", "tiny-1")
    assert card["evaluation"]["PublicTest"]["n"] == 14
    assert ModelVersion.objects.get(name="theirs").origin == ModelVersion.Origin.TRAINED


def test_of_a_zip_only_the_weights_are_taken(exported: Path, store: Path, small_csv: Path, tmp_path: Path):
    archive = changed(exported, tmp_path, model_tflite=b"not a model", model_onnx=b"", README_md=None)
    call_command("import_version", archive, version="theirs", data=small_csv)
    assert local_bundle(store, "theirs").tflite.stat().st_size > 1000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"card_json": None}, "is not the zip of an exported version. Missing: card.json."),
        ({"card_json": b"[]"}, "Its card names no architecture"),
        ({"card_json": b"{"}, "is not the zip"),
        ({"card_json": json.dumps({"architecture": "other"}).encode()}, "other"),
        ({"model_json": b'{"class_name": "Lambda", "module": "keras.layers"}'}, "It has the class keras.layers.Lambda"),
        ({"card_json": json.dumps({"architecture": "cnn"}).encode()}, "do not fit"),
        ({"model_weights_h5": b"no weights"}, "do not fit the architecture mlp"),
    ],
)
def test_what_is_no_version_is_refused_and_leaves_nothing(
    exported: Path, store: Path, small_csv: Path, tmp_path: Path, files: dict, message: str
):
    with pytest.raises(CommandError, match=re.escape(message)):
        call_command("import_version", changed(exported, tmp_path, **files), version="theirs", data=small_csv)
    assert list(store.iterdir()) == []


def test_a_file_beyond_the_limit_is_not_unpacked(exported: Path, store: Path, small_csv: Path, monkeypatch):
    monkeypatch.setattr(exchange, "MAX_BYTES", 1000)
    with pytest.raises(CommandError, match=r"card.json in .* has more than 0.001 MB"):
        call_command("import_version", exported, version="theirs", data=small_csv)


def test_a_file_that_is_no_zip_and_a_name_that_is_taken_are_told(store: Path, small_csv: Path, exported: Path):
    with pytest.raises(CommandError, match="is not the zip"):
        call_command("import_version", small_csv, version="theirs", data=small_csv)
    shutil.copytree(store, store / "theirs")
    with pytest.raises(CommandError, match="already exists"):
        call_command("import_version", exported, version="theirs", data=small_csv)


def test_an_unknown_version_and_a_folder_that_is_missing_are_told(store: Path, tmp_path: Path):
    with pytest.raises(CommandError, match="other"):
        call_command("export_version", "other", to=tmp_path / "other.zip")
    with pytest.raises(CommandError, match="expected a folder"):
        call_command("export_version", "other", to=tmp_path / "missing" / "other.zip")
