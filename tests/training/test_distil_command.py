"""`manage.py train` with --teachers and --start-from."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from analysis.recognition.bundle import file_sha256, local_bundle
from analysis.recognition.classifier import Classifier
from analysis.recognition.readings import Reading
from training.learning.data.read import read_faces
from training.learning.distillation import Teachers
from training.learning.evaluation.metrics import load_network

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def run(store, small_csv):
    def run(version, **changes):
        arguments = {"architecture": "mlp", "epochs": 1, "batch_size": 16, "seed": 7, "data": small_csv}
        call_command("train", **{**arguments, "version": version, **changes})
        return local_bundle(store, version)

    return run


def test_teachers_are_averaged(run, small_csv):
    teachers = [run("first"), run("second", seed=8)]
    images = read_faces(small_csv).split("Training").images
    expected = np.mean([Classifier(teacher).classify(images[..., 0]) for teacher in teachers], axis=0)
    np.testing.assert_allclose(Teachers(teachers).answer(images)[Reading.LABELS], expected, atol=1e-6)
    student = run("student", teachers="first, second", recipe=["teacher_weight=1"])
    configuration = student.card["trained"]["configuration"]
    assert (configuration["teachers"], configuration["teacher_weight"]) == ("first,second", 1.0)
    assert student.card["lineage"] == {teacher.name: file_sha256(teacher.tflite) for teacher in teachers}


def test_start_from_copies_the_weights(run):
    before = run("before")
    after = run("after", start_from="before", learning_rate=1e-7)
    kernels = [load_network(bundle.folder).get_layer("dense").get_weights()[0] for bundle in (before, after)]
    np.testing.assert_allclose(*kernels, atol=1e-5)
    assert after.card["trained"]["configuration"]["start_from"] == "before"
    assert after.card["lineage"] == {"before": file_sha256(before.tflite)}


def test_invalid_teachers_and_recipes_are_refused(run, tmp_path):
    run("first")
    with pytest.raises(CommandError, match="'nobody' is not in"):
        run("second", teachers="first,nobody")
    with pytest.raises(CommandError, match="start_from: expected a version of the architecture cnn; first is of mlp"):
        run("second", architecture="cnn", start_from="first")
    with pytest.raises(CommandError, match=r"recipe: expected NAME=VALUE with a name of optimizer, .*; got 'lr=1'"):
        run("second", recipe=["lr=1"])
    with pytest.raises(CommandError, match=r"recipe: epochs: expected a whole number; got '2\.5'"):
        run("second", recipe=["epochs=2.5"])
    with pytest.raises(CommandError, match=r"mixup: expected 0 to 10; got -1\.0"):
        run("second", recipe=["mixup=-1"])
