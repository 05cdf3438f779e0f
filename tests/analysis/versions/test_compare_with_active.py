import pytest

from analysis.versions.comparison import compare_with_active
from analysis.versions.models import ModelVersion


@pytest.fixture
def beside_first(first, make_version, store):
    """Compare a version that differs from the first in figures of PublicTest."""
    figures = store.card("first-1")["evaluation"]["PublicTest"]

    def compare(*, accuracy: float = 0.0, **recalls: float):
        changed = {emotion: figures["recall"][emotion] + by for emotion, by in recalls.items()}
        evaluation = store.evaluation(accuracy=figures["accuracy"] + accuracy, **changed)
        return compare_with_active(version=make_version(card={"evaluation": evaluation}))

    return compare


def test_an_equal_version_needs_no_reason(beside_first):
    comparison = beside_first()
    assert (comparison.is_comparable, comparison.regressions, comparison.needs_reason) == (True, (), False)
    assert (comparison.active, comparison.accuracy.n, comparison.accuracy.points) == ("first-1", 3589, 0)


def test_each_class_is_compared(beside_first):
    comparison = beside_first(happy=0.02)
    assert {change.name: change.points for change in comparison.recalls}["happy"] == 2
    assert [change.n for change in comparison.recalls] == [467, 56, 496, 895, 653, 415, 607]


@pytest.mark.parametrize(("lost", "needed"), [(0.01, False), (0.0101, True)])
def test_more_than_one_point_of_accuracy_needs_a_reason(beside_first, lost, needed):
    comparison = beside_first(accuracy=-lost)
    assert comparison.needs_reason is needed
    assert [change.name for change in comparison.regressions] == ["accuracy"] * needed


@pytest.mark.parametrize(("lost", "needed"), [(0.05, False), (0.0501, True)])
def test_more_than_five_points_of_a_class_recall_need_a_reason(beside_first, lost, needed):
    assert beside_first(happy=-lost).needs_reason is needed


@pytest.mark.parametrize(("lost", "needed"), [(0.1, False), (0.1001, True)])
def test_a_class_of_under_100_rows_may_lose_ten(first, make_version, store, lost, needed):
    first.card["evaluation"]["PublicTest"]["recall"]["disgust"] = 0.6
    first.save(update_fields=["card"])
    evaluation = store.evaluation(disgust=0.6 - lost)
    assert compare_with_active(version=make_version(card={"evaluation": evaluation})).needs_reason is needed


def test_the_explanation_names_what_is_worse_and_by_what_limit(beside_first, store):
    before = store.card("first-1")["evaluation"]["PublicTest"]["accuracy"]
    explanation = beside_first(accuracy=-0.2, happy=-0.1).explanation
    assert "trial-1 is worse than first-1 on the same rows of PublicTest" in explanation
    assert f"accuracy {before:.1%} to {before - 0.2:.1%} (worse by more than 1 point)" in explanation
    assert "happy" in explanation
    assert "sad" not in explanation


def test_a_class_without_rows_is_no_regression(first, make_version, store):
    evaluation = store.evaluation()
    evaluation["PublicTest"]["recall"]["disgust"] = None
    comparison = compare_with_active(version=make_version(card={"evaluation": evaluation}))
    assert ([change.points for change in comparison.recalls][1], comparison.needs_reason) == (None, False)


def test_other_rows_cannot_be_compared_and_need_a_reason(first, make_version, store):
    comparison = compare_with_active(version=make_version(card={"evaluation": store.evaluation(n=2000)}))
    assert (comparison.is_comparable, comparison.needs_reason) == (False, True)
    assert "trial-1 was evaluated on 2,000 rows of PublicTest, first-1 on 3,589" in comparison.explanation


@pytest.mark.parametrize("sha256", ["0" * 64, None])
def test_rows_of_another_file_cannot_be_compared(first, make_version, store, sha256):
    trained = store.card("first-1")["trained"]
    trained["data"]["sha256"] = sha256
    comparison = compare_with_active(version=make_version(card={"trained": trained}))
    assert (comparison.is_comparable, comparison.needs_reason) == (False, True)
    assert "different data files" in comparison.explanation


def test_a_card_that_brings_the_active_ones_figures_on_its_own_rows_can(first, make_version, store):
    mine, other = store.evaluation(n=2000, accuracy=0.5), store.evaluation(n=2000, accuracy=0.6)
    version = make_version(card={"evaluation": mine, "beside": {"first-1": other["PublicTest"]}})
    comparison = compare_with_active(version=version)
    assert (comparison.is_comparable, comparison.accuracy.points) == (True, -10)


def test_a_card_without_figures_cannot_be_compared(first, make_version):
    comparison = compare_with_active(version=make_version(card={"evaluation": {}}))
    assert comparison.explanation == "trial-1 cannot be compared: its card has no figures on PublicTest."


def test_where_nothing_serves_nothing_is_compared(first, second):
    ModelVersion.objects.update(is_active=False)
    comparison = compare_with_active(version=second)
    assert (comparison.active, comparison.is_comparable, comparison.needs_reason) == (None, False, False)
