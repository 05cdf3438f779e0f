"""`make bench-albums`: bulk actions on ten thousand photos, and the pages of albums of a million faces.

Times of pages are of whole requests, one after another, signed in; of bulk actions, from the request until a worker
has finished. Writes `var/bench/albums.json`, and fails where a promised figure is missed. For a trial with fewer faces:
BENCH_HISTORY_FACES=50000 make bench-albums.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from tests.bench.history import DAYS, EMAIL, FACES, PROJECT, Row, day, loaded_texts, show, signed_in, timed
from tests.support.site import RunningSite

PHOTOS = 10_000
AGAIN = int(os.environ.get("BENCH_AGAIN", "500"))
"""Photos that are analysed again; each takes as long as an upload."""
OTHER = "ten.thousand@example.org"
LIST_MS, LIST_KB = 200, 300
JOB_SECONDS = 600
FILL = """
from pathlib import Path
from django.db.models import F
from accounts.models import User
from analysis.albums.services import add_items, create_collection
from analysis.consents import services as consents
from analysis.photos.renditions import save_renditions
from analysis.models import Photo
from analysis.recognition.renditions import render_photo
user = User.objects.get(email={email!r})
consents.give_consent(user=user, purpose="photos", notice_version=consents.NOTICES["photos"])
files = save_renditions(render_photo(Path({photo!r}).read_bytes()).renditions)
Photo.objects.owned_by(user).update(picture=files["picture"], thumbnail=files["thumbnail"])
"""
ALBUMS = """
from accounts.models import User
from analysis.albums.services import add_items, create_collection
from analysis.models import Photo
user = User.objects.get(email={email!r})
ids = list(Photo.objects.owned_by(user).newest_first().values_list("pk", flat=True))
for kind, name, chosen in (("album", "Everything", ids), ("tag", "ten thousand", ids[::max(1, len(ids) // {photos})])):
    made = create_collection(owner=user, kind=kind, name=name)
    for start in range(0, len(chosen), 20_000):
        add_items(collection=made, photos=chosen[start : start + 20_000])
    print(made.pk, len(chosen))
"""


def album_rows(site: RunningSite, client: httpx.Client) -> Iterator[Row]:
    """Pages of an album that has every photo, and of a tag that some have."""
    yield timed(client, "albums and tags", ["/albums/"])
    year = f"from={day(DAYS - 1)}&to={day(0)}"
    for line in site.shell(ALBUMS.format(email=EMAIL, photos=PHOTOS)).splitlines():
        pk, count = line.split()
        name = f"album of {int(count):,} photos"
        yield timed(client, f"{name}: page", [f"/albums/{pk}/"])
        yield timed(client, f"{name}: dashboard", [f"/dashboard/?album={pk}"])
        yield timed(client, f"{name}: dashboard of the year", [f"/dashboard/?album={pk}&{year}"])
        yield timed(client, f"{name}: API, the year by day", [f"/api/v1/history/?album={pk}&{year}&interval=day"])
    yield timed(client, "history with albums in the sums: dashboard of the year", [f"/dashboard/?{year}"])


def list_rows(client: httpx.Client) -> Iterator[Row]:
    """The history of ten thousand photos, and everything that its page loads."""
    yield timed(client, f"history of {PHOTOS:,} photos", ["/history/"], wanted=LIST_MS)
    kilobytes = sum(len(text) for text in loaded_texts(client, "/history/")) / 1000
    yield Row(f"history of {PHOTOS:,} photos, without pictures", kilobytes, kilobytes, "KB", LIST_KB)


def bulk_rows(client: httpx.Client) -> Iterator[Row]:
    """Each action on all photos, from the request until it is finished."""
    album, tag = (_post(client, f"/api/v1/{kind}/", {"name": "All"})["id"] for kind in ("albums", "tags"))
    everything: dict[str, Any] = {"kind": "photos", "filter": {}}
    yield _timed_job(client, "add to an album", {"action": "add", "album": album, **everything})
    yield _timed_job(client, "tag", {"action": "add", "album": tag, **everything})
    yield _timed_job(client, "take out of the album", {"action": "remove", "album": album, **everything})
    some = client.get("/api/v1/analyses/?page_size=100").json()
    ids = [photo["id"] for photo in some["results"]]
    while len(ids) < AGAIN and some["next"]:
        some = client.get(some["next"]).json()
        ids += [photo["id"] for photo in some["results"]]
    again = {"action": "again", "kind": "photos", "ids": ids[:AGAIN]}
    yield _timed_job(client, "analyse again", again)
    yield from _zip_rows(client, everything)
    yield from _delete_rows(client, everything)


def _zip_rows(client: httpx.Client, everything: dict[str, Any]) -> Iterator[Row]:
    job, began = _post(client, "/api/v1/bulk/", {"action": "zip", **everything}), time.monotonic()
    with client.stream("GET", f"/api/v1/bulk/{job['id']}/download/") as response:
        pieces = response.iter_bytes()
        size, first = len(next(pieces)), time.monotonic() - began
        size += sum(map(len, pieces))
    yield Row("zip, its first byte", 1000 * first, 1000 * first)
    seconds = time.monotonic() - began
    yield Row(f"zip of {job['total']:,} photos, {size / 1e6:,.0f} MB", seconds, seconds, "s")


def _delete_rows(client: httpx.Client, everything: dict[str, Any]) -> Iterator[Row]:
    began = time.monotonic()
    job = _post(client, "/api/v1/bulk/", {"action": "delete", **everything})
    seconds = time.monotonic() - began
    yield Row(f"delete {job['total']:,} photos: until they are hidden", 1000 * seconds, 1000 * seconds)
    began = time.monotonic()
    client.post(f"/api/v1/bulk/{job['id']}/cancel/", headers=_csrf(client)).raise_for_status()
    seconds = time.monotonic() - began
    yield Row(f"undo the deletion of {job['total']:,} photos", 1000 * seconds, 1000 * seconds)
    yield _timed_job(client, "delete, with ten seconds for undo", {"action": "delete", **everything})
    assert client.get("/api/v1/analyses/").json()["results"] == []


def _timed_job(client: httpx.Client, name: str, body: dict[str, Any]) -> Row:
    began = time.monotonic()
    job = _post(client, "/api/v1/bulk/", body)
    asked = time.monotonic() - began
    while job["status"] in ("waiting", "queued", "running"):
        assert time.monotonic() - began < JOB_SECONDS, job
        time.sleep(0.1)
        job = client.get(f"/api/v1/bulk/{job['id']}/").json()
    assert (job["status"], job["failed"]) == ("finished", 0), job
    seconds = time.monotonic() - began
    return Row(f"{name}: {job['total']:,} photos (request {1000 * asked:.0f} ms)", seconds, seconds, "s")


def _post(client: httpx.Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(address, json=body, headers=_csrf(client)).raise_for_status().json()


def _csrf(client: httpx.Client) -> dict[str, str]:
    return {"X-CSRFToken": client.cookies["csrftoken"]}


@contextmanager
def running_worker(site: RunningSite) -> Iterator[None]:
    """Start a worker of the site, as `make run` does."""
    environment = {**site.environment, "BIN": str(Path(sys.executable).parent)}
    with (site.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(
            ["deploy/worker", "default", "2"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(60)


def main() -> int:
    """Return the exit status: 1 where a figure is missed."""
    from matplotlib.cbook import get_sample_data

    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder), API_RATE="1000000/sec")
        try:
            site.start()
            for email, faces in ((EMAIL, FACES), (OTHER, 2 * PHOTOS)):
                site.create_user(email, superuser=True)
                site.fill_history(email, faces=faces, days=DAYS)
            photo = str(get_sample_data("grace_hopper.jpg", asfileobj=False))
            site.shell(FILL.format(email=OTHER, photo=photo))
            client, other = signed_in(site), signed_in(site, OTHER)
            with running_worker(site):
                rows = [*album_rows(site, client), *list_rows(other), *bulk_rows(other)]
        finally:
            site.stop()
    show(rows)
    target = PROJECT / "var" / "bench" / "albums.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    figures = [asdict(row) | {"is_met": row.is_met} for row in rows]
    target.write_text(json.dumps({"cores": os.cpu_count(), "faces": FACES, "rows": figures}, indent=2))
    print(f"Written to {target.relative_to(PROJECT)}.")
    return int(any(row.is_met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
