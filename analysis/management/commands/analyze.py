"""`manage.py analyze`: find faces and classify their emotions as an upload does; no database, no server."""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from analysis.face_columns import face_object
from analysis.recognition import drawing
from analysis.recognition.bundle import shipped_default
from analysis.recognition.detectors.registry import DETECTORS, create_detector
from analysis.recognition.emotions import COLOURS
from analysis.recognition.errors import RecognitionError
from analysis.recognition.faces import Face, Recognition
from analysis.recognition.images import decode_photo
from analysis.recognition.recognizer import Recognizer
from analysis.recognition.renditions import recognize_upload, render_photo
from analysis.recognition.silenced_stderr import silenced_stderr
from analysis.versions.services import find_bundle


class Command(BaseCommand):
    help = "Find the faces in photos and tell each one's apparent expression."
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Replaces Django's own --version.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("photos", nargs="+", type=Path, metavar="PHOTO")
        add("--json", action="store_true", help="print one JSON object a line, failures on stderr")
        add("--annotate", type=Path, metavar="DIR", help="write each photo there with its faces marked")
        add("--chart", type=Path, metavar="DIR", help="write a chart of each photo's emotions there")
        add("--version", metavar="NAME", help="the model version; default: the shipped one")
        add("--detector", choices=list(DETECTORS), default=settings.FACE_DETECTOR, help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        # Matplotlib logs that it builds its font cache.
        logging.getLogger("matplotlib").setLevel(logging.ERROR)
        photos: list[Path] = options["photos"]
        outputs = _Outputs(photos, annotate=options["annotate"], chart=options["chart"])
        recognizer = _make_recognizer(options["version"], options["detector"])
        render = partial(render_photo, max_pixels=settings.PHOTO_MAX_PIXELS)
        failed = False
        for photo in photos:
            try:
                data = _read(photo)
                recognition, _ = recognize_upload(recognizer, data, render)
                outputs.write(photo, data, recognition)
            except RecognitionError as error:
                failed = True
                self._report_failure(photo, error, as_json=options["json"])
            else:
                self._report(photo, recognition, as_json=options["json"])
        if failed:
            sys.exit(1)

    def _report(self, photo: Path, recognition: Recognition, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(as_object(photo, recognition)))
        else:
            _print_table(Console(file=self.stdout), photo, recognition)
        self.stdout.flush()

    def _report_failure(self, photo: Path, error: RecognitionError, *, as_json: bool) -> None:
        if as_json:
            failure = {"image": str(photo), "error": {"code": error.code, "message": error.message}}
            self.stderr.write(json.dumps(failure), style_func=str)
        else:
            self.stderr.write(f"{_printable(photo)}: {error.message}")


def as_object(photo: Path, recognition: Recognition) -> dict[str, Any]:
    """Return what `--json` prints for a photo."""
    return {
        "image": str(photo),
        "width": recognition.width,
        "height": recognition.height,
        "detector": recognition.detector,
        "model": recognition.model,
        "faces": [_face_object(face) for face in recognition.faces],
        "milliseconds": {stage: round(time, 1) for stage, time in asdict(recognition.milliseconds).items()},
    }


def _face_object(face: Face) -> dict[str, Any]:
    return {
        "box": [round(side, 1) for side in (face.box.x, face.box.y, face.box.width, face.box.height)],
        **face_object(emotion=face.emotion, probabilities=face.probabilities, score=face.score, doubts=face.warnings),
    }


def _print_table(console: Console, photo: Path, recognition: Recognition) -> None:
    count = len(recognition.faces)
    found = "no face found" if not count else "1 face" if count == 1 else f"{count} faces"
    size = f"{recognition.width} x {recognition.height}"
    console.print(Text(f"{_printable(photo)}: {size}, {found}", style="bold"), soft_wrap=True)
    if not count:
        return
    table = Table("face", "emotion", "confidence", "runner-up", "", "x, y, width, height", box=box.SIMPLE_HEAD)
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


def _make_recognizer(version: str | None, detector: str) -> Recognizer:
    try:
        bundle = find_bundle(name=version) if version else shipped_default(settings.MODELS_STORE)
        with silenced_stderr():
            return Recognizer(bundle, create_detector(detector), max_pixels=settings.PHOTO_MAX_PIXELS)
    except RecognitionError as error:
        raise CommandError(error.message) from error


def _read(photo: Path) -> bytes:
    limit = settings.PHOTO_MAX_BYTES
    try:
        with photo.open("rb") as handle:
            data = handle.read(limit + 1)
    except IsADirectoryError:
        raise RecognitionError("unreadable_file", "This is a folder; name the photos in it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise RecognitionError("unreadable_file", f"The file cannot be read: {reason}.") from error
    if len(data) > limit:
        raise RecognitionError("too_large", f"The file has more than {limit / 1e6:g} MB (PHOTO_MAX_BYTES).")
    return data


class _Outputs:
    """Writes annotated photos and charts; none replaces another of this run, nor one of the photos."""

    def __init__(self, photos: list[Path], *, annotate: Path | None, chart: Path | None) -> None:
        self._annotate = annotate
        self._chart = chart
        self._taken = {_key(photo) for photo in photos}
        for folder in filter(None, (annotate, chart)):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CommandError(f"{folder}: expected a folder to write to; {error.strerror}.") from error

    def write(self, photo: Path, data: bytes, recognition: Recognition) -> None:
        """Write the files asked for; raise `RecognitionError` of code "not_written"."""
        if self._annotate:
            image = decode_photo(data, max_pixels=settings.PHOTO_MAX_PIXELS).image
            faces = recognition.scaled_to(image.shape[1], image.shape[0]).faces
            marked = drawing.encode_jpeg(drawing.annotate(image, faces))
            self._write(self._annotate, f"{photo.stem}-annotated", ".jpg", marked)
        if self._chart:
            self._write(self._chart, f"{photo.stem}-emotions", ".png", drawing.emotion_chart(recognition))

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
            raise RecognitionError("not_written", f"{path} could not be written: {error.strerror}.") from error


def _key(path: Path) -> str:
    """Return a key that is equal for names of the same file, also where file systems ignore case."""
    return os.path.realpath(path).casefold()
