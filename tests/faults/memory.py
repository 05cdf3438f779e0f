"""Print the memory of the web process and its children while 10,000 mixed pictures arrive: does it level off?

`python -m tests.faults.memory [PICTURES]`; takes a quarter of an hour. The pictures are small ones of every format,
mutations of them, hostile files, and one in 250 of 12 megapixels.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import psutil
from PIL import Image

from tests.faults.fault_site import fault_site
from tests.faults.hostile import FORMATS, hostile_files, mutations, send_all
from tests.support.pictures import encoded

PICTURES, STEP = 10_000, 500
LARGE = 4000, 3000
MEGABYTE = 1_000_000


def mixed_pictures(count: int, seed: int) -> list[bytes]:
    """Return pictures and files that are none, different for each seed."""
    chance = random.Random(seed)
    large, small = count // 250, count // 3
    files = [_picture(LARGE, "JPEG", chance) for _ in range(large)]
    for _ in range(small):
        size = chance.randint(40, 240), chance.randint(40, 240)
        files.append(_picture(size, chance.choice(list(FORMATS)), chance))
    hostile = hostile_files()
    files += [chance.choice(hostile) for _ in range(count // 10)]
    files += mutations(count - len(files), seed)
    chance.shuffle(files)
    return files


def _picture(size: tuple[int, int], kind: str, chance: random.Random) -> bytes:
    noise = Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3))
    return encoded(noise.resize(size, Image.Resampling.BILINEAR), kind, **FORMATS[kind])


def main(pictures: int) -> None:
    """Send the pictures by four clients at once, and print the resident memory after each step."""
    with tempfile.TemporaryDirectory(prefix="faults-memory-") as folder, fault_site(Path(folder) / "site") as site:
        web = psutil.Process(site.site.process.pid)
        print("pictures  accepted  web MB  children MB  open files")
        for step in range(pictures // STEP + 1):
            accepted = 0
            if step:
                tally, ids = send_all(site.site, site.attacker_token, mixed_pictures(STEP, step))
                accepted = len(ids)
                assert not tally.server_errors, tally.failures
            children = [child.memory_info().rss for child in web.children(recursive=True)]
            sizes = f"{web.memory_info().rss / MEGABYTE:8.0f}  {sum(children) / MEGABYTE:11.0f}  {web.num_fds():10}"
            print(f"{step * STEP:8}  {accepted:8}{sizes}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
