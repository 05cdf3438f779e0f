"""`manage.py train` with --teachers and --start-from."""

import shutil

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from analysis.recognition.bundle import file_sha256, local_bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.readings import Reading
from training.learning.data.read import read_faces
from training.learning.data.splits import EMOTION_COLUMNS, VOTE_CLASSES
from training.learning.distillation import Teachers
from training.learning.evaluation.metrics import load_network
from training.pipeline import train_version
from training.run_settings import RunSettings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module")
def parents(convert_in_process, small_mlp, small_csv, tmp_path_factory):
    """A store with the versions `first` and `second`."""
    folder = tmp_path_factory.mktemp("parents")
    (folder / "store").mkdir()
    with override_settings(MODELS_STORE=folder / "store", VAR_DIR=folder):
        for seed, version in ((7, "first"), (8, "second")):
            settings = RunSettings(architecture="mlp", data=str(small_csv), epochs=1, batch_size=16, seed=seed)
            train_version(version=version, settings=settings)
    return folder / "store"


@pytest.fixture
def run(parents, store, small_csv):
    shutil.copytree(parents, store, dirs_exist_ok=True)

    def run(version, **changes):
        arguments = {"architecture": "mlp", "epochs": 1, "batch_size": 16, "seed": 7, "data": small_csv}
        call_command("train", **{**arguments, "version": version, **changes})
        return local_bundle(store, version)

    return run


def test_teachers_are_averaged(run, store, small_csv):
    teachers = [local_bundle(store, "first"), local_bundle(store, "second")]
    images = read_faces(small_csv).split("Training").images
    expected = np.mean([Classifier(teacher).classify(images[..., 0]) for teacher in teachers], axis=0)
    np.testing.assert_allclose(Teachers(teachers).answer(images)[Reading.LABELS], expected, atol=1e-6)
    student = run("student", teachers="first, second", recipe=["teacher_weight=1"])
    configuration = student.card["trained"]["configuration"]
    assert (configuration["teachers"], configuration["teacher_weight"]) == ("first,second", 1.0)
    assert student.card["lineage"] == {teacher.name: file_sha256(teacher.tflite) for teacher in teachers}


def test_start_from_copies_the_weights(run, store):
    before = local_bundle(store, "first")
    after = run("after", start_from="first", learning_rate=1e-7)
    kernels = [load_network(bundle.folder).get_layer("dense").get_weights()[0] for bundle in (before, after)]
    np.testing.assert_allclose(*kernels, atol=1e-5)
    assert after.card["trained"]["configuration"]["start_from"] == "first"
    assert after.card["lineage"] == {"first": file_sha256(before.tflite)}


def test_invalid_teachers_and_recipes_are_refused(run):
    with pytest.raises(CommandError, match="no version “nobody” in"):
        run("third", teachers="first,nobody")
    with pytest.raises(CommandError, match=r"needs versions of the architecture cnn\. first has mlp"):
        run("third", architecture="cnn", start_from="first")
    with pytest.raises(CommandError, match=r"The recipe has no value 'lr=1'\. Give NAME=VALUE with one of: opt"):
        run("third", recipe=["lr=1"])
    with pytest.raises(CommandError, match=r"epochs is '2\.5'\. It must be a whole number"):
        run("third", recipe=["epochs=2.5"])
    with pytest.raises(CommandError, match=r"mixup is -1\. It must be from 0 to 10\."):
        run("third", recipe=["mixup=-1"])


@pytest.fixture
def votes(tmp_path):
    """Everybody votes for the class after the label's own, in the order of the votes' columns."""
    lines = [f"Usage,Image name,{','.join(VOTE_CLASSES)}"]
    for split, count in (("Training", 70), ("PublicTest", 14), ("PrivateTest", 14)):
        for row in range(count):
            column = EMOTION_COLUMNS[(row % 7 + 1) % 7]
            lines.append(f"{split},," + ",".join("10" if each == column else "0" for each in range(10)))
    path = tmp_path / "fer2013new.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_version_gets_a_votes_reading_and_keeps_its_other_weights(run, store, votes):
    before = local_bundle(store, "first")
    after = run("after", start_from="first", votes_head_only=True, votes=votes)
    assert (before.readings, after.readings) == ((Reading.LABELS,), (Reading.LABELS, Reading.VOTES))
    assert 0 <= after.votes_share <= 1
    assert after.card["readings"]["PublicTest"]["votes"]["n"] == 14
    assert after.card["lineage"] == {"first": file_sha256(before.tflite)}
    kernels = [load_network(bundle.folder).get_layer("emotion").get_weights()[0] for bundle in (before, after)]
    np.testing.assert_array_equal(*kernels)


def test_a_votes_head_needs_votes(run):
    with pytest.raises(CommandError, match="No training face has votes"):
        run("after", start_from="first", votes_head_only=True)


def test_the_mean_of_versions_weights_is_a_version(run, store):
    parents = [local_bundle(store, "first"), local_bundle(store, "second")]
    mean = run("mean", mean_of="first,second")
    kernels = [load_network(bundle.folder).get_layer("emotion").get_weights()[0] for bundle in (*parents, mean)]
    np.testing.assert_allclose(np.mean(kernels[:2], axis=0), kernels[2], atol=1e-6)
    assert mean.card["lineage"] == {parent.name: file_sha256(parent.tflite) for parent in parents}
    assert mean.card["trained"]["history"] == []


def test_versions_joined_are_a_version(run, store):
    parent = local_bundle(store, "first")
    joined = run("both", architecture="joined", joined="first,first")
    assert joined.card["lineage"] == {"first": file_sha256(parent.tflite)}
    assert (joined.card["architecture"], joined.card["trained"]["history"]) == ("joined", [])
    assert joined.card["parameters"] == 2 * parent.card["parameters"] - 7  # one bias for both
