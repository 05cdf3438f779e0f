"""A site with workers for the fault matrix, and what it must still have afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.bystander import Bystander
from tests.faults.table import Row
from tests.support.live_site import create_tokens
from tests.support.site import PROJECT, RunningSite
from tests.support.worker import RunningWorker
from tests.training.conftest import write_csv

NO_LIMITS = {"API_RATE": "900000/min", "API_UPLOAD_RATE": "900000/min", "API_ADDRESS_RATE": "900000/min"}
SOON_LOST = {"RUN_HEARTBEAT_SECONDS": "1", "RUN_LOST_SECONDS": "4", "SWEEP_SECONDS": "1"}
PEOPLE = ["bystander@example.org", "attacker@example.org"]

COUNT_LEFTOVERS = """
import json
from analysis.management.commands.sweep_files import sweep_files
from analysis.photos.models import Photo
from analysis.videos.models import Video
from ferproject.file_storage import site_files
import datetime as dt
sweep_files(older_than=dt.timedelta(0))
# Those whose deletion can be undone have their files, too.
expected = set()
for photo in Photo._base_manager.exclude(picture=""):
    expected |= {{photo.picture.name, photo.thumbnail.name}}
expected |= {{video.annotated.name for video in Video._base_manager.exclude(annotated="")}}
uploads = tuple(video.file.name for video in Video._base_manager.exclude(file=""))
tops = ("photos/", "videos/")
found = {{file.name for top in tops for page in site_files().pages(top) for file in page}}
ids = set(map(str, Photo.objects.filter(pk__in={ids!r}).values_list("pk", flat=True)))
print(json.dumps({{
    "lost": len(set({ids!r}) - ids),
    "without_file": sorted(expected - found),
    "without_row": sorted(name for name in found - expected if not name.startswith(uploads or ("/",))),
}}))
"""


class FaultSite:
    """A site in a folder of its own, and its workers, which a fault starts where it needs some."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        store = folder / "store"
        store.mkdir()
        for path in (PROJECT / "models_store").iterdir():
            (store / path.name).symlink_to(path)
        environment = {"MODELS_STORE": str(store), **NO_LIMITS, **SOON_LOST, **environment}
        self.site = RunningSite(folder, **environment)
        self.site.prepare()
        data = write_csv(folder / "fer2013.csv", {"Training": 1400, "PublicTest": 70, "PrivateTest": 70})
        self.workers = RunningWorker(folder, data, **environment)

    def start(self) -> None:
        """Serve, with an administrator, a bystander and an attacker."""
        self.site.launch()
        self.site.create_user(self.site.admin_email, superuser=True)
        self.bystander_token, self.attacker_token = create_tokens(self.site, PEOPLE)

    def bystander(self, **options: bool) -> Bystander:
        return Bystander(self.site, self.bystander_token, **options)

    def stop(self) -> None:
        """Kill the workers, which would finish what they work on first, and stop the server."""
        for process in self.workers.processes:
            self.workers.kill(process)
        self.workers.close_shell()
        self.site.stop()

    def leftovers(self, acknowledged: Sequence[str]) -> tuple[int, int]:
        return count_leftovers(self.site, acknowledged)

    def row(self, name: str, seen: Bystander, *, tried: int, refused: int, server_errors: int = 0) -> Row:
        """Return the row of a fault that is over, of which `seen` was the bystander."""
        lost, orphans = self.leftovers(seen.acknowledged)
        return Row(
            name,
            tried=tried,
            refused=refused,
            server_errors=server_errors + seen.tally.server_errors,
            lost=lost,
            orphans=orphans,
            worst_wait_seconds=seen.worst_photo,
            worst_frame_seconds=seen.worst_frame,
        )


def count_leftovers(site: RunningSite, acknowledged: Sequence[str]) -> tuple[int, int]:
    """Sweep; return how many acknowledged photos are gone, and how many files or rows lack their other half."""
    found = json.loads(site.shell(COUNT_LEFTOVERS.format(ids=list(acknowledged))))
    return found["lost"], len([*found["without_file"], *found["without_row"]])


@contextmanager
def fault_site(folder: Path, **environment: str) -> Iterator[FaultSite]:
    """Yield a `FaultSite` that is stopped at the end."""
    site = FaultSite(folder, **environment)
    try:
        site.start()
        yield site
    finally:
        site.stop()
