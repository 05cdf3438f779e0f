"""A tree of class folders, with or without a level of splits."""

import numpy as np
import pytest
from PIL import Image

from training.learning.data.read import read_faces
from training.learning.errors import LearningError


@pytest.fixture
def tree(tmp_path):
    return tmp_path / "faces"


def picture(path, grey=128, size=(48, 48), mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, grey).convert(mode).save(path)


def test_without_splits_every_picture_is_a_test_picture(tree):
    picture(tree / "happy" / "1.png")
    picture(tree / "sad" / "1.png")
    data = read_faces(tree)
    assert list(data.splits) == ["PrivateTest"]
    assert data.split("PrivateTest").labels.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("folders", "split"),
    [
        (("train", "Training"), "Training"),
        (("validation", "VAL", "PublicTest"), "PublicTest"),
        (("Test", "PrivateTest"), "PrivateTest"),
    ],
)
def test_it_knows_the_usual_names_of_splits(tree, folders, split):
    for folder in folders:
        picture(tree / folder / folder / "neutral" / "1.png")
        assert list(read_faces(tree / folder).splits) == [split]


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("Anger", 0),
        ("angry", 0),
        ("disgusted", 1),
        ("fearful", 2),
        ("HAPPINESS", 3),
        ("sadness", 4),
        ("surprised", 5),
        ("neutral", 6),
    ],
)
def test_it_knows_the_usual_names_of_classes(tree, word, label):
    picture(tree / word / "1.png")
    assert read_faces(tree).split("PrivateTest").labels.tolist() == [label]


def test_it_converts_larger_pictures_to_grey_48_by_48(tree):
    picture(tree / "happy" / "large.JPG", grey=200, size=(300, 200), mode="RGB")
    picture(tree / "happy" / "small.png", grey=50, size=(20, 30))
    images = read_faces(tree).split("PrivateTest").images
    assert images.shape == (2, 48, 48, 1)
    assert images.dtype == np.uint8
    assert np.abs(images[0].astype(int) - 200).max() <= 2
    assert (images[1] == 50).all()


def test_it_leaves_pictures_of_48_by_48_as_they_are(tree):
    face = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    (tree / "fear").mkdir(parents=True)
    Image.fromarray(face).save(tree / "fear" / "1.png")
    np.testing.assert_array_equal(read_faces(tree).split("PrivateTest").images[0, ..., 0], face)


def test_it_steps_into_a_folder_that_only_wraps(tree):
    picture(tree / "archive" / "FER-2013" / "train" / "happy" / "1.png")
    picture(tree / "archive" / "FER-2013" / "test" / "happy" / "1.png")
    assert list(read_faces(tree).splits) == ["Training", "PrivateTest"]


def test_it_skips_hidden_files(tree):
    picture(tree / "happy" / "1.png")
    (tree / "happy" / "._1.png").write_bytes(b"\0")
    assert len(read_faces(tree).split("PrivateTest")) == 1


def test_it_refuses_an_unknown_class(tree):
    picture(tree / "happy" / "1.png")
    picture(tree / "contempt" / "1.png")
    with pytest.raises(LearningError, match=r"contempt is not named after a class\. It must be one of these: angry, "):
        read_faces(tree)


def test_it_refuses_a_folder_beside_the_splits(tree):
    picture(tree / "train" / "happy" / "1.png")
    picture(tree / "extra" / "happy" / "1.png")
    with pytest.raises(LearningError, match="It also has “extra”"):
        read_faces(tree)


def test_it_refuses_an_empty_split(tree):
    picture(tree / "train" / "happy" / "1.png")
    (tree / "test").mkdir()
    with pytest.raises(LearningError, match=r"test has no pictures in folders with these names: angry"):
        read_faces(tree)


def test_it_refuses_a_file_that_is_no_picture(tree):
    picture(tree / "happy" / "1.png")
    (tree / "happy" / "2.jpg").write_text("not a picture")
    with pytest.raises(LearningError, match=r"2\.jpg could not be read"):
        read_faces(tree)


def test_a_tenth_of_each_class_is_set_aside_where_there_is_no_validation_split(tree):
    for name, count in (("happy", 30), ("sad", 20), ("fear", 2), ("disgust", 1)):
        for number in range(count):
            picture(tree / "train" / name / f"{number}.png", grey=number)
    picture(tree / "test" / "happy" / "1.png")
    data = read_faces(tree)
    assert {name: len(split) for name, split in data.splits.items()} == {
        "Training": 47,
        "PublicTest": 6,
        "PrivateTest": 1,
    }
    assert data.split("PublicTest").class_counts().tolist() == [0, 0, 1, 3, 2, 0, 0]
    assert data.notes == ("No validation pictures: 6 of 53 training pictures are set aside for it.",)
    both = set(data.split("Training").files) & set(data.split("PublicTest").files)
    assert (both, read_faces(tree).split("PublicTest").files.tolist()) == (
        set(),
        data.split("PublicTest").files.tolist(),
    )


@pytest.mark.parametrize(
    ("classes", "folders", "labels"),
    [
        (None, ("0_angry", "3-happy", "6 neutral"), [0, 3, 6]),
        ("affectnet", ("0", "1", "2", "3", "4", "5", "6"), [6, 3, 4, 5, 2, 1, 0]),
        ("rafdb", ("1", "2", "3", "4", "5", "6", "7"), [5, 2, 1, 3, 4, 0, 6]),
    ],
)
def test_folders_named_by_number_are_read(tree, classes, folders, labels):
    for folder in folders:
        picture(tree / folder / "1.png")
    assert read_faces(tree, classes=classes).split("PrivateTest").labels.tolist() == labels


def test_an_eighth_class_is_skipped_counted_and_told(tree, tmp_path):
    for folder in ("0", "7"):
        picture(tree / folder / "1.png")
    data = read_faces(tree, classes="affectnet")
    assert (len(data.split("PrivateTest")), data.notes) == (1, ("1 pictures skipped in folders 7.",))


def test_a_file_names_the_classes(tree, tmp_path):
    for folder in ("glad", "smug"):
        picture(tree / folder / "1.png")
    names = tmp_path / "classes.csv"
    names.write_text("name,class\nGlad,happy\nsmug,skip\n")
    data = read_faces(tree, classes=str(names))
    assert (data.split("PrivateTest").labels.tolist(), data.notes) == ([3], ("1 pictures skipped in folders smug.",))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("glad,joyous\n", "Row 1 of .* must have a name and one of these: angry, .*, skip\\. It has “glad,joyous”"),
        (None, "could not be read.* Choose affectnet, rafdb, or a CSV of name and class"),
    ],
)
def test_classes_that_cannot_be_read_are_refused(tree, tmp_path, content, words):
    picture(tree / "glad" / "1.png")
    if content is not None:
        (tmp_path / "classes.csv").write_text(content)
    with pytest.raises(LearningError, match=words):
        read_faces(tree, classes=str(tmp_path / "classes.csv"))
