"""fer2013.csv packed in .zip or .tar.gz."""

import gzip
import tarfile
import zipfile

import numpy as np
import pytest

from training.learning.data.read import read_faces
from training.learning.errors import LearningError


def packed_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_it_reads_a_zip(tmp_path, make_csv):
    plain = make_csv()
    archive = packed_zip(tmp_path / "fer2013.zip", {"fer2013/README": "…", "fer2013/fer2013.csv": plain.read_bytes()})
    assert_alike(read_faces(archive), read_faces(plain))


def test_it_reads_a_tar_gz(tmp_path, make_csv):
    plain = make_csv()
    with tarfile.open(tmp_path / "fer2013.tar.gz", "w:gz") as archive:
        archive.add(plain, "fer2013/fer2013.csv")
    assert_alike(read_faces(tmp_path / "fer2013.tar.gz"), read_faces(plain))


def test_it_prefers_fer2013_csv_and_skips_hidden_members(tmp_path, make_csv):
    plain = make_csv()
    members = {"__MACOSX/._fer2013.csv": b"\0", "example_submission.csv": "a,b\n", "fer2013.csv": plain.read_bytes()}
    assert_alike(read_faces(packed_zip(tmp_path / "all.zip", members)), read_faces(plain))


def test_its_errors_name_the_member(tmp_path):
    archive = packed_zip(tmp_path / "other.zip", {"test.csv": "pixels\n"})
    with pytest.raises(LearningError, match=r"The first row of .*other\.zip:test\.csv must have the columns"):
        read_faces(archive)


def test_it_refuses_an_archive_without_a_csv(tmp_path):
    pictures = {f"train/angry/{number}.jpg": b"" for number in range(9)}
    with pytest.raises(LearningError, match=r"has no CSV file\. It has .*2\.jpg, …\. .*choose its folder"):
        read_faces(packed_zip(tmp_path / "pictures.zip", pictures))


def test_it_refuses_a_truncated_tar_gz(tmp_path, make_csv):
    whole = tmp_path / "whole.tar.gz"
    with tarfile.open(whole, "w:gz") as archive:
        archive.add(make_csv(), "fer2013.csv")
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(whole.read_bytes()[:-2000])
    with pytest.raises(LearningError, match=r"broken\.tar\.gz is not a readable CSV file, \.gz, \.zip or \.tar\.gz"):
        read_faces(broken)


def test_it_refuses_a_damaged_zip(tmp_path, make_csv):
    archive = packed_zip(tmp_path / "damaged.zip", {"fer2013.csv": make_csv().read_bytes()})
    content = bytearray(archive.read_bytes())
    content[2000:2100] = bytes(100)
    archive.write_bytes(content)
    with pytest.raises(LearningError, match=r"damaged\.zip"):
        read_faces(archive)


def assert_alike(data, expected):
    assert data.sha256 == expected.sha256
    assert data.splits.keys() == expected.splits.keys()
    for name, split in data.splits.items():
        np.testing.assert_array_equal(split.images, expected.splits[name].images)
        np.testing.assert_array_equal(split.labels, expected.splits[name].labels)


def test_it_reads_a_csv_gz(tmp_path, make_csv):
    plain = make_csv()
    packed = tmp_path / "fer2013.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert_alike(read_faces(packed), read_faces(plain))


def test_a_damaged_csv_gz_is_named(tmp_path, make_csv):
    packed = tmp_path / "fer2013.csv.gz"
    packed.write_bytes(gzip.compress(make_csv().read_bytes())[:-20])
    with pytest.raises(LearningError, match=r"fer2013\.csv\.gz is not a readable CSV"):
        read_faces(packed)


def test_it_reads_a_zip_within_a_zip(tmp_path, make_csv):
    plain = make_csv()
    inner = packed_zip(tmp_path / "inner.zip", {"fer2013.csv": plain.read_bytes()})
    outer = packed_zip(tmp_path / "archive.zip", {"challenge/fer2013.zip": inner.read_bytes()})
    assert_alike(read_faces(outer), read_faces(plain))
