"""A version beside the one that serves, reading by reading."""

import pytest

from analysis.versions.comparison import compare_with_active


def _readings(store, *, labels: float, votes: float | None, n: int = 3000):
    figures = store.evaluation(accuracy=labels)["PublicTest"]
    readings = {"labels": figures}
    if votes is not None:
        readings["votes"] = {"n": n, "accuracy": votes}
    return {"PublicTest": readings}


@pytest.fixture
def beside_two_readings(first, make_version, store):
    """Compare a version with an active one of 70 % by labels and 85 % by votes."""
    first.card["readings"] = _readings(store, labels=0.7, votes=0.85)
    # The blend that it serves is worse by labels than its labels reading.
    first.card["evaluation"]["PublicTest"]["accuracy"] = 0.6
    first.save(update_fields=["card"])

    def compare(**readings):
        evaluation = store.evaluation(accuracy=0.6)
        return compare_with_active(
            version=make_version(card={"evaluation": evaluation, "readings": _readings(store, **readings)})
        )

    return compare


@pytest.mark.parametrize(
    ("labels", "votes", "worse"),
    [
        (0.69, 0.84, []),
        (0.685, 0.86, ["accuracy"]),
        (0.71, 0.835, ["votes"]),
        (0.685, 0.835, ["accuracy", "votes"]),
    ],
)
def test_either_reading_may_lose_a_point_and_no_more(beside_two_readings, labels, votes, worse):
    comparison = beside_two_readings(labels=labels, votes=votes)
    assert [change.name for change in comparison.regressions] == worse
    assert comparison.needs_reason is bool(worse)


def test_a_single_reading_is_held_against_the_labels_reading_not_the_blend(
    first, beside_two_readings, make_version, store
):
    comparison = compare_with_active(
        version=make_version("single-1", card={"evaluation": store.evaluation(accuracy=0.65)})
    )
    assert comparison.accuracy.before == 0.7
    assert [change.name for change in comparison.regressions] == ["accuracy"]


def test_a_lost_reading_needs_a_reason_that_names_it(beside_two_readings):
    comparison = beside_two_readings(labels=0.7, votes=None)
    assert comparison.needs_reason
    assert comparison.explanation == "trial-1 has no reading by votes measured on PublicTest, but first-1 has one."


def test_votes_on_other_faces_need_a_reason(beside_two_readings):
    comparison = beside_two_readings(labels=0.7, votes=0.9, n=2000)
    assert "was measured on 2,000 rows of PublicTest for trial-1, and on 3,000 for first-1" in comparison.explanation


def test_a_gained_reading_needs_none(first, make_version, store):
    readings = _readings(store, labels=first.card["evaluation"]["PublicTest"]["accuracy"], votes=0.5)
    comparison = compare_with_active(version=make_version(card={"readings": readings}))
    assert (comparison.votes, comparison.needs_reason) == (None, False)
