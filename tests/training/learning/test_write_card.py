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
    from training.learning.data.splits import FaceData, Split
    from training.learning.evaluation.card import Origin, write_card
    from training.learning.fit import Fitted
    from training.learning.network.export import Exported
    from training.learning.recipes import TrainingConfig

    splits = {}
    for seed, (name, rows) in enumerate({"Training": 70, "PublicTest": 28, "PrivateTest": 14}.items()):
        images, labels = band_faces(rows, seed)
        splits[name] = Split(images[..., np.newaxis], labels)
    origin = Origin(
        FaceData(Path("fer2013.csv"), splits, "0" * 64),
        TrainingConfig.for_architecture("mlp"),
        Fitted(Network(), [], 1.0),
        limit=28,
        mirrored=shipped.mirrored,
    )
    return write_card("tiny-1", origin, Exported(shipped.folder, "int8", "", 0.5, 0.5), [shipped])


def test_it_records_the_answers_for_the_golden_faces(card, shipped):
    facts = {"temperature": card["temperature"], "mirrored": shipped.mirrored}
    answers = Classifier(Bundle("new", shipped.folder, facts)).classify(golden_faces())
    assert np.allclose(card["golden"], answers, atol=1e-4)


def test_it_keeps_the_serving_versions_figures_on_the_same_rows(card, shipped):
    mine, other = card["evaluation"]["PublicTest"], card["beside"][shipped.name]
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
