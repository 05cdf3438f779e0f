"""`make bench-history`: the pages of somebody with a million faces, asked of the real server as a browser asks.

Times are of whole requests, one after another, signed in. Writes `var/bench/history.json`, and fails where a promised
figure is missed. For a trial with fewer: BENCH_HISTORY_FACES=50000 make bench-history. On
PostgreSQL: python -m tests.support.postgresql .venv/bin/python -m tests.bench.history
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from tests.support.site import RunningSite

PROJECT = Path(__file__).resolve().parent.parent.parent
FACES = int(os.environ.get("BENCH_HISTORY_FACES", "1000000"))
DAYS = 365
RUNS = 40
LIMIT_MS = 150
MEMORY_MB = 30
PHOTO_MS, PHOTO_KB = 200, 300
"""Of a photo of twelve faces."""
EMAIL = "million@example.org"
ANALYSES, SESSIONS = "/api/v1/analyses/", "/api/v1/sessions/"
OLDEST, MIDDLE = "demo-1", "demo-2"
"""The versions of the results of the first and the second third."""
GROUP_PHOTO = f"""
from accounts.models import User
from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.faces import Box
from tests.analysis.factories import make_face, make_photo
faces = [make_face(EMOTIONS[i % 7], 0.8, Box(4 + 7 * i, 8, 6, 6)) for i in range(12)]
print(f"/photos/{{make_photo(User.objects.get(email={EMAIL!r}), faces=faces).pk}}/")
"""
_TODAY = dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True)
class Row:
    """One line of the table; without a `wanted` nothing was promised."""

    name: str
    median: float
    p95: float
    unit: str = "ms"
    wanted: float | None = None

    @property
    def is_met(self) -> bool | None:
        return None if self.wanted is None else self.p95 <= self.wanted


def signed_in(site: RunningSite, email: str = EMAIL) -> httpx.Client:
    """Return a browser, as it were, of the person with the many faces or of another."""
    client = httpx.Client(base_url=site.url, headers={"Referer": site.url}, timeout=300)
    client.get("/accounts/login/")
    form = {"login": email, "password": site.password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    assert client.post("/accounts/login/", data=form).is_redirect
    return client


def timed(client: httpx.Client, name: str, addresses: Sequence[str], wanted: float = LIMIT_MS) -> Row:
    """Ask for the addresses in turn, RUNS times in all, after a few that do not count."""
    times = []
    for number, address in enumerate(itertools.islice(itertools.cycle(addresses), RUNS + 3)):
        began = time.perf_counter()
        answer = client.get(address)
        elapsed = 1000 * (time.perf_counter() - began)
        assert answer.status_code == 200, (address, answer.status_code, answer.text[:500])
        if number >= 3:
            times.append(elapsed)
    return Row(name, statistics.median(times), sorted(times)[int(0.95 * len(times))], wanted=wanted)


def day(days_ago: int) -> str:
    return (_TODAY - dt.timedelta(days=days_ago)).isoformat()


def deep_pages(client: httpx.Client, direction: str) -> list[str]:
    """Return addresses of pages all over the year, as the links of others lead to them."""
    pages = []
    for days_ago in range(20, DAYS - 20, DAYS // 20):
        page = client.get(f"/history/?until={day(days_ago)}").text
        older = re.search(r"page=(older-\w+-\w+)", page)[1]
        if direction == "newer":
            page = client.get(f"/history/?page={older}").text
            pages.append("/history/?page=" + re.search(r"page=(newer-\w+-\w+)", page)[1])
        else:
            pages.append(f"/history/?page={older}")
    return pages


def list_rows(client: httpx.Client) -> Iterator[Row]:
    """The history page, whatever is asked of it."""
    yield timed(client, "history, first page", ["/history/"])
    yield timed(client, "history, older pages deep inside", deep_pages(client, "older"))
    yield timed(client, "history, newer pages deep inside", deep_pages(client, "newer"))
    yield timed(client, "history, oldest first", ["/history/?order=oldest"])
    filters = {
        "a frequent emotion": "emotion=happy",
        "a rare emotion": "emotion=disgust",
        "very sure": "sure=99",
        "very unsure": "unsure=20",
        "neither sure nor possible": "sure=60&unsure=10",
        "the oldest version": f"model={OLDEST}",
        "a version that made none": "model=none",
        "a week": f"since={day(200)}&until={day(194)}",
        "a word in many names": "name=anna",
        "a word in no name": "name=zebra",
        "two letters in no name": "name=qq",
        "corrected": "kind=corrected",
        "uncertain": "kind=uncertain",
        "without a face": "kind=no_face",
        "a rare emotion as answered": "emotion=disgust&faces=answered",
        "everything at once": f"emotion=happy&sure=90&model={MIDDLE}&name=straße&until={day(150)}",
        "everything, nothing found": f"emotion=disgust&unsure=25&model={MIDDLE}&name=qq",
    }
    for name, query in filters.items():
        yield timed(client, f"history, {name}", [f"/history/?{query}"])
    photos = re.findall(r'href="(/photos/[0-9a-f-]{36}/)"', client.get(f"/history/?until={day(100)}").text)
    yield timed(client, "a photo's page", photos)


def group_rows(site: RunningSite, client: httpx.Client) -> Iterator[Row]:
    """The page of a photo of twelve faces, in time and in everything that it loads but the photo."""
    address = site.shell(GROUP_PHOTO).strip()
    yield timed(client, "the page of a photo of 12 faces", [address], wanted=PHOTO_MS)
    kilobytes = sum(len(text) for text in loaded_texts(client, address)) / 1000
    yield Row("the page of a photo of 12 faces, without the photo", kilobytes, kilobytes, "KB", PHOTO_KB)


def loaded_texts(client: httpx.Client, address: str) -> Iterator[bytes]:
    """Yield a page, and every stylesheet, script and icon file that it loads."""
    page = client.get(address)
    yield page.content
    waiting = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.text))
    seen: set[str] = set()
    while waiting - seen:
        file = (waiting - seen).pop()
        seen.add(file)
        loaded = client.get(file)
        yield loaded.content
        if file.endswith(".js"):
            waiting |= {urljoin(file, name) for name in re.findall(r'from "(\.[^"]+)"', loaded.text)}


def chart_rows(client: httpx.Client) -> Iterator[Row]:
    """The dashboard, and the series for it and for programs."""
    yield timed(client, "dashboard, 30 days", ["/dashboard/"])
    yield timed(client, "dashboard, 90 days", ["/dashboard/?days=90"])
    yield timed(client, "dashboard, the year", [f"/dashboard/?from={day(DAYS - 1)}&to={day(0)}"])
    yield timed(client, "series, 90 days by day", ["/dashboard/series/?days=90&interval=day"])
    yield timed(client, "series, a month by hour", [f"/dashboard/series/?from={day(60)}&to={day(30)}&interval=hour"])
    year = f"from={day(DAYS - 1)}&to={day(0)}"
    yield timed(client, "dashboard, the year as answered", [f"/dashboard/?{year}&faces=answered"])
    yield timed(client, "API: series, the year by day", [f"/api/v1/history/?{year}&interval=day"])
    yield timed(client, "API: series, the year's live by week", [f"/api/v1/history/?{year}&interval=week&source=live"])
    yield timed(client, "API: summary of the year", [f"/api/v1/history/summary/?{year}"])
    yield timed(client, "API: summary of the year as answered", [f"/api/v1/history/summary/?{year}&faces=answered"])
    yield timed(client, "sessions", ["/sessions/"])


def deep_cursors(client: httpx.Client, query: str) -> Iterator[str]:
    """Yield places all over the year in the API's list of photos, as its own links name them."""
    side = "created_after" if "oldest" in query else "created_before"
    for days_ago in range(20, DAYS - 20, DAYS // 20):
        page = client.get(f"{ANALYSES}?{query}&{side}={day(days_ago)}T00:00:00Z").json()
        # Taken out of its link: the limit in there would make the rest of the list a shorter one.
        yield parse_qs(urlsplit(page["next"]).query)["cursor"][0]


def linked_pages(client: httpx.Client, link: str, query: str = "") -> list[str]:
    """Return the addresses that pages deep inside name as their `next` or `previous`."""
    pages = [client.get(f"{ANALYSES}?{query}&cursor={cursor}").json() for cursor in deep_cursors(client, query)]
    return [page[link] for page in pages]


def api_rows(client: httpx.Client) -> Iterator[Row]:
    """The lists for programs, whose pages are by cursors of their own."""
    yield timed(client, "API: analyses, first page", [ANALYSES])
    for name, query in (("", ""), (", oldest first", "order=oldest"), (", a frequent emotion", "emotion=happy")):
        for link in ("next", "previous"):
            yield timed(client, f"API: analyses{name}, {link} pages deep inside", linked_pages(client, link, query))
    filters = {
        "oldest first": "order=oldest",
        "a rare emotion": "emotion=disgust",
        "very sure": "min_confidence=0.99",
        "the oldest version": f"model={OLDEST}",
        "the oldest version, oldest first": f"model={OLDEST}&order=oldest",
        "a version that made none": "model=none",
        "corrected": "corrected=true",
        "uncertain": "uncertain=true",
        "without a face": "without_faces=true",
        "a rare emotion as answered": "emotion=disgust&faces=answered",
        "a word in many names": "search=anna",
        "a word in many names, oldest first": "search=anna&order=oldest",
        "a word in no name": "search=zebra",
        "everything at once": f"emotion=happy&min_confidence=0.9&model={MIDDLE}&search=straße",
    }
    for name, query in filters.items():
        yield timed(client, f"API: analyses, {name}", [f"{ANALYSES}?{query}"])
    photos = client.get(ANALYSES).json()["results"]
    yield timed(client, "API: a photo's analysis", [f"{ANALYSES}{photo['id']}/" for photo in photos])
    sessions = client.get(SESSIONS).json()
    yield timed(client, "API: sessions, first page", [SESSIONS])
    addresses = [f"{SESSIONS}{session['id']}/" for session in sessions["results"]]
    yield timed(client, "API: a session's samples", [f"{address}samples/" for address in addresses])
    yield timed(client, "API: a session's summary", [f"{address}summary/" for address in addresses])


def export_rows(site: RunningSite, client: httpx.Client) -> Iterator[Row]:
    """How much the server's memory grows while somebody downloads everything."""
    for format in ("csv", "json"):
        lines = size = 0
        began = time.monotonic()
        with watched_memory(site) as highest, client.stream("GET", f"/history/export.{format}") as answer:
            for piece in answer.iter_bytes():
                size += len(piece)
                lines += piece.count(b"\n")
        seconds = time.monotonic() - began
        name = f"memory's growth by {lines:,} lines of {format.upper()}"
        yield Row(name, highest(), highest(), "MB", MEMORY_MB)
        yield Row(f"{format.upper()} of {size / 1_000_000:.0f} MB", seconds, seconds, "s")


class watched_memory:
    """Looks every 20 ms how much more memory the server has than at the beginning; gives the most, in MB."""

    def __init__(self, site: RunningSite) -> None:
        self._process = psutil.Process(site.process.pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Callable[[], float]:
        self._before = self._most = self._process.memory_info().rss
        self._thread.start()
        return lambda: (self._most - self._before) / 1_000_000

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self._most = max(self._most, self._process.memory_info().rss)


def show(rows: list[Row]) -> None:
    table = Table("what", "median", "p95", "unit", "wanted", "")
    for row in rows:
        mark = {True: "[green]met[/green]", False: "[bold red]MISSED[/bold red]", None: ""}[row.is_met]
        wanted = "" if row.wanted is None else f"{row.wanted:g} or less"
        table.add_row(row.name, f"{row.median:.1f}", f"{row.p95:.1f}", row.unit, wanted, mark)
    Console(width=None if sys.stdout.isatty() else 130).print(table)


def main() -> int:
    """Return the exit status: 1 where a figure is missed."""
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder), API_RATE="1000000/sec")
        try:
            site.start()
            site.create_user(EMAIL, superuser=True)
            site.fill_history(EMAIL, faces=FACES, days=DAYS)
            site.database.vacuum()
            megabytes = site.database.megabytes()
            client = signed_in(site)
            rows = [
                *list_rows(client),
                *group_rows(site, client),
                *chart_rows(client),
                *api_rows(client),
                *export_rows(site, client),
            ]
            client.close()
        finally:
            site.stop()
    rows.append(Row("the database", megabytes, megabytes, "MB"))
    show(rows)
    target = PROJECT / "var" / "bench" / "history.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    figures = [asdict(row) | {"is_met": row.is_met} for row in rows]
    target.write_text(json.dumps({"cores": os.cpu_count(), "faces": FACES, "runs": RUNS, "rows": figures}, indent=2))
    print(f"Written to {target.relative_to(PROJECT)}.")
    return int(any(row.is_met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
