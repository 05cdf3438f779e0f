"""Fonts of labels: the first one that has a label's letters."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

DEFAULT = ""
"""Pillow's own font, which has the letters of English alone."""
_SYSTEM = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansJP-Regular.otf",
    "ipaexg.ttf",
    "ipag.ttf",
    "ヒラギノ角ゴシック W3.ttc",
    "YuGothM.ttc",
    "meiryo.ttc",
    "msgothic.ttc",
    "DejaVuSans.ttf",
    "Arial Unicode.ttf",
)
"""Names of files in the systems' folders of fonts, most of them with Japanese."""
_NO_CHARACTER = "\uffff"


def font_with(text: str) -> str | None:
    """Return `DEFAULT` or the file of a font that has all letters of `text`; None where there is none."""
    return next((file for file in _files() if all(_has(file, letter) for letter in set(text))), None)


@lru_cache(maxsize=64)
def load_font(file: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font of `font_with` in a size."""
    return ImageFont.truetype(file, size) if file else ImageFont.load_default(size)


@cache
def _files() -> tuple[str, ...]:
    files = [DEFAULT]
    if (matplotlib := find_spec("matplotlib")) is not None and matplotlib.origin:
        files.append(str(Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"))
    return tuple(file for file in (*files, *_SYSTEM) if _is_there(file))


def _is_there(file: str) -> bool:
    try:
        load_font(file, 10)
    except OSError:
        return False
    return True


@lru_cache(maxsize=4096)
def _has(file: str, letter: str) -> bool:
    return letter.isspace() or _drawn(file, letter) != _drawn(file, _NO_CHARACTER)


def _drawn(file: str, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = load_font(file, 20).getmask(letter)
    return mask.size, bytes(mask)
