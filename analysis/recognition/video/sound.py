"""Adds a video's sound to its annotated copy.

The original is untrusted, so it is read in a process of its own, which prints the `Sound`:
`python -m analysis.recognition.video.sound ORIGINAL START SILENT TARGET`.
"""

from __future__ import annotations

import heapq
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from analysis.recognition.child_process import limit_this_process, start_child
from analysis.recognition.video.reader import decode_packet, open_container, read_packets
from analysis.recognition.video.writer import FASTSTART, MP4, WEBM

TIMEOUT_SECONDS = 300.0
_POLL_SECONDS = 0.25
_COPIED = {MP4: {"aac", "mp3"}, WEBM: {"opus", "vorbis"}}
"""Codecs that every browser plays in such a file, so that they need not be encoded anew."""
_ENCODERS = {MP4: "aac", WEBM: "libopus"}
_RATE = 48_000
_EARLY_SECONDS = 0.05
"""An encoder's first packets, which a decoder needs to begin with, may lie this long before the pictures."""


class Sound(StrEnum):
    """What came of a video's sound."""

    NONE = "none"
    KEPT = "kept"
    LOST = "lost"


def add_sound(
    original: Path, start: float, silent: Path, target: Path, *, on_wait: Callable[[], None] = lambda: None
) -> Sound:
    """Write the pictures of `silent` with the sound of `original` to `target`, which is complete if `KEPT` is returned.

    `start` is the time in `original`, in seconds, of the first picture. `on_wait` is called about four times a second,
    and may raise to stop.
    """
    paths = [str(path.resolve()) for path in (original, silent, target)]
    child = start_child("analysis.recognition.video.sound", paths[0], repr(start), *paths[1:])
    end = time.monotonic() + TIMEOUT_SECONDS
    try:
        while time.monotonic() < end:
            try:
                output, _ = child.communicate(timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                on_wait()
            else:
                words = output.decode(errors="replace").strip()
                return Sound(words) if child.returncode == 0 and words in set(Sound) else Sound.LOST
        return Sound.LOST
    finally:
        child.kill()
        child.communicate()


def main(original: str, start: str, silent: str, target: str) -> None:
    limit_this_process()
    try:
        print(write_with_sound(Path(original), float(start), Path(silent), Path(target)))
    except av.FFmpegError:
        print(Sound.LOST)


def write_with_sound(original: Path, start: float, silent: Path, target: Path) -> Sound:
    """Do the work of `add_sound`, in this process; raise `av.FFmpegError` if the sound cannot be read."""
    with open_container(original) as source, av.open(silent) as pictures:
        sound = source.streams.best("audio")
        if not isinstance(sound, AudioStream):
            return Sound.NONE
        if sound.codec_context is None:
            return Sound.LOST
        with av.open(target, "w", options=FASTSTART if target.suffix == MP4 else {}) as container:
            video = container.add_stream_from_template(pictures.streams.video[0], opaque=True)
            end = (pictures.duration or 0) / av.time_base
            packets = _sound(source, sound, container, start, target.suffix)
            within = takewhile(lambda packet: _seconds(packet) < end, packets)
            for packet in heapq.merge(_pictures(pictures, video), within, key=_seconds):
                container.mux(packet)
    return Sound.KEPT


def _pictures(source: InputContainer, target: VideoStream) -> Iterator[Packet[Any]]:
    """Yield the pictures of a written video for another file's stream."""
    for packet in source.demux(source.streams.video[0]):
        if packet.dts is not None:
            packet.stream = target
            yield packet


def _sound(
    source: InputContainer, sound: AudioStream, container: OutputContainer, start: float, suffix: str
) -> Iterator[Packet[Any]]:
    """Return the packets of the sound, as they are where browsers play them; adds their stream at once."""
    if sound.codec_context.codec.canonical_name in _COPIED[suffix]:
        return _copied(source, sound, container.add_stream_from_template(sound), start)
    stream = container.add_stream(_ENCODERS[suffix], rate=_RATE)
    assert isinstance(stream, AudioStream)
    stream.layout = "mono" if sound.channels == 1 else "stereo"
    return _encoded(source, sound, stream, start)


def _copied(source: InputContainer, sound: AudioStream, target: AudioStream, start: float) -> Iterator[Packet[Any]]:
    for packet in read_packets(source, sound):
        if packet.dts is not None and packet.pts is not None:
            shift = round(start / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, target
            if _seconds(packet) > -_EARLY_SECONDS:
                yield packet


def _encoded(source: InputContainer, sound: AudioStream, target: AudioStream, start: float) -> Iterator[Packet[Any]]:
    for frame in chain.from_iterable(map(decode_packet, read_packets(source, sound))):
        if frame.pts is not None and frame.time - start > -_EARLY_SECONDS:
            frame.pts -= round(start / frame.time_base)
            yield from target.encode(frame)
    yield from target.encode(None)


def _seconds(packet: Packet[Any]) -> float:
    return float((packet.dts or 0) * packet.time_base)


if __name__ == "__main__":
    main(*sys.argv[1:])
