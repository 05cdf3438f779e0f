"""Memory that decoding the largest photos takes: the growth of a child process's peak; on Linux only."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from matplotlib.cbook import get_sample_data
from PIL import Image as PillowImage

from analysis.recognition.images import decode_photo

PROJECT = Path(__file__).resolve().parents[2]
LARGEST = {
    "200 megapixel JPEG": (14_142, "JPEG"),
    "50 megapixel PNG": (7071, "PNG"),
    "50 megapixel WebP": (7071, "WEBP"),
}


def peaks(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the name of each photo and the megabytes that its decoding adds."""
    portrait = PillowImage.open(get_sample_data("grace_hopper.jpg", asfileobj=False)).convert("RGB")
    for name, (side, kind) in LARGEST.items():
        path = folder / f"{side}.{kind}"
        options = {"compress_level": 1} if kind == "PNG" else {"method": 0} if kind == "WEBP" else {}
        portrait.resize((side, side)).save(path, kind, **options)
        command = [sys.executable, "-m", "tests.bench.photo_memory", str(path)]
        printed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
        yield name, float(printed)


def _peak_megabytes() -> float:
    # Not `ru_maxrss`, in which a new process begins with its parent's.
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(kilobytes) / 1e3


if __name__ == "__main__":
    before = _peak_megabytes()
    decode_photo(Path(sys.argv[1]).read_bytes())
    sys.stdout.write(f"{_peak_megabytes() - before:.0f}")
