"""What `manage.py analyze` and `python -m analysis.recognition` do: find the faces in photos as an upload does."""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.recognition import drawing
from analysis.recognition.detectors.registry import DEFAULT_DETECTOR, DETECTORS
from analysis.recognition.emotions import COLOURS
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.recognition.images import MAX_PIXELS, decode_photo
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.renditions import recognize_upload, render_photo
from analysis.recognition.result import Recognition
from analysis.recognition.sources import read_file

HELP = "Find the faces in photos, and the expression of each."
MAX_BYTES = 20_000_000


def add_arguments(parser: argparse.ArgumentParser, *, detector: str = DEFAULT_DETECTOR) -> None:
    """Add the command's arguments; `detector` is the default one's name."""
    add = parser.add_argument
    add("photos", nargs="+", type=Path, metavar="PHOTO")
    add("--json", action="store_true", help="print one JSON object a line, failures on stderr")
    add("--annotate", type=Path, metavar="DIR", help="write each photo there with its faces marked")
    add("--chart", type=Path, metavar="DIR", help="write a chart of each photo’s expressions there")
    add("--version", metavar="NAME", help="the model version; default: the shipped one")
    add("--detector", choices=list(DETECTORS), default=detector, help="default: %(default)s")


def analyze(
    options: dict[str, Any],
    load: Callable[[], Recognizer],
    *,
    out: TextIO,
    err: TextIO,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> bool:
    """Print each photo's faces to `out`, or why it has none to `err`; return whether all photos were read.

    `options` are those of `add_arguments`; `load` is called once folders for pictures are made. Raises
    `RecognitionError` of code "not_written" where one cannot be made, and what `load` raises.
    """
    # Matplotlib logs that it builds its font cache.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    photos: list[Path] = options["photos"]
    outputs = _Outputs(photos, annotate=options["annotate"], chart=options["chart"], max_pixels=max_pixels)
    recognizer, render = load(), partial(render_photo, max_pixels=max_pixels)
    all_read = True
    for photo in photos:
        try:
            data = _read(photo, max_bytes)
            recognition, _ = recognize_upload(recognizer, data, render)
            outputs.write(photo, data, recognition)
        except RecognitionError as error:
            all_read = False
            _report_failure(photo, error, err, as_json=options["json"])
        else:
            _report(photo, recognition, out, as_json=options["json"])
    return all_read


def _report(photo: Path, recognition: Recognition, out: TextIO, *, as_json: bool) -> None:
    if as_json:
        out.write(json.dumps({"image": str(photo), **recognition.to_dict()}) + "\n")
    else:
        _print_table(Console(file=out), photo, recognition)
    out.flush()


def _report_failure(photo: Path, error: RecognitionError, err: TextIO, *, as_json: bool) -> None:
    if as_json:
        failure = {"image": str(photo), "error": {"code": error.code, "message": error.message}}
        err.write(json.dumps(failure) + "\n")
    else:
        err.write(f"{_printable(photo)}: {error.message}\n")


def _print_table(console: Console, photo: Path, recognition: Recognition) -> None:
    count = len(recognition.faces)
    found = "no face found" if not count else "1 face" if count == 1 else f"{count} faces"
    size = f"{recognition.width} x {recognition.height}"
    console.print(Text(f"{_printable(photo)}: {size}, {found}", style="bold"), soft_wrap=True)
    if not count:
        return
    table = Table("face", "expression", "confidence", "runner-up", "", "x, y, width, height", box=box.SIMPLE_HEAD)
    for number, face in enumerate(recognition.faces, start=1):
        place = ", ".join(f"{side:.0f}" for side in (face.box.x, face.box.y, face.box.width, face.box.height))
        runner_up = f"{face.runner_up} {face.confidence - face.margin:.0%}"
        colour = COLOURS[face.emotion]
        emotion = Text.assemble(("\u25a0 ", colour), face.emotion.value)
        uncertain = f"uncertain ({', '.join(face.warnings)})" if face.is_uncertain else ""
        table.add_row(str(number), emotion, f"{face.confidence:.0%}", runner_up, uncertain, place)
    console.print(table)


def _printable(path: Path) -> str:
    """Escape line breaks and terminal controls in a name."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(path))


def _read(photo: Path, max_bytes: int) -> bytes:
    data = read_file(photo, max_bytes=max_bytes + 1)
    if len(data) > max_bytes:
        text = gettext_noop("This file is larger than %(limit)s MB (PHOTO_MAX_BYTES).")
        raise RecognitionError("too_large", text, limit=max_bytes / 1e6)
    return data


class _Outputs:
    """Writes annotated photos and charts; none replaces another of this run, nor one of the photos."""

    def __init__(self, photos: list[Path], *, annotate: Path | None, chart: Path | None, max_pixels: int) -> None:
        self._annotate = annotate
        self._chart = chart
        self._max_pixels = max_pixels
        self._taken = {_key(photo) for photo in photos}
        for folder in filter(None, (annotate, chart)):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                text = gettext_noop("%(folder)s cannot be used as a folder: %(reason)s.")
                reason = error.strerror or ""
                raise RecognitionError("not_written", text, folder=str(folder), reason=reason) from error

    def write(self, photo: Path, data: bytes, recognition: Recognition) -> None:
        """Write the files asked for; raise `RecognitionError` of code "not_written"."""
        if self._annotate:
            image = decode_photo(data, max_pixels=self._max_pixels).image
            faces = recognition.scaled_to(image.shape[1], image.shape[0]).faces
            marked = drawing.encode_jpeg(drawing.annotate(image, faces))
            self._write(self._annotate, f"{photo.stem}-annotated", ".jpg", marked)
        if self._chart:
            self._write(self._chart, f"{photo.stem}-emotions", ".png", recognition.chart())

    def _write(self, folder: Path, stem: str, suffix: str, content: bytes) -> None:
        numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        names = (folder / f"{stem}{number}{suffix}" for number in numbers)
        path = next(name for name in names if _key(name) not in self._taken)
        self._taken.add(_key(path))
        try:
            path.write_bytes(content)
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> RecognitionError:
    text = gettext_noop("%(file)s could not be written: %(reason)s.")
    return RecognitionError("not_written", text, file=str(path), reason=error.strerror or "")


def _key(path: Path) -> str:
    """Return a key that is equal for names of the same file, also where file systems ignore case."""
    return os.path.realpath(path).casefold()
