"""The time when a photo was taken, from its EXIF; nothing else of it is read."""

from __future__ import annotations

import datetime as dt
import re

from PIL import ExifTags
from PIL import Image as PillowImage

FIRST_YEAR = 1900
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_MAX_OFFSET = dt.timedelta(hours=14)


def read_capture_time(picture: PillowImage.Image) -> dt.datetime | None:
    """Return when a picture was taken, by DateTimeOriginal and OffsetTimeOriginal; None where it is not told.

    Without a valid offset it is naive, a local time; a time that is none, before `FIRST_YEAR` or later than tomorrow
    counts as not told.
    """
    try:
        exif = picture.getexif().get_ifd(ExifTags.IFD.Exif)
    except Exception:  # broken metadata, which is dropped anyway
        return None
    return parse_capture_time(exif.get(ExifTags.Base.DateTimeOriginal), exif.get(ExifTags.Base.OffsetTimeOriginal))


def parse_capture_time(time: object, offset: object) -> dt.datetime | None:
    """Return the time that two values of EXIF tell, as `read_capture_time` does; they may be anything."""
    if not isinstance(time, str) or not (match := _TIME.fullmatch(time.strip("\0 "))):
        return None
    try:
        moment = dt.datetime(*map(int, match.groups()), tzinfo=_zone(offset))  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    is_possible = moment.year >= FIRST_YEAR and moment.replace(tzinfo=moment.tzinfo or dt.UTC) <= tomorrow
    return moment if is_possible else None


def _zone(offset: object) -> dt.tzinfo | None:
    if not isinstance(offset, str) or not (match := _OFFSET.fullmatch(offset.strip("\0 "))):
        return None
    sign, hours, minutes = match.groups()
    length = dt.timedelta(hours=int(hours), minutes=int(minutes))
    if length > _MAX_OFFSET or int(minutes) > 59:
        return None
    return dt.timezone(-length if sign == "-" else length)
