"""The time when a photo was taken, from EXIF that may hold anything."""

import datetime as dt
import io

import pytest
from PIL import ExifTags
from PIL import Image as PillowImage

from analysis.recognition.capture_time import parse_capture_time
from analysis.recognition.renditions import render_photo

NOW = dt.datetime.now(dt.UTC)


def photo_taken(time: object, offset: object = None, *, format: str = "JPEG", **other: object) -> bytes:
    """Return a photo with these values in its EXIF, and `other` tags by their names."""
    exif = PillowImage.Exif()
    tags = {ExifTags.Base.DateTimeOriginal: time, ExifTags.Base.OffsetTimeOriginal: offset}
    exif[ExifTags.IFD.Exif] = {int(tag): value for tag, value in tags.items() if value is not None}
    for name, value in other.items():
        exif[ExifTags.Base[name]] = value
    buffer = io.BytesIO()
    PillowImage.new("RGB", (40, 30), "grey").save(buffer, format, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_it_is_read_where_that_is_asked_for(format):
    data = photo_taken("2024:05:03 14:12:05", "+02:00", format=format)
    assert render_photo(data, reads_time=True).taken == "2024-05-03T14:12:05+02:00"
    assert render_photo(data).taken is None


def test_other_times_of_the_file_are_not_used():
    data = photo_taken(None, DateTime="2024:05:03 14:12:05")
    assert render_photo(data, reads_time=True).taken is None


@pytest.mark.parametrize(
    ("time", "offset", "expected"),
    [
        ("2024:05:03 14:12:05", None, "2024-05-03T14:12:05"),
        ("2024:05:03 14:12:05\0", "-03:30\0", "2024-05-03T14:12:05-03:30"),
        ("2024:05:03 14:12:05", "Z", "2024-05-03T14:12:05"),
        ("2024:05:03 14:12:05", "+25:00", "2024-05-03T14:12:05"),
        ("2024:05:03 14:12:05", "+01:99", "2024-05-03T14:12:05"),
        ("2024:05:03 14:12:05", b"+01:00", "2024-05-03T14:12:05"),
        ("1900:01:01 00:00:00", None, "1900-01-01T00:00:00"),
        ("1899:12:31 23:59:59", None, None),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("2024:02:30 14:12:05", None, None),
        ("2024:05:03 24:00:00", None, None),
        ("2024-05-03 14:12:05", None, None),
        ("2024:05:03", None, None),
        ("٢٠٢٤:05:03 14:12:05", None, None),
        pytest.param(f"{NOW + dt.timedelta(days=3):%Y:%m:%d %H:%M:%S}", "+00:00", None, id="the-day-after-tomorrow"),
        (b"2024:05:03 14:12:05", None, None),
        (20240503, None, None),
        (None, "+02:00", None),
    ],
)
def test_what_is_no_time_is_none(time, offset, expected):
    found = parse_capture_time(time, offset)
    assert (found and found.isoformat()) == expected


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_metadata_tells_nothing():
    buffer = io.BytesIO()
    PillowImage.new("RGB", (40, 30)).save(buffer, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffbroken")
    assert render_photo(buffer.getvalue(), reads_time=True).taken is None
