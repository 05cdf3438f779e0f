"""Kaggle's fer2013.csv."""

import hashlib

import numpy as np
import pytest

from training.learning.data.read import read_faces


def test_it_yields_faces_and_labels_of_each_split(make_csv):
    data = read_faces(make_csv(training=21, validation=14, test=7))
    assert {name: split.images.shape for name, split in data.splits.items()} == {
        "Training": (21, 48, 48, 1),
        "PublicTest": (14, 48, 48, 1),
        "PrivateTest": (7, 48, 48, 1),
    }
    training = data.split("Training")
    assert training.images.dtype == np.uint8
    assert training.labels.dtype == np.int64
    assert training.labels.tolist() == [0, 1, 2, 3, 4, 5, 6] * 3
    assert training.class_counts().tolist() == [3] * 7


def test_it_keeps_pixels_in_reading_order(tmp_path, face_row):
    path = tmp_path / "fer2013.csv"
    pixels = " ".join(str(index % 256) for index in range(2304))
    path.write_text("emotion,pixels,Usage\n" + face_row(pixels=pixels))
    image = read_faces(path).split("Training").images[0, ..., 0]
    assert image[0, :3].tolist() == [0, 1, 2]
    assert image[1, 0] == 48


def test_it_gives_the_files_sha256(make_csv):
    path = make_csv()
    assert read_faces(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_it_takes_columns_in_any_order_with_spaces_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "icml_face_data.csv"
    pixels = " ".join(["7"] * 2304)
    path.write_text(f"emotion, Usage, pixels\n6, PublicTest,{pixels}\n", encoding="utf-8-sig")
    split = read_faces(path).split("PublicTest")
    assert split.labels.tolist() == [6]
    assert split.images.min() == split.images.max() == 7


def test_it_finds_the_csv_in_a_folder(make_csv):
    path = make_csv()
    assert read_faces(path.parent).path == path


def test_it_reads_rows_as_published(fer2013):
    data = read_faces(fer2013 / "fer2013.csv", votes=fer2013 / "fer2013new.csv")
    assert {name: split.images.shape for name, split in data.splits.items()} == {
        "Training": (2000, 48, 48, 1),
        "PublicTest": (500, 48, 48, 1),
        "PrivateTest": (500, 48, 48, 1),
    }
    assert data.split("Training").class_counts().tolist() == [302, 23, 307, 492, 313, 228, 335]
    assert data.split("PrivateTest").votes.shape == (500, 10)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Emotion,Pixels,usage", "3,{},Training"),
        ("emotion;pixels;Usage", "3;{};Training"),
        ("emotion,pixels,Usage", "Happiness,{},Training"),
    ],
)
def test_other_spellings_of_the_same_are_read(tmp_path, header, values):
    path = tmp_path / "faces.csv"
    path.write_text(f"{header}\n{values.format(' '.join(['128'] * 2304))}\n")
    assert read_faces(path).split("Training").labels.tolist() == [3]


def test_a_class_to_skip_is_counted(tmp_path):
    path = tmp_path / "faces.csv"
    pixels = " ".join(["128"] * 2304)
    path.write_text(f"emotion,pixels,Usage\n1,{pixels},Training\n7,{pixels},Training\n")
    data = read_faces(path, classes="affectnet")
    assert (data.split("Training").labels.tolist(), data.notes) == ([3], ("1 rows of the class 7 skipped.",))
