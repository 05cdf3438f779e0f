"""Decodes untrusted bytes to an upright RGB image: format by content, size by header, metadata dropped."""

from __future__ import annotations

import io
import time
import warnings
from functools import cache
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Image

MAX_PIXELS = 25_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""Pillow's names; its other decoders are never run on an upload."""

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}

# Above its limit Pillow only warns; as an error the warning is handled below.
warnings.simplefilter("error", PillowImage.DecompressionBombWarning)
# These are about broken metadata, which is dropped.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")


def decode_timed(data: bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[Image, float]:
    """Return what `decode` does, and the milliseconds it took."""
    started = time.perf_counter()
    image = decode(data, max_pixels=max_pixels)
    return image, 1000 * (time.perf_counter() - started)


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Decode an image to upright RGB, uint8 (H, W, 3), 0 to 255: transparency on white, the first of several frames.

    Raises `RecognitionError` of code "empty_file", "not_an_image", "damaged_image" or "too_many_pixels".
    """
    if not data:
        raise RecognitionError("empty_file", f"The file is empty; expected a photo ({_expected()}).")
    with _open(data, max_pixels) as picture:
        width, height = picture.size
        if width * height > max_pixels:
            raise _too_many_pixels(f"{width} x {height}", max_pixels)
        try:
            picture.load()
            return _rgb(_turned(picture))
        except Exception as error:  # decoders raise errors of many types for broken data
            raise _damaged(picture.format or "picture", f"its {width} x {height} pixels cannot be read") from error


def _open(data: bytes, max_pixels: int) -> PillowImage.Image:
    """Read the header only."""
    # Pillow's own limit must not refuse what `max_pixels` allows.
    PillowImage.MAX_IMAGE_PIXELS = max(PillowImage.MAX_IMAGE_PIXELS or 0, max_pixels)
    try:
        return PillowImage.open(io.BytesIO(data), formats=_formats())
    except (PillowImage.DecompressionBombError, PillowImage.DecompressionBombWarning) as error:
        raise _too_many_pixels(f"more than {max_pixels}", max_pixels) from error
    except UnidentifiedImageError:
        name = _signature(data)
        if name:
            raise _damaged(name, "its header cannot be read") from None
        message = f"The file is not a photo of a known format: expected {_expected()}; it looks like {_guess(data)}."
        raise RecognitionError("not_an_image", message) from None
    except Exception as error:  # as above
        raise _damaged(_signature(data) or "picture", "its header cannot be read") from error


def _turned(picture: PillowImage.Image) -> PillowImage.Image:
    try:
        orientation = picture.getexif().get(_ORIENTATION)
    except Exception:  # broken metadata, which is dropped anyway
        return picture
    return picture.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else picture


def _rgb(picture: PillowImage.Image) -> Image:
    if picture.mode.startswith(("I", "F")):
        picture = PillowImage.fromarray(_eight_bits(np.asarray(picture)))
    elif picture.has_transparency_data:
        white = PillowImage.new("RGBA", picture.size, "white")
        picture = PillowImage.alpha_composite(white, picture.convert("RGBA"))
    return np.array(picture if picture.mode == "RGB" else picture.convert("RGB"), np.uint8)


def _eight_bits(grey: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Scale 16-bit grey, or floats from 0 to 1 or 255, to uint8; Pillow's own conversion clips instead."""
    if grey.dtype.kind == "f":
        values = np.nan_to_num(grey.astype(np.float64))
        values = values * 255 if values.max() <= 1 else values
    else:
        values = grey.astype(np.float64) / 257
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _formats() -> tuple[str, ...]:
    return (*FORMATS, "HEIF") if _reads_heic() else FORMATS


@cache
def _reads_heic() -> bool:
    if find_spec("pillow_heif") is None:
        return False
    import pillow_heif

    pillow_heif.register_heif_opener()
    return True


def _expected() -> str:
    names = ["WebP" if name == "WEBP" else name for name in FORMATS] + (["HEIC"] if _reads_heic() else [])
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _signature(data: bytes) -> str:
    """Return the allowed format of the content's signature, or an empty string."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "BMP"
    return next((name for signature, name in _SIGNATURES if data.startswith(signature)), "")


def _guess(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        heic = data[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"}
        return "a HEIC photo (pillow-heif is not installed here)" if heic else "a video or an AVIF photo"
    for signature, name in _OTHERS:
        if data.startswith(signature):
            return name
    try:
        data[:512].decode()
    except UnicodeDecodeError as error:
        return "text" if error.start > 500 else "other data"
    return "other data" if b"\0" in data[:512] else "text"


def _too_many_pixels(found: str, max_pixels: int) -> RecognitionError:
    limit = f"{max_pixels / 1e6:.3g} megapixels"
    return RecognitionError("too_many_pixels", f"The photo has {found} pixels; at most {limit} are taken. Shrink it.")


def _damaged(name: str, what: str) -> RecognitionError:
    return RecognitionError("damaged_image", f"The {name} file is damaged or incomplete: {what}.")
