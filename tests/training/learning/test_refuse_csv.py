"""A CSV that is not FER-2013's: one error that names file, row, what must be there and what is."""

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
    assert "The first row of" in message
    assert "Missing: emotion. Found: label, pixels, Usage." in message


def test_it_refuses_an_empty_file(refusal):
    assert "Found: –." in refusal("")


def test_it_refuses_a_header_alone(refusal):
    assert "has no rows below its header" in refusal(HEADER)


@pytest.mark.parametrize("count", [0, 2303, 2305])
def test_it_refuses_another_number_of_pixels(refusal, face_row, count):
    message = refusal(HEADER + face_row() + face_row(pixels=" ".join(["1"] * count)))
    assert message.startswith("Row 3 of ")
    assert f"must have 2,304 pixels. It has {count:,}." in message


@pytest.mark.parametrize("wrong", ["256", "-1", "12.5", "black", "99999999999999999999"])
def test_it_refuses_a_pixel_outside_0_to_255(refusal, face_row, wrong):
    message = refusal(HEADER + face_row(pixels=" ".join(["1"] * 2303 + [wrong])))
    assert message.startswith("Row 2 of ")
    assert f"has the pixel “{wrong}”. Pixels are whole numbers from 0 to 255." in message


@pytest.mark.parametrize("wrong", ["7", "-1", "smug", ""])
def test_it_refuses_an_unknown_class(refusal, face_row, wrong):
    message = refusal(HEADER + face_row(emotion=wrong))
    assert message.startswith("Row 2 of ")
    assert f"has the emotion “{wrong}”. It must be a number from 0 to 6, or one of these: angry" in message


def test_it_refuses_an_unknown_split(refusal, face_row):
    message = refusal(HEADER + face_row(usage="Validation"))
    assert "has the Usage “Validation”. It must be one of these: Training, PublicTest, PrivateTest." in message


def test_it_refuses_a_short_row(refusal):
    assert "has the Usage “”" in refusal(HEADER + "3\n")


def test_it_refuses_a_picture(refusal):
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def test_it_names_the_split_that_is_missing(make_csv):
    data = read_faces(make_csv(validation=0))
    with pytest.raises(LearningError, match=r"no rows of the split PublicTest\. It has Training, PrivateTest\."):
        data.split("PublicTest")


def test_it_refuses_a_path_that_is_not_there(tmp_path):
    with pytest.raises(LearningError, match="does not exist"):
        read_faces(tmp_path / "fer2013.csv")


def test_it_refuses_a_limit_below_one(make_csv):
    with pytest.raises(LearningError, match=r"limit is 0\. It must be 1 or more\."):
        read_faces(make_csv()).head(0)
