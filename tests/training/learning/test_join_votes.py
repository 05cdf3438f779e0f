"""FER+ votes join fer2013.csv row for row."""

import csv

import numpy as np
import pytest

from training.learning.data.read import VOTE_CLASSES, read_faces
from training.learning.errors import LearningError


@pytest.fixture
def write_votes(tmp_path):
    def write(rows, header=("Usage", "Image name", *VOTE_CLASSES)):
        path = tmp_path / "fer2013new.csv"
        with path.open("w", newline="") as handle:
            csv.writer(handle).writerows([header, *rows])
        return path

    return write


def row(split, *votes):
    return [split, "", *(votes or (8, 1, 0, 0, 0, 0, 0, 0, 1, 0))]


def test_votes_become_shares(make_csv, write_votes):
    path = write_votes([row("Training"), row("Training", *[0] * 10)])
    votes = read_faces(make_csv(training=2, validation=0, test=0), votes=path).split("Training").votes
    assert votes.dtype == np.float32
    np.testing.assert_allclose(votes[0], [0.8, 0.1, 0, 0, 0, 0, 0, 0, 0.1, 0])
    assert votes[1].sum() == 0


def test_it_refuses_another_number_of_rows(make_csv, write_votes):
    with pytest.raises(LearningError, match=r"must have 2 rows of the split Training, one for each face\. It has 1\."):
        read_faces(make_csv(training=2, validation=0, test=0), votes=write_votes([row("Training")]))


def test_it_refuses_votes_that_are_no_numbers(make_csv, write_votes):
    path = write_votes([row("Training", "many", *[0] * 9)])
    with pytest.raises(LearningError, match=r"Row 2 of .* has “many” votes for neutral"):
        read_faces(make_csv(training=1, validation=0, test=0), votes=path)


def test_it_refuses_other_columns(make_csv):
    path = make_csv()
    with pytest.raises(LearningError, match="must have the columns Usage, neutral"):
        read_faces(path, votes=path)


def test_it_refuses_votes_for_pictures(tmp_path, write_votes):
    path = write_votes([])
    (tmp_path / "tree" / "happy").mkdir(parents=True)
    with pytest.raises(LearningError, match="is a folder of pictures"):
        read_faces(tmp_path / "tree", votes=path)
