"""`manage.py train`."""

import json

import pytest
from django.core.management import CommandError, call_command

from analysis.recognition.bundle import FILES, file_sha256, local_bundle, shipped_default
from training.checkpoints import checkpoint_folder
from training.models import State, TrainingRun
from training.runs import child

pytestmark = pytest.mark.django_db(transaction=True)
ARGUMENTS = {"architecture": "mlp", "epochs": 2, "batch_size": 16, "seed": 7}


@pytest.fixture
def run(store, small_csv):
    def run(version="tiny-1", **changes):
        call_command("train", **{**ARGUMENTS, "data": small_csv, "version": version, **changes})

    return run


@pytest.mark.slow
@pytest.mark.usefixtures("convert_in_process", "small_mlp")
def test_it_writes_a_verified_version_with_its_card_pins_it_and_records_the_run(run, store, capsys):
    run(limit=35, ship=True)
    bundle = local_bundle(store, "tiny-1")
    card = bundle.card
    assert sorted(path.name for path in bundle.folder.iterdir()) == sorted(FILES)
    assert card["classes"] == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert card["input"]["shape"] == [1, 48, 48, 1]
    assert card["input"]["range"] == [0, 255]
    assert card["trained"]["seed"] == 7
    assert card["trained"]["configuration"]["architecture"] == "mlp"
    assert card["trained"]["data"]["name"] == "fer2013.csv"
    assert card["trained"]["data"]["rows"] == {"Training": 35, "PublicTest": 14, "PrivateTest": 14}
    assert card["trained"]["data"]["limit"] == 35
    assert len(card["trained"]["history"]) == 2
    assert card["trained"]["seconds"] > 0
    assert {"keras", "tensorflow", "numpy"} <= card["libraries"].keys()
    assert {"accuracy", "macro_f1", "recall", "confusion", "ece", "n"} <= card["evaluation"]["PrivateTest"].keys()
    assert card["evaluation"]["PublicTest"]["n"] == 14
    assert 0.25 <= card["temperature"] <= 4
    assert card["milliseconds_per_face"] > 0
    assert any("not what the person feels" in limit for limit in card["limits"])
    assert card["files"]["model.tflite"]["sha256"] == file_sha256(bundle.tflite)
    assert "Written to" in capsys.readouterr().out
    assert shipped_default(store).name == "tiny-1"
    recorded = TrainingRun.objects.get()
    assert (recorded.name, recorded.state, recorded.by_command, recorded.epoch) == ("tiny-1", State.FINISHED, True, 2)
    assert (recorded.version.name, card["run"]) == ("tiny-1", str(recorded.pk))
    assert [row.number for row in recorded.epoch_rows.all()] == [1, 2]
    assert "Epoch 2/2: loss" in recorded.log


def test_an_existing_version_is_refused_before_reading_data(run, store, tmp_path):
    (store / "tiny-1").mkdir()
    with pytest.raises(CommandError, match=r"This version already exists in .*tiny-1\. Choose another name"):
        run(data=tmp_path / "absent.csv")


def test_an_interruption_names_the_resume_option(run, monkeypatch):
    def interrupted(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "train_version", interrupted)
    with pytest.raises(CommandError, match=r"training/tiny-1: give the same command with --resume to go on"):
        run()


def test_an_unfinished_training_of_that_name_is_refused(run, small_csv, store):
    from training.learning.data.read import read_faces
    from training.learning.fit import TrainingConfig, identity

    config = TrainingConfig.for_architecture(ARGUMENTS["architecture"], epochs=2, batch_size=16, seed=7)
    folder = checkpoint_folder("tiny-1")
    folder.mkdir(parents=True)
    state = {"identity": identity(config, read_faces(small_csv)), "weights": "epoch-001.weights.h5", "history": []}
    (folder / "state.json").write_text(json.dumps(state))
    with pytest.raises(CommandError, match="Continue it with `--resume`"):
        run()
    with pytest.raises(CommandError, match="with epochs=2 instead of epochs=5"):
        run(epochs=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"architecture": "transformer"},
            "architecture is “transformer”. It must be one of these: mlp, cnn, ",
        ),
        ({"epochs": 0}, "epochs is 0. It must be 1 or more."),
        ({"limit": 0}, "limit is 0. It must be 1 or more."),
        ({"precision": "int4"}, "precision is “int4”. It must be one of"),
        ({"version": "../elsewhere"}, "Its name can have 1 to 64 letters"),
        ({"data": "absent.csv"}, "absent.csv does not exist. Choose fer2013.csv"),
        ({"votes": "absent.csv"}, "absent.csv could not be read"),
    ],
)
def test_an_invalid_option_is_one_line(run, store, changes, message):
    with pytest.raises(CommandError) as caught:
        run(**changes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list(store.iterdir()) == []
