"""The process that reads an untrusted video's first bytes: `python -m analysis.recognition.video.head_process`.

It reads them from its standard input and writes `StatedSize` as JSON, or null. `head` starts it.
"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import asdict

from analysis.recognition.child_process import limit_this_process
from analysis.recognition.errors import RecognitionError
from analysis.recognition.video.reader import open_container, stated_size


def main() -> None:
    limit_this_process()
    stated = None
    try:
        with open_container(io.BytesIO(sys.stdin.buffer.read())) as container:
            stated = stated_size(container)
    except RecognitionError:
        pass
    sys.stdout.write(json.dumps(asdict(stated) if stated else None))


if __name__ == "__main__":
    main()
