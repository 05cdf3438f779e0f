"""Methods for staff of the client for asyncio. `synchronous_staff.py` is generated of this file by `make client`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

from analysis.client import types
from analysis.client.asynchronous_requests import POLL_SECONDS, AsyncRequests


class AsyncStaff(AsyncRequests):
    """Model versions, their exports and imports, and training."""

    def versions(self, **filters: Any) -> AsyncIterator[types.Version]:
        return self.rows("versions/", filters)

    async def version(self, name: str) -> types.VersionWithCard:
        return cast(types.VersionWithCard, await self.fetch("GET", f"versions/{name}/"))

    async def compare_versions(self, name: str, other: str) -> types.VersionComparison:
        """Compare any two versions, metric by metric."""
        path = f"versions/{name}/comparison/"
        return cast(types.VersionComparison, await self.fetch("GET", path, params={"other": other}))

    async def promote(self, name: str, **values: Any) -> types.VersionWithCard:
        return cast(types.VersionWithCard, await self.fetch("POST", f"versions/{name}/promote/", json=values))

    async def roll_back(self, name: str, **values: Any) -> types.VersionWithCard:
        return cast(types.VersionWithCard, await self.fetch("POST", f"versions/{name}/rollback/", json=values))

    def runs(self, **filters: Any) -> AsyncIterator[types.Run]:
        return self.rows("runs/", filters)

    async def run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, await self.fetch("GET", f"runs/{id}/"))

    async def start_run(self, **settings: Any) -> types.WatchedRun:
        return cast(types.WatchedRun, await self.fetch("POST", "runs/", json=settings))

    async def cancel_run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, await self.fetch("POST", f"runs/{id}/cancel/"))

    async def resume_run(self, id: str) -> types.WatchedRun:
        return cast(types.WatchedRun, await self.fetch("POST", f"runs/{id}/resume/"))

    async def export_version(self, version: str) -> types.VersionTransfer:
        """Have the site write a version as a zip; `wait_for_version_transfer`, then `save_version_export`."""
        body = {"version": version}
        return cast(types.VersionTransfer, await self.fetch("POST", "version-transfers/export/", json=body))

    async def import_version(
        self, path: str | Path, name: str, *, on_progress: Callable[[int, int], None] = lambda sent, total: None
    ) -> types.VersionTransfer:
        """Upload another site's zip, to be added as the version `name`; `wait_for_version_transfer` until it is."""
        file = Path(path)
        body = {"name": name, "bytes": file.stat().st_size}
        begun = cast(types.VersionTransfer, await self.fetch("POST", "version-transfers/import/", json=body))
        return await self._send_parts(f"version-transfers/{begun['id']}/part/", file, begun, on_progress)

    def version_transfers(self, **filters: Any) -> AsyncIterator[types.VersionTransfer]:
        """Iterate over exports and imports of versions, newest first."""
        return self.rows("version-transfers/", filters)

    async def version_transfer(self, id: str) -> types.VersionTransfer:
        return cast(types.VersionTransfer, await self.fetch("GET", f"version-transfers/{id}/"))

    async def wait_for_version_transfer(self, id: str) -> types.VersionTransfer:
        """Return an export or import once it has ended."""
        while (transfer := await self.version_transfer(id))["status"] in ("uploading", "queued", "running"):
            await asyncio.sleep(POLL_SECONDS)
        return transfer

    async def save_version_export(self, id: str, path: str | Path) -> None:
        """Write the zip of a finished export to `path`."""
        await self.save(f"version-transfers/{id}/download/", Path(path))

    async def cancel_version_transfer(self, id: str) -> None:
        await self.send("POST", f"version-transfers/{id}/cancel/")

    async def delete_version_transfer(self, id: str) -> None:
        """Delete an export with its zip, or an import, once it has ended; the version stays."""
        await self.send("DELETE", f"version-transfers/{id}/")

    async def wait_for_run(
        self, id: str, *, on_progress: Callable[[float], None] = lambda progress: None
    ) -> types.WatchedRun:
        """Return a run once it has ended; `on_progress` is called with 0 to 1."""
        while (run := await self.run(id))["state"] in ("queued", "preparing", "training", "evaluating", "lost"):
            on_progress(run["progress"])
            await asyncio.sleep(POLL_SECONDS)
        return run
