"""A disk that is full or read-only, and a database that is locked or absent."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import httpx
from PIL import Image

from tests.faults.bystander import Bystander, Tally
from tests.faults.fault_site import PEOPLE, FaultSite, fault_site
from tests.faults.routes import sign_in
from tests.faults.table import Row
from tests.support.disks import fill_disk, free_disk, small_disk
from tests.support.pictures import encoded

PAGES = ("/history/", "/dashboard/", "/account/", "/sessions/", "/videos/", "/live/", "/history/export.csv", "/model/")
MEGABYTES = 96
RESERVE = "8000000"
LOCKED_SECONDS = 23.0
"""Longer than a write waits for the lock."""
ABSENT_SECONDS = 3.0


class UnservedError(AssertionError):
    """The site did not do what it must still do."""


def run(folder: Path, *, short: bool) -> list[Row]:
    """Return the rows of these faults; of a disk of its own only where one can be mounted."""
    rows = []
    try:
        with (
            small_disk(folder, MEGABYTES),
            fault_site(folder / "var", DISK_RESERVE_BYTES=RESERVE) as site,
            closing(sign_in(site.site, PEOPLE[1])) as browser,
        ):
            rows += [_full(site, browser), _read_only(site, browser, folder)]
    except OSError as error:
        print(f"Full and read-only disks are skipped. {error}")
    with fault_site(folder / "database") as site, closing(sign_in(site.site, PEOPLE[1])) as browser:
        return [*rows, _locked(site, browser, short=short), _absent(site, browser)]


def _full(site: FaultSite, browser: httpx.Client) -> Row:
    """Fill the disk again and again; pages are served, uploads refused, and photos deleted."""
    tally = Tally()
    with site.bystander() as seen:
        time.sleep(1)
        mine = [_upload_one(browser, tally) for _ in range(6)]
        for photo in mine[:4]:
            fill_disk(site.folder)
            _read(browser, tally, photo)
            _expect(_upload(browser, tally), {507})
            _expect(tally.count(browser.post(f"{photo}delete/")), {302})
        site.site.process.kill()
        site.site.process.wait()
        fill_disk(site.folder)
        site.site.launch()
        _read(browser, tally, mine[5])
        _expect(tally.count(browser.post(f"{mine[4]}delete/")), {302})
        free_disk(site.folder)
        _expect(_upload(browser, tally), {201})
        time.sleep(1)
    return _row(site, "full disk", seen, tally)


def _read_only(site: FaultSite, browser: httpx.Client, disk: Path) -> Row:
    """Serve from a disk that is mounted read-only; then what was saved is there, and can be written again."""
    tally = Tally()
    photo = _upload_one(browser, tally)
    with site.bystander() as seen:
        time.sleep(2)
    site.site.stop()
    site.workers.close_shell()
    _remount(disk, "ro")
    try:
        _launch_elsewhere(site, disk)
        with site.bystander() as reading:
            _read(browser, tally, photo)
            for _ in range(5):
                _expect(_upload(browser, tally), {503, 507})
                time.sleep(0.5)
        site.site.stop()
    finally:
        _remount(disk, "rw")
    site.site.launch()
    _expect(_upload(browser, tally), {201})
    reading.acknowledged += seen.acknowledged
    return _row(site, "read-only disk", reading, tally)


def _launch_elsewhere(site: FaultSite, disk: Path) -> None:
    """Start the server with its log on another disk."""
    log = site.folder / "server.log"
    _remount(disk, "rw")
    log.unlink()
    log.symlink_to("/dev/null")
    _remount(disk, "ro")
    site.site.launch()


def _locked(site: FaultSite, browser: httpx.Client, *, short: bool) -> Row:
    """Hold the database's lock; pages are served, and a write is answered once it has waited for the lock."""
    tally = Tally()
    photo = _upload_one(browser, tally)
    # Nobody's photo can be saved meanwhile, so that only frames are waited for.
    with (
        site.bystander(sends_photos=False) as seen,
        closing(sqlite3.connect(site.folder / "db.sqlite3", isolation_level=None)) as database,
    ):
        time.sleep(1)
        database.execute("begin immediate")
        end = time.monotonic() + LOCKED_SECONDS
        _read(browser, tally, photo)
        answer = _upload(browser, tally)
        _expect(answer, {503})
        if "Retry-After" not in answer.headers:
            raise UnservedError("expected Retry-After with 503")
        while not short and time.monotonic() < end:
            _read(browser, tally, photo)
            time.sleep(0.5)
        database.execute("rollback")
        _expect(_upload(browser, tally), {201})
    return _row(site, "locked database", seen, tally)


def _absent(site: FaultSite, browser: httpx.Client) -> Row:
    """Take the database's file away for a while."""
    tally, database = Tally(), site.folder / "db.sqlite3"
    with site.bystander() as seen:
        time.sleep(2)
        away = database.rename(site.folder / "away.sqlite3")
        end = time.monotonic() + ABSENT_SECONDS
        while time.monotonic() < end:
            for path in PAGES:
                _expect(tally.count(browser.get(path)), {503, 200} if path == "/model/" else {503})
        if database.exists():
            raise UnservedError("the site created another database")
        away.rename(database)
        _read(browser, tally, "/history/")
    return _row(site, "absent database", seen, tally)


def _read(browser: httpx.Client, tally: Tally, photo: str) -> None:
    for path in (*PAGES, photo):
        _expect(tally.count(browser.get(path)), {200})


_shades = iter(range(256**3))


def _upload(browser: httpx.Client, tally: Tally) -> httpx.Response:
    """Upload a picture that was not uploaded before."""
    shade = next(_shades)
    picture = Image.new("RGB", (64, 48), (shade >> 16, shade >> 8 & 255, shade & 255))
    files = {"photo": ("a.png", encoded(picture))}
    headers = {"Accept": "application/json"}
    return tally.count(browser.post("/photos/", files=files, data={"people_agreed": "on"}, headers=headers))


def _upload_one(browser: httpx.Client, tally: Tally) -> str:
    """Upload a picture, which must be accepted; return its page."""
    answer = _upload(browser, tally)
    _expect(answer, {201})
    return answer.json()["url"]


def _expect(answer: httpx.Response, statuses: set[int]) -> None:
    if answer.status_code not in statuses:
        request = f"{answer.request.method} {answer.request.url.path}"
        raise UnservedError(f"{request}: expected {sorted(statuses)}; got {answer.status_code}: {answer.text[:300]}")


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def _row(site: FaultSite, name: str, seen: Bystander, tally: Tally) -> Row:
    print(*tally.failures[:5], sep="\n", end="")
    refused = tally.refused + seen.tally.refused
    return site.row(
        name, seen, tried=tally.tried + seen.tally.tried, refused=refused, server_errors=tally.server_errors
    )
