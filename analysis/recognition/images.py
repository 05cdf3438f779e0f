"""Decodes untrusted bytes to an upright RGB image: format by content, size by header, metadata dropped."""

from __future__ import annotations

import datetime as dt
import io
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from PIL import Image as PillowImage
from PIL import UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from analysis.recognition.capture_time import read_capture_time
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.faces import Image
from analysis.recognition.jpeg import has_one_scan, load_incomplete
from analysis.recognition.pixels import LYING, orientation_of, rgb_pixels, shrink, upright
from analysis.recognition.work_limits import check_work

MAX_PIXELS = 50_000_000
JPEG_FACTOR = 4
PHOTO_SIDE = 3072
"""Maximum of a photo's longer side in pixels: enough to print."""

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
"""Pillow's names; its other decoders are never run on an upload."""

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_VIDEO = gettext_noop("This file is a video, not a photo. Supported formats: %(formats)s.")
_HEIC = gettext_noop(
    "This file is a HEIC photo, which this server cannot read because pillow-heif is not installed. "
    "Supported formats: %(formats)s."
)
_TEXT = gettext_noop("This file is text, not a photo. Supported formats: %(formats)s.")
_UNKNOWN = gettext_noop("This file is not a photo. Supported formats: %(formats)s.")
_OTHERS = (
    (b"%PDF", gettext_noop("This file is a PDF, not a photo. Supported formats: %(formats)s.")),
    (
        b"PK\x03\x04",
        gettext_noop("This file is a ZIP archive or an office document, not a photo. Supported formats: %(formats)s."),
    ),
    (b"\x1aE\xdf\xa3", _VIDEO),
)
_TOO_MANY_PIXELS = gettext_noop(
    "This photo has %(size)s pixels. %(format)s photos can have up to %(limit)s megapixels. "
    "Make it smaller and try again."
)
_TOO_MANY_IN_PROGRESSIVE = gettext_noop(
    "This photo has %(size)s pixels. Progressive JPEG photos can have up to %(limit)s megapixels. "
    "Make it smaller, or save it as a JPEG that is not progressive, and try again."
)
_TOO_MANY_IN_SCANS = gettext_noop(
    "This photo has %(size)s pixels. JPEG photos with several scans can have up to %(limit)s megapixels. "
    "Make it smaller, or save it in another program, and try again."
)
# Above its limit Pillow only warns; as an error the warning is handled below.
warnings.simplefilter("error", PillowImage.DecompressionBombWarning)
# These are about broken metadata, which is dropped.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")


@dataclass(frozen=True)
class Photo:
    """A decoded photo of `width` x `height` pixels; `image` is upright RGB, uint8 (H, W, 3), and may be smaller.

    `taken` is when it was taken, as `read_capture_time` returns it, where that was asked for.
    """

    image: Image
    width: int
    height: int
    taken: dt.datetime | None = None


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode an image to upright RGB, uint8 (H, W, 3), 0 to 255: transparency on white, the first of several frames.

    Of a JPEG without its last bytes up to 5 % of the rows are grey.

    Raises `RecognitionError` of code "empty_file", "not_an_image", "damaged_image" or "too_many_pixels".
    """
    return _decode(data, max_pixels, None).image


def decode_photo(data: bytes, *, max_pixels: int = MAX_PIXELS, reads_time: bool = False) -> Photo:
    """Decode as `decode` does, and reduce an image whose longer side has more than `PHOTO_SIDE` pixels to that.

    A JPEG that is not progressive may have `JPEG_FACTOR` times `max_pixels`: it is never in memory at its full size.
    """
    return _decode(data, max_pixels, PHOTO_SIDE, reads_time=reads_time)


def _decode(data: bytes, max_pixels: int, side: int | None, *, reads_time: bool = False) -> Photo:
    if not data:
        raise RecognitionError("empty_file", gettext_noop("This file is empty. Choose another one."))
    limit = max_pixels if side is None else JPEG_FACTOR * max_pixels
    with _open(data, limit) as picture:
        width, height = picture.size
        _check_pixels(picture, data, max_pixels, limit)
        try:
            _request_reduced(picture, side)
            loaded = _load(picture, data, side)
            image = rgb_pixels(loaded, _factor(loaded, side))
            orientation = orientation_of(picture)
            taken = read_capture_time(picture) if reads_time else None
        except (RecognitionError, MemoryError):
            raise
        except Exception as error:  # decoders raise errors of many types for broken data
            text = gettext_noop("This %(format)s file is damaged: its %(size)s pixels cannot be read.")
            raise RecognitionError(
                "damaged_image", text, format=picture.format or "", size=_size(width, height)
            ) from error
    if orientation in LYING:
        width, height = height, width
    return Photo(upright(image if side is None else shrink(image, side), orientation), width, height, taken)


def _load(picture: PillowImage.Image, data: bytes, side: int | None) -> PillowImage.Image:
    """Load the opened picture; of a JPEG that lacks its end, return another one with the rows there are."""
    try:
        picture.load()
    except OSError:
        if not isinstance(picture, JpegImageFile):
            raise
        progressive = _is_progressive(picture)
        return load_incomplete(lambda content: _reopened(content, side), data, progressive=progressive)
    return picture


def _reopened(data: bytes, side: int | None) -> PillowImage.Image:
    picture = PillowImage.open(io.BytesIO(data), formats=("JPEG",))
    _request_reduced(picture, side)
    return picture


def _is_progressive(picture: PillowImage.Image) -> bool:
    return bool(picture.info.get("progressive"))


def _factor(picture: PillowImage.Image, side: int | None) -> int:
    """Return the whole number that divides the picture's sides with at least `side` pixels left of the longer one."""
    return max(1, max(picture.size) // side) if side else 1


def _request_reduced(picture: PillowImage.Image, side: int | None) -> None:
    """Make a JPEG's decoder reduce by 2, 4 or 8; others have no such decoder."""
    factor = _factor(picture, side)
    if factor > 1 and isinstance(picture, JpegImageFile):
        picture.draft(None, (max(1, picture.width // factor), max(1, picture.height // factor)))


def _check_pixels(picture: PillowImage.Image, data: bytes, max_pixels: int, max_pixels_by_rows: int) -> None:
    width, height = picture.size
    if width * height <= max_pixels:
        return
    limit, text = max_pixels, _TOO_MANY_PIXELS
    if _is_progressive(picture):
        text = _TOO_MANY_IN_PROGRESSIVE
    elif isinstance(picture, JpegImageFile):
        # Of one with several scans all coefficients are in memory.
        is_read_by_rows = has_one_scan(data, picture.layers)
        limit, text = (max_pixels_by_rows, text) if is_read_by_rows else (max_pixels, _TOO_MANY_IN_SCANS)
    if width * height > limit:
        raise RecognitionError(
            "too_many_pixels", text, size=_size(width, height), format=str(picture.format), limit=limit / 1e6
        )


def _open(data: bytes, max_pixels: int) -> PillowImage.Image:
    """Read the header only."""
    # Pillow's own limit must not refuse what `max_pixels` allows.
    PillowImage.MAX_IMAGE_PIXELS = max(PillowImage.MAX_IMAGE_PIXELS or 0, max_pixels)
    check_work(data)
    try:
        return PillowImage.open(io.BytesIO(data), formats=_formats())
    except (PillowImage.DecompressionBombError, PillowImage.DecompressionBombWarning) as error:
        text = gettext_noop("This photo has more than %(limit)s megapixels. Make it smaller and try again.")
        raise RecognitionError("too_many_pixels", text, limit=max_pixels / 1e6) from error
    except UnidentifiedImageError:
        if _signature(data):
            raise _unreadable_header(data) from None
        raise RecognitionError("not_an_image", _guess(data), formats=_supported()) from None
    except Exception as error:  # as above
        raise _unreadable_header(data) from error


def _formats() -> tuple[str, ...]:
    return (*FORMATS, "HEIF") if _reads_heic() else FORMATS


@cache
def _reads_heic() -> bool:
    if find_spec("pillow_heif") is None:
        return False
    import pillow_heif

    pillow_heif.register_heif_opener()
    return True


def _supported() -> str:
    return ", ".join(["WebP" if name == "WEBP" else name for name in FORMATS] + (["HEIC"] if _reads_heic() else []))


def _signature(data: bytes) -> str:
    """Return the allowed format of the content's signature, or an empty string."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "AVIF"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "BMP"
    return next((name for signature, name in _SIGNATURES if data.startswith(signature)), "")


def _guess(data: bytes) -> str:
    """Return the text that says what a file of no known format seems to be."""
    if data[4:8] == b"ftyp":
        heic = data[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"}
        return _HEIC if heic else _VIDEO
    for signature, text in _OTHERS:
        if data.startswith(signature):
            return text
    try:
        data[:512].decode()
    except UnicodeDecodeError as error:
        return _TEXT if error.start > 500 else _UNKNOWN
    return _UNKNOWN if b"\0" in data[:512] else _TEXT


def _unreadable_header(data: bytes) -> RecognitionError:
    text = gettext_noop("This %(format)s file is damaged: its header cannot be read.")
    if not (name := _signature(data)):
        text = gettext_noop("This file is damaged: its header cannot be read.")
    return RecognitionError("damaged_image", text, format=name)


def _size(width: int, height: int) -> str:
    return f"{width} × {height}"
