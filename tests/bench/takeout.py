"""`make bench-export`: "Everything about me" of somebody with ten thousand results, downloaded from the real server.

Of the demo photos only the rows are there; some hundred more bring their files. Writes `var/bench/export.json`. For
a trial with fewer: BENCH_EXPORT_RESULTS=500 BENCH_EXPORT_PICTURES=20 make bench-export.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from tests.bench.history import MEMORY_MB, PROJECT, Row, show, signed_in, watched_memory
from tests.support.site import RunningSite

RESULTS = int(os.environ.get("BENCH_EXPORT_RESULTS", "10000"))
PICTURES = int(os.environ.get("BENCH_EXPORT_PICTURES", "300"))
RUNS = 3
EMAIL = "everything@example.org"
ADD_PICTURES = """
from accounts.models import User
from analysis.photos.services import create_photo
from tests.bench.takeout import pictures
owner = User.objects.get(email={email!r})
for number, data in enumerate(pictures({count}), start=1):
    create_photo(owner=owner, name=f"picture {{number}}.jpg", data=data)
"""


@dataclass(frozen=True)
class Download:
    """One zip: how long it took and how it was."""

    seconds: float
    first_byte: float
    megabytes: float
    growth: float
    results: int
    files: int


def pictures(count: int) -> Iterator[bytes]:
    """Yield JPEGs of a few hundred kilobytes, each another one, with nobody in them."""
    for number in range(count):
        grain = np.random.default_rng(number).integers(0, 256, (240, 320, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(grain).resize((1280, 960), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=85)
        yield buffer.getvalue()


def fill(site: RunningSite) -> None:
    """Write the history; a demo photo has two faces on average, and one result."""
    # Until there is an administrator, every page leads to the set-up.
    site.create_user(EMAIL, superuser=True)
    site.fill_history(EMAIL, faces=2 * RESULTS)
    site.shell(ADD_PICTURES.format(email=EMAIL, count=PICTURES))


def type_password_again(site: RunningSite, client: httpx.Client) -> None:
    """Do what the page asks for before it hands everything out."""
    form = {"password": site.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post("/accounts/reauthenticate/?next=/account/export/", data=form).is_redirect


def download(site: RunningSite, client: httpx.Client, target: Path) -> Download:
    """Save the zip as a browser does, then look whether it is whole."""
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    first_byte = 0.0
    began = time.monotonic()
    with watched_memory(site) as highest, client.stream("POST", "/account/export/", data=form) as answer:
        assert answer.headers["Content-Type"] == "application/zip", (answer.status_code, answer.headers)
        with target.open("wb") as file:
            for piece in answer.iter_raw():
                first_byte = first_byte or time.monotonic() - began
                file.write(piece)
    seconds = time.monotonic() - began
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        results = len(json.loads(archive.read("data/results.json")))
        files = sum(name.startswith("photos/") for name in archive.namelist())
    return Download(seconds, first_byte, target.stat().st_size / 1_000_000, highest(), results, files)


def rows(downloads: list[Download]) -> list[Row]:
    """Median and, since they are few, the most of the downloads; memory is the first one's, of a fresh server."""

    def row(name: str, values: list[float], unit: str, wanted: float | None = None) -> Row:
        return Row(name, statistics.median(values), max(values), unit, wanted)

    one = downloads[0]
    return [
        row(f"zip: {one.results:,} results, {one.files:,} photos with files", [d.seconds for d in downloads], "s"),
        row("until its first byte", [d.first_byte for d in downloads], "s"),
        row("its size", [d.megabytes for d in downloads], "MB"),
        row("growth of the server's memory, first download", [one.growth], "MB", MEMORY_MB),
        row("growth of the server's memory, later ones", [d.growth for d in downloads[1:]], "MB", MEMORY_MB),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder))
        try:
            site.start()
            fill(site)
            client = signed_in(site, EMAIL)
            type_password_again(site, client)
            downloads = [download(site, client, Path(folder) / "everything.zip") for _ in range(RUNS)]
            client.close()
        finally:
            site.stop()
    assert all(one.files == PICTURES for one in downloads), "not every photo's file was in the zip"
    found = rows(downloads)
    show(found)
    print("The demo photos have no files; their rows are in the zip.")
    target = PROJECT / "var" / "bench" / "export.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    figures = [asdict(row) | {"is_met": row.is_met} for row in found]
    target.write_text(json.dumps({"cores": os.cpu_count(), "runs": RUNS, "rows": figures}, indent=2))
    print(f"Written to {target.relative_to(PROJECT)}.")


if __name__ == "__main__":
    main()
