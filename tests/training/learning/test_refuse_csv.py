"""A CSV that is not FER-2013's: one error that names file, row, what was expected and what was found."""

import pytest

from training.learning.data.read import read_faces
from training.learning.errors import LearningError

HEADER = "emotion,pixels,Usage\n"


@pytest.fixture
def refusal(tmp_path):
    def refuse(content: str | bytes) -> str:
        path = tmp_path / "faces.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(LearningError) as caught:
            read_faces(path)
        assert str(path) in str(caught.value)
        return str(caught.value)

    return refuse


def test_it_refuses_other_columns(refusal):
    message = refusal("label,pixels,Usage\n")
    assert "row 1" in message
    assert "emotion missing; found label, pixels, Usage" in message


def test_it_refuses_an_empty_file(refusal):
    assert "found nothing" in refusal("")


def test_it_refuses_a_header_alone(refusal):
    assert "expected at least one row after the header; found none" in refusal(HEADER)


@pytest.mark.parametrize("count", [0, 2303, 2305])
def test_it_refuses_another_number_of_pixels(refusal, face_row, count):
    message = refusal(HEADER + face_row() + face_row(pixels=" ".join(["1"] * count)))
    assert f"row 3: expected 2304 pixels; found {count}" in message


@pytest.mark.parametrize("wrong", ["256", "-1", "12.5", "black", "99999999999999999999"])
def test_it_refuses_a_pixel_outside_0_to_255(refusal, face_row, wrong):
    message = refusal(HEADER + face_row(pixels=" ".join(["1"] * 2303 + [wrong])))
    assert f"row 2: expected pixels to be whole numbers 0 to 255; found {wrong!r}" in message


@pytest.mark.parametrize("wrong", ["7", "-1", "smug", ""])
def test_it_refuses_an_unknown_class(refusal, face_row, wrong):
    message = refusal(HEADER + face_row(emotion=wrong))
    assert "row 2: expected emotion to be a whole number 0 to 6, or one of" in message
    assert f"found {wrong!r}" in message


def test_it_refuses_an_unknown_split(refusal, face_row):
    message = refusal(HEADER + face_row(usage="Validation"))
    assert "row 2: expected Usage to be one of Training, PublicTest, PrivateTest; found 'Validation'" in message


def test_it_refuses_a_short_row(refusal):
    assert "row 2: expected Usage" in refusal(HEADER + "3\n")


def test_it_refuses_a_picture(refusal):
    assert "expected" in refusal(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def test_it_names_the_split_that_is_missing(make_csv):
    data = read_faces(make_csv(validation=0))
    with pytest.raises(LearningError, match="expected a split PublicTest; found Training, PrivateTest"):
        data.split("PublicTest")


def test_it_refuses_a_path_that_is_not_there(tmp_path):
    with pytest.raises(LearningError, match="no such file"):
        read_faces(tmp_path / "fer2013.csv")


def test_it_refuses_a_limit_below_one(make_csv):
    with pytest.raises(LearningError, match="limit: expected 1 row or more; got 0"):
        read_faces(make_csv()).head(0)
