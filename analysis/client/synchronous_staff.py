"""Methods for staff of the client. Generated of `asynchronous_staff.py` by `make client`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from analysis.client import types
from analysis.client.synchronous_requests import POLL_SECONDS, Requests


class Staff(Requests):
    """Model versions, their exports and imports, and training."""

    def versions(self, **filters: Any) -> Iterator[types.Version]:
        return self.rows("versions/", filters)

    def version(self, name: str) -> types.VersionWithCard:
        return cast(types.VersionWithCard, self.fetch("GET", f"versions/{name}/"))

    def compare_versions(self, name: str, other: str) -> types.VersionComparison:
        """Compare any two versions, metric by metric."""
        path = f"versions/{name}/comparison/"
        return cast(types.VersionComparison, self.fetch("GET", path, params={"other": other}))

    def promote(self, name: str, **values: Any) -> types.VersionWithCard:
        return cast(types.VersionWithCard, self.fetch("POST", f"versions/{name}/promote/", json=values))

    def roll_back(self, name: str, **values: Any) -> types.VersionWithCard:
        return cast(types.VersionWithCard, self.fetch("POST", f"versions/{name}/rollback/", json=values))

    def runs(self, **filters: Any) -> Iterator[types.Run]:
        return self.rows("runs/", filters)

    def run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, self.fetch("GET", f"runs/{id}/"))

    def start_run(self, **settings: Any) -> types.WatchedRun:
        return cast(types.WatchedRun, self.fetch("POST", "runs/", json=settings))

    def cancel_run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, self.fetch("POST", f"runs/{id}/cancel/"))

    def resume_run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, self.fetch("POST", f"runs/{id}/resume/"))

    def export_version(self, version: str) -> types.VersionTransfer:
        """Have the site write a version as a zip; `wait_for_version_transfer`, then `save_version_export`."""
        body = {"version": version}
        return cast(types.VersionTransfer, self.fetch("POST", "version-transfers/export/", json=body))

    def import_version(
        self, path: str | Path, name: str, *, on_progress: Callable[[int, int], None] = lambda sent, total: None
    ) -> types.VersionTransfer:
        """Upload another site's zip, to be added as the version `name`; `wait_for_version_transfer` until it is."""
        file = Path(path)
        body = {"name": name, "bytes": file.stat().st_size}
        begun = cast(types.VersionTransfer, self.fetch("POST", "version-transfers/import/", json=body))
        return self._send_parts(f"version-transfers/{begun['id']}/part/", file, begun, on_progress)

    def version_transfers(self, **filters: Any) -> Iterator[types.VersionTransfer]:
        """Iterate over exports and imports of versions, newest first."""
        return self.rows("version-transfers/", filters)

    def version_transfer(self, id: str) -> types.VersionTransfer:
        return cast(types.VersionTransfer, self.fetch("GET", f"version-transfers/{id}/"))

    def wait_for_version_transfer(self, id: str) -> types.VersionTransfer:
        """Return an export or import once it has ended."""
        while (transfer := self.version_transfer(id))["status"] in ("uploading", "queued", "running"):
            time.sleep(POLL_SECONDS)
        return transfer

    def save_version_export(self, id: str, path: str | Path) -> None:
        """Write the zip of a finished export to `path`."""
        self.save(f"version-transfers/{id}/download/", Path(path))

    def cancel_version_transfer(self, id: str) -> None:
        self.send("POST", f"version-transfers/{id}/cancel/")

    def delete_version_transfer(self, id: str) -> None:
        """Delete an export with its zip, or an import, once it has ended; the version stays."""
        self.send("DELETE", f"version-transfers/{id}/")

    def wait_for_run(
        self, id: str, *, on_progress: Callable[[float], None] = lambda progress: None
    ) -> types.WatchedRun:
        """Return a run once it has ended; `on_progress` is called with 0 to 1."""
        while (run := self.run(id))["state"] in ("queued", "preparing", "training", "evaluating", "lost"):
            on_progress(run["progress"])
            time.sleep(POLL_SECONDS)
        return run
