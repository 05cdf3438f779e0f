from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from analysis.recognition.bundle import Bundle, shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.recognition.golden import golden_faces
from tests.training.conftest import band_faces


class Network:
    """All that a card asks of the trained network."""

    def count_params(self) -> int:
        return 7


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    try:
        return shipped_default(settings.MODELS_STORE)
    except RecognitionError as error:
        pytest.skip(f"no shipped model: {error.code}")


@pytest.fixture(scope="module")
def card(shipped: Bundle) -> dict:
    """Of the shipped network, as if it had just been exported, beside itself under its own name."""
    from training.learning.data.splits import EMOTION_COLUMNS, VOTE_CLASSES, FaceData, Split
    from training.learning.evaluation.card import Origin, write_card
    from training.learning.fit import Fitted
    from training.learning.network.export import Exported
    from training.learning.recipes import TrainingConfig

    splits = {}
    for seed, (name, rows) in enumerate({"Training": 70, "PublicTest": 28, "PrivateTest": 14}.items()):
        images, labels = band_faces(rows, seed)
        votes = np.eye(len(VOTE_CLASSES), dtype=np.float32)[np.array(EMOTION_COLUMNS)[labels]]
        splits[name] = Split(images[..., np.newaxis], labels, votes)
    origin = Origin(
        FaceData(Path("fer2013.csv"), splits, "0" * 64),
        TrainingConfig.for_architecture("mlp"),
        Fitted(Network(), [], 1.0),
        limit=28,
        mirrored=shipped.mirrored,
    )
    exported = Exported(shipped.folder, "int8", "", 0.5, 0.5, has_votes=len(shipped.readings) == 2)
    return write_card("tiny-1", origin, exported, [shipped])


def test_it_records_the_answers_for_the_golden_faces(card, shipped):
    facts = {name: card[name] for name in ("temperature", "votes_share", "mirrored") if name in card}
    answers = Classifier(Bundle("new", shipped.folder, facts)).classify(golden_faces())
    assert np.allclose(card["golden"], answers, atol=1e-4)


def test_it_keeps_the_serving_versions_figures_on_the_same_rows(card, shipped):
    mine, other = card["readings"]["PublicTest"]["labels"], card["beside"][shipped.name]
    assert (mine["n"], other["n"]) == (28, 28)
    # One network at two temperatures names the same faces alike.
    assert (mine["accuracy"], mine["confusion"]) == (other["accuracy"], other["confusion"])


def test_a_version_of_part_of_the_data_can_then_be_compared(card, shipped):
    from analysis.versions.comparison import compare
    from analysis.versions.models import ModelVersion

    comparison = compare(ModelVersion(name="tiny-1", card=card), ModelVersion(name=shipped.name, card=shipped.card))
    assert (comparison.is_comparable, comparison.accuracy.points, comparison.accuracy.n) == (True, 0, 28)


def test_it_tells_the_accuracy_on_worse_pictures(card):
    assert set(card["stress"]) == {"PublicTest", "PrivateTest"}
    blurred = card["stress"]["PublicTest"]["blur"]
    assert 0 <= blurred["accuracy"] <= 1
    assert "blur" in blurred["summary"]


def test_it_has_each_readings_figures_against_its_own_target(card, shipped):
    if len(shipped.readings) < 2:
        pytest.skip("the shipped version has one reading")
    readings = card["readings"]["PublicTest"]
    assert {name: figures["n"] for name, figures in readings.items()} == {
        "labels": 28,
        "votes": 28,
        "served_by_votes": 28,
    }
    assert readings["votes"]["left_out"] == {"ties": 0, "contempt": 0, "unknown": 0}
    # The votes agree with the labels here.
    assert readings["served_by_votes"]["accuracy"] == card["evaluation"]["PublicTest"]["accuracy"]
    assert card["beside_readings"][shipped.name]["votes"]["n"] == 28


def test_it_has_the_figures_without_twins_beside(card):
    kept = card["without_twins"]["PublicTest"]
    assert {"served", "labels"} <= kept.keys()
    assert set(kept["served"]) == {"n", "accuracy", "balanced_accuracy", "macro_f1", "recall"}
