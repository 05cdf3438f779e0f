"""The process that decodes an untrusted video: `python -m analysis.recognition.video.decoder FILE MAX_PIXELS`.

It writes one line of JSON to its standard output (`VideoInfo`, or `{"error": RecognitionError.to_dict()}`), then each
frame as its time and its duration in seconds (little-endian doubles) and its pixels, and at the end the time `END`, or
`FAILED` and such a line with an error. `frames` reads that.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from analysis.recognition.child_process import limit_this_process
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.reader import VideoReader

TIMES = struct.Struct("<dd")
END, FAILED = -1.0, -2.0


def main(path: Path, max_pixels: int) -> None:
    limit_this_process()
    out = sys.stdout.buffer
    try:
        _write_frames(path, max_pixels, out)
    except RecognitionError as error:
        out.write(json.dumps({"error": error.to_dict()}).encode() + b"\n")
    except BrokenPipeError:
        # The reader is gone; a normal exit would fail to flush.
        os._exit(0)


def _write_frames(path: Path, max_pixels: int, out: BinaryIO) -> None:
    with VideoReader(path, max_pixels=max_pixels) as reader:
        out.write(json.dumps(asdict(reader.info)).encode() + b"\n")
        try:
            for frame in reader:
                out.write(TIMES.pack(frame.at, frame.seconds))
                out.write(frame.image.data)
        except RecognitionError:
            out.write(TIMES.pack(FAILED, 0.0))
            raise
    out.write(TIMES.pack(END, 0.0))
    out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
