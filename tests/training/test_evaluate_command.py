"""`manage.py evaluate`."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from PIL import Image

from training.learning.data.splits import VOTE_CLASSES
from training.pipeline import train_version
from training.run_settings import RunSettings


@pytest.fixture(scope="module")
def trained_store(convert_in_process, small_mlp, small_csv, tmp_path_factory):
    """A store with one version, `tiny-1`, shipped."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("trained")
    (folder / "store").mkdir()
    with override_settings(MODELS_STORE=folder / "store", VAR_DIR=folder):
        # By the service: the command would look for the database, which no test has lent to a whole module.
        settings = RunSettings(architecture="mlp", data=str(small_csv), epochs=4, batch_size=8)
        train_version(version="tiny-1", settings=settings, ship=True)
    return folder / "store"


@pytest.fixture
def evaluate(trained_store, settings, small_csv, capsys):
    settings.MODELS_STORE = trained_store

    def run(**options):
        call_command("evaluate", **{"data": small_csv, **options})
        return capsys.readouterr().out

    return run


pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_its_json_is_one_object_of_the_documented_keys(evaluate):
    figures = json.loads(evaluate(json=True))
    documented = {"accuracy", "balanced_accuracy", "macro_f1", "recall", "confusion", "ece", "n", "certainty"}
    assert set(figures) == documented | {"reading", "without_twins"}
    assert set(figures["without_twins"]) == documented
    assert figures["n"] == 14
    assert np.sum(figures["confusion"]) == 14


@pytest.mark.parametrize(("split", "rows"), [("PrivateTest", 14), ("PublicTest", 14), ("Training", 70), ("all", 98)])
def test_it_evaluates_the_split_asked_for(evaluate, split, rows):
    assert json.loads(evaluate(json=True, split=split))["n"] == rows


def test_both_engines_nearly_agree(evaluate):
    litert, keras = (json.loads(evaluate(json=True, split="all", engine=name)) for name in ("litert", "keras"))
    assert litert["accuracy"] == pytest.approx(keras["accuracy"], abs=3 / 98)


def test_its_table_reads(evaluate):
    table = evaluate(version="tiny-1")
    for word in ("tiny-1 on PrivateTest", "accuracy", "macro-F1", "calibration", "surprise", "recall"):
        assert word in table


def test_it_takes_a_tree_that_lacks_classes(evaluate, tmp_path):
    for name in ("happy", "sadness"):
        (tmp_path / "tree" / name).mkdir(parents=True)
        Image.new("RGB", (60, 60), (130, 130, 130)).save(tmp_path / "tree" / name / "1.png")
    figures = json.loads(evaluate(data=tmp_path / "tree", json=True))
    assert figures["n"] == 2
    assert figures["recall"]["fear"] is None
    assert "Not in these data, and left out of macro-F1: angry, disgust" in evaluate(data=tmp_path / "tree")


def test_it_names_the_versions_there_are(evaluate):
    with pytest.raises(CommandError, match=r"no version “tiny-9” in .*\. Found: tiny-1"):
        evaluate(version="tiny-9")


def test_it_names_the_splits_there_are(evaluate, tmp_path):
    (tmp_path / "tree" / "happy").mkdir(parents=True)
    Image.new("L", (48, 48)).save(tmp_path / "tree" / "happy" / "1.png")
    with pytest.raises(CommandError, match=r"no rows of the split PublicTest\. It has PrivateTest\."):
        evaluate(data=tmp_path / "tree", split="PublicTest")


def test_a_damaged_version_is_not_evaluated(evaluate, trained_store):
    model = trained_store / "tiny-1" / "model.tflite"
    content = model.read_bytes()
    model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(CommandError, match=r"model\.tflite was changed"):
            evaluate()
    finally:
        model.write_bytes(content)


def test_with_litert_neither_keras_nor_tensorflow_is_imported():
    modules = "training.pipeline, training.evaluating, training.management.commands.evaluate"
    code = (
        f"import sys, django; django.setup(); import {modules};"
        "sys.exit(bool({'keras', 'tensorflow'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ferproject.settings"}
    subprocess.run([sys.executable, "-c", code], cwd=django_settings.BASE_DIR, env=environment, check=True)


def test_stress_adds_each_conditions_accuracy(evaluate):
    figures = json.loads(evaluate(json=True, stress=True))
    assert set(figures["stress"]) >= {"blur", "jpeg", "small", "half_light", "lower_covered", "upper_covered"}
    assert "24 x 24 pixels" in evaluate(stress=True)


def test_it_leaves_out_faces_that_were_learnt_from(evaluate, small_csv, tmp_path):
    header, *rows = small_csv.read_text().splitlines()
    learnt = next(row for row in rows if row.endswith("Training"))
    copied = tmp_path / "copied.csv"
    copied.write_text("\n".join([header, *rows, learnt.replace("Training", "PrivateTest")]) + "\n")
    everything, kept = (json.loads(evaluate(json=True, data=copied, without_duplicates=w))["n"] for w in (False, True))
    assert everything == 15
    assert kept <= 14
    assert "left out" in evaluate(data=copied, without_duplicates=True)


def test_it_cannot_leave_the_training_splits_own_faces_out(evaluate):
    with pytest.raises(CommandError, match="works with PublicTest or PrivateTest"):
        evaluate(split="Training", without_duplicates=True)


@pytest.mark.parametrize("reading", ["votes", "served"])
def test_a_version_of_one_reading_has_no_other(evaluate, reading):
    if reading == "served":
        assert (
            json.loads(evaluate(json=True, reading=reading))["accuracy"] == json.loads(evaluate(json=True))["accuracy"]
        )
        return
    with pytest.raises(CommandError, match=r"tiny-1 has no reading “votes”\. It has: labels, served"):
        evaluate(reading=reading)


@pytest.fixture
def write_votes(tmp_path):
    """Write votes for the first rows of each split, ten for one class each."""

    def write(column: str, **rows: int):
        path = tmp_path / "fer2013new.csv"
        votes = ",".join("10" if name == column else "0" for name in VOTE_CLASSES)
        lines = [f"{split},,{votes}" for split, count in rows.items() for _ in range(count)]
        path.write_text("\n".join([f"Usage,Image name,{','.join(VOTE_CLASSES)}", *lines]) + "\n")
        return path

    return write


def test_the_votes_majority_is_scored_beside_the_labels(evaluate, write_votes):
    votes = write_votes("happiness", Training=70, PublicTest=14, PrivateTest=14)
    figures = json.loads(evaluate(json=True, votes=votes))
    assert (figures["votes"]["n"], sum(figures["votes"]["confusion"][3])) == (14, 14)
    assert "the votes  " in evaluate(votes=votes)
    assert "the votes, without twins" in evaluate(votes=votes)


@pytest.mark.parametrize(
    ("column", "rows", "words"),
    [
        (
            "contempt",
            {"Training": 70, "PublicTest": 14, "PrivateTest": 14},
            "a majority of votes for one of these: angry",
        ),
        ("anger", {"Training": 70, "PublicTest": 14, "PrivateTest": 13}, "must have 14 rows of the split PrivateTest"),
    ],
)
def test_votes_that_fit_no_faces_are_refused(evaluate, write_votes, column, rows, words):
    with pytest.raises(CommandError, match=words):
        evaluate(votes=write_votes(column, **rows))


@pytest.fixture
def tree(tmp_path):
    for number, name in enumerate(("happy", "happy", "sad")):
        (tmp_path / "tree" / name).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (60, 60), (130, 130, 130)).save(tmp_path / "tree" / name / f"{number}.png")
    return tmp_path / "tree"


def test_groups_have_their_found_rate_with_its_interval(evaluate, tree, tmp_path):
    groups = tmp_path / "groups.csv"
    groups.write_text("file,group\nhappy/0.png,young\nhappy/1.png,old\nsad/2.png,old\n")
    found = json.loads(evaluate(data=tree, groups=groups, json=True))["groups"]
    assert found["old"]["found"] == {
        "count": 0,
        "n": 2,
        "share": 0.0,
        "interval": [0.0, pytest.approx(0.658, abs=0.001)],
    }
    assert found["young"]["right"]["share"] is None
    assert "0.0% to 65.8%" in evaluate(data=tree, groups=groups)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("file,group\nhappy/9.png,old\n", "do not have happy/9.png. They have files such as happy/0.png"),
        ("name,group\nhappy/0.png,old\n", "must be file,group. It has name, group"),
        ("file,group\n", "has no rows"),
        ("file,group\nhappy/0.png,\n", "Row 2 of .*groups.csv must have a file and a group"),
    ],
)
def test_groups_that_do_not_fit_are_refused(evaluate, tree, tmp_path, content, words):
    groups = tmp_path / "groups.csv"
    groups.write_text(content)
    with pytest.raises(CommandError, match=words):
        evaluate(data=tree, groups=groups)


def test_groups_need_pictures_that_have_names(evaluate, tmp_path):
    (tmp_path / "groups.csv").write_text("file,group\na.png,old\n")
    with pytest.raises(CommandError, match="need data in class folders"):
        evaluate(groups=tmp_path / "groups.csv")


def test_several_versions_are_evaluated_by_their_mean_answer(evaluate):
    alone, twice = (json.loads(evaluate(json=True, version=name)) for name in ("tiny-1", "tiny-1,tiny-1"))
    assert alone["confusion"] == twice["confusion"]
    assert "tiny-1,tiny-1 on PrivateTest" in evaluate(version="tiny-1,tiny-1")
    with pytest.raises(CommandError, match="no version “tiny-9” in"):
        evaluate(version="tiny-1,tiny-9")
