"""The way from the published file to a served version, on some real faces."""

import json
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TRAINING_ROWS = 28709
VALIDATION_ROWS = 3589


@pytest.fixture
def some_faces(fer2013: Path, tmp_path: Path) -> Path:
    """2,000 rows for training, 1,000 in each other split."""
    path = tmp_path / "fer2013.csv"
    with (fer2013 / "fer2013.csv").open() as everything, path.open("w") as some:
        some.writelines(islice(everything, 1 + 2000))
        some.writelines(islice(everything, TRAINING_ROWS - 2000, TRAINING_ROWS - 1000))
        some.writelines(islice(everything, VALIDATION_ROWS - 1000, VALIDATION_ROWS))
    return path


def test_a_version_learns_and_int8_costs_little(some_faces, store, capsys):
    call_command("train", architecture="mlp", epochs=4, data=some_faces, version="real-1", seed=1)
    capsys.readouterr()
    figures = {}
    for engine in ("litert", "keras"):
        call_command("evaluate", data=some_faces, version="real-1", split="PublicTest", engine=engine, json=True)
        figures[engine] = json.loads(capsys.readouterr().out)
    assert figures["litert"]["n"] == 1000
    assert figures["litert"]["accuracy"] > 0.27  # always "happy" gets a quarter right
    assert figures["litert"]["accuracy"] >= figures["keras"]["accuracy"] - 0.005
