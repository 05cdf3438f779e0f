"""`manage.py live_client`: a video or a camera, answered live by a running site; no database."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.live import Live
from rich.text import Text

from analysis.live.messages import MOST_SMOOTHING
from analysis.live_client.client import LiveClient, LiveError, connected
from analysis.live_client.sources import FrameSource, SourceError, open_source
from analysis.live_client.stream import Figures, Film, FilmError, LiveStream
from analysis.recognition.emotions import COLOURS
from analysis.recognition.tracking.tracker import DEFAULT_SMOOTHING
from analysis.silenced_stderr import silenced_stderr

WIDTHS = 160, 1280


class Command(BaseCommand):
    help = "Show a site a video or a camera's picture live; print, and draw on the frames, what it answers."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("source", metavar="VIDEO_OR_CAMERA", help="a video file, or a camera's number (the first is 0)")
        add("--url", default="http://127.0.0.1:8000", help="the site; default: %(default)s")
        add("--token", default=os.environ.get("FER_TOKEN"), help="an API token of yours; default: $FER_TOKEN")
        add("--output", type=Path, metavar="FILE.webm", help="write the frames there, faces marked (VP8, no sound)")
        add("--record", action="store_true", help="keep the session in your history: figures, never pictures")
        add("--smoothing", type=float, default=DEFAULT_SMOOTHING, help="0 (none) to 0.95; default: %(default)s")
        add("--width", type=int, default=480, help="of the frames that are sent, in pixels; default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        try:
            with silenced_stderr():
                source = open_source(options["source"])
            with closing(source):
                asyncio.run(self._stream(source, options))
        except KeyboardInterrupt:
            sys.exit(130)
        except (LiveError, SourceError, FilmError) as error:
            raise CommandError(str(error)) from error

    async def _stream(self, source: FrameSource, options: dict[str, Any]) -> None:
        film = Film(options["output"], source.fps) if options["output"] else None
        async with connected(options["url"], options["token"]) as client:
            await client.start(smoothing=options["smoothing"], record=options["record"])
            self.stdout.write(f"{options['source']}, answered by {client.model}; Ctrl+C ends it.")
            stream = LiveStream(client, source, width=options["width"], film=film)
            console = Console(file=self.stdout)
            live = Live(console=console, get_renderable=lambda: _line(stream.figures), refresh_per_second=4)
            try:
                with live, _interrupts(stream):
                    await stream.run()
            finally:
                self._report(stream.figures, client, options["output"])
        if client.error:
            raise LiveError(f"Not every frame was answered: {client.error}")

    def _report(self, figures: Figures, client: LiveClient, output: Path | None) -> None:
        answered = len(figures.latencies)
        self.stdout.write(
            f"{figures.seconds:.1f} s: {figures.sent} frames sent, {answered} answered, "
            f"{figures.skipped} not sent in time, {figures.dropped} dropped by the server."
        )
        if answered:
            middle, slow = (1000 * figures.latency(share) for share in (0.5, 0.95))
            self.stdout.write(f"Latency: {middle:.0f} ms in the median, {slow:.0f} ms at the 95th percentile.")
        if client.session:
            self.stdout.write(f"Kept as session {client.session}.")
        if output and output.exists():
            self.stdout.write(f"Written: {output}")


def _check(options: dict[str, Any]) -> None:
    if not options["token"]:
        raise CommandError("--token: expected an API token of yours, or one in FER_TOKEN; got none.")
    if not 0 <= options["smoothing"] <= MOST_SMOOTHING:
        raise CommandError(f"--smoothing: expected a number from 0 to {MOST_SMOOTHING}; got {options['smoothing']}")
    if not WIDTHS[0] <= options["width"] <= WIDTHS[1]:
        raise CommandError(f"--width: expected {WIDTHS[0]} to {WIDTHS[1]} pixels; got {options['width']}")
    output: Path | None = options["output"]
    if output is None:
        return
    if output.suffix.lower() != ".webm":
        raise CommandError(f"--output: expected a name that ends in .webm; got {output.name!r}")
    if not output.parent.is_dir():
        raise CommandError(f"--output: expected a folder that exists; got {str(output.parent)!r}")
    if output.exists() and os.path.realpath(output) == os.path.realpath(options["source"]):
        raise CommandError("--output: expected another file than the video itself.")


@contextmanager
def _interrupts(stream: LiveStream) -> Iterator[None]:
    """Ctrl+C ends the stream in order: what is recorded is kept, and the film complete."""
    loop = asyncio.get_running_loop()
    # Not every system, and only the main thread, hears signals so.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, stream.stop)
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)


def _line(figures: Figures) -> Text:
    minutes, seconds = divmod(int(figures.seconds), 60)
    latency = 1000 * figures.latency(0.5, last=30)
    left_out = figures.skipped + figures.dropped
    line = Text(f"{minutes:02}:{seconds:02}  {figures.fps:4.1f} fps  {latency:3.0f} ms  {left_out} left out ")
    for face in figures.faces:
        words = f"{face.emotion} {face.confidence:.0%}" + ("?" if face.is_uncertain else "")
        line.append_text(Text.assemble(f"  #{face.id} ", ("■ ", COLOURS[face.emotion]), words))
    return line if figures.faces or not figures.latencies else line.append("  no face")
