"""`manage.py live_client`: stream a video or a camera to a running site; needs no database."""

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

from analysis.client import AsyncLive, LiveError
from analysis.client.asynchronous_live import connect_live
from analysis.live.messages import MAX_SMOOTHING
from analysis.live_client.sources import FrameSource, SourceError, open_source
from analysis.live_client.stream import AnnotatedVideo, LiveStream, OutputError, StreamStats
from analysis.recognition.emotions import COLOURS
from analysis.recognition.silenced_stderr import silenced_stderr
from analysis.recognition.tracking.tracker import DEFAULT_SMOOTHING
from analysis.recognition.video.writer import WEBM, playable_suffix

WIDTHS = 160, 1280


class Command(BaseCommand):
    help = "Stream a video or a camera to a site, and print the results or draw them into a video."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("source", metavar="VIDEO_OR_CAMERA", help="a video file, or a camera's number (the first is 0)")
        add("--url", default="http://127.0.0.1:8000", help="the site; default: %(default)s")
        add("--token", default=os.environ.get("FER_TOKEN"), help="an API token; default: $FER_TOKEN")
        add(
            "--output", type=Path, metavar="FILE", help="write an MP4 or WebM file with the faces marked, without sound"
        )
        add("--record", action="store_true", help="save the session in your history; images are never saved")
        add("--name", default="", help="the session’s name; only with --record")
        add("--smoothing", type=float, default=DEFAULT_SMOOTHING, help="0 (none) to 0.95; default: %(default)s")
        add("--width", type=int, default=480, help="width of the frames sent, in pixels; default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        _check(options)
        try:
            with silenced_stderr():
                source = open_source(options["source"])
            with closing(source):
                asyncio.run(self._stream(source, options))
        except KeyboardInterrupt:
            sys.exit(130)
        except (LiveError, SourceError, OutputError) as error:
            raise CommandError(str(error)) from error

    async def _stream(self, source: FrameSource, options: dict[str, Any]) -> None:
        output = AnnotatedVideo(options["output"]) if options["output"] else None
        async with connect_live(options["url"], options["token"]) as client:
            await client.start(smoothing=options["smoothing"], record=options["record"], name=options["name"])
            self.stdout.write(f"{options['source']}, analysed by {client.model}. Press Ctrl+C to stop.")
            stream = LiveStream(client, source, width=options["width"], output=output)
            console = Console(file=self.stdout)
            live = Live(console=console, get_renderable=lambda: _line(stream.stats), refresh_per_second=4)
            try:
                with live, _interrupts(stream):
                    await stream.run()
            finally:
                self._report(stream.stats, client, options["output"])
        if client.error:
            raise CommandError(f"Not all frames were analysed: {client.error}")

    def _report(self, stats: StreamStats, client: AsyncLive, output: Path | None) -> None:
        answered = len(stats.latencies)
        self.stdout.write(
            f"{stats.seconds:.1f} s: {stats.sent} frames sent, {answered} answered, "
            f"{stats.skipped} not sent in time, {stats.dropped} dropped by the server."
        )
        if answered:
            middle, slow = (1000 * stats.latency(share) for share in (0.5, 0.95))
            self.stdout.write(f"Latency: median {middle:.0f} ms, 95th percentile {slow:.0f} ms.")
        if client.session:
            self.stdout.write(f"Saved as session {client.session}.")
        if output and output.exists():
            self.stdout.write(f"Written: {output}")


def _check(options: dict[str, Any]) -> None:
    if not options["token"]:
        raise CommandError("--token: an API token is required, here or in FER_TOKEN.")
    if options["name"] and not options["record"]:
        raise CommandError("--name: only saved sessions have names. Add --record.")
    if not 0 <= options["smoothing"] <= MAX_SMOOTHING:
        raise CommandError(f"--smoothing: expected a number from 0 to {MAX_SMOOTHING}; got {options['smoothing']}")
    if not WIDTHS[0] <= options["width"] <= WIDTHS[1]:
        raise CommandError(f"--width: expected {WIDTHS[0]} to {WIDTHS[1]} pixels; got {options['width']}")
    output: Path | None = options["output"]
    if output is None:
        return
    suffixes = {playable_suffix(), WEBM}
    if output.suffix.lower() not in suffixes:
        raise CommandError(
            f"--output: expected a name that ends in {' or '.join(sorted(suffixes))}; got {output.name!r}"
        )
    if not output.parent.is_dir():
        raise CommandError(f"--output: expected a folder that exists; got {str(output.parent)!r}")
    if output.exists() and os.path.realpath(output) == os.path.realpath(options["source"]):
        raise CommandError("--output: choose another file than the video itself.")


@contextmanager
def _interrupts(stream: LiveStream) -> Iterator[None]:
    """Let Ctrl+C end the stream regularly, with the session saved and the video complete."""
    loop = asyncio.get_running_loop()
    # Not available on every system, nor outside the main thread.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, stream.stop)
    try:
        yield
    finally:
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)


def _line(stats: StreamStats) -> Text:
    minutes, seconds = divmod(int(stats.seconds), 60)
    latency = 1000 * stats.latency(0.5, last=30)
    skipped = stats.skipped + stats.dropped
    line = Text(f"{minutes:02}:{seconds:02}  {stats.fps:4.1f} fps  {latency:3.0f} ms  {skipped} left out ")
    for face in stats.faces:
        words = f"{face.emotion} {face.confidence:.0%}" + ("?" if face.is_uncertain else "")
        line.append_text(Text.assemble(f"  #{face.id} ", ("■ ", COLOURS[face.emotion]), words))
    return line if stats.faces or not stats.latencies else line.append("  no face")
