"""Hostile files of every format, and mutations of harmless ones, sent by four clients at once."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
from PIL import Image

from tests.faults.bystander import ANALYSES, Tally, in_threads
from tests.faults.fault_site import FaultSite, fault_site
from tests.faults.table import Row
from tests.support.pictures import encoded
from tests.support.site import RunningSite

FORMATS: dict[str, dict[str, object]] = {
    "JPEG": {"quality": 80},
    "PNG": {},
    "WEBP": {"quality": 80},
    "AVIF": {"quality": 60},
    "GIF": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_lzw"},
}
CLIENTS = 4
MAX_MUTATED_BYTES = 12


def small_pictures() -> dict[str, bytes]:
    """Return a picture of 48 x 40 pixels in each format that the site reads."""
    picture = Image.effect_noise((48, 40), 60).convert("RGB")
    return {kind: encoded(picture, kind, **options) for kind, options in FORMATS.items()}


def hostile_files() -> list[bytes]:
    """Return files that are cut, lie about their size, or are something else."""
    files = [b"", b"\0" * 1000, b"%PDF-1.7", b"PK\3\4" + bytes(500), b"<svg onload=alert(1)>", b"\x1aE\xdf\xa3" * 50]
    for data in small_pictures().values():
        files += [data[: len(data) * part // 8] for part in range(1, 8)]
        files += [data + bytes(100_000), data * 3, data[:16] + bytes(len(data) - 16), data[::-1]]
    return [*files, *(_png(width, height) for width, height in _SIZES), *_gifs(), *_tiffs()]


_SIZES = [(0, 0), (1, 0), (1, 1), (2**31 - 1, 1), (1, 2**31 - 1), (65_535, 65_535), (7000, 7000)]


def _png(width: int, height: int, pixels: bytes = bytes(64)) -> bytes:
    """Return a PNG whose header says the size, whatever its pixels are."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"a\0" + bytes(1000)) * 50 + body


def _gifs() -> list[bytes]:
    """Return a GIF of very many frames, and one whose first frame lies outside of its screen."""
    data = encoded(Image.new("P", (16, 16)), "GIF")
    image = data[data.index(b",") : -1]
    outside = image[:1] + struct.pack("<HHHH", 65_000, 65_000, 16, 16) + image[9:]
    return [data[:-1] + image * 5000 + b";", data[: data.index(b",")] + outside + b";"]


def _tiffs() -> list[bytes]:
    """Return a TIFF whose directory names itself as the next, and one with 60,000 tags."""
    loop = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 3, 1, 5, 8)
    tags = b"II*\0" + struct.pack("<IH", 8, 60_000) + struct.pack("<HHII", 256, 3, 1, 5) * 60_000 + bytes(4)
    return [loop, tags]


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return the file with some bytes changed, cut out or repeated."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, MAX_MUTATED_BYTES)):
        # Headers are where parsers branch.
        at = chance.randrange(min(len(changed), chance.choice((64, 1 << 20))))
        kind = chance.randrange(4)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            changed[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"))
        elif kind == 2:
            del changed[at : at + chance.randint(1, 32)]
        else:
            changed[at:at] = changed[at : at + chance.randint(1, 64)]
        if not changed:
            return b""
    return bytes(changed)


def mutations(count: int, seed: int = 15) -> list[bytes]:
    """Return `count` mutations of the small pictures, the same for the same seed."""
    chance, pictures = random.Random(seed), list(small_pictures().values())
    return [mutate(chance.choice(pictures), chance) for _ in range(count)]


def send_all(site: RunningSite, token: str, files: list[bytes], *, clients: int = CLIENTS) -> tuple[Tally, list[str]]:
    """Upload the files by several clients at once; return what was answered, and the ids of the accepted photos."""
    tally, accepted = Tally(), []

    def send(client: int) -> None:
        with httpx.Client(base_url=site.url, timeout=120, headers={"Authorization": f"Token {token}"}) as http:
            for number in range(client, len(files), clients):
                upload = {"photo": (f"{number}.jpg", files[number])}
                answer = tally.count(http.post(ANALYSES, files=upload, data={"people_agreed": "true"}))
                if answer.is_success:
                    accepted.append(answer.json()["id"])

    in_threads(clients, send)
    return tally, accepted


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the rows of hostile files and of mutations."""
    with fault_site(folder) as site:
        return [
            _measure(site, "hostile files", hostile_files),
            _measure(site, "mutated files", lambda: mutations(100 if short else 2000)),
        ]


def _measure(site: FaultSite, name: str, make: Callable[[], list[bytes]]) -> Row:
    files = make()
    with site.bystander() as seen:
        tally, accepted = send_all(site.site, site.attacker_token, files)
    seen.acknowledged += accepted
    print(*tally.failures[:5], sep="\n", end="")
    return site.row(name, seen, tried=tally.tried, refused=tally.refused, server_errors=tally.server_errors)
